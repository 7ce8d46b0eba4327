/** How fast a series rises, with the interval in which its true slope lies: a leak is a slope that zero is no part of. */

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Slope {
  readonly points: number;
  readonly minutes: number;
  /** Of the value, an hour. */
  readonly perHour: number;
  /** Ends of the 95 % confidence interval of `perHour`. */
  readonly low: number;
  readonly high: number;
}

const HOUR = 3_600_000;
/** Fewer points say nothing about how they hang together. */
const LEAST = 8;

/**
 * Least squares over points that are evenly spaced in time. Samples of memory follow each other (a heap that is high stays
 * high for a while), which makes the usual interval far too narrow: the variance is that of Newey and West, "A Simple,
 * Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent Covariance Matrix", Econometrica 55 (1987)
 * 703-708, with Bartlett's kernel over 4 (n/100)^(2/9) lags, times n / (n - 2), and Student's t of n - 2 degrees.
 *
 * Null for fewer than eight points or no time between them.
 */
export function slopeOf(points: readonly Point[]): Slope | null {
  const n = points.length;
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || n < LEAST || last.atMs <= first.atMs) return null;
  const hours = points.map(({ atMs }) => (atMs - first.atMs) / HOUR);
  const [meanX, meanY] = [mean(hours), mean(points.map(({ value }) => value))];
  const x = hours.map((hour) => hour - meanX);
  const squares = sum(x.map((one) => one * one));
  const perHour = sum(points.map(({ value }, i) => (x[i] ?? 0) * (value - meanY))) / squares;
  const scores = points.map(({ value }, i) => (x[i] ?? 0) * (value - meanY - perHour * (x[i] ?? 0)));
  const lags = Math.floor(4 * (n / 100) ** (2 / 9));
  let variance = sum(scores.map((one) => one * one));
  for (let lag = 1; lag <= lags; lag += 1) {
    const weight = 1 - lag / (lags + 1);
    variance += 2 * weight * sum(scores.slice(lag).map((one, i) => one * (scores[i] ?? 0)));
  }
  const error = Math.sqrt((variance * n) / (n - 2)) / squares;
  const reach = studentT(n - 2) * error;
  return {
    points: n,
    minutes: (last.atMs - first.atMs) / 60_000,
    perHour,
    low: perHour - reach,
    high: perHour + reach,
  };
}

/** The 97.5 % quantile, by Abramowitz and Stegun 26.7.5; right to three digits from five degrees on. */
function studentT(degrees: number): number {
  const z = 1.959_964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
