/**
 * How long a read waits while workers start. On a busy machine that takes more than the usual two seconds, since they are
 * nicer than what serves: then every read of the first seconds would be skipped. What has changed meanwhile is read again.
 */
const COLD_MS = 30_000;
/** The first worker has caught up where no read waits for longer. */
const CAUGHT_UP_MS = 1_000;

/**
 * How long reads may wait for a worker: longer from the start until the first worker has caught up with what waited for it.
 * What they hold is bounded all the same, by `limits.queue` and `limits.heldBytes`. Time is monotonic milliseconds.
 */
export class Patience {
  #cold = true;
  #readyAt: number | null = null;

  /** Milliseconds. `usualMs`: `limits.waitMs`. `dying`: no worker runs, and one has died; waiting longer may be for nothing. */
  ms(now: number, running: boolean, dying: boolean, usualMs: number): number {
    if (!this.#cold) return usualMs;
    if (running) this.#readyAt ??= now;
    if (this.#readyAt !== null && now - this.#readyAt > COLD_MS) this.#cold = false;
    return this.#cold && !dying ? Math.max(COLD_MS, usualMs) : usualMs;
  }

  /** The longest that any read waits now, of those that may go on waiting. */
  longest(ms: number): void {
    if (this.#readyAt !== null && ms < CAUGHT_UP_MS) this.#cold = false;
  }
}
