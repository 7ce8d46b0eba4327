/** What has gathered to go to another thread. */
export interface Gathered {
  readonly reads: number;
  /** Bytes of bodies that are held for them. */
  readonly bytes: number;
}

/** One message to another thread costs as much as handing over ten reads: that many share one when reads come that fast. */
const READS = 16;
/** Bytes are in short supply before reads are. */
const BYTES = 256 * 1024;
/** Verification is in no hurry; a longer slice would make its queues long and its races many. */
const LONG_MS = 25;
/** Gathers what one turn of the event loop brings. */
const SHORT_MS = 1;

/**
 * When what has gathered goes to the other thread: a slice of time that follows the pressure. Long where reads are few,
 * since waking a thread costs more than what it is woken for; over at once when enough has gathered, or when a caller
 * waits. A read that follows a pause of a whole slice goes at once too. Time is monotonic milliseconds.
 */
export class Slice {
  #went = Number.NEGATIVE_INFINITY;

  /** Milliseconds until it should go. `hurry`: a caller waits, or few bytes may still be held. */
  waitMs(now: number, gathered: Gathered, hurry: boolean): number {
    if (hurry || gathered.reads >= READS || gathered.bytes >= BYTES) return SHORT_MS;
    return Math.max(SHORT_MS, this.#went + LONG_MS - now);
  }

  went(now: number): void {
    this.#went = now;
  }
}
