/** What the comparison of one pair may cost, because other reads wait behind it. */

export interface CompareLimits {
  /**
   * Values looked at while two bodies are compared, about; text that stands for a value counts by its length. Beyond
   * this number it is unknown whether the two are equal.
   */
  readonly steps: number;
  /** Of both bodies together, decoded. */
  readonly bytes: number;
  /** Deepest nesting of a body that is read. */
  readonly depth: number;
}

/** The steps are one to three seconds of a busy processor, far above what a page of rows takes. */
export const COMPARE_LIMITS: CompareLimits = Object.freeze({ steps: 5_000_000, bytes: 33_554_432, depth: 200 });
