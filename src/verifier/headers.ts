import { CONTROL_FIELDS } from '../base/control-fields.ts';
import { changedFields, type HeaderChanges as FieldChanges } from '../base/header-changes.ts';
import { HOP_BY_HOP } from '../base/hop-by-hop.ts';
import type { RawHeaders, Representation, Side, TraceIds } from '../types.ts';

/** Changes to the fields that one side is asked with. */
export interface HeaderChanges extends FieldChanges {
  /** `client`: the Host the client asked for, so that both sides see one; `side`: the host of the side's own URL. */
  readonly host?: 'client' | 'side';
}

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
  return asShadowRead(callerFields(client, ownHost, changes), side, trace, representation, loopSecret);
}

/** Those of `headersFor` that are the same for all reads of one caller. */
export function callerFields(client: RawHeaders, ownHost: string, changes: HeaderChanges = {}): readonly string[] {
  const connection = connectionTokens(client);
  const own: string[] = [];
  let host = '';
  for (let i = 0; i + 1 < client.length; i += 2) {
    const name = client[i] ?? '';
    const value = client[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'host') host = value;
    else if (!HOP_BY_HOP.has(lower) && !OURS.has(lower) && !connection.has(lower)) own.push(name, value);
  }
  own.push('host', changes.host === 'side' || host === '' ? ownHost : host);
  const changed = changedFields(own, changes, ownHost);
  const fields: string[] = [];
  for (let i = 0; i + 1 < changed.length; i += 2) {
    const name = changed[i] ?? '';
    const lower = name.toLowerCase();
    // Otherwise it would be joined with the field that we set. No rename may ask for a part of the answer either.
    if (!OURS_TO_SET.has(lower) && (!OURS.has(lower) || isSet(changes, lower))) fields.push(name, changed[i + 1] ?? '');
  }
  return fields;
}

/** A caller's fields with those of one read. */
export function asShadowRead(
  caller: readonly string[],
  side: Side,
  trace: TraceIds,
  representation: Representation,
  loopSecret: string | null,
): string[] {
  const fields = [...caller];
  const flags = trace.sampled ? '01' : '00';
  const spanId = side === 'twin' ? trace.twinSpanId : trace.spanId;
  fields.push('traceparent', `00-${trace.traceId}-${spanId}-${flags}`, 'x-shadow-read', '1');
  if (loopSecret !== null) fields.push('x-shadow-loop', loopSecret);
  if (side === 'twin') fields.push('x-twin-representation', representation);
  return fields;
}

function isSet({ set = {} }: HeaderChanges, lower: string): boolean {
  return Object.keys(set).some((name) => name.toLowerCase() === lower);
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
