/** Writes that reached Mongo and not Postgres: noted with their reason, tried again, repaired. */
import type { Db, Document } from 'mongodb';
import type { Sql, TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping } from '../api/mapping.ts';
import { idText } from '../api/rows/document-id.ts';
import { keylessNamed } from '../api/rows/row-name.ts';
import { again, type Queryable } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import { applyDocuments, forgetRowless, type Refusal } from './apply.ts';
import { readDocuments } from './documents.ts';
import { byDependency } from './order.ts';
import { checkAtOnce, sqlState } from './write-rows.ts';

export interface Gap {
  readonly collection: string;
  readonly mongoId: string;
  readonly operation: string;
  readonly error: string;
  readonly attempts: number;
  /** When it was last tried. */
  readonly at: Date;
}

export interface RepairOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** Only gaps that are due: after 2, 4, 8 … seconds, at most five minutes. */
  readonly dueOnly?: boolean;
}

export interface Repaired {
  readonly repaired: number;
  /** Tried and refused again. */
  readonly refused: number;
}

const BATCH = 500;

/** Those that are not repaired, oldest first. */
export async function openGaps(sql: Sql): Promise<Gap[]> {
  return sql<Gap[]>`
    select collection, mongo_id as "mongoId", operation, error, attempts, at from pg_dualwrite_gaps
    where repaired_at is null order by at, id`;
}

/** Notes a failure; a document has one open gap, however often it fails. */
export async function noteGap(
  sql: Queryable,
  gap: Pick<Gap, 'collection' | 'mongoId' | 'operation' | 'error'>,
  attempts = 1,
): Promise<void> {
  const noted = await sql`
    update pg_dualwrite_gaps set error = ${gap.error}, attempts = attempts + ${attempts}, at = clock_timestamp()
    where collection = ${gap.collection} and mongo_id = ${gap.mongoId} and repaired_at is null`;
  if (noted.count > 0) return;
  await sql`
    insert into pg_dualwrite_gaps (collection, mongo_id, operation, error, attempts, at)
    values (${gap.collection}, ${gap.mongoId}, ${gap.operation}, ${gap.error}, ${attempts}, clock_timestamp())`;
}

/** Postgres's clock as text, to the microsecond: to be asked before documents are read. */
export async function clockOf(sql: Queryable): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`;
  return row?.at ?? '';
}

/**
 * Each of these documents has its row, or neither is there: their gaps are closed, and no reject of them is known any more. A
 * gap that was noted after the documents were read (`readAt`, by `clockOf`) is of a later write, and stays.
 */
export async function carriedOver(
  sql: Queryable,
  collection: string,
  ids: readonly string[],
  readAt: string,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update pg_dualwrite_gaps set repaired_at = now()
    where collection = ${collection} and mongo_id = any(${ids}) and repaired_at is null and at <= ${readAt}::timestamptz`;
  await sql`delete from backfill_rejects where collection = ${collection} and mongo_id = any(${ids})`;
}

export const reasonOf = ({ rejects }: Refusal): string =>
  rejects.map(({ path, reason }) => `${path}: ${reason}`).join('; ');

/**
 * Tries every open gap again, referenced documents first, from the document as it is now. The row of a deleted
 * document is removed, except from an append-only table. Rejects where a store cannot be read.
 */
export async function repairGaps(options: RepairOptions): Promise<Repaired> {
  const { sql, mappings } = options;
  let repaired = 0;
  let refused = 0;
  // One question for all collections: the drain asks it every few seconds, and there is seldom anything.
  const gaps = await sql<{ collection: string; id: string }[]>`
    select distinct collection, mongo_id as id from pg_dualwrite_gaps where repaired_at is null
      ${options.dueOnly === true ? sql`and at < now() - least(300, power(2, least(attempts, 9))) * interval '1 second'` : sql``}
    order by 1, 2`;
  if (gaps.length === 0) return { repaired, refused };
  const idsOf = Map.groupBy(gaps, ({ collection }) => collection);
  for (const mapping of byDependency(mappings)) {
    const waiting = idsOf.get(mapping.collection) ?? [];
    for (let from = 0; from < waiting.length; from += BATCH) {
      const ids = waiting.slice(from, from + BATCH).map(({ id }) => id);
      const still = await again(() => repairSome(options, mapping, ids));
      refused += still;
      repaired += ids.length - still;
    }
  }
  return { repaired, refused };
}

async function repairSome(
  { mongo, sql, mappings }: RepairOptions,
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<number> {
  const readAt = await clockOf(sql);
  const docs = await readDocuments(mongo, mapping, ids);
  return sql.begin(async (tx) => {
    const failed = new Map<string, string>();
    const write = async (these: readonly Document[]): Promise<void> => {
      const applied = await applyDocuments(tx, { mongo, mappings }, mapping, these, { overwrite: 'sameOrOlder' });
      for (const refusal of applied.refused) failed.set(refusal.id, reasonOf(refusal));
    };
    await write(docs);
    const there = new Set(docs.map((doc) => idText(doc, mapping)));
    const gone = ids.filter((id) => !there.has(id));
    for (const id of gone) {
      const error = await removeRow(tx, mapping, id);
      if (error !== null) failed.set(id, error);
    }
    // A document that came back meanwhile may have had its row before that was removed.
    const back = await readDocuments(mongo, mapping, gone);
    if (back.length > 0) await write(back);
    await forgetRowless(tx, mapping, [...failed.keys()]);
    for (const [mongoId, error] of failed) {
      await noteGap(tx, { collection: mapping.collection, mongoId, operation: 'repair', error });
    }
    const done = ids.filter((id) => !failed.has(id));
    await carriedOver(tx, mapping.collection, done, readAt);
    return failed.size;
  });
}

/** Removes the row of a deleted document; null on success, else why it cannot be removed. */
export async function removeRow(tx: TransactionSql, mapping: ModelMapping, mongoId: string): Promise<string | null> {
  // A sequence outlives its counter: numbers that were given out are not given out again.
  if (mapping.identity === 'sequence') return null;
  try {
    await tx.savepoint(async (inner) => {
      await checkAtOnce(inner);
      const key = inner(keyColumn(mapping));
      await inner`delete from ${inner(mapping.table)} where ${key} = ${mongoId} or ${keylessNamed(inner, mapping, [mongoId])}`;
      await forgetRowless(inner, mapping, [mongoId]);
    });
    return null;
  } catch (error) {
    // A lost race, or a server that went away, says nothing of the row.
    if (/^(?:40|57|08)/.test(sqlState(error) ?? '08')) throw error;
    return `the document is gone and its row cannot be removed: ${messageOf(error)}`;
  }
}
