export interface HeartbeatOptions {
  /** Counted up with each beat. */
  readonly beats: Int32Array;
  readonly beatMs: number;
  /** The same while there is nothing to do. */
  readonly idleBeatMs: number;
  readonly isIdle: () => boolean;
}

/** Tells the main thread that this thread's loop turns, and measures how late it is. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #everyMs: number;
  #timer: NodeJS.Timeout;
  #expected = 0;
  #lateMs = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#everyMs = options.beatMs;
    this.#timer = this.#begin();
  }

  /** How late the last beat was, ms. */
  get lateMs(): number {
    return this.#lateMs;
  }

  /** There is something to do: beats as often as it is looked at from now on. */
  quicken(): void {
    this.#every(this.#options.beatMs);
  }

  /** Beats no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #every(ms: number): void {
    if (ms === this.#everyMs) return;
    this.#everyMs = ms;
    clearInterval(this.#timer);
    this.#timer = this.#begin();
  }

  #begin(): NodeJS.Timeout {
    this.#expected = performance.now() + this.#everyMs;
    return setInterval(() => {
      const now = performance.now();
      this.#lateMs = Math.max(0, now - this.#expected);
      this.#expected = now + this.#everyMs;
      Atomics.add(this.#options.beats, 0, 1);
      if (this.#options.isIdle()) this.#every(this.#options.idleBeatMs);
    }, this.#everyMs);
  }
}
