/**
 * A histogram of durations with logarithmic buckets, additive over replicas and minutes. Bucket `i` holds durations in
 * (g^(i-1), g^i] ms with g = 2^(1/16), and a quantile answers with the bucket's middle 2 g^i / (1 + g): its relative
 * error is at most (g - 1) / (g + 1) = 2.17 %, whatever was merged (Masson, Rim, Lee: DDSketch, VLDB 2019). Durations
 * under 0.001 ms count as 0.001 ms, over 10^7 ms as 10^7 ms.
 */
const GROWTH = 2 ** (1 / 16);
const LOWEST = bucketOf(0.001);
const HIGHEST = bucketOf(1e7);
/** Stored indices are not negative: a bucket travels as (index << 40 | count). */
const OFFSET = -LOWEST;
const COUNT_BITS = 40n;
const COUNT_MASK = (1n << COUNT_BITS) - 1n;

/** The promised relative error of any quantile. */
export const QUANTILE_ERROR = (GROWTH - 1) / (GROWTH + 1);

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
      seen += this.#buckets.get(bucket) ?? 0;
      if (seen >= rank) return middleOf(bucket);
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
      histogram.#put(Number(value >> COUNT_BITS) - OFFSET, Number(value & COUNT_MASK));
    }
    histogram.#sum = sum;
    return histogram;
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
    this.#count += count;
  }
}

function bucketOf(ms: number): number {
  return Math.ceil(Math.log2(ms) * 16 - 1e-9);
}

function middleOf(bucket: number): number {
  return (2 * GROWTH ** bucket) / (1 + GROWTH);
}
