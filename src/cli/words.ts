/** Differences in words, for a terminal: readable without colour. */
import type { Measure, RedactedDifference, RedactedValue } from '../types.ts';

/** What a measure says. */
export function measureWords(measure: Measure): string {
  switch (measure.of) {
    case 'number':
      return `twin is ${measure.delta.startsWith('-') ? '' : '+'}${measure.delta} ${measure.unit}`;
    case 'instant':
      return `twin is ${measure.shiftMs > 0 ? '+' : ''}${measure.shiftMs} ms`;
    case 'text':
      return `${measure.how.replaceAll('_', ' ')}, ${measure.lengths[0]} and ${measure.lengths[1]} characters`;
    case 'entity':
      return { wrong_known: 'another known entity', unknown: 'an unknown entity', collision: 'one id paired with two' }[
        measure.how
      ];
    case 'length':
      return `${measure.lengths[0]} and ${measure.lengths[1]} elements`;
    case 'type':
      return `${measure.types[0]} and ${measure.types[1]}`;
    case 'status':
      return `${measure.statuses[0]} and ${measure.statuses[1]}`;
    case 'moved':
      return `from position ${measure.from} to ${measure.to}`;
    case 'none':
      return '';
    default:
      return measure satisfies never;
  }
}

/** The value where the config shows it, else type, length and hash. */
export function valueWords(value: RedactedValue): string {
  if (value.type === 'absent') return 'absent';
  if ('value' in value) return JSON.stringify(value.value);
  return `${value.type}${value.length === null ? '' : ` of ${value.length}`}${value.hash === null ? '' : ` #${value.hash.slice(0, 8)}`}`;
}

/** A difference as a diff of three lines. */
export function differenceLines(
  difference: RedactedDifference,
): readonly [head: string, primary: string, twin: string] {
  const measure = measureWords(difference.measure);
  const head = `${difference.path === '' ? '(whole body)' : difference.path}  ${difference.kind}, by ${difference.rule}${measure === '' ? '' : `: ${measure}`}`;
  return [head, `- primary ${valueWords(difference.primary)}`, `+ twin    ${valueWords(difference.twin)}`];
}
