/**
 * What a request says in its query string and its body, as named fields. Servers differ on a field that is given twice
 * and on the case of names, so the caller gets every value and decides.
 */
import { fieldOf } from '../base/fields.ts';
import { unescapeSegment } from '../rules/engine/path.ts';
import { parseJson } from '../rules/parse.ts';
import type { ExchangeRequest, JsonValue } from '../types.ts';

export type SentField = readonly [name: string, value: JsonValue];

/** A body as its Content-Type has it read. `refused` says why it cannot be, without its values. */
export type SentBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'form'; readonly fields: readonly SentField[] }
  | { readonly kind: 'graphql'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

export function queryFields(target: string): readonly SentField[] {
  const mark = target.indexOf('?');
  return mark < 0 ? [] : [...new URLSearchParams(target.slice(mark + 1))];
}

/** Whatever is neither a form nor GraphQL's own type is read as JSON: a server that takes it reads it so as well. */
export function bodySent({ body, rawHeaders }: Pick<ExchangeRequest, 'body' | 'rawHeaders'>): SentBody {
  if (body === null || body.length === 0) return { kind: 'none' };
  const types = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'content-type');
  if (types.length > 1) return { kind: 'refused', why: 'the body has two content types' };
  if ((fieldOf(rawHeaders, 'content-encoding') ?? 'identity') !== 'identity') {
    return { kind: 'refused', why: 'the body has a content coding' };
  }
  const type = (types[0] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') {
    return { kind: 'form', fields: [...new URLSearchParams(Buffer.from(body).toString())] };
  }
  if (type === 'application/graphql') return { kind: 'graphql', text: Buffer.from(body).toString() };
  const parsed = parseJson(body);
  if (!parsed.ok) return { kind: 'refused', why: 'the body is not JSON' };
  if (repeatsName(Buffer.from(body).toString())) return { kind: 'refused', why: 'the body has a name twice' };
  return { kind: 'json', value: parsed.value };
}

/** The value at a JSON pointer; undefined where there is none. */
export function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const segment of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = new Map<string, JsonValue>(Object.entries(at)).get(unescapeSegment(segment));
  }
  return at;
}

/** Whether an object in this JSON text has a name twice: parsers differ on which of the values counts. */
function repeatsName(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name: unknown = JSON.parse(token.slice(0, token.length - colon.length));
      const names = open.at(-1);
      if (names?.has(String(name)) === true) return true;
      names?.add(String(name));
    }
  }
  return false;
}
