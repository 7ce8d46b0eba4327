/**
 * Header fields as they came: names and values alternating, spelling, order and repeats kept. Dropped are only the
 * fields that belong to one hop (RFC 9110 section 7.6.1), since the other hop has its own.
 */
import type { RawHeaders } from '../types.ts';
import { CONTROL_FIELDS } from './control-fields.ts';

/** What one pass over a request's fields finds, so that the hot path looks at each field once. */
export interface RequestFields {
  /** The fields for the other side, end-to-end ones only, with the framing fields that it needs. */
  readonly forward: string[];
  readonly hasBody: boolean;
  readonly chunked: boolean;
  /** True where the request has an Expect field. */
  readonly expects: boolean;
  readonly traceparent: string | null;
  /** True where the request says that it is itself a shadow read. */
  readonly shadowRead: boolean;
  /** The value that proves it; null without one. */
  readonly loopToken: string | null;
  /** The control fields as they came, which are not among `forward`. */
  readonly control: readonly string[];
}

export interface RequestTraits {
  /** Value of Host where the client's HTTP/1.0 request has none: the other side gets HTTP/1.1, which demands one. */
  readonly missingHost: string | null;
  /** Value that replaces the client's Host; null leaves it as the client sent it. */
  readonly replaceHost: string | null;
}

/** Shared by all requests without any, which are nearly all. */
const NO_FIELDS: string[] = [];

export function requestFields(raw: RawHeaders, traits: RequestTraits): RequestFields {
  const forward: string[] = [];
  let hasBody = false;
  let chunked = false;
  let expects = false;
  let hostSeen = false;
  let connection: string | null = null;
  let trailer = false;
  let trailersWanted = false;
  let traceparent: string | null = null;
  let shadowRead = false;
  let loopToken: string | null = null;
  let control: string[] = NO_FIELDS;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    let value = raw[i + 1] ?? '';
    switch (hopFieldOf(name)) {
      case 'te':
        trailersWanted ||= /(?:^|,)\s*trailers\s*(?:$|[,;])/i.test(value);
        continue;
      case 'connection':
        connection = connection === null ? value : `${connection},${value}`;
        continue;
      case 'dropped':
        continue;
      case 'trailer':
        trailer = true;
    }
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') {
          hostSeen = true;
          if (traits.replaceHost !== null) value = traits.replaceHost;
        }
        break;
      case 6: {
        if (name.toLowerCase() === 'expect') expects = true;
        break;
      }
      case 11:
        if (name.toLowerCase() === 'traceparent') traceparent = traceparent === null ? value : '';
        break;
      case 13: {
        const lower = name.toLowerCase();
        if (lower === 'x-shadow-read' || lower === 'x-shadow-loop') {
          if (lower === 'x-shadow-read') shadowRead = true;
          else loopToken ??= value;
          control = [...control, name, value];
          continue;
        }
        break;
      }
      case 14:
        if (name.toLowerCase() === 'content-length' && value !== '0') hasBody = true;
        break;
      case 17:
        switch (name.toLowerCase()) {
          case 'transfer-encoding':
            hasBody = true;
            chunked = true;
            break;
          case 'x-shadow-trace-id':
            control = [...control, name, value];
            continue;
        }
        break;
      case 21:
        if (name.toLowerCase() === 'x-twin-representation') {
          control = [...control, name, value];
          continue;
        }
        break;
    }
    forward.push(name, value);
  }
  const nominated = connection === null ? null : nominatedBy(connection);
  if (nominated !== null || (trailer && !chunked)) dropFields(forward, nominated, trailer && !chunked);
  if (!hostSeen && traits.missingHost !== null) forward.push('Host', traits.missingHost);
  // TE speaks of one hop; this hop takes trailers as well whenever the client does.
  if (trailersWanted) forward.push('TE', 'trailers', 'Connection', 'TE');
  return {
    forward,
    hasBody,
    chunked,
    expects,
    traceparent,
    shadowRead,
    loopToken,
    control,
  };
}

export interface AnswerTraits {
  /** False for an HTTP/1.0 client, which knows neither chunks nor trailers. */
  readonly chunkable: boolean;
  /** Value for `X-Shadow-Trace-Id`, or null to add nothing. */
  readonly traceId: string | null;
  /** True where the twin answers the client: its `X-Twin-*` fields are for the verifier only. */
  readonly hideTwin: boolean;
}

