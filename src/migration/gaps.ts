/** Writes that reached Mongo and not Postgres: noted with their reason, tried again, repaired. */
import type { Db } from 'mongodb';
import type { Sql, TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping } from '../api/mapping.ts';
import { idText } from '../api/rows/document-id.ts';
import { keylessNamed } from '../api/rows/row-name.ts';
import type { Queryable } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import { type Applied, applyDocuments, forgetRowless, type Refusal } from './apply.ts';
import { readDocuments } from './documents.ts';
import { byDependency } from './order.ts';

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
    update pg_dualwrite_gaps set error = ${gap.error}, attempts = attempts + ${attempts}, at = now()
    where collection = ${gap.collection} and mongo_id = ${gap.mongoId} and repaired_at is null`;
  if (noted.count > 0) return;
  await sql`
    insert into pg_dualwrite_gaps (collection, mongo_id, operation, error, attempts)
    values (${gap.collection}, ${gap.mongoId}, ${gap.operation}, ${gap.error}, ${attempts})`;
}

export async function closeGaps(sql: Queryable, collection: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const closed = await sql`
    update pg_dualwrite_gaps set repaired_at = now()
    where collection = ${collection} and mongo_id = any(${ids}) and repaired_at is null`;
  return closed.count;
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
      const still = await repairSome(options, mapping, ids);
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
  const docs = await readDocuments(mongo, mapping, ids);
  return sql.begin(async (tx) => {
    const applied: Applied = await applyDocuments(tx, { mongo, mappings }, mapping, docs, { overwrite: 'sameOrOlder' });
    const failed = new Map(applied.refused.map((refusal) => [refusal.id, reasonOf(refusal)]));
    await forgetRowless(tx, mapping, [...failed.keys()]);
    const there = new Set(docs.map((doc) => idText(doc, mapping)));
    for (const id of ids) {
      if (there.has(id)) continue;
      const error = await removeRow(tx, mapping, id);
      if (error !== null) failed.set(id, error);
    }
    for (const [mongoId, error] of failed) {
      await noteGap(tx, { collection: mapping.collection, mongoId, operation: 'repair', error });
    }
    await closeGaps(
      tx,
      mapping.collection,
      ids.filter((id) => !failed.has(id)),
    );
    return failed.size;
  });
}

/** Removes the row of a deleted document; null on success, else why it cannot be removed. */
export async function removeRow(tx: TransactionSql, mapping: ModelMapping, mongoId: string): Promise<string | null> {
  // A sequence outlives its counter: numbers that were given out are not given out again.
  if (mapping.identity === 'sequence') return null;
  try {
    await tx.savepoint(async (inner) => {
      const key = inner(keyColumn(mapping));
      await inner`delete from ${inner(mapping.table)} where ${key} = ${mongoId} or ${keylessNamed(inner, mapping, [mongoId])}`;
      await forgetRowless(inner, mapping, [mongoId]);
    });
    return null;
  } catch (error) {
    return `the document is gone and its row cannot be removed: ${messageOf(error)}`;
  }
}
