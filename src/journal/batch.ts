/** What one flush carries: all counts are already summed, so that a thousand equal reads are one row. */
import type { Cause, Fault, MismatchPattern, Representation, Side, VerdictKind } from '../types.ts';
import type { Histogram } from './histogram.ts';

/**
 * What evidence is about. A part that this replica does not know (yet) is null, and fits the latest epoch of the
 * domain.
 */
export interface EvidenceKey {
  readonly domain: string;
  readonly backfill: string | null;
  /** `X-Twin-Build`; empty where the twin answers without one. */
  readonly twinBuild: string | null;
  readonly rules: string | null;
}

export interface CountEntry {
  minute: number;
  readonly about: EvidenceKey;
  readonly route: string;
  readonly served: Side;
  readonly representation: Representation;
  readonly verdict: VerdictKind;
  readonly reason: string;
  readonly fatal: boolean;
  n: number;
  firstAt: number;
  lastAt: number;
}

/**
 * What a histogram measures: both sides to headers; both again where a control read fetched the primary's answer
 * with the client that fetches the twin's; time to settle; time that the proxy added.
 */
export type Timed = 'primary' | 'twin' | 'primary_control' | 'twin_control' | 'settle' | 'overhead';

export interface HistogramEntry {
  minute: number;
  readonly about: EvidenceKey;
  readonly route: string;
  readonly measure: Timed;
  readonly served: Side;
  readonly representation: Representation;
  readonly histogram: Histogram;
}

export interface CoverageEntry {
  readonly about: EvidenceKey;
  readonly route: string;
  readonly shape: string;
  seen: number;
  compared: number;
  mismatches: number;
  /** Mismatching units that could not be kept because the buffer was full: they are counted. */
  lostUnits: number;
  firstAt: number;
  lastAt: number;
}

export const DISTINCT = { entity: 0, answer: 1, unit: 2 } as const;

export interface HashEntry {
  readonly about: EvidenceKey;
  readonly route: string;
  readonly shape: string;
  readonly kind: (typeof DISTINCT)[keyof typeof DISTINCT];
  readonly hash: string;
  /** The fingerprints of the mismatch that this unit once was, in order; null where it never was one. */
  differs: readonly string[] | null;
  /** Of a comparison: hashes of its question and its answer. */
  readonly of?: { readonly entity: string; readonly answer: string };
}

export interface FingerprintEntry {
  readonly fingerprint: string;
  readonly domain: string;
  readonly route: string;
  readonly sample: Pick<MismatchPattern, 'path' | 'kind' | 'rule' | 'measure'>;
  fatal: boolean;
  firstAt: number;
  lastAt: number;
  lastMismatch: string;
}

/** Reads of one route that showed a fault. */
export interface FaultEntry {
  readonly fault: Fault;
  readonly onRoute: string;
  n: number;
  firstAt: number;
  lastAt: number;
  lastMismatch: string;
}

/** Mismatches, by the set of their fingerprints. */
export interface CombinationEntry {
  readonly hour: number;
  readonly about: EvidenceKey;
  readonly route: string;
  /** In order, each once. */
  readonly fingerprints: readonly string[];
  readonly served: Side;
  readonly representation: Representation;
  readonly cause: Cause;
  n: number;
  lastAt: number;
}

export interface ControlEntry {
  minute: number;
  readonly domain: string;
  readonly route: string;
  n: number;
  disagreed: number;
}

export interface ControlPathEntry {
  readonly route: string;
  readonly path: string;
  n: number;
  lastAt: number;
}

export interface FailureEntry {
  readonly domain: string;
  readonly route: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  n: number;
  lastAt: number;
  detail: string | null;
  traceId: string;
}

export interface MismatchEntry {
  readonly id: string;
  readonly at: number;
  readonly exchangeId: string;
  readonly about: EvidenceKey;
  readonly route: string;
  readonly served: Side;
  readonly representation: Representation;
  readonly fingerprint: string;
  readonly fingerprints: readonly string[];
  readonly cause: Cause;
  readonly fatal: boolean;
  readonly traceId: string;
  readonly differenceCount: number;
  /** The verdict as JSON, without the sealed evidence. */
  readonly verdict: string;
  readonly evidence: Uint8Array | null;
}

export interface Batch {
  readonly counts: readonly CountEntry[];
  readonly histograms: readonly HistogramEntry[];
  readonly coverage: readonly CoverageEntry[];
  readonly hashes: readonly HashEntry[];
  readonly fingerprints: readonly FingerprintEntry[];
  readonly combinations: readonly CombinationEntry[];
  readonly faults: readonly FaultEntry[];
  readonly control: readonly ControlEntry[];
  readonly controlPaths: readonly ControlPathEntry[];
  readonly failures: readonly FailureEntry[];
  /** If the database refuses their content, they are dropped and counted. */
  mismatches: readonly MismatchEntry[];
  /** Verdicts in it. */
  readonly verdicts: number;
  /** Epoch ms when the oldest verdict in it was recorded. */
  readonly since: number;
  /** Everything this replica recorded before this minute is in this batch or one before it (epoch ms). */
  readonly watermark: number;
}
