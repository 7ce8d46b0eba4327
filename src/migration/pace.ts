/** How long the drain pauses: not at all while there is work, then longer and longer. */

export interface PaceOptions {
  /** The first pause after work, ms. */
  readonly firstMs: number;
  /** The longest pause without a change stream, ms: so long a write may wait at most. */
  readonly mostMs: number;
  /** The longest pause with a change stream, ms: it only finds a write that the stream missed. */
  readonly bellMs: number;
}

/** With a look every 250 ms a write that ends a quiet time is in Postgres within 300 ms. */
export const PACE: PaceOptions = Object.freeze({ firstMs: 50, mostMs: 250, bellMs: 5_000 });

/** Longest pause between tries while a store is down, ms. */
const FAILED_MS = 5_000;

export class Pace {
  readonly #options: PaceOptions;
  #nextMs: number;

  constructor(options: PaceOptions = PACE) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** There was work: the next one is probably near. */
  worked(): void {
    this.#nextMs = this.#options.firstMs;
  }

  /** True once pauses have reached their longest. */
  get isQuiet(): boolean {
    return this.#nextMs >= this.#options.mostMs;
  }

  /** The pause after a look that found nothing, ms. */
  idle(bell: boolean): number {
    const most = bell ? this.#options.bellMs : this.#options.mostMs;
    const pause = Math.min(this.#nextMs, most);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#options.bellMs);
    return pause;
  }

  /** The pause after this many failed passes in a row, ms. */
  failed(times: number): number {
    this.worked();
    return Math.min(FAILED_MS, this.#options.firstMs * 2 ** Math.min(times, 8));
  }
}
