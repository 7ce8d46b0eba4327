/** A comparison for a pull request's comment: the answer, the worst differences first, the routes folded away. */

import { count, counted, rateWords } from '../../base/figure-words.ts';
import { markdownText } from '../../base/markdown.ts';
import { measureWords } from '../../base/measure-words.ts';
import type { Report } from '../../traffic/report.ts';
import type { WrongSummary } from '../../traffic/summary.ts';
import {
  causesWords,
  errorsOnlyWords,
  failureWords,
  OUTCOME_WORDS,
  placeOf,
  refusedWords,
  surveyWords,
} from './words.ts';

const MARKS = { match: '✅', mismatch: '❌', undecided: '⏳' } as const;
/** GitHub cuts a comment at 65,536 characters. */
const MOST_WRONG = 30;
const MOST_FAILURES = 20;

export function comparisonMarkdown(report: Report): string {
  const { outcome, why, compared, mismatchRate, routesCompared, routesKnown } = report;
  const rate = mismatchRate === null ? '' : `, mismatch rate ${rateWords(mismatchRate, compared, null, null)}`;
  return [
    `### ${MARKS[outcome]} Twin compared with recorded traffic: ${OUTCOME_WORDS[outcome]}`,
    '',
    `${counted(compared, 'read')} compared${rate}, ${routesCompared} of ${counted(routesKnown, 'route')}.`,
    ...why.map((reason) => `- ${markdownText(reason)}`),
    ...worst(report.wrong),
    ...refusedWords(report.wrong).flatMap((line) => ['', `- ${markdownText(line)}`]),
    ...errorsOnlyLines(report),
    ...failures(report),
    ...routes(report),
    '',
    `<sub>${surveyWords(report.survey).map(markdownText).join(' · ')}</sub>`,
  ].join('\n');
}

function worst(wrong: readonly WrongSummary[]): string[] {
  if (wrong.length === 0) return [];
  return [
    '',
    '| reads | route | where | what | cause | for example |',
    '|---:|---|---|---|---|---|',
    ...wrong.slice(0, MOST_WRONG).map((one) => {
      const cells = [
        count(one.n),
        `${one.route}${one.fatal ? ' (money or identity)' : ''}`,
        one.path === '' ? '(whole body)' : one.path,
        `${one.kind}, ${one.rule} ${measureWords(one.measure)}`.trim(),
        causesWords(one).replace(/^cause /, ''),
        placeOf(one.example),
      ];
      return `| ${cells.map(markdownText).join(' | ')} |`;
    }),
    ...(wrong.length > MOST_WRONG
      ? ['', `… and ${counted(wrong.length - MOST_WRONG, 'more kind')} of difference.`]
      : []),
  ];
}

function errorsOnlyLines({ routes: all }: Report): string[] {
  const lines = errorsOnlyWords(all).slice(0, MOST_FAILURES);
  return lines.length === 0 ? [] : ['', ...lines.map((line) => `- ${markdownText(line)}`)];
}

function failures({ failures: all }: Report): string[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, MOST_FAILURES).map((one) => `- ${markdownText(failureWords(one))}`);
  return ['', 'Came to nothing:', '', ...lines];
}

function routes({ routes: all }: Report): string[] {
  if (all.length === 0) return [];
  return [
    '',
    '<details><summary>Routes</summary>',
    '',
    '| route | asked | match | settled | mismatch | other |',
    '|---|---:|---:|---:|---:|---:|',
    ...all.map(({ route, asked, compared, verdicts }) => {
      const { match = 0, settled = 0, mismatch = 0 } = verdicts;
      const figures = [asked, match, settled, mismatch, asked - compared].map((n) => count(n));
      return `| ${[markdownText(route), ...figures].join(' | ')} |`;
    }),
    '',
    '</details>',
  ];
}
