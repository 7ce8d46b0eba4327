import type { Verdict, VerdictKind, VerdictReason } from '../types.ts';

/** A verdict and its reason as one word: `match`, `skipped:overload`, `twin_error:refused`. */
export type TallyKey = string;

function tallyKey(kind: VerdictKind, reason: VerdictReason): TallyKey {
  return reason === null ? kind : `${kind}:${reason}`;
}

export interface TallySnapshot {
  /** Reads of known routes that arrived. */
  readonly seen: number;
  /** Reads without a verdict yet. `seen` is the sum of all verdicts and this, at every moment. */
  readonly inFlight: number;
  readonly verdicts: Readonly<Record<TallyKey, number>>;
  readonly routes: Readonly<Record<string, RouteTally>>;
}

export interface RouteTally {
  readonly seen: number;
  readonly verdicts: Readonly<Record<TallyKey, number>>;
}

/** Counts each read once when it is seen and once when it ends. */
export class Tally {
  #seen = 0;
  readonly #routes = new Map<string, { seen: number; verdicts: Map<TallyKey, number> }>();

  see(routeKey: string): void {
    this.#seen += 1;
    this.#route(routeKey).seen += 1;
  }

  end(verdict: Pick<Verdict, 'kind' | 'reason'>, routeKey: string): void {
    const verdicts = this.#route(routeKey).verdicts;
    const key = tallyKey(verdict.kind, verdict.reason);
    verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
  }

  /** `inFlight` is counted elsewhere, by the reads themselves, so that a lost one shows. */
  snapshot(inFlight: number): TallySnapshot {
    const totals = new Map<TallyKey, number>();
    const routes: Record<string, RouteTally> = {};
    for (const [key, route] of this.#routes) {
      routes[key] = { seen: route.seen, verdicts: Object.fromEntries(route.verdicts) };
      for (const [verdict, count] of route.verdicts) totals.set(verdict, (totals.get(verdict) ?? 0) + count);
    }
    return { seen: this.#seen, inFlight, verdicts: Object.fromEntries(totals), routes };
  }

  #route(key: string): { seen: number; verdicts: Map<TallyKey, number> } {
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = { seen: 0, verdicts: new Map() };
      this.#routes.set(key, route);
    }
    return route;
  }
}
