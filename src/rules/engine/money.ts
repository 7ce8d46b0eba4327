/**
 * Money: equal as decimals after rounding both sides to the currency's scale; sums and averages within half a unit.
 * Forms: a JSON number, a decimal string, `{"$numberDecimal": "10.50"}`.
 */
import type { Measure } from '../../types.ts';
import { type CurrencyScales, scaleOf } from '../currencies.ts';
import {
  canonicalDecimal,
  type Decimal,
  decimalText,
  deltaInUnits,
  parseDecimal,
  roundTo,
  sameCanonical,
  sameDecimal,
  withinHalfUnit,
} from '../decimal.ts';
import { canonicalJson, isObject, numberText, own } from '../exact-number.ts';
import type { CurrencyFrom } from '../rule.ts';
import { addLeaf, type Json, type Node, node, type Parent, parentAt } from './node.ts';
import { strictEqual } from './strict.ts';
import { takesSame, takesSameDecimal } from './text-pair.ts';

/** A currency with the scale of its smallest unit; null where the currency is not in the table: compared exactly. */
export interface Unit {
  readonly currency: string;
  readonly scale: number | null;
}

export type UnitOf = (parent: Parent) => Unit;

export function moneyNode(label: 'money' | 'aggregateMoney', from: CurrencyFrom, scales: CurrencyScales): Node {
  return amountNode(label, unitReader(from, scales), 'sibling' in from);
}

function amountNode(label: 'money' | 'aggregateMoney' | 'number', unitOf: UnitOf, asksParent: boolean): Node {
  const within = label === 'aggregateMoney';
  const equal = (primary: Json, twin: Json, parent: Parent): boolean => {
    if (primary === twin || sameShortDecimal(primary, twin)) return true;
    const mine = amountOf(primary);
    const its = amountOf(twin);
    if (mine === null || its === null)
      return strictEqual(primary, twin) || sameCanonical(textOf(primary), textOf(twin));
    const { scale } = unitOf(parent);
    return within && scale !== null ? withinHalfUnit(mine, its, scale) : sameDecimal(mine, its, scale);
  };
  return node(label, {
    equal: (primary, twin, _run, parent) => equal(primary, twin, parent),
    equalText: (primary, twin, _run, parent) =>
      takesSameDecimal(primary, twin) ||
      takesSame(primary, twin) ||
      equal(primary.value(), twin.value(), parentAt(primary, parent, { asksParent })),
    asksParent,
    exact: !within,
    describe(primary, twin, _run, parent, at, out) {
      if (!equal(primary, twin, parent))
        addLeaf(at, label, primary, twin, out, moneyMeasure(primary, twin, unitOf(parent), within));
    },
    meaning(_side, value, _run, parent) {
      const amount = amountOf(value);
      if (amount === null) return canonicalDecimal(textOf(value) ?? '') ?? canonicalJson(value);
      if (typeof amount === 'string') return amount;
      if (within) return '~';
      const { scale } = unitOf(parent);
      if (scale === null || amount.scale <= scale) return canonicalDecimal(textOf(value) ?? '') ?? '';
      return decimalText(roundTo(amount, scale), scale);
    },
    tolerances(value, parent, out) {
      const amount = within ? amountOf(value) : null;
      if (amount !== null && typeof amount !== 'string') {
        const { scale } = unitOf(parent);
        const accepts = (other: Decimal): boolean =>
          scale === null ? sameDecimal(amount, other, null) : withinHalfUnit(amount, other, scale);
        out.push({ value: amount, near: Number(textOf(value)), kind: `aggregateMoney ${scale}`, accepts });
      }
      return true;
    },
  });
}

/** The same decimal to the last digit, in any of the forms that money has. */
export const decimalNode: Node = amountNode('number', () => EXACT, false);

