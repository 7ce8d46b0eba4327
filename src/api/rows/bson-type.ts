/**
 * BSON values recognized by their tag: the driver's classes are other objects than those of the package `bson`, which
 * is there once as CommonJS and once as a module, so `instanceof` would call a genuine ObjectId foreign.
 */
export interface Tagged<T extends string> {
  readonly _bsontype: T;
  toString(): string;
}

const tagged =
  <T extends string>(tag: T) =>
  (value: unknown): value is Tagged<T> =>
    typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === tag;

/** `toString()` gives its 24 hex digits. */
export const isObjectId = tagged('ObjectId');
export const isDecimal128 = tagged('Decimal128');
export const isLong = tagged('Long');
const isInt32 = tagged('Int32');
const isDouble = tagged('Double');

/** Texts that are ObjectIds: a cast to char(24) would cut a longer one to what may be another's. */
export const areObjectIds = (ids: readonly string[]): string[] => ids.filter((id) => /^[0-9a-f]{24}$/.test(id));

/** Any of BSON's number types but Decimal128 as a double; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (isInt32(value) || isDouble(value) || isLong(value)) return Number(value.toString());
  return undefined;
}

/** What BSON calls the type of a value, for reasons. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (typeof value !== 'object') return typeof value;
  return '_bsontype' in value ? String(value._bsontype) : 'object';
}
