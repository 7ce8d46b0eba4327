import { type Gathered, Slice } from './slice.ts';

/** Calls `go` when the present slice of time is over; a shorter slice ends a longer one that has begun. */
export class Sliced {
  readonly #slice = new Slice();
  readonly #go: () => void;
  #timer: NodeJS.Timeout | null = null;
  /** Monotonic ms when the timer ends. */
  #due = Number.POSITIVE_INFINITY;

  constructor(go: () => void) {
    this.#go = go;
  }

  gathered(gathered: Gathered, hurry: boolean): void {
    const now = performance.now();
    this.within(this.#slice.waitMs(now, gathered, hurry), now);
  }

  /** Sends what has gathered within this many milliseconds. */
  within(ms: number, now = performance.now()): void {
    if (now + ms >= this.#due) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#due = now + ms;
    this.#timer = setTimeout(() => {
      this.stop();
      this.#slice.went(performance.now());
      this.#go();
    }, ms);
  }

  /** Nothing goes until something gathers again. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#due = Number.POSITIVE_INFINITY;
  }
}
