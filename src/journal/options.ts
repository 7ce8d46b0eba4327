/** What the journal is given, and what it tells of itself. */
import type { UnknownReads, Verdict } from '../types.ts';
import type { RouteBounds } from './room.ts';

export type JournalLog = (level: 'info' | 'warn', message: string) => void;

export interface JournalLimits {
  /** Mismatch rows waiting; further ones are dropped and counted. */
  readonly journalBuffer: number;
  /** Pause between batches, ms; 1,000 by default. */
  readonly flushMs?: number;
  /** Verdicts that make a batch due before its time; 5,000 by default. */
  readonly batchVerdicts?: number;
  /** How long histograms are summed before they are merged in the journal, ms; ten times `flushMs` by default. */
  readonly histogramMs?: number;
  /** How long sealed evidence may be opened, ms; a week by default. */
  readonly evidenceTtlMs?: number;
  /** Distinct hashes kept per (epoch, route, shape, kind); 20,000 by default. */
  readonly distinctCap?: number;
  /** Names that a route may have of each kind; what finds no room counts as one more. */
  readonly perRoute?: RouteBounds;
}

export interface JournalOptions {
  readonly url: string;
  /** Name of this replica; what makes it unique over restarts is added. */
  readonly instance: string;
  readonly limits: JournalLimits;
  readonly log: JournalLog;
  /**
   * Digest over all rules of the verdict's domain, as `domainRules` makes it from the routes' own. Without it a change of
   * rules begins no epoch.
   */
  readonly rulesOf?: (verdict: Verdict) => string | null;
  /** Id of the backfill that the twin's data came from; null while unknown. */
  readonly backfillOf?: (domain: string) => string | null;
  /** Reads of no route since the start, for the replica's row. */
  readonly unknown?: () => UnknownReads;
}

export interface JournalStats {
  readonly instance: string;
  /** Verdicts recorded and not yet written. */
  readonly pending: number;
  /** Mismatch rows waiting. */
  readonly buffered: number;
  /** Mismatch rows that found the buffer full, or whose content the database refused. Their counts were kept. */
  readonly droppedEvidence: number;
  /** Verdicts written. */
  readonly written: number;
  /** Verdicts that could not even be summed: a fault of the program, counted so that it is seen. */
  readonly lost: number;
  readonly lagSeconds: number;
  readonly connected: boolean;
  readonly lastError: string | null;
}
