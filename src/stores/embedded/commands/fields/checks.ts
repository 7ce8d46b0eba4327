import { toNumber } from '../../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';

/** Whether a value may stand in a field; fails as MongoDB does. `path` is `find.limit`, as the message names it. */
export type Check = (value: Value, path: string) => void;

export interface Field {
  readonly check: Check;
  readonly required: boolean;
  /** Not in the Stable API: refused when the client asks for `apiStrict`. */
  readonly unstable: boolean;
}

export type Fields = ReadonlyMap<string, Field>;

/** The fields of a command or a document in it. A check alone is a field that may be left out and is stable. */
export function fields(spec: Readonly<Record<string, Check | Field>>): Fields {
  return new Map(
    Object.entries(spec).map(([name, field]) => [
      name,
      typeof field === 'function' ? { check: field, required: false, unstable: false } : field,
    ]),
  );
}

export function required(check: Check): Field {
  return { check, required: true, unstable: false };
}

export function unstable(check: Check): Field {
  return { check, required: false, unstable: true };
}

function wrongType(path: string, value: Value, types: readonly string[]): MongoError {
  const wanted = types.length === 1 ? `type '${types[0]}'` : `types '[${types.join(', ')}]'`;
  return new MongoError(
    'TypeMismatch',
    `BSON field '${path}' is the wrong type '${typeName(value)}', expected ${wanted}`,
  );
}

export function unknownField(path: string): MongoError {
  return new MongoError(40415, `BSON field '${path}' is an unknown field.`);
}

export function missingField(path: string): MongoError {
  return new MongoError(40414, `BSON field '${path}' is missing but a required field`);
}

/** One of the BSON types. Null stands for a field that is left out. */
export function typed(...types: readonly string[]): Check {
  return (value, path) => {
    if (value !== null && !types.includes(typeName(value))) throw wrongType(path, value, types);
  };
}

export const any: Check = () => undefined;
export const bool = typed('bool');
export const string = typed('string');
export const long = typed('long');
export const object = typed('object');
export const safeNumber = typed('long', 'int', 'decimal', 'double');
export const safeBool = typed('bool', 'long', 'int', 'decimal', 'double');

/** A field of MongoDB that would change the answer, and that this server does not heed. */
export const refused: Check = (_, path) => {
  throw notSupported(`the field ${path}`);
};

/** Null is no value here. */
export function notNull(check: Check, type: string): Check {
  return (value, path) => {
    if (value === null) throw wrongType(path, value, [type]);
    check(value, path);
  };
}

/** Neither a number nor null is taken for a boolean. */
export const optionalBool = notNull(bool, 'bool');

export function atLeast(least: number): Check {
  return (value, path) => {
    safeNumber(value, path);
    const number = toNumber(value);
    if (number !== undefined && Math.trunc(number) < least) {
      throw new MongoError(51024, `BSON field '${path}' value must be >= ${least}, actual value '${number}'`);
    }
  };
}

export function oneOf(...names: readonly string[]): Check {
  return (value, path) => {
    string(value, path);
    if (typeof value === 'string' && !names.includes(value))
      throw new MongoError('BadValue', `Enumeration value '${value}' for field '${path}' is not a valid value.`);
  };
}

/** An array of one type. */
export function listOf(type: string): Check {
  return (value, path) => {
    typed('array')(value, path);
    if (!Array.isArray(value)) return;
    for (const [index, element] of value.entries())
      if (typeName(element) !== type) throw wrongType(`${path}.${index}`, element, [type]);
  };
}

/** A document with no fields but these. */
export function struct(spec: Readonly<Record<string, Check | Field>>): Check {
  const known = fields(spec);
  return (value, path) => {
    object(value, path);
    if (isDoc(value)) checkStruct(value, known, path);
  };
}

export function checkStruct(given: Doc, known: Fields, path: string): void {
  for (const [name, value] of given) {
    const field = known.get(name);
    if (field === undefined) throw unknownField(`${path}.${name}`);
    field.check(value, `${path}.${name}`);
  }
  for (const [name, field] of known) {
    if (field.required && (given.get(name) ?? null) === null) throw missingField(`${path}.${name}`);
  }
}

/** The name of an index or its keys. */
export const hint: Check = (value) => {
  if (typeof value !== 'string' && !isDoc(value))
    throw new MongoError('FailedToParse', 'Hint must be a string or an object');
};

/** What an update does: operators, a replacement or a pipeline. */
export const modification: Check = (value) => {
  if (!isDoc(value) && !Array.isArray(value))
    throw new MongoError('FailedToParse', 'Update argument must be either an object or an array');
};

export const pipeline: Check = (value) => {
  if (!Array.isArray(value)) throw new MongoError('TypeMismatch', "'pipeline' option must be specified as an array");
  if (!value.every(isDoc))
    throw new MongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
};

export const cursorOptions: Check = struct({ batchSize: atLeast(0) });

/** `count` takes a negative limit too: its size counts. */
export const countLimit: Check = (value) => {
  const number = toNumber(value);
  if (number === undefined) throw new MongoError('BadValue', 'limit value is not a valid number');
  if (!Number.isInteger(number)) throw new MongoError('FailedToParse', `Expected an integer: limit: ${number}`);
  if (number <= -(2 ** 63)) throw new MongoError('BadValue', 'limit value for count cannot be min long');
};