/** Twin minus primary in units of the scale: after rounding where the rule rounds both, else exactly. */
export function moneyMeasure(primary: Json, twin: Json, unit: Unit, within: boolean): Measure | null {
  const mine = amountOf(primary);
  const its = amountOf(twin);
  if (mine === null || its === null) return null;
  const scale = unit.scale ?? 0;
  const rounded = (value: Decimal): Decimal =>
    typeof value === 'string' || within || unit.scale === null || value.scale <= scale
      ? value
      : { digits: roundTo(value, scale), scale };
  const delta = deltaInUnits(rounded(mine), rounded(its), scale);
  if (delta === '0') return null;
  return { of: 'number', delta, unit: scale === 0 ? unit.currency : `${unit.currency} 1e-${scale}` };
}

export function unitReader(from: CurrencyFrom, scales: CurrencyScales): UnitOf {
  if ('scale' in from) {
    const fixed: Unit = Object.freeze({ currency: 'unit', scale: from.scale });
    return () => fixed;
  }
  if ('currency' in from) {
    const fixed = unitOfCurrency(from.currency, scales);
    return () => fixed;
  }
  const { sibling } = from;
  return (parent) => {
    const currency = parent === null ? undefined : own(parent, sibling);
    return typeof currency === 'string' ? unitOfCurrency(currency, scales) : UNKNOWN;
  };
}

/** Of numbers that are no money. */
const EXACT: Unit = Object.freeze({ currency: '1', scale: null });
const UNKNOWN: Unit = Object.freeze({ currency: 'unknown', scale: null });

function unitOfCurrency(currency: string, scales: CurrencyScales): Unit {
  const scale = scaleOf(currency, scales);
  // A currency outside the table is a body's own text: it must not travel with a measure.
  return scale === null ? UNKNOWN : { currency: currency.toUpperCase(), scale };
}

/** The decimal text of a value in one of money's forms. */
export function textOf(value: Json): string | null {
  if (typeof value === 'string') return value;
  if (isObject(value)) {
    const inner = own(value, '$numberDecimal');
    return typeof inner === 'string' && Object.keys(value).length === 1 ? inner : null;
  }
  return numberText(value);
}

function amountOf(value: Json): Decimal | null {
  const text = textOf(value);
  return text === null ? null : parseDecimal(text);
}

// The fast way for the usual case: both sides as (mantissa, decimals after the point) with at most 15 significant
// digits, where a double is exact enough to decide. Scratch fields instead of a result object: no allocation.
let mantissa = 0;
let decimals = 0;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/** Reads `-?digits[.digits]` with up to 15 significant digits; false where it is anything else. */
function readShort(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > 40) return false;
  let i = text.charCodeAt(0) === 45 ? 1 : 0;
  const negative = i === 1;
  let value = 0;
  let zeros = 0;
  let after = -1;
  let digits = 0;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (after >= 0) return false;
      // Zeros before the point are digits of the value.
      value *= POWERS[zeros] ?? Number.NaN;
      zeros = 0;
      after = 0;
    } else if (code === 48) {
      zeros++;
      digits++;
    } else if (code > 48 && code < 58) {
      value = value * (POWERS[zeros + 1] ?? Number.NaN) + (code - 48);
      if (after >= 0) after += zeros + 1;
      zeros = 0;
      digits++;
    } else return false;
  }
  if (after < 0) {
    value *= POWERS[zeros] ?? Number.NaN;
    after = 0;
  }
  if (digits === 0 || !(value < 1e15) || after > 18) return false;
  mantissa = negative ? -value : value;
  decimals = after;
  return true;
}

/** True only where both are surely the same decimal; false decides nothing. */
function sameShortDecimal(primary: Json, twin: Json): boolean {
  if (typeof twin === 'object' && twin !== null) return typeof primary !== 'object' && sameShortDecimal(twin, primary);
  if (typeof primary === 'number') {
    if (typeof twin !== 'string' || !readShort(twin)) return false;
    // Both operands are exact, so the quotient is the double nearest to the decimal, which is how JSON was read.
    return mantissa / (POWERS[decimals] ?? Number.NaN) === primary;
  }
  if (typeof twin === 'number') return typeof primary === 'string' && sameShortDecimal(twin, primary);
  const text = textOf(primary);
  if (text === null || typeof twin !== 'string' || !readShort(text)) return false;
  const first = mantissa;
  const places = decimals;
  return readShort(twin) && mantissa === first && decimals === places;
}
