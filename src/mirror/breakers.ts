/**
 * What keeps a failing side from being asked: one breaker for all of it, and one for each kind of failure on each route.
 * A route that fails is left alone while the others are asked; all of it is left alone where no connection is to be had,
 * or where most routes fail.
 */
import type { AskEnd } from '../verifier/protocol.ts';
import { Breaker, type BreakerOptions, type BreakerState, type Ticket as OneTicket, Outcomes } from './breaker.ts';

/** What says that a side is ill. */
export type Illness = Exclude<AskEnd, 'ok' | 'none'>;

/** Leave to send one request: of the whole, and of those parts of its route that have failed lately. */
export interface Ticket {
  readonly route: string;
  readonly whole: OneTicket;
  readonly parts: readonly (readonly [part: Breaker, ticket: OneTicket])[];
}

interface RouteParts {
  /** Of whatever kind: whether the route as such fails. */
  readonly outcomes: Outcomes;
  readonly byKind: Map<Illness, Breaker>;
}

const NO_PARTS: Ticket['parts'] = Object.freeze([]);

export class Breakers {
  readonly #options: BreakerOptions;
  readonly #whole: Breaker;
  readonly #routes = new Map<string, RouteParts>();

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#whole = new Breaker(options);
  }

  /** The state of the whole, and where that is closed of the part that is furthest from it. */
  get state(): BreakerState {
    const states = [this.#whole.state, ...this.#parts().map(({ breaker }) => breaker.state)];
    if (states[0] !== 'closed') return this.#whole.state;
    return states.find((state) => state === 'open') ?? states.find((state) => state === 'half_open') ?? 'closed';
  }

  /** What is not asked right now: `everything`, or `GET /v1/orders/:id: status_5xx`. */
  get open(): readonly string[] {
    if (this.#whole.state !== 'closed') return ['everything'];
    return this.#parts()
      .filter(({ breaker }) => breaker.state !== 'closed')
      .map(({ route, kind }) => `${route}: ${kind}`);
  }

  /** How often any of them has opened since the start. */
  get opened(): number {
    return this.#parts().reduce((sum, { breaker }) => sum + breaker.opened, this.#whole.opened);
  }

  /** True where a read of this route need not even queue. Takes nothing. */
  refuses(route: string, now: number): boolean {
    if (this.#whole.refuses(now)) return true;
    for (const part of this.#routes.get(route)?.byKind.values() ?? []) if (part.refuses(now)) return true;
    return false;
  }

  /** A ticket must be followed by exactly one of `report` and `giveBack`; null is no. */
  acquire(route: string, now: number): Ticket | null {
    const whole = this.#whole.acquire(now);
    if (whole === null) return null;
    const kinds = this.#routes.get(route)?.byKind;
    if (kinds === undefined || kinds.size === 0) return { route, whole, parts: NO_PARTS };
    const parts: [Breaker, OneTicket][] = [];
    for (const part of kinds.values()) {
      const ticket = part.acquire(now);
      if (ticket === null) {
        this.giveBack({ route, whole, parts });
        return null;
      }
      parts.push([part, ticket]);
    }
    return { route, whole, parts };
  }

  /** A request that came to nothing: it was never sent, or nobody knows what became of it. */
  giveBack({ whole, parts }: Ticket): void {
    this.#whole.giveBack(whole);
    for (const [part, ticket] of parts) part.giveBack(ticket);
  }

  report(outcome: 'ok' | Illness, ticket: Ticket, now: number): void {
    const route = this.#route(ticket.route);
    route.outcomes.count(outcome === 'ok', now);
    this.#whole.report(outcome !== 'connection', ticket.whole, now);
    if (outcome !== 'ok' && outcome !== 'connection') {
      const part = route.byKind.get(outcome) ?? new Breaker(this.#options);
      route.byKind.set(outcome, part);
      if (!ticket.parts.some(([held]) => held === part)) part.report(false, 0, now);
      if (this.#mostRoutesFail(now)) this.#whole.trip(now);
    }
    const failed = outcome === 'ok' ? undefined : route.byKind.get(outcome);
    for (const [part, held] of ticket.parts) part.report(part !== failed, held, now);
  }

  /** At least two routes were asked lately, half of those that were asked fail, and so does the share of all requests. */
  #mostRoutesFail(now: number): boolean {
    const { failureShare, minimum } = this.#options;
    let asked = 0;
    let failing = 0;
    let all = 0;
    let bad = 0;
    for (const { outcomes } of this.#routes.values()) {
      const sums = outcomes.sums(now);
      if (sums.all === 0) continue;
      asked += 1;
      all += sums.all;
      bad += sums.bad;
      if (sums.bad / sums.all >= failureShare) failing += 1;
    }
    return failing >= 2 && failing * 2 >= asked && all >= minimum && bad / all >= failureShare;
  }

  #route(key: string): RouteParts {
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const made = { outcomes: new Outcomes(this.#options.windowMs), byKind: new Map<Illness, Breaker>() };
    this.#routes.set(key, made);
    return made;
  }

  #parts(): { readonly route: string; readonly kind: Illness; readonly breaker: Breaker }[] {
    return [...this.#routes].flatMap(([route, { byKind }]) =>
      [...byKind].map(([kind, breaker]) => ({ route, kind, breaker })),
    );
  }
}
