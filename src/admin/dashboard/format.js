/** Figures as people read them: the words of the terminal, and a dash where there is no figure. */

import * as figures from '/assets/words/figure-words.js';
import { measureWords } from '/assets/words/measure-words.js';

const orDash = (words) => (value) => (value === null || value === undefined ? '–' : words(value));

export const count = orDash(figures.count);
/** `1 read`, `1,204 reads`. */
export const counted = figures.counted;
export const agree = figures.agree;
export const percent = orDash(figures.percent);
export const millis = orDash(figures.millis);
/** What a difference's measure says. */
export const measure = (said) => (said === null || said === undefined ? '' : measureWords(said));

export const ago = orDash((at) => {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
});
export const instant = orDash((at) => new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC'));
/** To the second. */
export const moment = orDash((at) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`);
export const bytes = (value) =>
  value > 1_048_576 ? `${(value / 1_048_576).toFixed(1)} MB` : `${Math.round(value / 1024)} KB`;

/** A redacted value: the value where the config shows it, else its type, length and hash. */
export function redacted(value) {
  if (value === null || value === undefined || value.type === 'absent') return 'absent';
  if ('value' in value) return JSON.stringify(value.value);
  const length = value.length === null || value.length === undefined ? '' : ` of ${value.length}`;
  const hash = value.hash === null || value.hash === undefined ? '' : ` #${value.hash.slice(0, 8)}`;
  return `${value.type}${length}${hash}`;
}
