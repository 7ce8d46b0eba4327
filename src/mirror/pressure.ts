import { burstOf, TokenBucket } from '../base/token-bucket.ts';
import type { Limits } from '../types.ts';
import type { BreakerOptions } from './breaker.ts';
import { Breakers, type Illness, type Ticket } from './breakers.ts';
import { AdaptiveConcurrency } from './concurrency.ts';

/** What became of one request to a side: `none` where it was never sent. */
export type AskOutcome = 'ok' | 'none' | Illness;

/**
 * All that protects one side from us: breaker, concurrency and rate. The main thread grants each request before a
 * worker may send it, so the limits hold over all workers.
 */
export class Pressure {
  readonly breaker: Breakers;
  readonly concurrency: AdaptiveConcurrency;
  readonly #rate: TokenBucket;

  constructor(limits: Limits, breaker: BreakerOptions, now: number) {
    this.breaker = new Breakers(breaker);
    this.concurrency = new AdaptiveConcurrency(limits.twinConcurrency);
    this.#rate = new TokenBucket(limits.twinPerSecond, burstOf(limits.twinPerSecond), now);
  }

  setLimits(limits: Limits, now: number): void {
    this.concurrency.setCeiling(limits.twinConcurrency);
    this.#rate.setRate(limits.twinPerSecond, burstOf(limits.twinPerSecond), now);
  }

  /** Leave to send one request; `wait` where the breaker lets through and a limit does not. */
  acquire(route: string, now: number): Ticket | 'wait' | 'breaker_open' {
    if (!this.concurrency.free || this.#rate.waitMs(now) > 0) {
      return this.breaker.refuses(route, now) ? 'breaker_open' : 'wait';
    }
    const ticket = this.breaker.acquire(route, now);
    if (ticket === null) return 'breaker_open';
    this.#rate.take(now);
    this.concurrency.take();
    return ticket;
  }

  /** Milliseconds until the rate allows one more. */
  rateWaitMs(now: number): number {
    return this.#rate.waitMs(now);
  }

  done(ticket: Ticket, outcome: AskOutcome, ms: number, now: number): void {
    if (outcome === 'none') {
      this.concurrency.giveBack();
      this.breaker.giveBack(ticket);
      return;
    }
    this.concurrency.report(outcome === 'ok' || outcome === 'timeout' ? outcome : 'error', ms, now);
    this.breaker.report(outcome, ticket, now);
  }
}
