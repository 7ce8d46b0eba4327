/** Values that a rule compares within a tolerance: what lists whose order means nothing are sorted and matched by. */
import { compareDecimals, type Finite } from '../decimal.ts';

export interface Tolerance {
  readonly value: Finite;
  /** The double nearest to it, to sort by first. */
  readonly near: number;
  /**
   * Values of one kind have ranges that move along with them: of two, the larger one's range neither begins nor ends
   * before the smaller one's. So sorting finds the most pairs.
   */
  readonly kind: string;
  readonly accepts: (other: Finite) => boolean;
}

/** The values of one item, always in the same order; null where a rule of the user's own decides, or an inner order is free. */
export type Tolerances = readonly Tolerance[] | null;

export function byValue(a: Tolerance, b: Tolerance): number {
  return a.near !== b.near ? a.near - b.near : compareDecimals(a.value, b.value);
}
