/**
 * Keeps a failing side from being asked: one breaker for the whole side, and parts for each kind of failure on each route:
 * one for all callers, and one for each caller who fails alone. A route that fails is not asked while the others are; the
 * whole side is not asked if no connection is possible, or if most routes fail for most callers.
 */

import { counted } from '../base/figure-words.ts';
import type { IncomingRead } from '../types.ts';
import type { RequestOutcome } from '../verifier/protocol.ts';
import { Breaker, type BreakerOptions, type BreakerState, type Ticket as OneTicket, Outcomes } from './breaker.ts';
import { type CallerPlace, callerPlace, FailingCallers } from './failing-callers.ts';

/** What says that a side is ill. */
export type Illness = Exclude<RequestOutcome, 'ok' | 'none'>;

/** Whose request it is, and of which route. */
export type ReadFrom = Pick<IncomingRead, 'route' | 'rawHeaders'>;

/** Leave to send one request: of the whole, and of those parts of its route that have failed lately. */
export interface Ticket {
  readonly read: ReadFrom;
  readonly whole: OneTicket;
  readonly parts: readonly (readonly [part: Breaker, ticket: OneTicket])[];
}

export interface BreakerFigures {
  /** The state of the whole, and where that is closed of the part that is furthest from it. */
  readonly state: BreakerState;
  /** What is not asked right now: `everything`, or `GET /v1/orders/:id: status_5xx`, or that `for 1 caller`. */
  readonly open: readonly string[];
  /** How often any of them has opened since the start. */
  readonly opened: number;
}

/** One breaker of a route; `caller` is null where it is every caller's. */
interface Part {
  readonly name: string;
  readonly caller: CallerPlace | null;
  readonly breaker: Breaker;
}

interface RouteParts {
  /** Of whatever kind: whether the route as such fails. */
  readonly outcomes: Outcomes;
  readonly byKind: Map<Illness, Breaker>;
  /** Of callers who have failed. */
  readonly byCaller: Map<CallerPlace, Map<Illness, Breaker>>;
  /** Kept since the route's first failure: before that, callers need not be distinguished. */
  callers: FailingCallers | null;
}

const NO_PARTS: Ticket['parts'] = Object.freeze([]);

