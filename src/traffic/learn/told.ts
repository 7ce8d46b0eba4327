/** Differences in words without their values: "twin is +1", "string for number", "case". */
import { numberWords, TEXT_WORDS } from '../../base/measure-words.ts';
import { jsonTypeOf } from '../../rules/exact-number.ts';
import type { JsonValue, Measure } from '../../types.ts';

export function formOf(primary: JsonValue | undefined, twin: JsonValue | undefined, measure: Measure | null): string {
  if (twin === undefined) return 'missing on the twin';
  if (primary === undefined) return 'only on the twin';
  const types = [jsonTypeOf(primary), jsonTypeOf(twin)] as const;
  if (types[0] !== types[1]) return `${types[1]} for ${types[0]}`;
  switch (measure?.of) {
    case 'number':
      return numberWords(measure.delta, measure.unit);
    case 'text':
      return TEXT_WORDS[measure.how];
    default:
      return `another ${types[0]}`;
  }
}
