import type { Measure } from '../types.ts';

/** What is different about a text. */
export const TEXT_WORDS = {
  trimmed: 'blanks at the start or end',
  case: 'upper and lower case',
  unicode_form: 'Unicode form',
  empty: 'one is empty',
  other: 'another text',
} as const;

/** `-1` in `USD 1e-2` is `-0.01 USD`. The unit of a plain number is 1 and is not shown. */
function inWhole(delta: string, unit: string): string {
  const [, currency, places] = /^(.+) 1e-(\d{1,2})$/.exec(unit) ?? [];
  if (currency === undefined || !/^-?\d{1,60}$/.test(delta)) return unit === '1' ? delta : `${delta} ${unit}`;
  const digits = delta.replace('-', '').padStart(Number(places) + 1, '0');
  const cut = digits.length - Number(places);
  return `${delta.startsWith('-') ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)} ${currency}`;
}

/** In the largest unit that it is a whole number of: `-2 h`, `90 s`, `400 d`. */
function inTime(ms: number): string {
  // One day may be a time zone's doing, and is read better in hours.
  if (ms % 86_400_000 === 0 && Math.abs(ms) > 86_400_000) return `${ms / 86_400_000} d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}

/** `twin is +0.01 USD`: a delta of the twin, in the unit that it is counted in. */
export function numberWords(delta: string, unit: string): string {
  return `twin is ${delta.startsWith('-') ? '' : '+'}${inWhole(delta, unit)}`;
}

/** What a measure says. Nothing where it is of a kind that only a later version knows. */
export function measureWords(measure: Measure): string {
  switch (measure.of) {
    case 'number':
      return numberWords(measure.delta, measure.unit);
    case 'instant':
      return `twin is ${measure.shiftMs > 0 ? '+' : ''}${inTime(measure.shiftMs)}`;
    case 'text':
      return `${TEXT_WORDS[measure.how]}, ${measure.lengths[0]} and ${measure.lengths[1]} characters`;
    case 'entity':
      return { wrong_known: 'another known entity', unknown: 'an unknown entity', collision: 'one id paired with two' }[
        measure.how
      ];
    case 'length':
      return `${measure.lengths[0]} and ${measure.lengths[1]} ${measure.unit ?? 'elements'}`;
    case 'type':
      return `${measure.types[0]} and ${measure.types[1]}`;
    case 'status':
      return `${measure.statuses[0]} and ${measure.statuses[1]}`;
    case 'moved':
      return `from position ${measure.from} to ${measure.to}`;
    case 'none':
      return '';
    default:
      measure satisfies never;
      return '';
  }
}
