/**
 * The fixed-sample upper bound of a Bernoulli rate (Clopper and Pearson, Biometrika 26, 1934). It holds for one look
 * whose time was set beforehand; with repeated looks its error has no limit. The gate does not use it: it is here
 * for comparison.
 */
import { logBeta } from './log-gamma.ts';

/** The rate at which k or fewer failures among n have probability `alpha`. */
export function fixedSampleBound(n: number, k: number, alpha: number): number {
  if (n === 0 || k >= n) return 1;
  if (k === 0) return -Math.expm1(Math.log(alpha) / n);
  let inside = k / n;
  let outside = 1;
  for (let step = 0; step < 100; step += 1) {
    const middle = (inside + outside) / 2;
    if (binomialAtMost(k, n, middle) > alpha) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** Probability of k or fewer failures among n at rate p: the regularized incomplete beta I(1-p; n-k, k+1). */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  if (p <= 0) return 1;
  if (p >= 1) return 0;
  return incompleteBeta(1 - p, n - k, k + 1);
}

/** By the continued fraction of Abramowitz and Stegun 26.5.8, evaluated by Lentz' method. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / floor(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m <= 1_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / floor(1 + even * d, tiny);
    c = floor(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / floor(1 + odd * d, tiny);
    c = floor(1 + odd / c, tiny);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return front * value;
}

function floor(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
