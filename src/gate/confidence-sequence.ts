/**
 * An upper bound of a Bernoulli rate that holds however often it is looked at.
 *
 * For the beta mixture with density w of Beta(A, B) over [0, 1], and k failures among n independent reads of rate p,
 *
 * M_n(p) = (integral of q^k (1 - q)^(n - k) w(q) dq) / (p^k (1 - p)^(n - k)) = (Beta(A + k, B + n - k) / Beta(A, B))
 * / (p^k (1 - p)^(n - k))
 *
 * is a nonnegative martingale of mean 1, so by Ville's inequality it ever reaches 1/alpha with probability at most
 * alpha (Ville 1939; Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math.
 * Statist. 41, 1970). The rates with M_n(p) < 1/alpha are therefore a confidence sequence: they contain the true
 * rate at all n at once with probability at least 1 - alpha (Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform,
 * nonparametric, nonasymptotic confidence sequences", Ann. Statist. 49, 2021; Waudby-Smith and Ramdas, "Estimating
 * means of bounded random variables by betting", JRSS B 86, 2024). ln M is convex in p with its least value at k/n,
 * so they are an interval; this file gives its upper end. It depends on n and k alone, so that counts added over
 * replicas give it, and nothing needs to be remembered between two looks.
 *
 * The mixture is fixed before any evidence: Beta(1/2, 500), mean 0.1 %, puts its weight where a gate's limits are.
 * Any other choice keeps the promise too and only makes the bound wider or narrower.
 */
import { logBeta } from './log-gamma.ts';

/** The mixture's parameters. A change within an epoch would break the promised error, so they are no option. */
export const MIXTURE = { a: 0.5, b: 500 } as const;

const LOG_BETA_PRIOR = logBeta(MIXTURE.a, MIXTURE.b);

/** ln M_n(p): the evidence against the rate p. Where M_n(p) has reached 1/alpha, p stays excluded. */
export function logEvidenceAgainst(rate: number, n: number, k: number): number {
  const mixture = logBeta(MIXTURE.a + k, MIXTURE.b + n - k) - LOG_BETA_PRIOR;
  // 0 ln 0 is 0: no failure says nothing against a rate of 0.
  const failures = k === 0 ? 0 : k * Math.log(rate);
  const successes = n - k === 0 ? 0 : (n - k) * Math.log1p(-rate);
  return mixture - failures - successes;
}

/**
 * Upper bound of the rate after k failures among n reads, with error at most `alpha` over all looks together.
 * 1 without a read. @throws RangeError for counts or an alpha that cannot be.
 */
export function upperBound(n: number, k: number, alpha: number): number {
  check(n, k, alpha);
  if (n === 0 || k === n) return 1;
  const threshold = -Math.log(alpha);
  if (k === 0) {
    // (1 - p)^n = alpha Beta(A, B + n) / Beta(A, B) in closed form.
    return -Math.expm1((logBeta(MIXTURE.a, MIXTURE.b + n) - LOG_BETA_PRIOR - threshold) / n);
  }
  let inside = k / n;
  let outside = 1;
  for (let step = 0; step < 200 && outside - inside > 1e-15 * outside; step += 1) {
    const middle = inside + (outside - inside) / 2;
    if (middle <= inside || middle >= outside) break;
    if (logEvidenceAgainst(middle, n, k) < threshold) inside = middle;
    else outside = middle;
  }
  // The upper end of the interval: rounding must not make the bound too low.
  return outside;
}

/** The least number of further reads without a failure that bring the bound under `limit`; null where 10^9 do not. */
export function cleanReadsToPass(n: number, k: number, alpha: number, limit: number): number | null {
  if (!(limit > 0)) return null;
  const passes = (more: number): boolean => upperBound(n + more, k, alpha) < limit;
  if (passes(0)) return 0;
  let enough = 1;
  while (!passes(enough)) {
    enough *= 2;
    if (enough > 1e9) return null;
  }
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (passes(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** The share of the promised error that try number `epoch` may spend: the shares of all tries sum to `alpha`. */
export function epochAlpha(alpha: number, epoch: number): number {
  const k = Math.max(1, Math.floor(epoch));
  return alpha / (k * (k + 1));
}

/** Sums reads one by one, for a replay or a test; the bound needs nothing but these two numbers. */
export class ReadCounts {
  n = 0;
  k = 0;

  add(failed: boolean): void {
    this.n += 1;
    if (failed) this.k += 1;
  }
}

function check(n: number, k: number, alpha: number): void {
  if (!(Number.isInteger(n) && Number.isInteger(k) && k >= 0 && n >= k)) {
    throw new RangeError(`expected whole counts with 0 <= failures <= reads, found ${k} of ${n}`);
  }
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`expected an error between 0 and 1, found ${alpha}`);
}
