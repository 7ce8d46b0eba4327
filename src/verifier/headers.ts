import { CONTROL_FIELDS } from '../base/control-fields.ts';
import type { RawHeaders, Representation, Side, TraceIds } from '../types.ts';

/** Changes to the fields that one side is asked with. */
export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>>;
  /** Name as the client sent it, in any spelling -> name to send it under. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
  /** `client`: the Host the client asked for, so that both sides see one; `side`: the host of the side's own URL. */
  readonly host?: 'client' | 'side';
}

/** Fields of one connection, never of the message (RFC 9110, 7.6.1), and what the client library writes itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'content-length',
]);

/** Fields that would get less than the whole answer, or that we set ourselves. */
const OURS = new Set([
  'range',
  'traceparent',
  ...CONTROL_FIELDS,
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
]);

/** What no config may set instead. */
const OURS_TO_SET = new Set([...CONTROL_FIELDS, 'traceparent']);

/**
 * The fields one side is asked with: the client's own, less hop-by-hop, `If-*` and `Range`, with the config's changes.
 * Only a side that is not the primary's own API is told a representation. `loopSecret` proves to a proxy of ours on the
 * way that this is a shadow read.
 */
export function headersFor(
  side: Side,
  client: RawHeaders,
  trace: TraceIds,
  representation: Representation,
  ownHost: string,
  changes: HeaderChanges = {},
  loopSecret: string | null = null,
): string[] {
  const dropped = new Set((changes.drop ?? []).map((name) => name.toLowerCase()));
  for (const name of Object.keys(changes.set ?? {})) dropped.add(name.toLowerCase());
  const connection = connectionTokens(client);
  const renamed = renamesOf(changes);
  const fields: string[] = [];
  let host = '';
  for (let i = 0; i + 1 < client.length; i += 2) {
    const name = client[i] ?? '';
    const value = client[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'host') host = value;
    else if (!HOP_BY_HOP.has(lower) && !OURS.has(lower) && !dropped.has(lower) && !connection.has(lower)) {
      const sent = renamed?.get(lower) ?? name;
      if (!OURS.has(sent.toLowerCase())) fields.push(sent, value);
    }
  }
  fields.push('host', changes.host === 'side' || host === '' ? ownHost : host);
  for (const [name, value] of Object.entries(changes.set ?? {})) {
    // Else it would be joined with the one that we set.
    if (!OURS_TO_SET.has(name.toLowerCase())) fields.push(name, value);
  }
  const flags = trace.sampled ? '01' : '00';
  const spanId = side === 'twin' ? trace.twinSpanId : trace.spanId;
  fields.push('traceparent', `00-${trace.traceId}-${spanId}-${flags}`, 'x-shadow-read', '1');
  if (loopSecret !== null) fields.push('x-shadow-loop', loopSecret);
  if (side === 'twin') fields.push('x-twin-representation', representation);
  return fields;
}

/** By the client's name in lower case, however the config spells it; null where nothing is renamed. */
function renamesOf({ rename = {} }: HeaderChanges): ReadonlyMap<string, string> | null {
  const entries = Object.entries(rename);
  return entries.length === 0 ? null : new Map(entries.map(([from, to]) => [from.toLowerCase(), to]));
}

/** Names that the Connection field declares to be hop-by-hop too. */
function connectionTokens(client: RawHeaders): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i + 1 < client.length; i += 2) {
    if (client[i]?.toLowerCase() !== 'connection') continue;
    for (const token of (client[i + 1] ?? '').split(',')) names.add(token.trim().toLowerCase());
  }
  return names;
}
