import { type ComparedAnswer, compareAnswers } from '../rules/answers.ts';
import { compileComparator } from '../rules/compile.ts';
import type { BodyForm, Comparator, CompareContext, CompareResult } from '../rules/rule.ts';
import { comparedBody, type ReadAnswer } from './answers.ts';

export interface CompiledRoute {
  readonly digest: string;
  /** The form that a good body is read in whatever its Content-Type says; null: as that says. */
  readonly form: BodyForm | null;
  /** @throws what a rule throws */
  compare(primary: ReadAnswer, twin: ReadAnswer, context: CompareContext): CompareResult;
}

/** Compiles a route's comparator; `origins`: where each side is asked, so that a Location on itself is told as a path. */
export function compileRoute(
  comparator: Comparator,
  origins: { readonly primary: string; readonly twin: string },
): CompiledRoute {
  const compiled = compileComparator(comparator);
  return {
    digest: compiled.rulesDigest,
    form: compiled.form,
    compare: (primary, twin, context) =>
      compareAnswers(compiled, compared(primary, origins.primary), compared(twin, origins.twin), context),
  };
}

function compared(answer: ReadAnswer, origin: string): ComparedAnswer {
  const { status, rawHeaders, content } = answer;
  return {
    status,
    rawHeaders,
    body: comparedBody(answer),
    unreadable: content.media === 'unreadable',
    bytes: content.media === 'bytes',
    origin,
  };
}
