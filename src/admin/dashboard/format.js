/** Figures as people read them. */
export const count = (value) => (value === null || value === undefined ? '–' : value.toLocaleString('en-US'));
export const percent = (value, digits = 2) =>
  value === null || value === undefined ? '–' : `${(value * 100).toFixed(digits)} %`;
/** `5.5 % of 307 (at most 19.1 %, limit 50 %)`: the figure, its number of reads, its upper bound, its limit. */
export function rateWords(rate, of, bound, limit) {
  if (rate === null || rate === undefined) return 'nothing compared';
  const short = (value, digits) => `${value === 0 ? 0 : Number((value * 100).toPrecision(digits))}\u00a0%`;
  const known = [
    ...(bound === null || bound === undefined ? [] : [`at most ${short(bound, 3)}`]),
    ...(limit === null || limit === undefined ? [] : [`limit ${short(limit, 3)}`]),
  ];
  return `${short(rate, 2)} of ${count(of)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}
export function millis(value) {
  if (value === null || value === undefined) return '–';
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
export function ago(at) {
  if (at === null || at === undefined) return '–';
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}
export const instant = (at) =>
  at === null || at === undefined ? '–' : new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC');
export const bytes = (value) =>
  value > 1_048_576 ? `${(value / 1_048_576).toFixed(1)} MB` : `${Math.round(value / 1024)} KB`;

const HOW = {
  trimmed: 'blanks at the start or end',
  case: 'upper and lower case',
  unicode_form: 'Unicode form',
  empty: 'one is empty',
  other: 'another text',
};

/** `-1` in `USD 1e-2` is `-0.01 USD`. The unit of a plain number is 1 and is not shown. */
function inWhole(delta, unit) {
  const [, currency, places] = /^(.+) 1e-(\d{1,2})$/.exec(unit) ?? [];
  if (currency === undefined || !/^-?\d{1,60}$/.test(delta)) return unit === '1' ? delta : `${delta} ${unit}`;
  const digits = delta.replace('-', '').padStart(Number(places) + 1, '0');
  const cut = digits.length - Number(places);
  return `${delta.startsWith('-') ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)} ${currency}`;
}

/** In the largest unit that it is a whole number of: `-2 h`, `90 s`. */
function inTime(ms) {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}

/** What a difference's measure says, in words. */
export function measure(said) {
  switch (said?.of) {
    case 'number':
      return `twin is ${said.delta.startsWith('-') ? '' : '+'}${inWhole(said.delta, said.unit)}`;
    case 'instant':
      return `twin is ${said.shiftMs > 0 ? '+' : ''}${inTime(said.shiftMs)}`;
    case 'text':
      return `${HOW[said.how] ?? said.how}, ${said.lengths[0]} and ${said.lengths[1]} characters`;
    case 'entity':
      return (
        { wrong_known: 'another known entity', unknown: 'an unknown entity', collision: 'one id paired with two' }[
          said.how
        ] ?? said.how
      );
    case 'length':
      return `${said.lengths[0]} and ${said.lengths[1]} elements`;
    case 'type':
      return `${said.types[0]} and ${said.types[1]}`;
    case 'status':
      return `${said.statuses[0]} and ${said.statuses[1]}`;
    case 'moved':
      return `from position ${said.from} to ${said.to}`;
    default:
      return '';
  }
}

/** A redacted value, in words: the value where the config shows it, else type, length and hash. */
export function redacted(value) {
  if (value === null || value === undefined || value.type === 'absent') return 'absent';
  if ('value' in value) return JSON.stringify(value.value);
  const length = value.length === null || value.length === undefined ? '' : ` of ${value.length}`;
  const hash = value.hash === null || value.hash === undefined ? '' : ` #${value.hash.slice(0, 8)}`;
  return `${value.type}${length}${hash}`;
}
