/**
 * Lengths of time in their usual forms: ISO 8601 (`PT1H30M`, `P1DT0.5S`), as Postgres prints an `interval`
 * (`1 day 02:03:04.5`, `1 year 2 mons`), and numbers in a unit that the rule names.
 */
import { parseFinite } from './decimal.ts';
import type { DurationUnit } from './rule.ts';

/** A duration by its meaning: a day has 24 hours and a week seven days, but no month has a length. */
export interface Duration {
  readonly months: bigint;
  /** In units of 10^-15 seconds. */
  readonly time: bigint;
}

/** Decimals of a second that are told apart. */
export const TIME_SCALE = 15;

/** Seconds in 10^-3 of one, so that all units are whole. */
const MILLISECONDS: Readonly<Record<DurationUnit, bigint>> = Object.freeze({
  milliseconds: 1n,
  seconds: 1_000n,
  minutes: 60_000n,
  hours: 3_600_000n,
  days: 86_400_000n,
});

/** The units in which a number can be a duration. */
export const DURATION_UNITS = Object.freeze(['milliseconds', 'seconds', 'minutes', 'hours', 'days'] as const);

const ISO =
  /^([+-])?P(?:(\d+(?:[.,]\d+)?)Y)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?(?:T(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;
const CLOCK =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-])?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?)?$/;

/** Null where the text is no duration, has a part of a month or year, or more decimals than are told apart. */
export function parseDuration(text: string): Duration | null {
  if (text.length === 0 || text.length > 100) return null;
  return isoDuration(text) ?? postgresInterval(text);
}

/** A number, as its decimal text, in a unit. */
export function durationOf(number: string, unit: DurationUnit): Duration | null {
  const time = timeOf(number, MILLISECONDS[unit]);
  return time === null ? null : { months: 0n, time };
}

function isoDuration(text: string): Duration | null {
  const match = ISO.exec(text);
  // `P` and `PT` say nothing; so does a `T` behind which nothing comes.
  if (match === null || /[PT]$/.test(text)) return null;
  const [, sign, years, months, weeks, days, hours, minutes, seconds] = match;
  return sum(sign === '-' ? -1n : 1n, years, months, [
    [weeks, MILLISECONDS.days * 7n],
    [days, MILLISECONDS.days],
    [hours, MILLISECONDS.hours],
    [minutes, MILLISECONDS.minutes],
    [seconds, MILLISECONDS.seconds],
  ]);
}

/** Each part of Postgres' form has a sign of its own. */
function postgresInterval(text: string): Duration | null {
  const match = CLOCK.exec(text);
  if (match === null || text.endsWith(' ')) return null;
  const [, years, months, days, sign = '', hours, minutes, seconds] = match;
  const clock = sum(sign === '-' ? -1n : 1n, undefined, undefined, [
    [hours, MILLISECONDS.hours],
    [minutes, MILLISECONDS.minutes],
    [seconds, MILLISECONDS.seconds],
  ]);
  const dated = sum(1n, years, months, [[days, MILLISECONDS.days]]);
  return clock === null || dated === null ? null : { months: dated.months, time: clock.time + dated.time };
}

type Part = readonly [number: string | undefined, milliseconds: bigint];

function sum(
  sign: bigint,
  years: string | undefined,
  months: string | undefined,
  parts: readonly Part[],
): Duration | null {
  const [ofYears, ofMonths] = [wholeOf(years), wholeOf(months)];
  if (ofYears === null || ofMonths === null) return null;
  let time = 0n;
  for (const [number, unit] of parts) {
    const part = number === undefined ? 0n : timeOf(number.replace(',', '.'), unit);
    if (part === null) return null;
    time += part;
  }
  return { months: sign * (ofYears * 12n + ofMonths), time: sign * time };
}

function wholeOf(number: string | undefined): bigint | null {
  if (number === undefined) return 0n;
  return /^[+-]?\d+$/.test(number) ? BigInt(number) : null;
}

/** Exactly; null where it has finer digits, or is so large that nobody means it. */
function timeOf(number: string, milliseconds: bigint): bigint | null {
  const value = parseFinite(number);
  if (value === null) return null;
  const { digits, scale } = value;
  const finest = TIME_SCALE - 3;
  if (scale > 100 || scale < -100) return null;
  if (scale <= finest) return digits * milliseconds * 10n ** BigInt(finest - scale);
  const [all, cut] = [digits * milliseconds, 10n ** BigInt(scale - finest)];
  return all % cut === 0n ? all / cut : null;
}
