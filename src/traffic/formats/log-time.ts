/** The time of day as access logs write it. */
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
