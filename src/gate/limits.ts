/** The gate's limits, as the config's `gate` has them. */
export interface GateLimits {
  /** Distinct comparisons every route needs. */
  readonly minimumPerRoute: number;
  /** Distinct comparisons every query shape seen needs. */
  readonly minimumPerShape: number;
  /** Callers that a route needs whose answers depend on who asks; by default 2, or 1 where a route needs but one comparison. */
  readonly minimumCallers?: number | undefined;
  /** The upper bound of the mismatch rate must be below it. */
  readonly mismatchLimit: number;
  /** The upper bound of the rate of twin errors and timeouts must be below it. */
  readonly failureLimit: number;
  /** Promised error over all looks and all epochs. */
  readonly alpha: number;
  readonly forcedSkipLimit: number;
  readonly unstableLimit: number;
  readonly settledLimit: number;
  readonly settleP99Ms: number;
  /** The twin's p99 over the primary's. */
  readonly latencyRatio: number;
  /** An open fingerprint with such a difference fails the domain. */
  readonly fatalKinds: readonly string[];
  /** Comparisons in which of the twin's forms count: the primary's, its own, or either; the primary's by default. */
  readonly representation?: 'primary' | 'twin' | 'any';
  /** Timed pairs that a route's p99 needs; by default 200, or fewer where a route needs fewer comparisons. */
  readonly latencySamples?: number | undefined;
  /** Largest share of the ids paired by consistency that only one answer has shown; 1, the default, allows any. */
  readonly idsOnceLimit?: number;
  /** Milliseconds that two clocks may differ; 2,000 by default. */
  readonly clockSkewMs?: number;
}

/** Callers that a route needs whose answers depend on who asks. */
export function callersFor({ minimumCallers, minimumPerRoute }: GateLimits): number {
  return minimumCallers ?? Math.min(2, minimumPerRoute);
}

/** Timed pairs that a p99 needs. */
export function samplesFor(limits: GateLimits): number {
  return limits.latencySamples ?? Math.max(1, Math.min(200, limits.minimumPerRoute));
}
