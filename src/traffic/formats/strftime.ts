/** Times of logs by the user's own format: strftime's conversions, with Apache's and Envoy's words for parts of a second. */

import { epochMs, MONTHS, zoneMs } from './log-time.ts';

type Part = 'year' | 'month' | 'name' | 'day' | 'hour' | 'half' | 'minute' | 'second' | 'fraction' | 'zone' | 'epoch';

interface Conversion {
  readonly pattern: string;
  /** What the groups of the pattern are. */
  readonly parts: readonly Part[];
}

const one = (pattern: string, ...parts: Part[]): Conversion => ({ pattern, parts });
const TWO = String.raw`(\d{1,2})`;
const CLOCK = one(`${TWO}:${TWO}:${TWO}`, 'hour', 'minute', 'second');
const EPOCH = one(String.raw`(\d{1,19}(?:\.\d{1,9})?)`, 'epoch');
const FRACTION = one(String.raw`(\d{1,9})`, 'fraction');
const NAME = one('([A-Za-z]{3,9})', 'name');

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  Y: one(String.raw`(\d{4})`, 'year'),
  m: one(TWO, 'month'),
  b: NAME,
  B: NAME,
  h: NAME,
  d: one(TWO, 'day'),
  e: one(String.raw` ?(\d{1,2})`, 'day'),
  H: one(TWO, 'hour'),
  I: one(TWO, 'hour'),
  p: one('([AaPp][Mm])', 'half'),
  M: one(TWO, 'minute'),
  S: one(TWO, 'second'),
  T: CLOCK,
  R: one(`${TWO}:${TWO}`, 'hour', 'minute'),
  F: one(String.raw`(\d{4})-${TWO}-${TWO}`, 'year', 'month', 'day'),
  D: one(String.raw`${TWO}/${TWO}/(\d{4}|\d\d)`, 'month', 'day', 'year'),
  z: one(String.raw`([+-]\d\d:?\d\d|Z)`, 'zone'),
  s: EPOCH,
  f: FRACTION,
  a: one('[A-Za-z]{3}'),
  A: one('[A-Za-z]{3,9}'),
  j: one(String.raw`\d{1,3}`),
  Z: one('[A-Za-z]{1,5}'),
  n: one(String.raw`\s`),
  t: one(String.raw`\s`),
};

/** Words that stand for a whole format (Apache's `%{sec}t`) or a part of one. */
const WORDS: Readonly<Record<string, Conversion>> = {
  sec: EPOCH,
  msec: EPOCH,
  usec: EPOCH,
  msec_frac: FRACTION,
  usec_frac: FRACTION,
};

/** Reads a time at this place of a line; null where none of the format stands there. Without a zone it is UTC. */
export type TimeReader = (line: string, at: number) => { readonly end: number; readonly at: number | null } | null;

/** `pieces`: formats and, between them, text that stands in the line as it is. Null for a conversion that is not known. */
export function timeReader(pieces: readonly (string | { readonly literal: string })[]): TimeReader | null {
  const parts: Part[] = [];
  let source = '';
  for (const piece of pieces) {
    const made = typeof piece === 'string' ? patternOf(piece) : one(escaped(piece.literal));
    if (made === null) return null;
    source += made.pattern;
    parts.push(...made.parts);
  }
  const pattern = new RegExp(source, 'y');
  return (line, at) => {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    return found === null ? null : { end: pattern.lastIndex, at: instantOf(parts, found.slice(1)) };
  };
}

function patternOf(given: string): Conversion | null {
  const format = given.replace(/^(?:begin|end)(?::|$)/, '');
  const word = Object.hasOwn(WORDS, format) ? WORDS[format] : undefined;
  if (word !== undefined) return word;
  const parts: Part[] = [];
  let pattern = '';
  let at = 0;
  for (const found of format.matchAll(/%(?:[1-9]f|[-EO_^]?(.))/gs)) {
    const letter = found[1] ?? 'f';
    const known = Object.hasOwn(CONVERSIONS, letter) ? CONVERSIONS[letter] : undefined;
    if (known === undefined && letter !== '%') return null;
    pattern += escaped(format.slice(at, found.index)) + (known?.pattern ?? '%');
    parts.push(...(known?.parts ?? []));
    at = found.index + found[0].length;
  }
  return { pattern: pattern + escaped(format.slice(at)), parts };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function instantOf(parts: readonly Part[], values: readonly string[]): number | null {
  const value = (part: Part): string | undefined => values[parts.indexOf(part)];
  const number = (part: Part): number => Number(value(part) ?? 0);
  const fraction = Math.floor(Number(`0.${value('fraction') ?? 0}`) * 1_000);
  if (parts.includes('epoch')) {
    const at = epochMs(number('epoch'));
    return at === null ? null : Math.floor(at) + fraction;
  }
  const name = value('name');
  const month = name === undefined ? number('month') : MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  if (!parts.includes('year') || !parts.includes('day') || month < 1 || month > 12) return null;
  const year = number('year') + (number('year') < 100 ? 2_000 : 0);
  const half = value('half')?.toLowerCase();
  const hour = half === undefined ? number('hour') : (number('hour') % 12) + (half === 'pm' ? 12 : 0);
  const utc = Date.UTC(year, month - 1, number('day'), hour, number('minute'), number('second'));
  return utc + fraction - zoneMs(value('zone'));
}
