/** What gate, admin port, CLI and dashboard read. Every call rejects with SHADOW_JOURNAL where the journal cannot be read. */
import type postgres from 'postgres';
import { inTime } from '../base/in-time.ts';
import type { DomainEvidence, IdEvidence } from '../gate/evidence.ts';
import type { UnknownReads } from '../types.ts';
import { connectJournal, journalError } from './connection.ts';
import {
  type AuditRow,
  audit,
  type ControlRow,
  controls,
  type DecisionRow,
  decision,
  decisions,
  type StageRow,
  stages,
} from './read/decisions.ts';
import { type Counting, domainEvidence } from './read/evidence.ts';
import {
  type FaultFilter,
  type FaultPage,
  type FaultRow,
  fault,
  faults,
  type OpenFaults,
  openFaults,
} from './read/faults.ts';
import {
  type FingerprintFilter,
  type FingerprintPage,
  type FingerprintRow,
  fingerprint,
  fingerprints,
  type TrendPoint,
  trends,
} from './read/fingerprints.ts';
import { type InstanceRow, instances, unknownReads } from './read/health.ts';
import { type IdPairRow, idPairs, pairsOfIds } from './read/id-pairs.ts';
import {
  type MismatchDetail,
  type MismatchFilter,
  type MismatchPage,
  mismatch,
  mismatches,
  type SealedEvidence,
  sealedEvidence,
  sealedSince,
} from './read/mismatches.ts';
import {
  beganAt,
  type FailureRow,
  failures,
  type NoisyPath,
  noisyPaths,
  type RouteReport,
  report,
  type SeriesPoint,
  series,
  type TimedHistograms,
  timings,
  type Window,
} from './read/report.ts';
import { type DomainStatus, status } from './read/status.ts';

export interface JournalReader {
  /** All that a decision on this domain rests on, in one snapshot. */
  evidence(domain: string, counting?: Counting, redirecting?: readonly string[]): Promise<DomainEvidence>;
  /** The shadow-read columns of the cutover table. */
  status(): Promise<DomainStatus[]>;
  report(window: Window): Promise<RouteReport[]>;
  /** Where a chart of the reads before `to` begins, epoch ms: a little before the first of them in the last day, week or quarter. */
  beganAt(window: Omit<Window, 'from'> & { readonly to: number }): Promise<number>;
  /** Reads by verdict and mismatch rate per step of whole minutes. */
  series(window: Window & { readonly stepMs: number }): Promise<SeriesPoint[]>;
  /** Histograms of both sides, settling and overhead by route, for charts. */
  timings(window: Window): Promise<ReadonlyMap<string, TimedHistograms>>;
  noisyPaths(domain?: string): Promise<NoisyPath[]>;
  failures(domain?: string): Promise<FailureRow[]>;
  instances(): Promise<InstanceRow[]>;
  unknownReads(): Promise<UnknownReads>;
  mismatches(filter: MismatchFilter): Promise<MismatchPage>;
  /** By id, or a beginning of one that no other has. */
  mismatch(id: string): Promise<MismatchDetail | null>;
  sealedEvidence(id: string): Promise<SealedEvidence | null>;
  sealedSince(since: number, after: string | null, limit?: number): Promise<SealedEvidence[]>;
  faults(filter: FaultFilter): Promise<FaultPage>;
  /** By id, or a beginning of one that no other has. */
  fault(id: string): Promise<FaultRow | null>;
  /** How many are open, by domain and cause. */
  openFaults(): Promise<OpenFaults[]>;
  fingerprints(filter: FingerprintFilter): Promise<FingerprintPage>;
  /** By id, or a beginning of one that no other has. */
  fingerprint(id: string): Promise<FingerprintRow | null>;
  trends(
    ids: readonly string[],
    by: 'hour' | 'day',
    since: number,
  ): Promise<ReadonlyMap<string, readonly TrendPoint[]>>;
  decisions(filter: {
    readonly domain?: string;
    readonly before?: number;
    readonly limit?: number;
  }): Promise<DecisionRow[]>;
  decision(id: number): Promise<(DecisionRow & { readonly evidence: DomainEvidence }) | null>;
  /** How many pairs of ids were found by consistency, and how many of them by one answer alone. */
  idPairs(collections: readonly string[]): Promise<IdEvidence[]>;
  /** Pairs of ids of one collection, those that the fewest answers have shown first. */
  pairsOfIds(filter: {
    readonly collection: string;
    readonly id: string | null;
    readonly limit: number;
  }): Promise<IdPairRow[]>;
  stages(): Promise<StageRow[]>;
  controls(): Promise<ControlRow[]>;
  audit(filter: { readonly subject?: string; readonly before?: number; readonly limit?: number }): Promise<AuditRow[]>;
  close(): Promise<void>;
}

/** No reader waits longer than this for the journal, ms. */
const READ_DEADLINE = 15_000;

/** Opens a reader; connects when first asked, and again after a lost connection. */
export function openReader(options: { readonly url: string; readonly max?: number }): JournalReader {
  const sql = connectJournal(options.url, { max: options.max ?? 2, name: 'shadowread reader' });
  const read = async <T>(work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> => {
    try {
      return await inTime(sql, READ_DEADLINE, work(sql));
    } catch (error) {
      throw journalError(error);
    }
  };
  return {
    evidence: (domain, counting, redirecting) =>
      read((db) =>
        db.begin('isolation level repeatable read read only', (tx) =>
          domainEvidence(tx, domain, counting, redirecting),
        ),
      ),
    status: () => read(status),
    report: (window) => read((db) => report(db, window)),
    beganAt: (window) => read((db) => beganAt(db, window)),
    series: (window) => read((db) => series(db, window)),
    timings: (window) => read((db) => timings(db, window)),
    noisyPaths: (domain) => read((db) => noisyPaths(db, domain ?? null)),
    failures: (domain) => read((db) => failures(db, domain ?? null)),
    instances: () => read(instances),
    unknownReads: () => read(unknownReads),
    mismatches: (filter) => read((db) => mismatches(db, filter)),
    mismatch: (id) => read((db) => mismatch(db, id)),
    sealedEvidence: (id) => read((db) => sealedEvidence(db, id)),
    sealedSince: (since, after, limit) => read((db) => sealedSince(db, since, after, limit)),
    faults: (filter) => read((db) => faults(db, filter)),
    fault: (id) => read((db) => fault(db, id)),
    openFaults: () => read(openFaults),
    fingerprints: (filter) => read((db) => fingerprints(db, filter)),
    fingerprint: (id) => read((db) => fingerprint(db, id)),
    trends: (ids, by, since) => read((db) => trends(db, ids, by, since)),
    decisions: (filter) => read((db) => decisions(db, filter)),
    decision: (id) => read((db) => decision(db, id)),
    idPairs: (collections) => read((db) => idPairs(db, collections)),
    pairsOfIds: (filter) => read((db) => pairsOfIds(db, filter)),
    stages: () => read(stages),
    controls: () => read(controls),
    audit: (filter) => read((db) => audit(db, filter)),
    close: () => sql.end({ timeout: 1 }),
  };
}
