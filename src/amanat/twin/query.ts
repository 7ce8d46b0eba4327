/** Reads a query string by a route's declaration: the same texts as the primary, from code of its own. */
import type { QueryDeclaration, QueryParam } from '../../api/route.ts';
import { ApiError, invalidQuery, MESSAGES, type ParsedQuery } from './handler.ts';

const OBJECT_ID = /^[0-9a-f]{24}$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Looks an ObjectId or uuid up in `id_map`; null where it has none. */
export type ResolveId = (collection: string, id: string) => Promise<{ uuid: string; mongoId: string } | null>;

/** Lowercased where it is well-formed. Anything else is 400 `invalid_id`. */
export function wellFormedId(text: string): string {
  if (OBJECT_ID.test(text) || UUID.test(text)) return text.toLowerCase();
  throw new ApiError('invalid_id', MESSAGES.invalid_id);
}

type Sort = { readonly field: string; readonly descending: boolean };
type Cursor = { readonly key: string; readonly mongoId: string };

/** The parameters in their declared order; the first bad one is the one that is named. Unknown ones are ignored. */
export async function parseQuery(
  declaration: QueryDeclaration,
  search: URLSearchParams,
  resolve: ResolveId,
): Promise<ParsedQuery> {
  const texts = new Map<string, string>();
  const ids = new Map<string, string | null>();
  const instants = new Map<string, Date>();
  const bools = new Map<string, boolean>();
  const cursors = new Map<string, Cursor>();
  let page = 1;
  let limit = 0;
  let sort: Sort = { field: '_id', descending: false };
  for (const [name, param] of Object.entries(declaration)) {
    const text = only(search, name);
    if (text === undefined) {
      if (param.param === 'limit') limit = param.default;
      if (param.param === 'sort') sort = sortOf(param.default, param.fields) ?? sort;
      continue;
    }
    const good = <T>(value: T | null): T => {
      if (value === null) throw invalidQuery(name);
      return value;
    };
    switch (param.param) {
      case 'oneOf':
        texts.set(name, good(param.values.includes(text) ? text : null));
        break;
      case 'text':
        texts.set(name, text);
        break;
      case 'id':
        ids.set(name, (await resolve(param.collection, wellFormedId(text)))?.uuid ?? null);
        break;
      case 'instant':
        instants.set(name, good(instantOf(text)));
        break;
      case 'decimal':
        texts.set(name, good(/^-?\d{1,20}(\.\d{1,18})?$/.test(text) ? text : null));
        break;
      case 'bool':
        bools.set(name, good(text === 'true' ? true : text === 'false' ? false : null));
        break;
      case 'page':
        page = good(wholeNumber(text, 999_999_999));
        break;
      case 'limit':
        limit = good(wholeNumber(text, param.max));
        break;
      case 'sort':
        sort = good(sortOf(text, param.fields));
        break;
      case 'cursor':
        cursors.set(name, good(await cursorOfText(text, param, resolve)));
        break;
    }
  }
  return {
    text: (name) => texts.get(name),
    id: (name) => ids.get(name),
    instant: (name) => instants.get(name),
    decimal: (name) => texts.get(name),
    bool: (name) => bools.get(name),
    cursor: (name) => cursors.get(name),
    page,
    limit,
    offset: (page - 1) * limit,
    sort,
  };
}

function only(search: URLSearchParams, name: string): string | undefined {
  const [first, second] = search.getAll(name);
  if (first === undefined) return undefined;
  if (second !== undefined || first === '' || first.includes('\0')) throw invalidQuery(name);
  return first;
}

function wholeNumber(text: string, max: number): number | null {
  const value = /^[0-9]{1,9}$/.test(text) ? Number.parseInt(text, 10) : 0;
  return value >= 1 && value <= max ? value : null;
}

function sortOf(text: string, fields: readonly string[]): Sort | null {
  const descending = text.startsWith('-');
  const field = descending ? text.slice(1) : text;
  return fields.includes(field) ? { field, descending } : null;
}

/** A day (midnight UTC), or an instant with its zone, to the millisecond at most. */
function instantOf(text: string): Date | null {
  const parts =
    /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|([+-])(\d{2}):(\d{2})))?$/.exec(text);
  if (parts === null) return null;
  const [, year = '', month = '', day = ''] = parts;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0));
  // Date.UTC takes years below 100 for the 1900s.
  lastDay.setUTCFullYear(Number(year), Number(month), 0);
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > lastDay.getUTCDate()) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Where a cursor of either side stands; null for what is none, and for an id that nobody knows. */
export async function cursorOfText(
  text: string,
  param: Pick<Extract<QueryParam, { param: 'cursor' }>, 'collection' | 'key'>,
  resolve: ResolveId,
): Promise<Cursor | null> {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('k' in value) || !('id' in value)) return null;
  const key = keyOf(value.k, param.key);
  if (key === null || typeof value.id !== 'string') return null;
  // The primary's cursor names the position itself, so its document need not exist any more.
  if (OBJECT_ID.test(value.id)) return { key, mongoId: value.id.toLowerCase() };
  if (!UUID.test(value.id)) return null;
  const known = await resolve(param.collection, value.id.toLowerCase());
  return known === null ? null : { key, mongoId: known.mongoId };
}

function keyOf(key: unknown, kind: 'instant' | 'number' | 'text'): string | null {
  switch (kind) {
    case 'number':
      return typeof key === 'number' && Number.isFinite(key) ? String(key) : null;
    case 'text':
      return typeof key === 'string' && !key.includes('\0') ? key : null;
    case 'instant': {
      if (typeof key !== 'string') return null;
      const at = new Date(key);
      return !Number.isNaN(at.getTime()) && at.toISOString() === key ? key : null;
    }
  }
}
