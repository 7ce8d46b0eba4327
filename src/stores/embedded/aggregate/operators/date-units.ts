import { MongoError } from '../../mongo-error.ts';

export type Unit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const LENGTHS = {
  week: 7 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
} as const;

const UNITS: readonly Unit[] = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];

export function unitOf(text: string, name: string): Unit {
  const unit = UNITS.find((known) => known === text);
  if (unit === undefined)
    throw new MongoError(
      'FailedToParse',
      `${name} parameter 'unit' value parsing failed :: caused by :: unknown time unit value: ${text}`,
    );
  return unit;
}

/** Adds calendar units in UTC; a day that a month does not have becomes its last. */
export function addUnits(ms: number, unit: Unit, amount: number): number {
  switch (unit) {
    case 'year':
      return addMonths(ms, amount * 12);
    case 'quarter':
      return addMonths(ms, amount * 3);
    case 'month':
      return addMonths(ms, amount);
    default:
      return ms + amount * LENGTHS[unit];
  }
}

function addMonths(ms: number, months: number): number {
  const date = new Date(ms);
  const first = new Date(ms);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const lastDay = new Date(first);
  lastDay.setUTCMonth(lastDay.getUTCMonth() + 1);
  lastDay.setUTCDate(0);
  first.setUTCDate(Math.min(date.getUTCDate(), lastDay.getUTCDate()));
  return first.getTime();
}

/** How many boundaries of the unit lie between two instants: what `$dateDiff` counts, not elapsed time. */
export function unitsBetween(start: number, end: number, unit: Unit, weekStart: number): number {
  switch (unit) {
    case 'year':
      return new Date(end).getUTCFullYear() - new Date(start).getUTCFullYear();
    case 'quarter':
      return quarters(end) - quarters(start);
    case 'month':
      return months(end) - months(start);
    default:
      return Math.round((truncate(end, unit, weekStart) - truncate(start, unit, weekStart)) / LENGTHS[unit]);
  }
}

function months(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function quarters(ms: number): number {
  return Math.floor(months(ms) / 3);
}

/** The last boundary of the unit that is not after the instant. */
export function truncate(ms: number, unit: Unit, weekStart: number): number {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  switch (unit) {
    case 'year':
      return startOfMonth(year, 0);
    case 'quarter':
      return startOfMonth(year, date.getUTCMonth() - (date.getUTCMonth() % 3));
    case 'month':
      return startOfMonth(year, date.getUTCMonth());
    case 'week': {
      const day = Math.floor(ms / LENGTHS.day);
      // The first day of 1970 was a Thursday.
      const since = (((day + 4 - weekStart) % 7) + 7) % 7;
      return (day - since) * LENGTHS.day;
    }
    default:
      return Math.floor(ms / LENGTHS[unit]) * LENGTHS[unit];
  }
}

/** Without `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999. */
function startOfMonth(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return date.getTime();
}
