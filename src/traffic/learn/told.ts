/** Differences in words without their values: "twin is +1", "string for number", "case". */
import { measureWords, numberWords, TEXT_WORDS } from '../../base/measure-words.ts';
import { jsonTypeOf } from '../../rules/exact-number.ts';
import { parseInstant } from '../../rules/instant.ts';
import { parseZoned } from '../../rules/zoned.ts';
import type { JsonValue, Measure } from '../../types.ts';

export function formOf(primary: JsonValue | undefined, twin: JsonValue | undefined, measure: Measure | null): string {
  if (twin === undefined) return 'missing on the twin';
  if (primary === undefined) return 'only on the twin';
  const types = [jsonTypeOf(primary), jsonTypeOf(twin)] as const;
  if (types[0] !== types[1]) return `${types[1]} for ${types[0]}`;
  const shift = shiftOf(primary, twin);
  if (shift !== null) return shift;
  switch (measure?.of) {
    case 'number':
      return numberWords(measure.delta, measure.unit);
    case 'text':
      return TEXT_WORDS[measure.how];
    default:
      return `another ${types[0]}`;
  }
}

/** Two instants, of which those without an offset are read as if in UTC. */
function shiftOf(primary: JsonValue, twin: JsonValue): string | null {
  if (typeof primary !== 'string' || typeof twin !== 'string') return null;
  const [from, to] = [instantIn(primary), instantIn(twin)];
  if (from === null || to === null) return null;
  if (from === to) return 'the same instant in another form';
  const isLocal = parseInstant(primary) === null || parseInstant(twin) === null;
  return `${isLocal ? 'a time without its zone, in UTC ' : ''}${measureWords({ of: 'instant', shiftMs: to - from })}`;
}

const instantIn = (text: string): number | null => parseInstant(text) ?? parseZoned(text, 'UTC');
