/**
 * Ids of documents as texts. MongoDB takes ids of any type: in one collection `5`, `"5"` and `{ n: 5 }` are three
 * documents, and so are an ObjectId and the text of its 24 digits.
 */
import { BSON, Decimal128, type Document, ObjectId } from 'mongodb';
import type { ModelMapping } from '../mapping.ts';
import { isObjectId, numberOf } from './bson-type.ts';

type Identity = Pick<ModelMapping, 'identity'>;

const HEX = /^[0-9a-f]{24}$/;
/** How the text of an id begins that is neither an ObjectId nor plain text: `{"_id":{"$numberInt":"5"}}`. */
const TYPED = '{"_id":';

/** A text that stands for this very id: `keyOf` gives the id back. */
export function exactText(id: unknown): string {
  if (isObjectId(id)) return id.toString();
  if (typeof id === 'string' && !HEX.test(id) && !isTypedId(id) && !id.includes('\0')) return id;
  return BSON.EJSON.stringify({ _id: id }, { relaxed: false });
}

/**
 * The text under which the migration's tables keep a document. Where rows have texts for keys, 24 hex digits stand for the
 * ObjectId and for the text, since the row cannot tell which of the two it is.
 */
export function idText(doc: Readonly<Record<string, unknown>>, { identity }: Identity): string {
  const id = doc._id;
  return typeof id === 'string' && identity !== 'objectId' && HEX.test(id) ? id : exactText(id);
}

/** True for the text of an id that is neither an ObjectId nor plain text. */
export const isTypedId = (text: string): boolean => text.startsWith(TYPED);

/** The `_id` that an exact text stands for. */
export function keyOf(text: string): unknown {
  if (HEX.test(text)) return new ObjectId(text);
  if (!isTypedId(text)) return text;
  const parsed: unknown = BSON.EJSON.parse(text, { relaxed: false });
  return typeof parsed === 'object' && parsed !== null && '_id' in parsed ? parsed._id : text;
}

/** Every `_id` that the text of `idText` may stand for. */
export function keysOf(text: string, { identity }: Identity): unknown[] {
  return identity !== 'objectId' && HEX.test(text) ? [keyOf(text), text] : [keyOf(text)];
}

/** The types that an `_id` can be of, as `$type` names them, in MongoDB's order. */
const TYPES = [
  ...['minKey', 'null', 'number', 'string', 'object', 'binData', 'objectId', 'bool', 'date', 'timestamp'],
  ...['javascript', 'javascriptWithScope', 'maxKey'],
] as const;

/**
 * Filters that together find every document after this id, in MongoDB's order, each to be asked where the one before
 * finds nothing: a comparison finds only ids of the same type.
 */
export function filtersAfter(text: string | null): readonly Document[] {
  if (text === null) return [{}];
  const id = keyOf(text);
  const later = TYPES.slice(TYPES.indexOf(typeOf(id)) + 1);
  // Nothing is greater than NaN, which comes before all other numbers.
  const same = isNaNumber(id) ? { $gte: Number.NEGATIVE_INFINITY } : { $gt: id };
  return later.length === 0 ? [{ _id: same }] : [{ _id: same }, { _id: { $type: later } }];
}

const isNaNumber = (id: unknown): boolean =>
  id instanceof Decimal128 ? id.toString() === 'NaN' : Number.isNaN(numberOf(id));

const BY_TAG: Readonly<Record<string, (typeof TYPES)[number]>> = {
  ObjectId: 'objectId',
  Int32: 'number',
  Double: 'number',
  Long: 'number',
  Decimal128: 'number',
  Binary: 'binData',
  Timestamp: 'timestamp',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  Code: 'javascript',
};

function typeOf(id: unknown): (typeof TYPES)[number] {
  if (id === null) return 'null';
  if (typeof id === 'number' || typeof id === 'bigint') return 'number';
  if (typeof id === 'string') return 'string';
  if (typeof id === 'boolean') return 'bool';
  if (id instanceof Date) return 'date';
  const tag = typeof id === 'object' && '_bsontype' in id ? String(id._bsontype) : '';
  return BY_TAG[tag] ?? 'object';
}

/** What of a table's rows, in order of their keys, belongs to the documents after one id and up to another. */
export interface RowRange {
  /** Not included; null from the first row. */
  readonly from: string | null;
  /** Included; null to the last row. */
  readonly to: string | null;
}

/**
 * Together the ranges of all pages, the last of which has no document (`last` is null), hold every row. Null where no row
 * belongs to such documents.
 */
export function rowRange(mapping: Identity, after: string | null, last: string | null): RowRange | null {
  const [begin, end] = [placeOf(mapping, after), placeOf(mapping, last)];
  if (begin === 'beyond' || (last !== null && end === 'before')) return null;
  return {
    from: typeof begin === 'string' ? null : begin.key,
    to: last === null || typeof end === 'string' ? null : end.key,
  };
}

/** The key of the id's row; where no row can have such an id, whether it comes before all ids that rows have, or after. */
function placeOf(
  { identity }: Identity,
  text: string | null,
): { readonly key: string } | 'before' | 'between' | 'beyond' {
  if (text === null) return 'before';
  const id = keyOf(text);
  const type = typeOf(id);
  if (type === 'objectId' || (type === 'string' && identity !== 'objectId')) return { key: String(id) };
  const first = identity === 'objectId' ? 'objectId' : 'string';
  if (TYPES.indexOf(type) < TYPES.indexOf(first)) return 'before';
  return TYPES.indexOf(type) > TYPES.indexOf('objectId') ? 'beyond' : 'between';
}
