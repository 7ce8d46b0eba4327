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
 * 703-708, with Bartlett's kernel over 4 (n/100)^(2/9) lags, times n over the degrees of freedom, and Student's t of these degrees.
 *
 * Points of one season are held against each other only, so that what comes and goes with the season is no slope: time and
 * value are each taken from the mean of their season, which is least squares with a constant for each (Frisch and Waugh,
 * "Partial Time Regressions as Compared with Individual Trends", Econometrica 1 (1933) 387-401).
 *
 * Null for fewer than eight points beyond one a season, or no time between them.
 */
export function slopeOf(points: readonly Point[], seasonOf: (atMs: number) => number = () => 0): Slope | null {
  const n = points.length;
  const [first] = points;
  const last = points.at(-1);
  const seasons = [...Map.groupBy(points.keys(), (i) => seasonOf(points[i]?.atMs ?? 0)).values()];
  const degrees = n - seasons.length - 1;
  if (first === undefined || last === undefined || degrees < LEAST - 2 || last.atMs <= first.atMs) return null;
  const hours = points.map(({ atMs }) => (atMs - first.atMs) / HOUR);
  const x = withoutMeans(hours, seasons);
  const y = withoutMeans(
    points.map(({ value }) => value),
    seasons,
  );
  const squares = sum(x.map((one) => one * one));
  if (squares === 0) return null;
  const perHour = sum(y.map((value, i) => (x[i] ?? 0) * value)) / squares;
  const scores = y.map((value, i) => (x[i] ?? 0) * (value - perHour * (x[i] ?? 0)));
  const lags = Math.floor(4 * (n / 100) ** (2 / 9));
  let variance = sum(scores.map((one) => one * one));
  for (let lag = 1; lag <= lags; lag += 1) {
    const weight = 1 - lag / (lags + 1);
    variance += 2 * weight * sum(scores.slice(lag).map((one, i) => one * (scores[i] ?? 0)));
  }
  const error = Math.sqrt((variance * n) / degrees) / squares;
  const reach = studentT(degrees) * error;
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

function withoutMeans(values: readonly number[], groups: readonly (readonly number[])[]): number[] {
  const result = [...values];
  for (const group of groups) {
    const middle = mean(group.map((i) => values[i] ?? 0));
    for (const i of group) result[i] = (values[i] ?? 0) - middle;
  }
  return result;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
