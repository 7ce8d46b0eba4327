import { isDecimal128, isLong, isObjectId, numberOf, typeName } from './bson-type.ts';

/** A JSON value fit for jsonb, or the reason why the blob cannot be kept. */
export type Blob = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly reason: string };

class Unfit extends Error {}

/** A subdocument or array as jsonb: ObjectId, date and Decimal128 in canonical Extended JSON, the rest as it is. */
export function blobOf(value: unknown): Blob {
  try {
    return { ok: true, json: keep(value, '') };
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, reason: error.message };
    throw error;
  }
}

function keep(value: unknown, path: string): unknown {
  const at = path === '' ? 'the blob' : path;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      if (value.includes('\0')) throw new Unfit(`${at} holds a NUL, which jsonb cannot`);
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Unfit(`${at} is ${value}, which JSON cannot hold`);
      return value;
    case 'object':
      return value === null ? null : keepObject(value, path, at);
    default:
      throw new Unfit(`${at} is of type ${typeof value}`);
  }
}

function keepObject(value: object, path: string, at: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => keep(item, `${path}[${index}]`));
  if (isObjectId(value)) return { $oid: value.toString() };
  if (value instanceof Date) {
    const year = value.getUTCFullYear();
    if (Number.isNaN(year)) throw new Unfit(`${at} is a date out of range`);
    if (year < 1 || year > 9999) throw new Unfit(`${at} is a date out of range: the year ${year}`);
    return { $date: { $numberLong: String(value.getTime()) } };
  }
  if (isDecimal128(value)) return { $numberDecimal: value.toString() };
  const number = numberOf(value);
  if (number !== undefined) {
    if (!Number.isSafeInteger(number) && isLong(value)) throw new Unfit(`${at} is a 64-bit integer past 2^53`);
    return keep(number, path);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype)
    throw new Unfit(`${at} is of the BSON type ${typeName(value)}`);
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    // Such a key could not be told from Extended JSON when it is read back.
    if (key.startsWith('$')) throw new Unfit(`${at} has a key that begins with $`);
    if (key.includes('\0')) throw new Unfit(`${at} has a key with a NUL`);
    Object.defineProperty(kept, key, {
      value: keep(inner, path === '' ? key : `${path}.${key}`),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return kept;
}
