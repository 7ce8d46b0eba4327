/** How long the drain pauses: not at all while there is work, then longer and longer. */

export interface PaceOptions {
  /** The first pause after work, ms. */
  readonly firstMs: number;
  /** The longest pause without a change stream, ms: so long a write may wait at most, unless it ends a long quiet time. */
  readonly mostMs: number;
  /** A quiet time without a change stream is long from here on, ms. */
  readonly restAfterMs: number;
  /** The pause in a long quiet time without a change stream, ms. */
  readonly restMs: number;
  /** The longest pause with a change stream, ms: it only finds a write that the stream missed. */
  readonly bellMs: number;
}

/**
 * With a look every 250 ms a write that ends a quiet time is in Postgres within 300 ms. That takes 1.5 % of a core, so that after
 * 20 s without work there is one look a second, which takes 0.4 %: the first write then waits longer, and none after it.
 */
export const PACE: PaceOptions = Object.freeze({
  firstMs: 50,
  mostMs: 250,
  restAfterMs: 20_000,
  restMs: 1_000,
  bellMs: 5_000,
});

/** Longest pause between tries while a store is down, ms. */
const FAILED_MS = 5_000;

export class Pace {
  readonly #options: PaceOptions;
  #nextMs: number;
  /** Pauses since there was work, ms. */
  #idleMs = 0;

  constructor(options: PaceOptions = PACE) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** There was work: the next one is probably near. */
  worked(): void {
    this.#nextMs = this.#options.firstMs;
    this.#idleMs = 0;
  }

  /** True once pauses have reached their longest. */
  get isQuiet(): boolean {
    return this.#nextMs >= this.#options.mostMs;
  }

  /** The pause after a look that found nothing, ms. */
  idle(bell: boolean): number {
    const { mostMs, restAfterMs, restMs, bellMs } = this.#options;
    const most = bell ? bellMs : this.#idleMs < restAfterMs ? mostMs : restMs;
    const pause = Math.min(this.#nextMs, most);
    this.#idleMs += pause;
    this.#nextMs = Math.min(this.#nextMs * 2, bellMs);
    return pause;
  }

  /** The pause after this many failed passes in a row, ms. */
  failed(times: number): number {
    this.worked();
    return Math.min(FAILED_MS, this.#options.firstMs * 2 ** Math.min(times, 8));
  }
}
