/** Who asks, as far as a data plane can tell: defined once, for stickiness, sampling, evidence and what is never kept. */
import type { RawHeaders } from '../types.ts';
import { fieldOf } from './fields.ts';

/** Fields that identify or authenticate a caller, lowercase. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
]);

/** Fields that the config declares to be credentials, lowercase. One set for the process, so that all parts agree. */
const declared = new Set<string>();

export const isCredential = (name: string): boolean =>
  CREDENTIALS.has(name.toLowerCase()) || declared.has(name.toLowerCase());

/** Names of fields that hold a credential. A caller may send a different one with each request. */
const SECRET_NAME =
  /(?:^|[-_])(?:token|secret|password|passwd|api[-_]?key|access[-_]?key|session(?:[-_]?id)?|jwt|auth|credentials?)(?:[-_]|$)/i;

/** Never kept: credentials, and what looks like one by its name. */
const isSecretField = (name: string): boolean => isCredential(name) || SECRET_NAME.test(name);

/**
 * A credential that is renamed is one under either name: what a client sends as `X-User` and a side gets as
 * `Authorization` must not be kept. To be called before the first read, in each thread.
 */
export function declareRenamed(...renames: readonly (Readonly<Record<string, string>> | undefined)[]): void {
  const pairs = renames.flatMap((rename) => Object.entries(rename ?? {}));
  // A name may be renamed on one side to what the other side renames.
  for (const _ of pairs) {
    for (const [from, to] of pairs) {
      if (!isSecretField(from) && !isSecretField(to)) continue;
      declared.add(from.toLowerCase());
      declared.add(to.toLowerCase());
    }
  }
}

/** Further fields that tell callers apart, as a gateway sets them. To be called before the first read, in each thread. */
export function declareCallers(fields: readonly string[]): void {
  for (const field of fields) declared.add(field.toLowerCase());
}

/** The fields in two: what lets the caller in, by its name, and the rest. */
export function splitCredentials(raw: RawHeaders): { readonly credentials: string[]; readonly rest: string[] } {
  const credentials: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    (isSecretField(raw[i] ?? '') ? credentials : rest).push(raw[i] ?? '', raw[i + 1] ?? '');
  }
  return { credentials, rest };
}

/** All credentials as one text, whatever their order and spelling; empty for a caller who shows none. In memory only. */
export function credentialsOf(raw: RawHeaders): string {
  const lines: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (isCredential(name)) lines.push(`${name.toLowerCase()}: ${raw[i + 1]}\n`);
  }
  return lines.sort().join('');
}

/**
 * The key that makes a caller's reads stick to one side and to one sample: the credentials, else the address that a load
 * balancer reported; empty for a caller that cannot be identified. In memory only.
 */
export function callerKeyOf(raw: RawHeaders): string {
  return credentialsOf(raw) || (fieldOf(raw, 'x-forwarded-for') ?? '');
}
