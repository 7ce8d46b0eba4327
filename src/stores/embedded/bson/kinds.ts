import { MongoError, notSupported } from '../mongo-error.ts';

/** Bytes of the types that always take as many. */
export const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [0x01, 8],
  [0x07, 12],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
]);

export function invalid(what: string): MongoError {
  return new MongoError('InvalidBSON', `invalid BSON: ${what}`);
}

/** Types of BSON that are deprecated, and that no driver of today writes unasked. */
const DEPRECATED: ReadonlyMap<number, string> = new Map([
  [0x06, 'undefined'],
  [0x0c, 'dbPointer'],
  [0x0e, 'symbol'],
]);

export function refusedType(type: number): MongoError {
  const name = DEPRECATED.get(type);
  return name === undefined
    ? invalid(`the type 0x${type.toString(16)} does not exist`)
    : notSupported(`the BSON type ${name}`);
}
