import { compare, isNaNValue, isNumeric, RANK, rankOf } from '../bson/compare.ts';
import { MaxKey, MinKey, Regex, type Value } from '../bson/values.ts';

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
