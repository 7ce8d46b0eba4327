/** The results of a comparison so far, as plain data that can be saved and continued. */
import { hostNameOf } from '../base/fields.ts';
import type { Cause, DifferenceKind, Measure, Verdict } from '../types.ts';
import { isCompared } from '../types.ts';
import type { Question } from './question.ts';

export interface RouteSummary {
  readonly route: string;
  readonly domain: string;
  asked: number;
  compared: number;
  /** Of those compared: both sides agree in an error, by its status. They say little of the twin. */
  readonly agreedInError: Record<string, number>;
  /** By `verdict` or `verdict:reason`. */
  readonly verdicts: Record<string, number>;
}

/** Where a read stands in the recording, so that a person can look it up. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly method: string;
  /** With its values redacted. */
  readonly target: string;
  /** To which the read was sent, where the recording names one. */
  readonly host?: string;
}

/** One kind of difference at one place of a route, in all reads that show it. */
export interface WrongSummary {
  readonly fingerprint: string;
  readonly route: string;
  readonly domain: string;
  /** With `*` for array positions. */
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly rule: string;
  /** Of the first read that shows it. */
  readonly measure: Measure;
  /** The rule is money or identity. */
  readonly fatal: boolean;
  /** Reads that show it. */
  n: number;
  readonly causes: Partial<Record<Cause, number>>;
  readonly example: Place;
}

/** Reads that came to nothing, by route, verdict and reason. */
export interface FailureSummary {
  readonly route: string;
  readonly verdict: string;
  n: number;
  readonly detail: string | null;
  readonly example: Place;
}

export interface SummaryData {
  readonly routes: RouteSummary[];
  readonly wrong: WrongSummary[];
  readonly failures: FailureSummary[];
}

const begun = (route: string, domain: string): RouteSummary => ({
  route,
  domain,
  asked: 0,
  compared: 0,
  agreedInError: {},
  verdicts: {},
});

/** How many of the route's comparisons agree in an error. */
export const inErrorOf = ({ agreedInError }: RouteSummary): number =>
  Object.values(agreedInError).reduce((sum, n) => sum + n, 0);

/** Most kinds of failure that are listed; further ones are counted under the name of the last one. */
const MOST_WRONG = 2_000;

export class Summary {
  readonly #routes: Map<string, RouteSummary>;
  readonly #wrong: Map<string, WrongSummary>;
  readonly #failures: Map<string, FailureSummary>;

  constructor(data: SummaryData = { routes: [], wrong: [], failures: [] }) {
    // The state of an earlier release holds no errors.
    this.#routes = new Map(data.routes.map((one) => [one.route, { ...one, agreedInError: one.agreedInError ?? {} }]));
    this.#wrong = new Map(data.wrong.map((one) => [`${one.route} ${one.fingerprint}`, one]));
    this.#failures = new Map(data.failures.map((one) => [`${one.route} ${one.verdict}`, one]));
  }

  add(question: Question, verdict: Verdict, primaryDetail: string | null): void {
    const { key: name, domain } = question.route;
    const route = this.#routes.get(name) ?? begun(name, domain);
    this.#routes.set(name, route);
    const said = verdict.reason === null ? verdict.kind : `${verdict.kind}:${verdict.reason}`;
    route.asked += 1;
    route.verdicts[said] = (route.verdicts[said] ?? 0) + 1;
    if (isCompared(verdict.kind)) route.compared += 1;
    const status = verdict.primary?.status ?? 0;
    if ((verdict.kind === 'match' || verdict.kind === 'settled') && status >= 400) {
      route.agreedInError[status] = (route.agreedInError[status] ?? 0) + 1;
    }
    const host = hostNameOf(question.request.rawHeaders);
    const place = { file: question.file, line: question.request.line, ...verdict.request };
    const example: Place = host === '' ? place : { ...place, host };
    switch (verdict.kind) {
      case 'match':
      case 'settled':
        return;
      case 'mismatch':
        this.#addWrong(verdict, example);
        return;
      case 'unstable':
      case 'twin_error':
      case 'twin_timeout':
      case 'skipped':
        this.#addFailure(name, said, verdict.detail ?? primaryDetail, example);
        return;
      default:
        verdict.kind satisfies never;
    }
  }

  data(): SummaryData {
    return {
      routes: [...this.#routes.values()],
      wrong: [...this.#wrong.values()],
      failures: [...this.#failures.values()],
    };
  }

  #addWrong(verdict: Verdict, example: Place): void {
    const { key: route, domain } = verdict.route;
    const cause = verdict.cause?.cause ?? 'unknown';
    for (const pattern of verdict.patterns) {
      const full = this.#wrong.size >= MOST_WRONG;
      const key = `${route} ${pattern.fingerprint}`;
      const known = this.#wrong.get(key) ?? (full ? [...this.#wrong.values()].at(-1) : undefined);
      const wrong = known ?? { ...pattern, route, domain, n: 0, causes: {}, example };
      if (known === undefined) this.#wrong.set(key, wrong);
      wrong.n += 1;
      wrong.causes[cause] = (wrong.causes[cause] ?? 0) + 1;
    }
  }

  #addFailure(route: string, verdict: string, detail: string | null, example: Place): void {
    const key = `${route} ${verdict}`;
    const failure = this.#failures.get(key) ?? { route, verdict, n: 0, detail, example };
    this.#failures.set(key, failure);
    failure.n += 1;
  }
}
