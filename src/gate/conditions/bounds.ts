/** The two rates whose upper bounds must be under their limits. */

import { counted, percent, rateWords } from '../../base/figure-words.ts';
import { cleanReadsToPass, upperBound } from '../confidence-sequence.ts';
import type { Bound, Condition } from '../decision.ts';
import { comparedOf, distinctOf, isExhausted, type Subject } from '../subject.ts';

/**
 * The mismatch rate is bounded twice: over distinct comparisons, since repeats of one question are one piece of
 * evidence, and over all reads, since a hot entity that differs is what most clients would see. The wider bound counts.
 */
export function boundOf(subject: Subject): Bound {
  const { evidence, declared, alpha, limits } = subject;
  const { counts } = evidence;
  const distinct = { n: 0, k: 0 };
  for (const route of evidence.routes) {
    const declaration = declared.find(({ key }) => key === route.key);
    distinct.n += declaration === undefined ? route.distinct : distinctOf(declaration, route);
    distinct.k += route.distinctMismatches;
  }
  // Units that found no room can make k larger than n: n is then the number of units.
  distinct.n = Math.max(distinct.n, distinct.k);
  const reads = { n: comparedOf(evidence), k: counts.mismatch };
  const failed = counts.twinErrors + counts.twinTimeouts;
  const sent = reads.n + counts.acknowledged + counts.unstable + failed;
  const bounds = {
    distinct: { ...distinct, upper: upperBound(distinct.n, distinct.k, alpha) },
    reads: { ...reads, upper: upperBound(reads.n, reads.k, alpha) },
    failures: { n: sent, k: failed, upper: upperBound(sent, failed, alpha) },
    alpha,
    limit: limits.mismatchLimit,
  };
  const exhausted = declared.every((route) =>
    isExhausted(
      route,
      evidence.routes.find(({ key }) => key === route.key),
    ),
  );
  if (exhausted && declared.length > 0 && reads.k === 0 && distinct.k === 0) {
    return { ...bounds, used: 'exhaustion', upper: 0, rate: 0, n: distinct.n, k: 0 };
  }
  if (reads.n === 0) return { ...bounds, used: 'none', upper: 1, rate: null, n: 0, k: 0 };
  const used = bounds.reads.upper > bounds.distinct.upper ? 'reads' : 'distinct';
  const { n, k, upper } = bounds[used];
  return { ...bounds, used, upper, rate: n === 0 ? null : k / n, n, k };
}

export function mismatchBound(subject: Subject, bound: Bound): Condition {
  const { domain, limits, alpha, window } = subject;
  const limit = limits.mismatchLimit;
  const missing: string[] = [];
  const distinct = cleanReadsToPass(bound.distinct.n, bound.distinct.k, alpha, limit);
  const reads = cleanReadsToPass(bound.reads.n, bound.reads.k, alpha, limit);
  const holds = verdictOn(bound, bound.upper < limit, [bound.distinct, bound.reads], limit);
  if (holds !== true) {
    if (distinct === null || reads === null)
      missing.push(`${domain}: no number of comparisons brings the bound under ${percent(limit)}`);
    else if (distinct > 0)
      missing.push(`${domain}: ${counted(distinct, 'more distinct comparison')} without a mismatch`);
    else missing.push(`${domain}: ${counted(reads, 'more comparison')} without a mismatch`);
  }
  const over = bound.used === 'distinct' ? 'distinct comparisons' : 'comparisons';
  const text =
    bound.used === 'exhaustion'
      ? `all possible answers of ${domain} were compared and none differs`
      : bound.used === 'none'
        ? 'nothing was compared yet'
        : `${rateWords(bound.rate, bound.n, bound.upper, limit)}: ${counted(bound.k, 'mismatch', 'mismatches')} in ${over}, with ${percent(1 - alpha)} confidence at any time`;
  return { name: 'mismatch_bound', holds, figure: bound.upper, limit, unit: 'share', window, missing, text };
}

export function failureBound(subject: Subject, bound: Bound): Condition {
  const { domain, limits, alpha, window } = subject;
  const limit = limits.failureLimit;
  const { n, k, upper } = bound.failures;
  const holds = n === 0 ? null : verdictOn(bound, upper < limit, [bound.failures], limit);
  const more = cleanReadsToPass(n, k, alpha, limit);
  const missing =
    holds === true
      ? []
      : [
          more === null
            ? `${domain}: no number of answers brings the bound under ${percent(limit)}`
            : `${domain}: ${counted(more, 'more answer')} of the twin without an error or timeout`,
        ];
  const text =
    n === 0
      ? 'the twin was not asked yet'
      : `${rateWords(k / n, n, upper, limit)}: ${counted(k, 'twin error or timeout', 'twin errors and timeouts')} in reads, with ${percent(1 - alpha)} confidence at any time`;
  return { name: 'failure_bound', holds, figure: upper, limit, unit: 'share', window, missing, text };
}

/** Observed above the limit: the condition does not hold. Not yet certainly below it: undecided. */
function verdictOn(
  bound: Bound,
  under: boolean,
  rates: readonly { readonly n: number; readonly k: number }[],
  limit: number,
): boolean | null {
  if (under) return true;
  if (bound.used === 'none' && rates.every(({ k }) => k === 0)) return null;
  return rates.some(({ n, k }) => k > 0 && k / n >= limit) ? false : null;
}
