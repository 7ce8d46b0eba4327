/** Why a mismatch happened, found in the stores. */
import type { MismatchPattern, RedactedDifference } from './difference.ts';

export const CAUSES = ['known_gap', 'missing_row', 'extra_row', 'data_drift', 'twin_logic', 'unknown'] as const;

export type Cause = (typeof CAUSES)[number];

/**
 * What an engineer repairs. All mismatches that come of one stored fact are one fault, whatever routes show it; those
 * that the rows do not explain are one fault for each route and fingerprint.
 */
export interface Fault {
  /** 12 hex digits, the same for the same fact wherever it is seen. */
  readonly id: string;
  readonly cause: Cause;
  /** Where the stored fact lives; the route's domain where no row is to blame. */
  readonly domain: string;
  /** Null where no row is to blame. */
  readonly collection: string | null;
  /** ObjectId, 24 hex digits, or the text that is the document's `_id`. */
  readonly entity: string | null;
  /** Dotted path in the document; null where it is the row as a whole. */
  readonly field: string | null;
  /** Null where a row is to blame. */
  readonly route: string | null;
  readonly fingerprint: string | null;
  /** How document and row differ, or the answers; null where there is only one of the two. */
  readonly sample: Pick<MismatchPattern, 'path' | 'kind' | 'rule' | 'measure'> | null;
  /** Money, an identity, or a whole row. */
  readonly fatal: boolean;
}

export interface CauseFinding {
  readonly cause: Cause;
  /** What explains the differences; absent in verdicts from before there were faults. */
  readonly faults?: readonly Fault[];
  /** The rows it was found by; fields that differ, redacted; what could not be looked up. */
  readonly entities: readonly CauseEntity[];
  readonly note: string | null;
}

export interface CauseEntity {
  readonly collection: string;
  /** ObjectId, 24 hex digits. */
  readonly mongoId: string;
  readonly uuid: string | null;
  readonly state: 'gap' | 'missing' | 'extra' | 'drift' | 'same' | 'unreadable';
  readonly fields: readonly RedactedDifference[];
}
