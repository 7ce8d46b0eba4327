import { Decimal } from './decimal.ts';
import { Int32, type Value } from './values.ts';

/** A number of any of the four types as a JavaScript number, when it is one exactly or nearly; else `undefined`. */
export function toNumber(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Decimal) return Number(value.toString());
  return undefined;
}

/** The same for a whole number that JavaScript holds exactly; else `undefined`. */
export function toSafeInteger(value: Value | undefined): number | undefined {
  const number = toNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A finite number of any type without its fraction, when an int64 holds it; else `undefined`. */
export function truncated(value: Value | undefined): bigint | undefined {
  const whole = wholePart(value);
  return whole !== undefined && whole >= -(2n ** 63n) && whole < 2n ** 63n ? whole : undefined;
}

function wholePart(value: Value | undefined): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (!(value instanceof Decimal) || value.kind !== 'finite' || value.exponent > 20) return undefined;
  const unit = 10n ** BigInt(Math.abs(value.exponent));
  return value.exponent >= 0 ? value.signed * unit : value.signed / unit;
}

/** What MongoDB takes for true in an option or a projection: everything but false, null, 0 and what is missing. */
export function truthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (value instanceof Decimal) return !value.isZero;
  const number = toNumber(value);
  return number === undefined || number !== 0;
}
