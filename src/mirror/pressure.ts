import { burstOf } from '../base/token-bucket.ts';
import type { Limits } from '../types.ts';
import { type RequestOutcome, SharedRate } from '../verifier/protocol.ts';
import type { BreakerOptions } from './breaker.ts';
import { Breakers, type Ticket } from './breakers.ts';
import { AdaptiveConcurrency } from './concurrency.ts';

/**
 * All that protects one side from us: breaker, concurrency and rate. The breaker gives each read its leave before a worker
 * has it; concurrency and rate are shared with the workers, so that they hold over all of them together.
 */
export class Pressure {
  readonly breaker: Breakers;
  readonly concurrency: AdaptiveConcurrency;
  readonly rate = new SharedRate();

  constructor(limits: Limits, breaker: BreakerOptions) {
    this.breaker = new Breakers(breaker);
    this.concurrency = new AdaptiveConcurrency(limits.twinConcurrency);
    this.setLimits(limits);
  }

  setLimits(limits: Limits): void {
    this.concurrency.setCeiling(limits.twinConcurrency);
    this.rate.set(limits.twinPerSecond, burstOf(limits.twinPerSecond));
  }

  /** A request whose begin and end are reported together. `full`: no slot was free while it ran. */
  done(ticket: Ticket, outcome: RequestOutcome, ms: number, full: boolean, now: number): void {
    if (outcome === 'none') {
      this.breaker.giveBack(ticket);
      return;
    }
    this.concurrency.take();
    this.concurrency.report(outcome === 'ok' || outcome === 'timeout' ? outcome : 'error', ms, now, full);
    this.breaker.report(outcome, ticket, now);
  }
}
