/** A rate as tokens: `perSecond` come back each second, up to `burst` are kept. Time is monotonic milliseconds. */
export class TokenBucket {
  #perSecond: number;
  #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until a token is there; 0 when one is there now, Infinity when the rate is 0. */
  waitMs(now: number): number {
    this.#refill(now);
    if (this.#tokens >= 1) return 0;
    return this.#perSecond === 0 ? Number.POSITIVE_INFINITY : ((1 - this.#tokens) * 1000) / this.#perSecond;
  }

  /** A new rate; saved tokens stay, up to the new burst. */
  setRate(perSecond: number, burst: number, now: number): void {
    this.#refill(now);
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000);
  }
}

/** A tenth of a second's worth may come at once, at least one. */
export function burstOf(perSecond: number): number {
  return Math.max(1, Math.ceil(perSecond / 10));
}
