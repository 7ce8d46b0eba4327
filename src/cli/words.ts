/** Differences in words, for a terminal: readable without colour. */
import { measureWords } from '../base/measure-words.ts';
import { visible } from '../base/plain-text.ts';
import type { RedactedDifference, RedactedValue } from '../types.ts';

/** The value where the config shows it, else type, length and hash. */
function valueWords(value: RedactedValue): string {
  if (value.type === 'absent') return 'absent';
  if ('value' in value) return JSON.stringify(value.value);
  return `${value.type}${value.length === null ? '' : ` of ${value.length}`}${value.hash === null ? '' : ` #${value.hash.slice(0, 8)}`}`;
}

/** A difference as a diff of three lines, none of which can drive a terminal or break in two. */
export function differenceLines(
  difference: RedactedDifference,
): readonly [head: string, primary: string, twin: string] {
  const measure = measureWords(difference.measure);
  const head = `${difference.path === '' ? '(whole body)' : difference.path}  ${difference.kind}, by ${difference.rule}${measure === '' ? '' : `: ${measure}`}`;
  return [
    visible(head),
    visible(`- primary ${valueWords(difference.primary)}`),
    visible(`+ twin    ${valueWords(difference.twin)}`),
  ];
}
