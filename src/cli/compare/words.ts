/** Sentences that every format of a comparison uses. */

import { agree, count, counted } from '../../base/figure-words.ts';
import { measureWords } from '../../base/measure-words.ts';
import { plain } from '../../base/plain-text.ts';
import { type Outcome, statusWords } from '../../traffic/report.ts';
import {
  type FailureSummary,
  inErrorOf,
  type Place,
  type RouteSummary,
  type WrongSummary,
} from '../../traffic/summary.ts';
import type { SurveyFigures } from '../../traffic/survey.ts';

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  match: 'ALL MATCH',
  mismatch: 'MISMATCH',
  undecided: 'TOO LITTLE TO SAY',
};

export function surveyWords(survey: SurveyFigures): string[] {
  const left: readonly (readonly [number, string])[] = [
    [survey.writes, agree(survey.writes, 'write', 'writes')],
    [survey.unknown, 'of unknown routes'],
    [survey.otherHosts, `to other hosts${withoutHostWords(survey)}`],
    [survey.outsideTime, 'outside of the time'],
    [survey.withoutTime, 'without a time'],
    [survey.withoutAnswer, 'without a recorded answer'],
    [survey.withoutBody, 'without their body'],
    [survey.notSampled, 'not sampled'],
    [survey.repeated, 'repeated'],
    [survey.beyondPerRoute, 'beyond --per-route'],
  ];
  const parts = left.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} ${what}`);
  return [
    ...survey.files.map(
      ({ name, format, requests, unusable }) =>
        `${plain(name)}: ${format ?? 'empty'}, ${counted(requests, 'request')}${unusable === 0 ? '' : `, ${counted(unusable, 'line or entry that is no request', 'lines or entries that are no requests')}`}`,
    ),
    `${counted(survey.selected, 'read')} to ask${parts.length === 0 ? '' : `; left out: ${parts.join(', ')}`}`,
    ...hostWords(survey.hosts),
  ];
}

/** `--host` takes nothing of a log that names no hosts. */
function withoutHostWords({ withoutHost }: SurveyFigures): string {
  return withoutHost === 0 ? '' : ` (of ${count(withoutHost)} the file names none: ask these with --header 'Host: …')`;
}

const MOST_HOSTS = 5;

/** A HAR holds requests to other servers as well; the primary and the twin would be asked for them. */
function hostWords(hosts: SurveyFigures['hosts']): string[] {
  if (hosts.length < 2) return [];
  const list = hosts.slice(0, MOST_HOSTS).map(({ name, n }) => `${plain(name)} (${count(n)})`);
  const more = hosts.length > MOST_HOSTS ? ', …' : '';
  return [`they were sent to ${hosts.length} hosts: ${list.join(', ')}${more}; --host takes those to one`];
}

/** A good answer of the primary beside a refusal of the twin is mostly a token that has expired since it was recorded. */
export function refusedWords(wrong: readonly WrongSummary[]): string[] {
  const refused = wrong.filter(({ measure }) => {
    if (measure.of !== 'status') return false;
    const [primary, twin] = measure.statuses;
    return primary < 400 && (twin === 401 || twin === 403);
  });
  if (refused.length === 0) return [];
  const reads = counted(sum(refused.map(({ n }) => n)), 'read');
  return [
    `the twin refuses ${reads} that the primary answered; if it takes other credentials than the recorded ones, or these have expired: --header 'twin:Authorization: …'`,
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Routes whose comparisons all agree in an error, one sentence each. */
export function errorsOnlyWords(routes: readonly RouteSummary[]): string[] {
  return routes.filter(errorsOnly).map((route) => `${route.route} ${errorsOnlySaid(route)}`);
}

export const errorsOnly = (route: RouteSummary): boolean => route.compared > 0 && inErrorOf(route) === route.compared;

export const errorsOnlySaid = ({ agreedInError }: RouteSummary): string =>
  `answered nothing but errors on both sides (${statusWords(agreedInError)})`;

export function causesWords({ causes }: WrongSummary): string {
  const list = Object.entries(causes).map(([cause, n]) => `${cause.replaceAll('_', ' ')} ${count(n)}`);
  return `cause ${list.join(', ')}`;
}

export function failureWords({ route, verdict, n, detail, example }: FailureSummary): string {
  const words = verdict.replaceAll('_', ' ').replace(':', ': ');
  return plain(
    `${count(n)} × ${route}, ${words}${detail === null ? '' : ` (${detail})`}, for example ${placeOf(example)}`,
  );
}

/** `access.log:12`, with the host that the read was sent to, where the recording names one. */
export function placeOf({ file, line, host }: Place): string {
  return `${file}:${line}${host === undefined ? '' : ` (${host})`}`;
}

/** `/amount  value, by money: twin is +1 USD 1e-2` */
export function placeWords({ path, kind, rule, measure }: WrongSummary): string {
  const words = measureWords(measure);
  return `${path === '' ? '(whole body)' : path}  ${kind}, by ${rule}${words === '' ? '' : `: ${words}`}`;
}
