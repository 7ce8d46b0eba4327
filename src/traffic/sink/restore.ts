/** A mirrored request as the client sent it: what a gateway changed on the way to its mirror is put back. Pure. */
import { fieldOf } from '../../base/fields.ts';
import type { RawHeaders } from '../../types.ts';
import { methodOf, targetOf } from '../formats/target.ts';

export interface RestoreOptions {
  /** Lowercase names of fields that hold the original target; the first that is there counts. */
  readonly targetFields: readonly string[];
  readonly methodFields: readonly string[];
  /** Fields that hold the original Host; a list's first part counts. */
  readonly hostFields: readonly string[];
  /** What a gateway hangs at the mirrored Host (Envoy and Istio: `-shadow`); empty for none. */
  readonly hostSuffix: string;
}

export interface Restored {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
}

export interface Mirrored {
  readonly method: string;
  /** The request target as received. */
  readonly target: string;
  readonly rawHeaders: RawHeaders;
}

/** What the client asked for; its fields are restored only where they are needed, since most copies are not verified. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  /** The Host that the client asked for; null where nothing says it. */
  readonly host: string | null;
}

/** Null where the target is none that could be asked for. */
export function askedOf(
  { method: given, target: received, rawHeaders }: Mirrored,
  options: RestoreOptions,
): Asked | null {
  const named = firstOf(rawHeaders, options.targetFields);
  const target = targetOf(named ?? received, 'wire');
  if (typeof target === 'string') return null;
  const method = methodOf(firstOf(rawHeaders, options.methodFields) ?? given);
  if (method === null) return null;
  const forwarded = firstOf(rawHeaders, options.hostFields)?.split(',', 1)[0]?.trim();
  const host = forwarded === undefined || forwarded === '' ? (target.host ?? fieldOf(rawHeaders, 'host')) : forwarded;
  return { method, target: target.target, host };
}

/** Null where the target is none that could be asked for. */
export function restored(mirrored: Mirrored, options: RestoreOptions): Restored | null {
  const asked = askedOf(mirrored, options);
  if (asked === null) return null;
  const { method, target, host } = asked;
  return { method, target, rawHeaders: fieldsOf(mirrored.rawHeaders, host, options) };
}

function firstOf(rawHeaders: RawHeaders, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fieldOf(rawHeaders, name);
    if (value !== null && value !== '') return value;
  }
  return null;
}

/** The client's own fields: less those that only carried what is restored, with the Host that the client asked for. */
export function fieldsOf(rawHeaders: RawHeaders, host: string | null, options: RestoreOptions): RawHeaders {
  const carried = new Set([...options.targetFields, ...options.methodFields]);
  const fields: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    if (lower !== 'host' && !carried.has(lower)) fields.push(name, rawHeaders[i + 1] ?? '');
  }
  return host === null ? fields : ['Host', withoutSuffix(host, options.hostSuffix), ...fields];
}

/** `api.example-shadow:8080` -> `api.example:8080` */
function withoutSuffix(host: string, suffix: string): string {
  if (suffix === '') return host;
  const port = /:\d{1,5}$/.exec(host)?.[0] ?? '';
  const name = host.slice(0, host.length - port.length);
  return name.length > suffix.length && name.endsWith(suffix) ? `${name.slice(0, -suffix.length)}${port}` : host;
}
