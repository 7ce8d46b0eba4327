/** Share of the ceiling that slowness alone leaves: where routes differ in cost, a dear one is slow at any concurrency. */
const SLOW_FLOOR = 1 / 8;

/** A timeout halves the limit, as a lost packet halves TCP's window (Jacobson and Karels, 1988): it says that the side is overrun. */
const AFTER_TIMEOUT = 0.5;
/** An error may have other reasons than load: it costs less than a timeout. */
const AFTER_ERROR = 0.8;
/** Latency that has doubled is the mildest sign, and comes before timeouts do. */
const AFTER_SLOWNESS = 0.9;
/** Weight of a new latency: about the last thirty answers count, so that one slow answer changes nothing. */
const SMOOTHING = 1 / 16;
/** How fast the best latency follows a slower one: thousands of answers, else a side that slows down would become the measure. */
const BASE_RISE = 1 / 2_000;
/** Below this the thread's own scheduling is louder than the side, milliseconds. */
const SLACK_MS = 5;

/**
 * How many requests may be out to one side at once: additive increase, multiplicative decrease (Chiu and Jain, 1989) on
 * timeouts, errors and on latency against the best it has lately been. The ceiling comes from the policy.
 */
export class AdaptiveConcurrency {
  #ceiling: number;
  #limit: number;
  #inUse = 0;
  /** Latency of an unhurried answer: follows lower values at once and higher ones slowly. */
  #baseMs = 0;
  #smoothMs = 0;
  #lastDecrease = Number.NEGATIVE_INFINITY;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
  }

  /** The present limit, a whole number from 1 to the ceiling. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  get inUse(): number {
    return this.#inUse;
  }

  setCeiling(ceiling: number): void {
    this.#limit = this.#limit >= this.#ceiling ? ceiling : Math.min(this.#limit, ceiling);
    this.#ceiling = ceiling;
  }

  take(): void {
    this.#inUse += 1;
  }

  /** `ms`: to the answer's headers, less what the asking thread itself was late. `full`: no slot was free. */
  report(
    outcome: 'ok' | 'error' | 'timeout',
    ms: number,
    now: number,
    full: boolean = this.#inUse >= this.limit,
  ): void {
    this.#inUse -= 1;
    switch (outcome) {
      case 'timeout':
        this.#decrease(AFTER_TIMEOUT, now);
        return;
      case 'error':
        this.#decrease(AFTER_ERROR, now);
        return;
      case 'ok':
        this.#answered(ms, full, now);
        return;
    }
  }

  #answered(ms: number, full: boolean, now: number): void {
    const first = this.#baseMs === 0;
    this.#smoothMs = first ? ms : this.#smoothMs + (ms - this.#smoothMs) * SMOOTHING;
    if (first || this.#smoothMs < this.#baseMs) this.#baseMs = this.#smoothMs;
    else this.#baseMs += (this.#smoothMs - this.#baseMs) * BASE_RISE;
    if (this.#smoothMs > 2 * this.#baseMs + SLACK_MS) this.#decrease(AFTER_SLOWNESS, now, this.#ceiling * SLOW_FLOOR);
    else if (full || this.#limit < this.#ceiling) this.#limit = Math.min(this.#ceiling, this.#limit + 1 / this.limit);
  }

  /** At most once in the time an answer takes: the answers already out tell nothing new. */
  #decrease(factor: number, now: number, floor = 1): void {
    if (now - this.#lastDecrease < Math.max(50, this.#smoothMs)) return;
    this.#lastDecrease = now;
    if (this.#limit > floor) this.#limit = Math.max(1, floor, this.#limit * factor);
  }
}
