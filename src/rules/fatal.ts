/** Which differences fail a gate at any rate. */
import type { Difference } from '../types.ts';

/**
 * Rules of money and identity: amounts, sums, base units; references (populated ones and rows of entities too, whose
 * rule is then `ref`); cursors, since with a wrong one a client that pages misses rows. And secrets: one that is
 * shown is a breach at any rate. Not `status`: an answer that fails is counted by the mismatch rate.
 */
const fatalRules: ReadonlySet<string> = new Set(['money', 'aggregateMoney', 'baseUnits', 'ref', 'cursor', 'secret']);

export function isFatal(difference: Pick<Difference, 'rule'>): boolean {
  return fatalRules.has(difference.rule);
}
