/** The cutover table: how far each domain has come. Each column comes from its own store; without that store it says so. */
import type { Db, MongoClient } from 'mongodb';
import type { Sql } from 'postgres';
import { inTime } from '../base/in-time.ts';
import { isMissingTable } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import type { Outcome } from '../gate/decision.ts';
import type { DomainStatus } from '../journal/read/status.ts';
import { type JournalReader, openReader } from '../journal/reader.ts';
import { countStores, type StoreCounts } from '../migration/counts.ts';
import { openMigrationDatabase } from '../migration/db.ts';
import { readDrainLag } from '../migration/lag.ts';
import type { Stage } from '../types.ts';
import { type DecisionSetting, decideOn, declarationsOf } from './deciding.ts';

/** What is unknown, and why. */
export interface Unknown {
  readonly unknown: string;
}

export interface CutoverRow {
  readonly domain: string;
  readonly wired: { readonly routes: number };
  readonly backfilled: Backfilled | Unknown;
  readonly dualWritten: DualWritten | Unknown;
  readonly shadowRead: ShadowRead | Unknown;
  readonly gate: { readonly outcome: Outcome; readonly missing: readonly string[] } | Unknown;
  readonly stage: { readonly stage: Stage; readonly percent: number; readonly from: 'journal' | 'config' };
}

/** `models` is 0 for a domain without data. */
export interface Backfilled extends Omit<StoreCounts, 'openGaps'> {
  readonly models: number;
}

export interface DualWritten {
  /** Of the sync as a whole, ms; null where no drain reports. */
  readonly lagMs: number | null;
  readonly openGaps: number;
}

export interface ShadowRead {
  readonly compared: number;
  readonly mismatches: number;
  /** mismatch / compared; null where nothing was compared. */
  readonly rate: number | null;
  /** Upper bound of the mismatch rate that the gate computes, 0..1. */
  readonly bound: number;
  readonly routes: { readonly seen: number; readonly declared: number };
  readonly shapes: number;
  readonly openFingerprints: number;
}

export interface CutoverParts extends DecisionSetting {
  /** Null where it is not configured, as is each of the next two. */
  readonly journal: JournalReader | null;
  /** The twin's database; read-only credentials suffice. */
  readonly sql: Sql | null;
  readonly mongo: Db | null;
}

/** A MongoDB that does not answer in time is unknown, ms. */
const MONGO_MS = 3_000;

/** A Postgres that does not, ms. */
const POSTGRES_MS = 10_000;

/** The table, from the stores that the config names; they are opened for this call only. */
export async function readCutover(desk: DecisionSetting): Promise<readonly CutoverRow[]> {
  const { config } = desk;
  // First, since it refuses an address that is none: pools that are open by then would stay.
  const client = config.stores.mongo === undefined ? null : await mongoOf(config.stores.mongo);
  const journal = config.journal.url === undefined ? null : openReader({ url: config.journal.url });
  const sql = config.stores.postgres === undefined ? null : openMigrationDatabase(config.stores.postgres, 2);
  const mongo = client?.db() ?? null;
  try {
    return await cutoverStatus({ ...desk, journal, sql, mongo });
  } finally {
    await Promise.all([journal?.close(), sql?.end({ timeout: 1 }), client?.close()]);
  }
}

/** The driver is 150 modules: only who has a MongoDB loads it. */
async function mongoOf(uri: string): Promise<MongoClient> {
  const { MongoClient } = await import('mongodb');
  return new MongoClient(uri, { serverSelectionTimeoutMS: MONGO_MS });
}

/**
 * One row per domain of the route table. Never rejects because of a store: its columns are then unknown, with the
 * reason.
 */
async function cutoverStatus(parts: CutoverParts): Promise<readonly CutoverRow[]> {
  const { config, sql } = parts;
  const { routes, mappings } = parts.api;
  const [counts, lag, statuses] = await Promise.all([
    sql === null
      ? unknown('MIGRATION_PG_URL is not set')
      : tried(() => answering(sql, () => countStores(sql, parts.mongo, mappings))),
    sql === null ? unknown('MIGRATION_PG_URL is not set') : tried(() => answering(sql, () => readDrainLag(sql))),
    parts.journal === null ? unknown('SHADOWREAD_JOURNAL_URL is not set') : tried(statusesOf(parts.journal)),
  ]);
  const rows = parts.api.domains.map(async (domain): Promise<CutoverRow> => {
    const status = isUnknown(statuses) ? undefined : statuses.get(domain);
    const models = mappings.filter((mapping) => mapping.domain === domain).length;
    return {
      domain,
      wired: { routes: routes.filter((route) => route.domain === domain).length },
      backfilled: isUnknown(counts) ? counts : backfilled(models, counts.get(domain)),
      dualWritten: isUnknown(counts)
        ? counts
        : isUnknown(lag)
          ? lag
          : { lagMs: lag, openGaps: counts.get(domain)?.openGaps ?? 0 },
      ...(await shadowed(parts, domain, isUnknown(statuses) ? statuses : (status ?? null))),
      stage:
        status?.stage == null
          ? { stage: config.domains[domain]?.stage ?? 'shadow', percent: 100, from: 'config' }
          : { stage: status.stage, percent: status.percent ?? 100, from: 'journal' },
    };
  });
  return Promise.all(rows);
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value;
}

const statusesOf = (journal: JournalReader) => async (): Promise<ReadonlyMap<string, DomainStatus>> =>
  new Map((await journal.status()).map((status) => [status.domain, status]));

const EMPTY: StoreCounts = { rows: 0, documents: 0, rejects: 0, openGaps: 0, complete: true };

function backfilled(models: number, counts: StoreCounts = EMPTY): Backfilled {
  const { rows, documents, rejects, complete } = counts;
  return { models, rows, documents, rejects, complete };
}

async function shadowed(
  parts: CutoverParts,
  domain: string,
  status: DomainStatus | Unknown | null,
): Promise<Pick<CutoverRow, 'shadowRead' | 'gate'>> {
  const { journal } = parts;
  if (journal === null || isUnknown(status)) {
    const why = isUnknown(status) ? status : { unknown: 'SHADOWREAD_JOURNAL_URL is not set' };
    return { shadowRead: why, gate: why };
  }
  const { decision } = await decideOn(domain, journal, parts);
  const declared = declarationsOf(parts.api).filter((route) => route.domain === domain).length;
  const compared = status?.compared ?? 0;
  const mismatches = status?.mismatches ?? 0;
  return {
    shadowRead: {
      compared,
      mismatches,
      rate: compared === 0 ? null : mismatches / compared,
      bound: decision.bound.upper,
      routes: { seen: status?.routes ?? 0, declared },
      shapes: status?.shapes ?? 0,
      openFingerprints: status?.openFingerprints ?? 0,
    },
    gate: { outcome: decision.outcome, missing: decision.missing },
  };
}

const unknown = (why: string): Unknown => ({ unknown: why });

/** Counting may take its time, but not from a database that says nothing at all. */
async function answering<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await inTime(sql, POSTGRES_MS, sql`select 1`);
  return work();
}

async function tried<T>(work: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await work();
  } catch (error) {
    if (isMissingTable(error))
      return { unknown: 'the database has no such tables yet: shadowread backfill makes them' };
    return { unknown: messageOf(error) };
  }
}
