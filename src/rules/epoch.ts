/** Instants as numbers: how many seconds, or parts of one, have passed since 1970-01-01T00:00:00Z. */
import { parseFinite } from './decimal.ts';
import type { EpochUnit } from './rule.ts';

/** The units in which a number can be an instant. */
export const EPOCH_UNITS = Object.freeze(['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const);

/** Decimals of a second that the unit's whole numbers are. */
const DECIMALS: Readonly<Record<EpochUnit, number>> = Object.freeze({
  seconds: 0,
  milliseconds: 3,
  microseconds: 6,
  nanoseconds: 9,
});

/** The last millisecond that a `Date` can hold. */
const LAST = 8_640_000_000_000_000n;

/** Epoch milliseconds of a decimal's text, finer digits cut; null where it is no plain decimal or out of range. */
export function epochMs(number: string, unit: EpochUnit): number | null {
  if (number.length > 40 || !/^-?\d/.test(number)) return null;
  const value = parseFinite(number);
  if (value === null) return null;
  const scale = value.scale + DECIMALS[unit] - 3;
  if (scale > 100 || scale < -100) return null;
  const ms = scale <= 0 ? value.digits * 10n ** BigInt(-scale) : floored(value.digits, 10n ** BigInt(scale));
  return ms > LAST || ms < -LAST ? null : Number(ms);
}

/** Towards the past, as texts with finer digits are cut, before 1970 too. */
function floored(digits: bigint, by: bigint): bigint {
  const whole = digits / by;
  return digits < 0n && digits % by !== 0n ? whole - 1n : whole;
}
