/**
 * A histogram of durations with logarithmic buckets, additive over replicas and minutes (Masson, Rim, Lee: DDSketch, VLDB
 * 2019). Bucket `i` holds durations in (g^(i-1), g^i] ms with g = 2^(1/32). A quantile lies in its bucket where its rank
 * says, so that its relative error is at most g - 1 = 2.19 %, whatever was merged, and it is no step of a scale.
 * Durations under 0.001 ms count as 0.001 ms, over 10^7 ms as 10^7 ms: 1,063 buckets at most.
 */
const PER_DOUBLING = 32;
const GROWTH = 2 ** (1 / PER_DOUBLING);
const LOWEST = bucketOf(0.001);
const HIGHEST = bucketOf(1e7);
/** Stored indices are not negative: a bucket travels as (index << 40 | count). */
const COUNT_BITS = 40n;
const COUNT_MASK = (1n << COUNT_BITS) - 1n;
/** Marks an index of these buckets, so that the others keep their meaning: rows from before had 16 a doubling. */
const FINE = 1 << 20;
const OFFSET = FINE - LOWEST;
const OLD_OFFSET = -Math.ceil(Math.log2(0.001) * 16 - 1e-9);

/** The promised relative error of any quantile. */
export const QUANTILE_ERROR = GROWTH - 1;

export class Histogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;

  get count(): number {
    return this.#count;
  }

  /** Sum of all durations, ms. */
  get sum(): number {
    return this.#sum;
  }

  /** Adds a duration in ms; what is not a number is left out. */
  add(ms: number): void {
    if (Number.isNaN(ms)) return;
    this.#put(Math.min(HIGHEST, Math.max(LOWEST, bucketOf(Math.max(ms, 0.001)))), 1);
    this.#sum += ms;
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#buckets) this.#put(bucket, count);
    this.#sum += other.#sum;
  }

  /** The duration in ms that a share `q` of all is at or under (nearest rank); null without any. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      const here = this.#buckets.get(bucket) ?? 0;
      // As if those of a bucket were spread over it evenly.
      if (seen + here >= rank) return GROWTH ** (bucket - 1 + (rank - seen - 0.5) / here);
      seen += here;
    }
    return null;
  }

  /** `[upper bound in ms, count]` of the buckets that hold anything, ascending. */
  entries(): [upTo: number, count: number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b).map(([bucket, count]) => [GROWTH ** bucket, count]);
  }

  /** The stored form: decimal strings of (index << 40 | count). */
  pack(): string[] {
    return [...this.#buckets].map(([bucket, count]) =>
      ((BigInt(bucket + OFFSET) << COUNT_BITS) | BigInt(count)).toString(),
    );
  }

  /** From the stored form; the same bucket may come many times. */
  static unpack(packed: readonly (string | bigint)[], sum: number): Histogram {
    const histogram = new Histogram();
    for (const text of packed) {
      const value = BigInt(text);
      const index = Number(value >> COUNT_BITS);
      const count = Number(value & COUNT_MASK);
      if (index >= FINE) histogram.#put(index - OFFSET, count);
      else histogram.#putWide(index - OLD_OFFSET, count);
    }
    histogram.#sum = sum;
    return histogram;
  }

  /** A bucket of a row from before is two of these. */
  #putWide(wide: number, count: number): void {
    const lower = Math.floor(count / 2);
    if (lower > 0) this.#put(2 * wide - 1, lower);
    this.#put(2 * wide, count - lower);
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
    this.#count += count;
  }
}

function bucketOf(ms: number): number {
  return Math.ceil(Math.log2(ms) * PER_DOUBLING - 1e-9);
}
