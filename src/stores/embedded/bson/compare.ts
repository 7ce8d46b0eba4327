import { Decimal } from './decimal.ts';
import {
  Binary,
  Code,
  DateTime,
  type Doc,
  Int32,
  isDoc,
  MinKey,
  ObjectId,
  Regex,
  Timestamp,
  type Value,
} from './values.ts';

/**
 * MongoDB's order of BSON values: first by type, numbers of all four types being one type that is compared exactly.
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export const RANK = {
  minKey: -1,
  missing: 0,
  null: 5,
  number: 10,
  string: 15,
  object: 20,
  array: 25,
  binary: 30,
  objectId: 35,
  boolean: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  code: 60,
  codeWithScope: 65,
  maxKey: 127,
} as const;

/** The place of a value's type in the order; a missing value (`undefined`) comes before null. */
export function rankOf(value: Value | undefined): number {
  switch (typeof value) {
    case 'undefined':
      return RANK.missing;
    case 'number':
    case 'bigint':
      return RANK.number;
    case 'string':
      return RANK.string;
    case 'boolean':
      return RANK.boolean;
    default:
  }
  if (value === null) return RANK.null;
  if (value instanceof Int32 || value instanceof Decimal) return RANK.number;
  if (value instanceof ObjectId) return RANK.objectId;
  if (value instanceof DateTime) return RANK.date;
  if (value instanceof Map) return RANK.object;
  if (Array.isArray(value)) return RANK.array;
  if (value instanceof Binary) return RANK.binary;
  if (value instanceof Timestamp) return RANK.timestamp;
  if (value instanceof Regex) return RANK.regex;
  if (value instanceof Code) return value.scope === undefined ? RANK.code : RANK.codeWithScope;
  return value instanceof MinKey ? RANK.minKey : RANK.maxKey;
}

/** Negative, zero or positive; total over all values, missing included. */
export function compare(first: Value | undefined, second: Value | undefined): number {
  if (typeof first === 'string' && typeof second === 'string') return compareStrings(first, second);
  const rank = rankOf(first);
  const difference = rank - rankOf(second);
  if (difference !== 0) return difference;
  if (isNumeric(first) && isNumeric(second)) return compareNumbers(first, second);
  if (first instanceof ObjectId && second instanceof ObjectId) return order(first.hex, second.hex);
  if (first instanceof DateTime && second instanceof DateTime) return first.ms - second.ms;
  if (isDoc(first) && isDoc(second)) return compareDocs(first, second);
  if (Array.isArray(first) && Array.isArray(second)) return compareArrays(first, second);
  if (typeof first === 'boolean' && typeof second === 'boolean') return Number(first) - Number(second);
  if (first instanceof Binary && second instanceof Binary) {
    return (
      first.bytes.length - second.bytes.length || first.subtype - second.subtype || first.bytes.compare(second.bytes)
    );
  }
  if (first instanceof Timestamp && second instanceof Timestamp) return order(first.value, second.value);
  if (first instanceof Regex && second instanceof Regex) {
    return compareStrings(first.pattern, second.pattern) || compareStrings(first.flags, second.flags);
  }
  if (first instanceof Code && second instanceof Code)
    return compareStrings(first.source, second.source) || compare(first.scope, second.scope);
  return 0;
}

export function equal(first: Value | undefined, second: Value | undefined): boolean {
  return compare(first, second) === 0;
}

function order<T extends string | bigint | number>(first: T, second: T): number {
  return first < second ? -1 : first > second ? 1 : 0;
}

/** As the UTF-8 bytes order: JavaScript's own order of UTF-16 units puts emoji before U+E000 and after. */
export function compareStrings(first: string, second: string): number {
  if (first === second) return 0;
  const length = Math.min(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const one = first.charCodeAt(index);
    const two = second.charCodeAt(index);
    if (one === two) continue;
    const lifted = Number(isSurrogate(one)) - Number(isSurrogate(two));
    return lifted === 0 ? one - two : lifted;
  }
  return first.length - second.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function compareDocs(first: Doc, second: Doc): number {
  const others = second.entries();
  for (const [name, value] of first) {
    const next = others.next();
    if (next.done) return 1;
    const [otherName, otherValue] = next.value;
    const result = rankOf(value) - rankOf(otherValue) || compareStrings(name, otherName) || compare(value, otherValue);
    if (result !== 0) return result;
  }
  return others.next().done ? 0 : -1;
}

function compareArrays(first: readonly Value[], second: readonly Value[]): number {
  const length = Math.min(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const result = compare(first[index], second[index]);
    if (result !== 0) return result;
  }
  return first.length - second.length;
}

export type Numeric = number | bigint | Int32 | Decimal;

export function isNumeric(value: Value | undefined): value is Numeric {
  return typeof value === 'number' || value instanceof Int32 || typeof value === 'bigint' || value instanceof Decimal;
}

export function isNaNValue(value: Value | undefined): boolean {
  return typeof value === 'number' ? Number.isNaN(value) : value instanceof Decimal && value.kind === 'nan';
}

/** Exact across all four numeric types; NaN equals itself and comes before every other number; -0 equals 0. */
export function compareNumbers(first: Numeric, second: Numeric): number {
  const one = first instanceof Int32 ? first.value : first;
  const two = second instanceof Int32 ? second.value : second;
  if (!(one instanceof Decimal) && !(two instanceof Decimal)) {
    // JavaScript compares number with bigint by value, exactly.
    if (one < two) return -1;
    if (one > two) return 1;
    return Number(Number.isNaN(two)) - Number(Number.isNaN(one));
  }
  return compareDecimals(exactDecimal(one), exactDecimal(two));
}

interface Exact {
  readonly special: 'nan' | 'infinity' | undefined;
  readonly signed: bigint;
  readonly exponent: number;
}

/** Any number as coefficient times a power of ten, without rounding: a double has at most 1,074 decimals. */
function exactDecimal(value: number | bigint | Decimal): Exact {
  if (typeof value === 'bigint') return { special: undefined, signed: value, exponent: 0 };
  if (value instanceof Decimal) {
    if (value.kind === 'nan') return { special: 'nan', signed: 0n, exponent: 0 };
    if (value.kind === 'infinity') return { special: 'infinity', signed: value.negative ? -1n : 1n, exponent: 0 };
    return { special: undefined, signed: value.signed, exponent: value.exponent };
  }
  if (Number.isNaN(value)) return { special: 'nan', signed: 0n, exponent: 0 };
  if (!Number.isFinite(value)) return { special: 'infinity', signed: value < 0 ? -1n : 1n, exponent: 0 };
  if (Number.isInteger(value)) return { special: undefined, signed: BigInt(value), exponent: 0 };
  let scaled = value;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos += 1;
  }
  return { special: undefined, signed: BigInt(scaled) * 5n ** BigInt(twos), exponent: -twos };
}

function compareDecimals(first: Exact, second: Exact): number {
  if (first.special === 'nan' || second.special === 'nan') {
    return Number(second.special === 'nan') - Number(first.special === 'nan');
  }
  const sign = signOf(first.signed);
  if (sign !== signOf(second.signed)) return sign - signOf(second.signed);
  if (sign === 0) return 0;
  if (first.special !== undefined || second.special !== undefined) {
    return sign * (Number(first.special !== undefined) - Number(second.special !== undefined));
  }
  const shift = first.exponent - second.exponent;
  const one = shift > 0 ? first.signed * 10n ** BigInt(shift) : first.signed;
  const two = shift < 0 ? second.signed * 10n ** BigInt(-shift) : second.signed;
  return order(one, two);
}

function signOf(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
