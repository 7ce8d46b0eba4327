import type { Measure } from '../types.ts';

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
