/** A comparison for people at a terminal. */

import { count, counted, rateWords } from '../../base/figure-words.ts';
import { plain } from '../../base/plain-text.ts';
import type { Report } from '../../traffic/report.ts';
import type { RouteSummary, WrongSummary } from '../../traffic/summary.ts';
import { paint, table } from '../output.ts';
import {
  causesWords,
  errorsOnlyWords,
  failureWords,
  OUTCOME_WORDS,
  placeOf,
  placeWords,
  refusedWords,
  surveyWords,
} from './words.ts';

const MOST_WRONG = 20;
const MOST_WARNINGS = 10;
const MOST_NAMES = 8;

export function comparisonTable(report: Report): string {
  const errors = errorsOnlyWords(report.routes);
  return [
    ...surveyWords(report.survey),
    ...names('writes, never sent', report.survey.writesByName),
    ...names('reads of unknown routes', report.survey.unknownByName),
    ...warnings(report),
    '',
    table<RouteSummary>(
      [
        { title: 'route', cell: ({ route }) => plain(route) },
        { title: 'domain', cell: ({ domain }) => plain(domain) },
        { title: 'asked', align: 'right', cell: ({ asked }) => count(asked) },
        { title: 'match', align: 'right', cell: ({ verdicts }) => count(verdicts.match ?? 0) },
        { title: 'settled', align: 'right', cell: ({ verdicts }) => count(verdicts.settled ?? 0) },
        {
          title: 'mismatch',
          align: 'right',
          cell: ({ verdicts }) => count(verdicts.mismatch ?? 0),
          tone: ({ verdicts }) => ((verdicts.mismatch ?? 0) > 0 ? 'bad' : 'plain'),
        },
        { title: 'other', align: 'right', cell: ({ asked, compared }) => count(asked - compared) },
      ],
      report.routes,
    ),
    ...report.wrong.slice(0, MOST_WRONG).flatMap(wrongLines),
    ...(report.wrong.length > MOST_WRONG
      ? [`… and ${counted(report.wrong.length - MOST_WRONG, 'more kind')} of difference`]
      : []),
    ...refusedWords(report.wrong).map((line) => `\n${plain(line)}`),
    ...(errors.length > 0 ? ['', ...errors.map(plain)] : []),
    ...(report.failures.length > 0
      ? ['', 'came to nothing:', ...report.failures.map((one) => `  ${failureWords(one)}`)]
      : []),
    '',
    ending(report),
  ].join('\n');
}

function names(title: string, list: readonly { name: string; n: number }[]): string[] {
  if (list.length === 0) return [];
  const printed = list.slice(0, MOST_NAMES).map(({ name, n }) => `${plain(name)} (${count(n)})`);
  return [`${title}: ${printed.join(', ')}${list.length > MOST_NAMES ? ', …' : ''}`];
}

function warnings({ survey }: Report): string[] {
  if (survey.unusable === 0) return [];
  const printed = survey.warnings
    .slice(0, MOST_WARNINGS)
    .map(({ file, line, why }) => `  ${plain(file)}:${line}: ${plain(why)}`);
  const more = survey.unusable - printed.length;
  return [`no requests: ${count(survey.unusable)}`, ...printed, ...(more > 0 ? [`  … and ${count(more)} more`] : [])];
}

function wrongLines(wrong: WrongSummary): string[] {
  const { method, target } = wrong.example;
  return [
    '',
    paint(
      'bad',
      `${count(wrong.n)} × ${plain(wrong.route)}${wrong.fatal ? ', money or identity' : ''}, ${causesWords(wrong)}`,
    ),
    `  ${plain(placeWords(wrong))}`,
    paint('dim', `  for example ${plain(placeOf(wrong.example))}: ${method} ${plain(target)}`),
  ];
}

function ending(report: Report): string {
  const { outcome, why, compared, mismatchRate } = report;
  const tone = outcome === 'match' ? 'good' : outcome === 'mismatch' ? 'bad' : 'warn';
  const rate = mismatchRate === null ? '' : `, mismatch rate ${rateWords(mismatchRate, compared, null, null)}`;
  const reasons = why.length === 0 ? '' : `: ${why.join('; ')}`;
  return paint(tone, `${OUTCOME_WORDS[outcome]}${reasons}. ${count(compared)} compared${rate}.`);
}
