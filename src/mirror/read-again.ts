import { burstOf, TokenBucket } from '../base/token-bucket.ts';
import type { JobId } from '../verifier/protocol.ts';

interface Wish {
  readonly job: JobId;
  /** Monotonic ms after which it is of no use. */
  readonly until: number;
}

/**
 * The budget on the primary of re-reads and control reads. Wishes that find no token wait; a pair that has been read
 * again already goes first, since what was spent on it would be lost.
 */
export class ReadAgainBudget {
  readonly #bucket: TokenBucket;
  #begun: Wish[] = [];
  #fresh: Wish[] = [];

  constructor(perSecond: number, now: number) {
    this.#bucket = new TokenBucket(perSecond, burstOf(perSecond), now);
  }

  get waiting(): number {
    return this.#begun.length + this.#fresh.length;
  }

  setRate(perSecond: number, now: number): void {
    this.#bucket.setRate(perSecond, burstOf(perSecond), now);
  }

  /** One token at once, for a control read or a person's wish; pairs that wait go before. */
  takeNow(now: number): boolean {
    return this.waiting === 0 && this.#bucket.take(now);
  }

  wish(job: JobId, round: number, until: number): void {
    (round > 1 ? this.#begun : this.#fresh).push({ job, until });
  }

  forget(job: JobId): void {
    this.#begun = this.#begun.filter((wish) => wish.job !== job);
    this.#fresh = this.#fresh.filter((wish) => wish.job !== job);
  }

  /** Grants in order what tokens and `mayRead` allow. */
  serve(now: number, mayRead: (job: JobId) => boolean): JobId[] {
    const granted: JobId[] = [];
    for (const wishes of [this.#begun, this.#fresh]) {
      for (let wish = wishes[0]; wish !== undefined && this.#bucket.waitMs(now) === 0; wish = wishes[0]) {
        if (!mayRead(wish.job)) return granted;
        this.#bucket.take(now);
        granted.push(wish.job);
        wishes.shift();
      }
    }
    return granted;
  }

  /** Takes out those that have waited too long. */
  expire(now: number): JobId[] {
    const late = [...this.#begun, ...this.#fresh].filter((wish) => now > wish.until).map((wish) => wish.job);
    if (late.length > 0) {
      this.#begun = this.#begun.filter((wish) => now <= wish.until);
      this.#fresh = this.#fresh.filter((wish) => now <= wish.until);
    }
    return late;
  }
}
