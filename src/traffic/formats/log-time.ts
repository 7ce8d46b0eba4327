/** Instants as access logs write them. */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LOG_TIME = /^(\d{1,2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?: ([+-])(\d{2}):?(\d{2}))?$/;

/** `10/Oct/2000:13:55:36 -0700`; without a zone (HAProxy) it is taken as UTC. */
export function logTime(value: string | null): number | null {
  const found = value === null || value.length > 64 ? null : LOG_TIME.exec(value);
  if (found === null) return null;
  const [, day, month, year, hours, minutes, seconds, part, sign, zoneHours, zoneMinutes] = found;
  const index = MONTHS.indexOf(month?.toLowerCase() ?? '');
  if (index < 0) return null;
  const utc = Date.UTC(Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds));
  const zone = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000;
  return utc + Math.floor(Number(part ?? 0) * 1_000) - (sign === '-' ? -zone : zone);
}

const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/** ISO 8601 as logs and people write it, a day or an instant; without a zone it is UTC, wherever this machine is. */
export function isoTime(value: string): number | null {
  const found = value.length > 64 ? null : ISO_TIME.exec(value);
  if (found === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = found;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const exists = new Date(date).toISOString().startsWith(`${year}-${month}-${day}`);
  // 24:00 is the end of a day, and :60 a leap second.
  if (!exists || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  const time = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return date + time * 1_000 + Math.floor(Number(`0.${fraction}`) * 1_000) - offset;
}