export class Breakers {
  readonly #options: BreakerOptions;
  readonly #whole: Breaker;
  readonly #routes = new Map<string, RouteParts>();
  /** Over all routes that have failed. */
  readonly #callers: FailingCallers;
  /** How often those parts had opened that are forgotten. */
  #openedBefore = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#whole = new Breaker(options);
    this.#callers = new FailingCallers(options.windowMs, options.failureShare);
  }

  /**
   * What is not asked now. Parts that nobody has asked for a window since they may be are forgotten first: a caller who
   * never comes again leaves nothing open.
   */
  figures(now: number): BreakerFigures {
    this.#forgetOld(now);
    const parts = this.#parts();
    return {
      state: this.#state(parts),
      open: this.#open(parts),
      opened: parts.reduce((sum, { breaker }) => sum + breaker.opened, this.#whole.opened + this.#openedBefore),
    };
  }

  #state(parts: readonly Part[]): BreakerState {
    if (this.#whole.state !== 'closed') return this.#whole.state;
    const states = parts.map(({ breaker }) => breaker.state);
    return states.find((state) => state === 'open') ?? states.find((state) => state === 'half_open') ?? 'closed';
  }

  #open(parts: readonly Part[]): readonly string[] {
    if (this.#whole.state !== 'closed') return ['everything'];
    const alone = new Map<string, number>();
    const open = new Set<string>();
    for (const { name, caller, breaker } of parts) {
      if (breaker.state === 'closed') continue;
      if (caller === null) open.add(name);
      else alone.set(name, (alone.get(name) ?? 0) + 1);
    }
    for (const [name, callers] of alone) if (!open.has(name)) open.add(`${name} for ${counted(callers, 'caller')}`);
    return [...open];
  }

  #forgetOld(now: number): void {
    this.#whole.lapse(now);
    for (const { byKind, byCaller } of this.#routes.values()) {
      this.#forgetOf(byKind, now);
      for (const [caller, kinds] of byCaller) {
        this.#forgetOf(kinds, now);
        if (kinds.size === 0) byCaller.delete(caller);
      }
    }
  }

  #forgetOf(kinds: Map<Illness, Breaker>, now: number): void {
    for (const [kind, part] of kinds) {
      if (!part.knowsNothing(now)) continue;
      this.#openedBefore += part.opened;
      kinds.delete(kind);
    }
  }

  /** True where this read need not even queue. Takes nothing. */
  refuses(read: ReadFrom, now: number): boolean {
    if (this.#whole.refuses(now)) return true;
    for (const part of this.#partsFor(read)) if (part.refuses(now)) return true;
    return false;
  }

  /** A ticket must be followed by exactly one of `report` and `giveBack`; null is no. */
  acquire(read: ReadFrom, now: number): Ticket | null {
    const whole = this.#whole.acquire(now);
    if (whole === null) return null;
    const kinds = this.#partsFor(read);
    if (kinds.length === 0) return { read, whole, parts: NO_PARTS };
    const parts: [Breaker, OneTicket][] = [];
    for (const part of kinds) {
      const ticket = part.acquire(now);
      if (ticket === null) {
        this.giveBack({ read, whole, parts });
        return null;
      }
      parts.push([part, ticket]);
    }
    return { read, whole, parts };
  }

  /** A request without an outcome: it was never sent, or its outcome is unknown. */
  giveBack({ whole, parts }: Ticket): void {
    this.#whole.giveBack(whole);
    for (const [part, ticket] of parts) part.giveBack(ticket);
  }

  report(outcome: 'ok' | Illness, ticket: Ticket, now: number): void {
    const { read } = ticket;
    const route = this.#route(read.route.key);
    route.outcomes.count(outcome === 'ok', now);
    this.#whole.report(outcome !== 'connection', ticket.whole, now);
    const failed = outcome === 'ok' || outcome === 'connection' ? [] : this.#failed(route, outcome, read);
    if (route.callers !== null) {
      const caller = callerPlace(read.rawHeaders);
      route.callers.count(caller, failed.length === 0, now);
      this.#callers.count(caller, failed.length === 0, now);
    }
    const many = failed.length > 0 && route.callers?.areMany(now) === true;
    for (const part of failed) {
      if (ticket.parts.some(([held]) => held === part)) continue;
      part.report(false, 0, now, many || part !== failed[0]);
    }
    for (const [part, held] of ticket.parts) {
      part.report(!failed.includes(part), held, now, many || part !== failed[0]);
    }
    if (failed.length > 0 && this.#callers.areMany(now) && this.#mostRoutesFail(now)) this.#whole.trip(now);
  }

  /** The parts that a failure belongs to, made where it is their first: every caller's, and the caller's own. */
  #failed(route: RouteParts, kind: Illness, read: ReadFrom): readonly Breaker[] {
    route.callers ??= new FailingCallers(this.#options.windowMs, this.#options.failureShare);
    const caller = callerPlace(read.rawHeaders);
    const own = route.byCaller.get(caller) ?? new Map<Illness, Breaker>();
    route.byCaller.set(caller, own);
    const [part, ownPart] = [route.byKind, own].map((kinds) => {
      const found = kinds.get(kind) ?? new Breaker(this.#options);
      kinds.set(kind, found);
      return found;
    });
    return part === undefined || ownPart === undefined ? [] : [part, ownPart];
  }

  #partsFor({ route, rawHeaders }: ReadFrom): readonly Breaker[] {
    const parts = this.#routes.get(route.key);
    if (parts === undefined || parts.byKind.size === 0) return NONE;
    const own = parts.byCaller.get(callerPlace(rawHeaders));
    return own === undefined ? [...parts.byKind.values()] : [...parts.byKind.values(), ...own.values()];
  }

  /** At least two routes were asked lately, half of those that were asked fail, and so does the share of all requests. */
  #mostRoutesFail(now: number): boolean {
    const { failureShare, minimum } = this.#options;
    let routes = 0;
    let failing = 0;
    let all = 0;
    let bad = 0;
    for (const { outcomes } of this.#routes.values()) {
      const sums = outcomes.sums(now);
      if (sums.all === 0) continue;
      routes += 1;
      all += sums.all;
      bad += sums.bad;
      if (sums.bad / sums.all >= failureShare) failing += 1;
    }
    return failing >= 2 && failing * 2 >= routes && all >= minimum && bad / all >= failureShare;
  }

  #route(key: string): RouteParts {
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const outcomes = new Outcomes(this.#options.windowMs);
    const made: RouteParts = { outcomes, byKind: new Map(), byCaller: new Map(), callers: null };
    this.#routes.set(key, made);
    return made;
  }

  #parts(): readonly Part[] {
    return [...this.#routes].flatMap(([route, { byKind, byCaller }]) => [
      ...[...byKind].map(([kind, breaker]) => ({ name: `${route}: ${kind}`, caller: null, breaker })),
      ...[...byCaller].flatMap(([caller, kinds]) =>
        [...kinds].map(([kind, breaker]) => ({ name: `${route}: ${kind}`, caller, breaker })),
      ),
    ]);
  }
}

const NONE: readonly Breaker[] = Object.freeze([]);
