/** Instants as access logs write them. */

/** The first three letters of each month. */
export const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LOG_TIME = /^(\d{1,2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?: ([+-]\d{2}:?\d{2}))?$/;

/** `10/Oct/2000:13:55:36 -0700`; without a zone (HAProxy) it is taken as UTC. */
export function logTime(value: string | null): number | null {
  const found = value === null || value.length > 64 ? null : LOG_TIME.exec(value);
  if (found === null) return null;
  const [, day, month, year, hours, minutes, seconds, part, zone] = found;
  const index = MONTHS.indexOf(month?.toLowerCase() ?? '');
  if (index < 0) return null;
  const utc = Date.UTC(Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds));
  return utc + Math.floor(Number(part ?? 0) * 1_000) - zoneMs(zone);
}

/** How far ahead of UTC `-0700`, `+02:00` or `+02` is, ms; 0 for anything else, such as `Z`. */
export function zoneMs(zone: string | undefined): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
}

/** Epoch ms of a number of seconds, ms, µs or ns. The size shows the unit: seconds reach 1e11 in the year 5138. */
export function epochMs(value: number): number | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1_000 : value / 1_000_000;
}

const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/** ISO 8601 as logs and people write it, a day or an instant; without a zone it is UTC, wherever this machine is. */
export function isoTime(value: string): number | null {
  const found = value.length > 64 ? null : ISO_TIME.exec(value);
  if (found === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = found;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const exists = new Date(date).toISOString().startsWith(`${year}-${month}-${day}`);
  // 24:00 is the end of a day, and :60 a leap second.
  if (!exists || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  const time = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return date + time * 1_000 + Math.floor(Number(`0.${fraction}`) * 1_000) - zoneMs(zone);
}
