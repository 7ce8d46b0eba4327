import { Decimal } from '../bson/decimal.ts';
import { Binary, Code, DateTime, Int32, MinKey, ObjectId, Regex, Timestamp, type Value } from '../bson/values.ts';

/** Names and numbers of BSON types, as `$type` takes and gives them. */
const NUMBERS: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

export function typeName(value: Value | undefined): string {
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'number':
      return 'double';
    case 'bigint':
      return 'long';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
  }
  if (value === null) return 'null';
  if (value instanceof Int32) return 'int';
  if (value instanceof Decimal) return 'decimal';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof DateTime) return 'date';
  if (value instanceof Map) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Regex) return 'regex';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Code) return value.scope === undefined ? 'javascript' : 'javascriptWithScope';
  return value instanceof MinKey ? 'minKey' : 'maxKey';
}

/** The names that a type's alias or number stands for; `undefined` when there is no such type. */
export function namesOfType(type: string | number): readonly string[] | undefined {
  if (type === 'number') return ['double', 'int', 'long', 'decimal'];
  if (typeof type === 'string') return type in NUMBERS ? [type] : undefined;
  const found = Object.entries(NUMBERS).find(([, number]) => number === type);
  return found === undefined ? undefined : [found[0]];
}
