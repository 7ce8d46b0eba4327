/**
 * ISO 8601 instants: a date, a time and an offset. A bare date or a local time names no instant. A blank may stand for
 * the T (RFC 3339, 5.6), as Postgres prints a `timestamptz`. Beside them the date of HTTP, mails and feeds, and `/Date(0)/`.
 */

const ISO =
  /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** Characters of the form that `toISOString` prints for the years 1 to 9999. */
export const CANONICAL_INSTANT = 24;

/** Epoch milliseconds of the text in this form; NaN for every other text. */
export function parseCanonicalInstant(text: string): number {
  return text.length === CANONICAL_INSTANT ? canonicalInstantAt(text, 0) : Number.NaN;
}

/** The same of a part of the text. */
export function canonicalInstantAt(text: string, at: number): number {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45 || text.charCodeAt(at + 10) !== 84) {
    return Number.NaN;
  }
  if (text.charCodeAt(at + 13) !== 58 || text.charCodeAt(at + 16) !== 58) return Number.NaN;
  if (text.charCodeAt(at + 19) !== 46 || text.charCodeAt(at + 23) !== 90) return Number.NaN;
  const year = twoDigits(text, at) * 100 + twoDigits(text, at + 2);
  const month = twoDigits(text, at + 5);
  const day = twoDigits(text, at + 8);
  const hour = twoDigits(text, at + 11);
  const minute = twoDigits(text, at + 14);
  const second = twoDigits(text, at + 17);
  const lastDigit = text.charCodeAt(at + 22) - 48;
  const ms = twoDigits(text, at + 20) * 10 + lastDigit;
  // Written so that NaN, from a character that is no digit, fails too.
  const valid = year > 0 && month > 0 && month < 13 && day > 0 && hour < 24 && minute < 60 && second < 60;
  if (!valid || !(ms >= 0 && ms < 1_000 && lastDigit >= 0 && lastDigit < 10) || day > daysIn(year, month))
    return Number.NaN;
  return daysBefore(year, month, day) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function daysBefore(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** As HTTP, mails and feeds write it (RFC 9110, RFC 5322), and as .NET's older JSON and OData 2 do. */
const MAIL =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|([+-]\d{4}))$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DOT_NET = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;

function parseOther(text: string): number | null {
  const ticks = DOT_NET.exec(text)?.[1];
  if (ticks !== undefined) return Number(ticks);
  const match = MAIL.exec(text);
  if (match === null) return null;
  const [, day = '', month = '', year = '', time = '', offset = 'Z'] = match;
  return parseInstant(`${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}T${time}${offset}`);
}

/** Epoch milliseconds, digits finer than a millisecond cut; null where the text names no instant. */
export function parseInstant(text: string): number | null {
  if (text.length > 64) return null;
  const match = ISO.exec(text);
  if (match === null) return parseOther(text);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null;
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) return null;
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -60_000 : 60_000);
  return date.getTime() + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms - offset;
}