/** The end-to-end fields of an answer, as they came. */
export function answerFields(raw: RawHeaders, traits: AnswerTraits): string[] {
  const out: string[] = [];
  let connection: string | null = null;
  let coding: string | null = null;
  let trailer = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    switch (hopFieldOf(name)) {
      case 'connection':
        connection = connection === null ? value : `${connection},${value}`;
        continue;
      case 'te':
      case 'dropped':
        continue;
      case 'trailer':
        trailer = true;
    }
    if (name.length === 17) {
      const lower = name.toLowerCase();
      if (lower === 'transfer-encoding') {
        coding = coding === null ? value : `${coding}, ${value}`;
        continue;
      }
      // Only this proxy says which trace an answer belongs to.
      if (lower === 'x-shadow-trace-id') continue;
    }
    if (traits.hideTwin && name.length > 7 && name.slice(0, 7).toLowerCase() === 'x-twin-') continue;
    out.push(name, value);
  }
  const chunked = coding !== null && traits.chunkable;
  const nominated = connection === null ? null : nominatedBy(connection);
  if (nominated !== null || (trailer && !chunked)) dropFields(out, nominated, trailer && !chunked);
  if (coding !== null && traits.chunkable) out.push('Transfer-Encoding', framed(coding));
  if (traits.traceId !== null) out.push('X-Shadow-Trace-Id', traits.traceId);
  return out;
}

/** What a field is to one hop; null for nearly all. By its length first: every field of every message comes here. */
function hopFieldOf(name: string): 'te' | 'connection' | 'trailer' | 'dropped' | null {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === 'te' ? 'te' : null;
    case 7: {
      const lower = name.toLowerCase();
      return lower === 'trailer' ? 'trailer' : lower === 'upgrade' ? 'dropped' : null;
    }
    case 10: {
      const lower = name.toLowerCase();
      return lower === 'connection' ? 'connection' : lower === 'keep-alive' ? 'dropped' : null;
    }
    case 16:
      return name.toLowerCase() === 'proxy-connection' ? 'dropped' : null;
    default:
      return null;
  }
}

/** A coding under the chunks (`gzip, chunked`) stays, since only the chunks are undone by Node. */
function framed(coding: string): string {
  if (coding.length === 7) return 'chunked';
  const codings = coding
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one.toLowerCase() !== 'chunked' && one.toLowerCase() !== 'identity');
  return [...codings, 'chunked'].join(', ');
}

/** Fields that a Connection field may name without their being dropped: they frame or route the message. */
const INDISPENSABLE = new Set(['host', 'content-length', 'transfer-encoding', 'close', 'keep-alive', 'te', 'upgrade']);

/** Names that the Connection field makes hop-by-hop, in lower case; null where it names none. */
export function nominatedBy(connection: string): ReadonlySet<string> | null {
  if (connection === 'keep-alive' || connection === 'close' || connection === 'Keep-Alive') return null;
  let names: Set<string> | null = null;
  for (const option of connection.split(',')) {
    const name = option.trim().toLowerCase();
    if (name === '' || INDISPENSABLE.has(name)) continue;
    names ??= new Set();
    names.add(name);
  }
  return names;
}

function dropFields(fields: string[], names: ReadonlySet<string> | null, trailer: boolean): void {
  let kept = 0;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const lower = name.toLowerCase();
    if (names?.has(lower) === true || (trailer && lower === 'trailer')) continue;
    fields[kept] = name;
    fields[kept + 1] = fields[i + 1] ?? '';
    kept += 2;
  }
  fields.length = kept;
}

/** Pairs without the control fields, such as trailers from outside. */
export function withoutControl(raw: RawHeaders): RawHeaders {
  if (!raw.some((name, i) => i % 2 === 0 && CONTROL_FIELDS.has(name.toLowerCase()))) return raw;
  return raw.filter((_, i) => !CONTROL_FIELDS.has(raw[i - (i % 2)]?.toLowerCase() ?? ''));
}

/** The first value of a field, or null; for the few places outside the hot path. */
export function fieldOf(raw: RawHeaders, lowerName: string): string | null {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return raw[i + 1] ?? '';
  }
  return null;
}

/** Trailers as pairs, the form in which Node keeps order and repeats. */
export function pairsOf(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return pairs;
}

/** The host that a request was sent to, without its port, in small letters; empty where it names none. */
export function hostNameOf(raw: RawHeaders): string {
  return hostName(fieldOf(raw, 'host') ?? '');
}

/** `api.example` of `API.example:8080`. */
export const hostName = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();
