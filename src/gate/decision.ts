/** The gate's answer: every condition with its figure, and what is missing. */

import type { FaultsOfDomain } from './evidence.ts';

export type Outcome = 'pass' | 'fail' | 'undecided';

export const CONDITIONS = [
  'journal',
  'routes',
  'shapes',
  'mismatch_bound',
  'failure_bound',
  'fatal_mismatches',
  'fatal_fingerprints',
  'acknowledgements',
  'forced_skips',
  'blameless_skips',
  'unstable',
  'settled',
  'settle_p99',
  'verifier_errors',
  'latency',
  'last_day',
  'ids',
] as const;
export type ConditionName = (typeof CONDITIONS)[number];

export type Unit = 'share' | 'ms' | 'count' | 'ratio';

export interface Condition {
  readonly name: ConditionName;
  /** True: it holds. False: it does not. Null: the evidence does not tell yet. */
  readonly holds: boolean | null;
  readonly figure: number | null;
  readonly limit: number | null;
  readonly unit: Unit;
  /** Which reads it is about: `epoch 2 since 2026-06-01T00:00:00.000Z`, `last 24 hours`. */
  readonly window: string;
  /** What is needed before it can hold: "payments: 1,204 more comparisons on GET /api/payments/stats". */
  readonly missing: readonly string[];
  /** One sentence with the figures. */
  readonly text: string;
}

export interface Bound {
  /**
   * Which count the mismatch bound rests on: different (entity, answer) pairs, all reads where that is the wider one, or
   * the exhaustion of all routes that have few answers.
   */
  readonly used: 'distinct' | 'reads' | 'exhaustion' | 'none';
  /** Upper bound of the mismatch rate, 0..1; 1 without evidence. */
  readonly upper: number;
  readonly rate: number | null;
  readonly n: number;
  readonly k: number;
  /** The promised error of this epoch's try. */
  readonly alpha: number;
  readonly limit: number;
  readonly distinct: { readonly n: number; readonly k: number; readonly upper: number };
  readonly reads: { readonly n: number; readonly k: number; readonly upper: number };
  /** Twin errors and timeouts over all reads that the twin was asked. */
  readonly failures: { readonly n: number; readonly k: number; readonly upper: number };
}

export interface Decision {
  readonly domain: string;
  readonly outcome: Outcome;
  readonly conditions: readonly Condition[];
  readonly bound: Bound;
  /** Ordinal of the evidence epoch; null without one. */
  readonly epoch: number | null;
  /** ISO instant by the journal's clock; null where the journal cannot be read. */
  readonly at: string | null;
  readonly configDigest: string;
  /**
   * What to repair; absent where the journal cannot be read. It is no condition itself: the conditions count its
   * mismatches.
   */
  readonly faults?: FaultsOfDomain;
  /** All that is missing, in the order of the conditions. */
  readonly missing: readonly string[];
}
