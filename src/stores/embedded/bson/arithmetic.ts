import type { Numeric } from './compare.ts';
import { Decimal } from './decimal.ts';
import { Int32, int32, type Value } from './values.ts';

/**
 * Arithmetic with MongoDB's result types: the widest type of the operands (int, long, double, decimal); an int that
 * overflows becomes a long, a long that overflows a double.
 */
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

type Pair =
  | { readonly kind: 'whole'; readonly one: bigint; readonly two: bigint; readonly long: boolean }
  | { readonly kind: 'double'; readonly one: number; readonly two: number }
  | { readonly kind: 'decimal'; readonly one: Decimal; readonly two: Decimal };

function pair(first: Numeric, second: Numeric): Pair {
  if (first instanceof Decimal || second instanceof Decimal) {
    return { kind: 'decimal', one: toDecimal(first), two: toDecimal(second) };
  }
  if (typeof first === 'number' || typeof second === 'number') {
    return { kind: 'double', one: toDouble(first), two: toDouble(second) };
  }
  const long = typeof first === 'bigint' || typeof second === 'bigint';
  return { kind: 'whole', one: toBig(first), two: toBig(second), long };
}

function toBig(value: Int32 | bigint): bigint {
  return value instanceof Int32 ? BigInt(value.value) : value;
}

export function toDouble(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  return value instanceof Decimal ? Number(value.toString()) : Number(value);
}

/** A double becomes a decimal through its first 15 digits, as MongoDB converts it. */
export function toDecimal(value: Numeric): Decimal {
  if (value instanceof Decimal) return value;
  if (value instanceof Int32) return Decimal.of(BigInt(value.value), 0);
  if (typeof value === 'bigint') return Decimal.of(value, 0);
  if (Number.isNaN(value)) return Decimal.NAN;
  if (!Number.isFinite(value)) return Decimal.infinity(value < 0);
  if (value === 0) return Decimal.of(0n, 0, Object.is(value, -0));
  const [mantissa = '0', exponent = '0'] = value.toExponential(14).split('e');
  return Decimal.of(BigInt(mantissa.replace('.', '')), Number(exponent) - 14);
}

/** A whole number as an int when it was one and fits, else a long, else a double. */
export function whole(value: bigint, long: boolean): Value & Numeric {
  if (!long && value >= -0x80000000n && value <= 0x7fffffffn) return int32(Number(value));
  return value >= LONG_MIN && value <= LONG_MAX ? value : Number(value);
}

export function add(first: Numeric, second: Numeric): Numeric {
  const both = pair(first, second);
  if (both.kind === 'double') return both.one + both.two;
  if (both.kind === 'whole') return whole(both.one + both.two, both.long);
  return addDecimals(both.one, both.two);
}

export function subtract(first: Numeric, second: Numeric): Numeric {
  const both = pair(first, second);
  if (both.kind === 'double') return both.one - both.two;
  if (both.kind === 'whole') return whole(both.one - both.two, both.long);
  return addDecimals(both.one, both.two.negate());
}

export function multiply(first: Numeric, second: Numeric): Numeric {
  const both = pair(first, second);
  if (both.kind === 'double') return both.one * both.two;
  if (both.kind === 'whole') return whole(both.one * both.two, both.long);
  const { one, two } = both;
  if (one.kind === 'nan' || two.kind === 'nan') return Decimal.NAN;
  const negative = one.negative !== two.negative;
  if (one.kind === 'infinity' || two.kind === 'infinity') {
    return one.isZero || two.isZero ? Decimal.NAN : Decimal.infinity(negative);
  }
  return Decimal.of(one.signed * two.signed, one.exponent + two.exponent, negative);
}

function addDecimals(one: Decimal, two: Decimal): Decimal {
  if (one.kind === 'nan' || two.kind === 'nan') return Decimal.NAN;
  if (one.kind === 'infinity') return two.kind === 'infinity' && one.negative !== two.negative ? Decimal.NAN : one;
  if (two.kind === 'infinity') return two;
  const exponent = Math.min(one.exponent, two.exponent);
  const sum = one.signed * 10n ** BigInt(one.exponent - exponent) + two.signed * 10n ** BigInt(two.exponent - exponent);
  return Decimal.of(sum, exponent, one.negative && two.negative);
}

/** The quotient of two decimals, with as few digits as say it exactly and 34 where none do. */
export function divideDecimals(one: Decimal, two: Decimal): Decimal {
  if (one.kind === 'nan' || two.kind === 'nan') return Decimal.NAN;
  const negative = one.negative !== two.negative;
  if (one.kind === 'infinity') return two.kind === 'infinity' ? Decimal.NAN : Decimal.infinity(negative);
  if (two.kind === 'infinity') return Decimal.of(0n, -6176, negative);
  if (two.coefficient === 0n) return one.coefficient === 0n ? Decimal.NAN : Decimal.infinity(negative);
  const ideal = one.exponent - two.exponent;
  if (one.coefficient === 0n) return Decimal.of(0n, ideal, negative);
  // 36 more digits than the divisor has; a rest is kept as one more digit, so that rounding sees it.
  const shift = Math.max(0, two.coefficient.toString().length - one.coefficient.toString().length + 36);
  const scaled = one.coefficient * 10n ** BigInt(shift);
  let quotient = scaled / two.coefficient;
  let exponent = ideal - shift;
  if (scaled % two.coefficient !== 0n) {
    quotient = quotient * 10n + 1n;
    exponent -= 1;
  } else {
    while (exponent < ideal && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent += 1;
    }
  }
  return Decimal.of(negative ? -quotient : quotient, exponent, negative);
}
