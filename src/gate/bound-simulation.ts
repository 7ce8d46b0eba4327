/**
 * Whether the bound keeps its promise, by simulation: runs of independent reads of a known rate, looked at after
 * every read. Reads without a failure lower the bound and each failure raises it, so the bound is lowest just before
 * a failure. Only those moments are looked at, and no violation is missed.
 */
import { binomialAtMost } from './clopper-pearson.ts';
import { logEvidenceAgainst, upperBound } from './confidence-sequence.ts';

export interface SimulationOptions {
  readonly runs: number;
  readonly reads: number;
  readonly alpha: number;
  readonly rates: readonly number[];
  readonly seed: number;
}

export interface SimulatedRate {
  readonly rate: number;
  /** Share of runs in which the bound was under the true rate at any look. */
  readonly error: number;
  /** The same for the fixed-sample bound, looked at as often. */
  readonly naiveError: number;
  /** Mean of bound / rate at the end of the runs in which the bound held; at rate 0 the mean bound. */
  readonly bound: number;
}

export interface Simulation extends SimulationOptions {
  readonly results: readonly SimulatedRate[];
  /** No realised error is above the promised one. */
  readonly holds: boolean;
  /** The fixed-sample bound breaks its promise at some rate. */
  readonly naiveFails: boolean;
}

export function simulateBound(options: SimulationOptions): Simulation {
  const random = generator(options.seed);
  const results = options.rates.map((rate) => simulateRate(rate, options, random));
  return {
    ...options,
    results,
    holds: results.every(({ error }) => error <= options.alpha),
    naiveFails: results.some(({ naiveError }) => naiveError > options.alpha),
  };
}

function simulateRate(rate: number, { runs, reads, alpha }: SimulationOptions, random: () => number): SimulatedRate {
  let errors = 0;
  let naiveErrors = 0;
  let bounds = 0;
  for (let run = 0; run < runs; run += 1) {
    const { wrong, naiveWrong, n, k } = simulateRun(rate, reads, alpha, random);
    if (wrong) errors += 1;
    if (naiveWrong) naiveErrors += 1;
    bounds += upperBound(n, k, alpha);
  }
  return { rate, error: errors / runs, naiveError: naiveErrors / runs, bound: bounds / runs };
}

function simulateRun(rate: number, reads: number, alpha: number, random: () => number) {
  const threshold = -Math.log(alpha);
  const logSuccess = Math.log1p(-rate);
  let n = 0;
  let k = 0;
  let wrong = false;
  let naiveWrong = false;
  while (n < reads) {
    // Reads without a failure before the next one: geometric.
    const clean = rate === 0 ? reads : Math.floor(Math.log(1 - random()) / logSuccess);
    n = Math.min(reads, n + clean);
    if (rate > 0 && k / n < rate) {
      wrong ||= logEvidenceAgainst(rate, n, k) >= threshold;
      naiveWrong ||= binomialAtMost(k, n, rate) < alpha;
    }
    if (n < reads) {
      n += 1;
      k += 1;
    }
  }
  return { wrong, naiveWrong, n, k };
}

/** A table for people. */
export function simulationText({ runs, reads, alpha, results, holds, naiveFails }: Simulation): string {
  const percent = (share: number): string => `${(share * 100).toFixed(3)} %`;
  return [
    `${runs} runs of ${reads} reads, looked at after every read; promised error ${percent(alpha)}`,
    'true rate    realised error   fixed-sample bound, same looks   mean bound at the end',
    ...results.map(
      ({ rate, error, naiveError, bound }) =>
        `${percent(rate).padEnd(12)} ${percent(error).padEnd(16)} ${percent(naiveError).padEnd(32)} ${percent(bound)}`,
    ),
    `the bound keeps its promise: ${holds ? 'yes' : 'NO'}; the fixed-sample bound breaks it: ${naiveFails ? 'yes' : 'no'}`,
  ].join('\n');
}

/** Mulberry32: small, fast, the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
