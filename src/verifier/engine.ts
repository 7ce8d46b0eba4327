import { type ComparedAnswer, compareAnswers, isGood } from '../rules/answers.ts';
import { compileComparator } from '../rules/compile.ts';
import { withScales } from '../rules/currencies.ts';
import { ALONE, fieldsMeaningOf, meaningOf } from '../rules/meaning.ts';
import { PARSE_LIMITS } from '../rules/parse.ts';
import { isPure } from '../rules/pure.ts';
import type { BodyForm, Comparator, CompareContext, CompareResult } from '../rules/rule.ts';
import { type Showing, showingOf } from '../rules/shown.ts';
import { textMeaningOf } from '../rules/text-meaning.ts';
import { type UnreadJson, unreadJson } from '../rules/unread.ts';
import type { JsonValue, RawHeaders } from '../types.ts';
import { comparedBody, type ReadAnswer } from './answers.ts';
import type { Origins } from './table.ts';

export interface CompiledRoute {
  readonly digest: string;
  /** The form that a good body is read in whatever its Content-Type says; null: as that says. */
  readonly form: BodyForm | null;
  /** Fields that are compared, lowercase; null where a match may not be remembered, since a rule may change its mind. */
  readonly remembered: ReadonlySet<string> | null;
  /** What the rules compare of an answer's body; null where its bytes say it. */
  meaning(answer: ReadAnswer, query: ReadonlyMap<string, string>): string | null;
  /** What its rules show of answers with this status. */
  showing(status: number): Showing;
  /** What is compared of an answer's fields. */
  fieldsMeaning(answer: ReadAnswer): string;
  /** @throws what a rule throws */
  compare(primary: ReadAnswer, twin: ReadAnswer, context: CompareContext): CompareResult;
}

/** Compiles a route's comparator; `origins`: where each side is asked, so that a Location on the same side is compared as a path. */
export function compileRoute(comparator: Comparator, origins: Origins): CompiledRoute {
  const compiled = compileComparator(comparator);
  const scales = withScales(comparator.currencies ?? {});
  const good = meaningOf(comparator.body, scales);
  const bad = meaningOf(comparator.error, scales);
  const [goodText, badText] = [textMeaningOf(comparator.body), textMeaningOf(comparator.error)];
  const [shownGood, shownBad] = [showingOf(comparator, true), showingOf(comparator, false)];
  const fields = fieldsMeaningOf(comparator, compiled.headers, scales);
  return {
    digest: compiled.rulesDigest,
    form: compiled.form,
    remembered: isPure(comparator) ? new Set(compiled.headers.keys()) : null,
    showing: (status) => (isGood(status) ? shownGood : shownBad),
    meaning(answer, query) {
      const [of, ofText] = isGood(answer.status) ? [good, goodText] : [bad, badText];
      if (of === null) return null;
      const text = answer.unread ?? (answer.content.media === 'json' ? unreadJson(answer.bytes, PARSE_LIMITS) : null);
      const said = text === null ? null : (ofText?.(text, query) ?? null);
      if (said !== null) return said;
      const body = comparedBody(answer);
      // Bytes that are no text are compared whole.
      return body === undefined || answer.content.media === 'bytes' ? null : of(body, { ...ALONE, query });
    },
    fieldsMeaning: ({ rawHeaders }) => fields(rawHeaders),
    compare: (primary, twin, context) =>
      compareAnswers(compiled, new ComparedSide(primary, origins.primary), new ComparedSide(twin, origins.twin), {
        ...context,
        ...(origins.further === undefined ? {} : { origins: joined(context.origins, origins.further) }),
        ...(origins.twinPaths == null ? {} : { twinPaths: origins.twinPaths }),
      }),
  };
}

function joined(
  asked: CompareContext['origins'],
  further: NonNullable<Origins['further']>,
): NonNullable<CompareContext['origins']> {
  if (asked === undefined) return further;
  return { primary: [...asked.primary, ...further.primary], twin: [...asked.twin, ...further.twin] };
}

/** The content of a body that is not read yet is only looked at where the text does not tell. */
class ComparedSide implements ComparedAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly origin: string;
  readonly bytes: boolean;
  readonly unread: UnreadJson | null;
  readonly #answer: ReadAnswer;

  constructor(answer: ReadAnswer, origin: string) {
    this.status = answer.status;
    this.rawHeaders = answer.rawHeaders;
    this.origin = origin;
    this.unread = answer.unread ?? null;
    this.bytes = this.unread === null && answer.content.media === 'bytes';
    this.#answer = answer;
  }

  get body(): JsonValue | undefined {
    return comparedBody(this.#answer);
  }

  get unreadable(): boolean {
    return this.#answer.content.media === 'unreadable';
  }
}
