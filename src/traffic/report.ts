/** What a comparison says in the end: the answer, why, and the worst first. Pure. */
import { count, counted } from '../base/figure-words.ts';
import { CHOSEN_SKIPS, isCompared, type VerdictKind } from '../types.ts';
import type { RunEnd } from './run.ts';
import { type FailureSummary, inErrorOf, type RouteSummary, type SummaryData, type WrongSummary } from './summary.ts';
import type { SurveyFigures } from './survey.ts';

export type Outcome = 'match' | 'mismatch' | 'undecided';

export interface ReportLimits {
  /** Fewest comparisons that say something. */
  readonly min: number;
  /** Routes that must have been compared: a number, or a share of those known. */
  readonly routesSeen: number | { readonly share: number } | null;
  /** Largest share of reads that came to nothing against our will. */
  readonly lostShare: number;
}

export interface Report {
  readonly outcome: Outcome;
  /** Each reason in one sentence; empty where all match. */
  readonly why: readonly string[];
  readonly end: RunEnd;
  readonly survey: SurveyFigures;
  readonly asked: number;
  readonly compared: number;
  /** Of those compared: both sides agree in an error, by its status. They count neither for `--min` nor for `--routes-seen`. */
  readonly agreedInError: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
  /** mismatch / compared; null where nothing was compared. */
  readonly mismatchRate: number | null;
  /** Routes with a comparison that is no agreement in an error. */
  readonly routesCompared: number;
  readonly routesKnown: number;
  readonly routes: readonly RouteSummary[];
  /** Money and identity first, then what happens most. */
  readonly wrong: readonly WrongSummary[];
  readonly failures: readonly FailureSummary[];
  /** Reads that an earlier run had judged. */
  readonly resumed: number;
}

export interface ReportParts {
  readonly survey: SurveyFigures;
  readonly summary: SummaryData;
  readonly end: RunEnd;
  readonly routesKnown: number;
  readonly limits: ReportLimits;
  readonly resumed: number;
}

export function reportOf({ survey, summary, end, routesKnown, limits, resumed }: ReportParts): Report {
  const verdicts: Record<string, number> = {};
  for (const route of summary.routes) {
    for (const [name, n] of Object.entries(route.verdicts)) verdicts[name] = (verdicts[name] ?? 0) + n;
  }
  const asked = sum(summary.routes.map((route) => route.asked));
  const compared = sum(summary.routes.map((route) => route.compared));
  const mismatches = verdicts.mismatch ?? 0;
  const routesCompared = summary.routes.filter((route) => route.compared > inErrorOf(route)).length;
  const agreedInError = errorsOf(summary.routes);
  const figures = {
    hostUnknown: survey.hostUnknown,
    asked,
    compared,
    agreedInError,
    mismatches,
    verdicts,
    routesCompared,
    routesKnown,
  };
  const no = reasonsAgainst(figures);
  const undecided = reasonsUndecided(figures, end, limits);
  return {
    outcome: no.length > 0 ? 'mismatch' : undecided.length > 0 ? 'undecided' : 'match',
    why: [...no, ...undecided],
    end,
    survey,
    asked,
    compared,
    agreedInError,
    verdicts,
    mismatchRate: compared === 0 ? null : mismatches / compared,
    routesCompared,
    routesKnown,
    routes: [...summary.routes].sort((a, b) => wrongOf(b) - wrongOf(a) || b.asked - a.asked || order(a.route, b.route)),
    wrong: [...summary.wrong].sort(
      (a, b) =>
        Number(b.fatal) - Number(a.fatal) ||
        b.n - a.n ||
        order(a.route, b.route) ||
        order(a.fingerprint, b.fingerprint),
    ),
    failures: [...summary.failures].sort((a, b) => b.n - a.n || order(a.route, b.route)),
    resumed,
  };
}

function errorsOf(routes: readonly RouteSummary[]): Readonly<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const { agreedInError } of routes) {
    for (const [status, n] of Object.entries(agreedInError)) errors[status] = (errors[status] ?? 0) + n;
  }
  return errors;
}

