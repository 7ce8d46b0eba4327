import { compare, isNaNValue, isNumeric, RANK, rankOf } from '../bson/compare.ts';
import { toSafeInteger, truncated } from '../bson/convert.ts';
import { type Doc, isDoc, MaxKey, MinKey, Regex, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { compileRegex } from './regex.ts';
import { namesOfType, typeName } from './types.ts';

/** A test of one value that a path found; `undefined` stands for a path that found nothing. */
export type LeafTest = (value: Value | undefined) => boolean;

export type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

/**
 * Comparisons hold only between values of one type (all numbers are one), except with MinKey and MaxKey; a missing field
 * is null. https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#type-bracketing
 */
export function comparison(operator: Comparison, wanted: Value): LeafTest {
  const rank = rankOf(wanted);
  const accepts = acceptance(operator);
  if (wanted === null) return (value) => (value === undefined || value === null) && accepts(0);
  if (wanted instanceof MinKey || wanted instanceof MaxKey) {
    return (value) =>
      rankOf(value) === rank ? accepts(0) : operator !== '$eq' && accepts(compare(value ?? null, wanted));
  }
  if (isNaNValue(wanted)) return (value) => isNaNValue(value) && accepts(0);
  if (rank === RANK.number) {
    return (value) => isNumeric(value) && (operator === '$eq' || !isNaNValue(value)) && accepts(compare(value, wanted));
  }
  return (value) => rankOf(value) === rank && accepts(compare(value, wanted));
}

function acceptance(operator: Comparison): (result: number) => boolean {
  switch (operator) {
    case '$eq':
      return (result) => result === 0;
    case '$gt':
      return (result) => result > 0;
    case '$gte':
      return (result) => result >= 0;
    case '$lt':
      return (result) => result < 0;
    case '$lte':
      return (result) => result <= 0;
  }
}

/** A pattern matches text, and the same pattern stored as a value. */
export function regexTest(regex: Regex, expression: RegExp): LeafTest {
  return (value) => {
    if (typeof value === 'string') return expression.test(value);
    return value instanceof Regex && compare(value, regex) === 0;
  };
}

/** Whether a value is an expression of operators, as `{$gt: 1}` is and `{a: 1}` is not. */
export function isOperators(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const first = value.keys().next().value;
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first);
}

/** `$in`: any of the values, or of the patterns. */
export function inList(operator: string, value: Value): LeafTest {
  if (!Array.isArray(value)) throw new MongoError('BadValue', `${operator} needs an array`);
  const tests: LeafTest[] = [];
  const plain: Value[] = [];
  for (const wanted of value) {
    if (isOperators(wanted)) throw new MongoError('BadValue', `cannot nest $ under ${operator}`);
    if (wanted instanceof Regex) tests.push(regexTest(wanted, compileRegex(wanted)));
    else plain.push(wanted);
  }
  const sorted = plain.toSorted(compare);
  const hasNull = plain.includes(null);
  tests.push((found) => (found === undefined ? hasNull : contains(sorted, found)));
  return (found) => tests.some((test) => test(found));
}

function contains(sorted: readonly Value[], wanted: Value): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const result = compare(sorted[middle], wanted);
    if (result === 0) return true;
    if (result < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

export function typeTest(name: string, value: Value): LeafTest {
  const wanted = new Set<string>();
  const types = Array.isArray(value) ? value : [value];
  if (types.length === 0) throw new MongoError('FailedToParse', `${name} must match at least one type`);
  for (const type of types) {
    const alias = typeof type === 'string' ? type : toSafeInteger(type);
    const names = alias === undefined ? undefined : namesOfType(alias);
    if (names === undefined)
      throw new MongoError('BadValue', `Unknown type name alias: ${String(alias ?? typeName(type))}`);
    for (const one of names) wanted.add(one);
  }
  return (found) => found !== undefined && wanted.has(typeName(found));
}

export function regexOperator(value: Value, options: Value | undefined): LeafTest {
  if (options !== undefined && typeof options !== 'string')
    throw new MongoError('BadValue', '$options has to be a string');
  let regex: Regex;
  if (value instanceof Regex) {
    if (options !== undefined && value.flags !== '') {
      throw new MongoError(51075, 'options set in both $regex and $options');
    }
    regex = new Regex(value.pattern, options ?? value.flags);
  } else if (typeof value === 'string') {
    regex = new Regex(value, options ?? '');
  } else {
    throw new MongoError('BadValue', '$regex has to be a string');
  }
  return regexTest(regex, compileRegex(regex));
}

export function modulo(value: Value): LeafTest {
  if (!Array.isArray(value)) throw new MongoError('BadValue', 'malformed mod, needs to be an array');
  if (value.length < 2) throw new MongoError('BadValue', 'malformed mod, not enough elements');
  if (value.length > 2) throw new MongoError('BadValue', 'malformed mod, too many elements');
  const [divisor, remainder] = value.map(truncated);
  if (divisor === undefined) throw new MongoError('BadValue', 'malformed mod, divisor not a number');
  if (remainder === undefined) throw new MongoError('BadValue', 'malformed mod, remainder not a number');
  if (divisor === 0n) throw new MongoError('BadValue', 'divisor cannot be 0');
  return (found) => {
    const number = truncated(found);
    return number !== undefined && number % divisor === remainder;
  };
}

export function sizeTest(name: string, value: Value): LeafTest {
  const size = toSafeInteger(value);
  if (size === undefined) throw new MongoError('BadValue', `Failed to parse $size. Expected an integer: ${name}`);
  if (size < 0) throw new MongoError('BadValue', `Failed to parse $size. Expected a non-negative number in: ${name}`);
  return (found) => Array.isArray(found) && found.length === size;
}
