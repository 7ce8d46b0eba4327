import { type ReadAnswer as ComparedAnswer, compareAnswers } from '../rules/answers.ts';
import { compileComparator } from '../rules/compile.ts';
import type { Comparator, CompareContext, CompareResult } from '../rules/rule.ts';
import type { ReadAnswer } from './answers.ts';

export interface CompiledRoute {
  readonly digest: string;
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
    compare: (primary, twin, context) =>
      compareAnswers(compiled, compared(primary, origins.primary), compared(twin, origins.twin), context),
  };
}

function compared(answer: ReadAnswer, origin: string): ComparedAnswer {
  return { status: answer.status, rawHeaders: answer.rawHeaders, body: bodyOf(answer), origin };
}

function bodyOf({ content }: ReadAnswer): ComparedAnswer['body'] {
  switch (content.media) {
    case 'json':
      return content.value;
    case 'csv':
      return content.text;
    case 'none':
      return undefined;
  }
}