interface Figures {
  /** Reads whose Host nobody has recorded. */
  readonly hostUnknown: number;
  readonly asked: number;
  readonly compared: number;
  readonly agreedInError: Readonly<Record<string, number>>;
  readonly mismatches: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly routesCompared: number;
  readonly routesKnown: number;
}

/** What the twin alone has done wrong where the primary has answered well. */
const TWIN_ANSWERED_BADLY = ['status_5xx', 'oversized', 'bad_encoding', 'bad_json', 'bad_utf8', 'too_deep'];

function reasonsAgainst({ mismatches, verdicts }: Figures): string[] {
  const bad = sum(TWIN_ANSWERED_BADLY.map((reason) => verdicts[`twin_error:${reason}`] ?? 0));
  return [
    ...(mismatches === 0 ? [] : [counted(mismatches, 'read differs', 'reads differ')]),
    ...(bad === 0 ? [] : [`the twin answered ${counted(bad, 'read')} with an error or an unreadable body`]),
  ];
}

function reasonsUndecided(figures: Figures, end: RunEnd, limits: ReportLimits): string[] {
  const { asked, compared, agreedInError, verdicts, routesCompared, routesKnown } = figures;
  const why: string[] = [];
  switch (end) {
    case 'done':
      break;
    case 'stopped':
      why.push('stopped before all was asked');
      break;
    case 'primary_gone':
      why.push('the primary does not answer');
      break;
    case 'twin_gone':
      why.push('the twin does not answer');
      break;
    default:
      end satisfies never;
  }
  const good = compared - sum(Object.values(agreedInError));
  if (good < limits.min) {
    const errors = errorWords(agreedInError, figures.hostUnknown > 0);
    why.push(`${good} compared, at least ${limits.min} wanted (--min)${errors === '' ? '' : `: ${errors}`}`);
  }
  const wanted = routesWanted(limits.routesSeen, routesKnown);
  if (routesCompared < wanted)
    why.push(
      `${counted(routesCompared, 'route')} compared, at least ${wanted} of ${routesKnown} wanted (--routes-seen)`,
    );
  const lost = lostOf(verdicts);
  if (asked > 0 && lost / asked > limits.lostShare) {
    why.push(
      `${count(lost)} of ${counted(asked, 'read')} came to nothing, at most ${(limits.lostShare * 100).toFixed(0)} % may (gate.forcedSkipLimit)`,
    );
  }
  return why;
}

/** `both sides answered 30 reads with an error (28 × 401, 2 × 404)`; empty where none. */
function errorWords(errors: Readonly<Record<string, number>>, hostUnknown: boolean): string {
  const n = sum(Object.values(errors));
  if (n === 0) return '';
  const credentials = errors['401'] === undefined && errors['403'] === undefined ? '' : '; --header adds credentials';
  const others = Object.keys(errors).some((status) => status !== '401' && status !== '403');
  const host = hostUnknown && others ? "; the recording names no Host: --header 'Host: …' sends one" : '';
  return `both sides answered ${counted(n, 'read')} with an error (${statusWords(errors)}${credentials}${host})`;
}

/** `28 × 401, 2 × 404` */
export function statusWords(errors: Readonly<Record<string, number>>): string {
  const list = Object.entries(errors).sort(([a, n], [b, m]) => m - n || order(a, b));
  return list.map(([status, n]) => `${n} × ${status}`).join(', ');
}

function routesWanted(wanted: ReportLimits['routesSeen'], known: number): number {
  if (wanted === null) return 0;
  return typeof wanted === 'number' ? wanted : Math.ceil(wanted.share * known - 1e-9);
}

/** Neither compared nor left out by choice. */
function lostOf(verdicts: Readonly<Record<string, number>>): number {
  const chosen = [...CHOSEN_SKIPS, 'not_modified', 'partial'].map((reason) => `skipped:${reason}`);
  return sum(Object.entries(verdicts).map(([name, n]) => (comparedKind(name) || chosen.includes(name) ? 0 : n)));
}

const KINDS: readonly VerdictKind[] = ['match', 'settled', 'mismatch'];
const comparedKind = (name: string): boolean => KINDS.some((kind) => kind === name && isCompared(kind));

const wrongOf = (route: RouteSummary): number => route.verdicts.mismatch ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
