/**
 * Dates and times that name no offset, as Postgres prints a `timestamp` or a `date`: instants only beside a zone that
 * the rule names.
 */
import { parseInstant } from './instant.ts';

const LOCAL = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?$/;
const DATE = 10;

/** Epoch milliseconds of a date and time at home in the zone, or of a date's midnight there; null for every other text. */
export function parseZoned(text: string, zone: string): number | null {
  if (text.length > 64 || !LOCAL.test(text)) return null;
  const there = parseInstant(text.length === DATE ? `${text}T00:00:00Z` : `${text}Z`);
  if (there === null || zone === 'UTC') return there;
  // Beside a change of the clocks the first guess may be an hour off; an hour that comes twice is one of the two.
  const near = there - offsetAt(there, zone);
  return there - offsetAt(near, zone);
}

/** Is it a zone that this machine knows? */
export function isZone(zone: string): boolean {
  try {
    clockIn(zone);
    return true;
  } catch {
    return false;
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError where there is no such zone */
function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  clocks.set(zone, clock);
  return clock;
}

/** Milliseconds by which the zone's clocks are ahead of UTC at this instant. */
function offsetAt(ms: number, zone: string): number {
  const parts = new Map(
    clockIn(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const there = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return there - Math.floor(ms / 1_000) * 1_000;
}
