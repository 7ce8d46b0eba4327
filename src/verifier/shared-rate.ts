/** One word of time, one of pace and one of burst, nanoseconds. */
const WORDS = 3;
const TIME = 0;
const PACE = 1;
const BURST = 2;
/** Pace of a rate of 0. */
const NEVER = -1n;
const NS_PER_S = 1_000_000_000;
const NS_PER_MS = 1_000_000;

/**
 * A rate that several threads keep together: the generic cell rate algorithm (ITU-T I.371), which is a token bucket in
 * one number, the time at which all that was taken would have come at an even pace. Time is the machine's monotonic
 * clock, which unlike `performance.now()` is one for all threads; `now` in nanoseconds.
 */
export class SharedRate {
  readonly buffer: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new BigInt64Array(buffer);
  }

  /** `burst`: most tokens taken at once, at least one. Saved tokens stay, up to the new burst. */
  set(perSecond: number, burst: number): void {
    const pace = perSecond <= 0 ? NEVER : BigInt(Math.max(1, Math.round(NS_PER_S / perSecond)));
    Atomics.store(this.#words, BURST, pace === NEVER ? 0n : pace * BigInt(Math.max(1, burst) - 1));
    Atomics.store(this.#words, PACE, pace);
  }

  /** Takes one: 0. Where none is left: milliseconds until one is, Infinity at a rate of 0. */
  take(now = process.hrtime.bigint()): number {
    for (;;) {
      const pace = Atomics.load(this.#words, PACE);
      if (pace === NEVER) return Number.POSITIVE_INFINITY;
      const time = Atomics.load(this.#words, TIME);
      let from = time;
      if (from < now) from = now;
      const early = from - now - Atomics.load(this.#words, BURST);
      if (early > 0n) return Math.max(1, Math.ceil(Number(early) / NS_PER_MS));
      if (Atomics.compareExchange(this.#words, TIME, time, from + pace) === time) return 0;
    }
  }

  /** Gives back one that was taken and not used. */
  giveBack(): void {
    const pace = Atomics.load(this.#words, PACE);
    if (pace !== NEVER) Atomics.sub(this.#words, TIME, pace);
  }
}
