/**
 * Carries what the outboxes hold to Postgres, from the document as it is now: what several writes of one document left
 * is one row, made from the last. Rows are guarded by `mongo_rev`, and an entry is taken out of its document only when
 * the row is committed; so a process may die between any two steps, or two run at once, and the effect is the same.
 */
import type { Db, Document } from 'mongodb';
import type { Sql, TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { idText, keysOf } from '../api/rows/document-id.ts';
import { transaction } from '../base/postgres.ts';
import { type Applied, applyDocuments, forgetRowless } from './apply.ts';
import { defer, forgetDeferrals, type Patience, readDeferrals } from './deferrals.ts';
import { readDocuments } from './documents.ts';
import { carriedOver, clockOf, noteGap, reasonOf } from './gaps.ts';
import { byDependency } from './order.ts';
import { madeAt, takeEntries } from './outbox-entries.ts';
import { saveOrphans } from './progress.ts';

/** Where a pass is with a batch: documents read, rows written in the transaction, committed, entries taken out. */
export type DrainStep = 'read' | 'written' | 'committed' | 'taken';

export interface DrainOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** Documents of one collection in one transaction. */
  readonly batch?: number;
  readonly patience?: Patience;
  /** Awaited after each step. */
  readonly onStep?: (step: DrainStep, collection: string) => void | Promise<void>;
}

export interface DrainResult {
  /** Documents whose entries were carried over and taken out. */
  readonly drained: number;
  /** Documents that wait for another write; their entries stay. */
  readonly deferred: number;
  /** Documents that Postgres refused: each is a gap now, which is tried again by itself. */
  readonly failed: number;
  /** When the oldest write was made that this pass met, or that waits; null where there was none. */
  readonly oldest: Date | null;
}

interface Carried {
  readonly drained: number;
  readonly deferred: number;
  readonly failed: number;
}

const BATCH = 500;
/** Batches of one collection in one pass, so that a busy one does not keep the others waiting. */
const BATCHES = 20;
const PATIENCE: Patience = { tries: 6, retryMs: 100 };

/** One pass over every collection. Rejects where a store cannot be reached; committed rows stay. */
export async function drainOnce(options: DrainOptions): Promise<DrainResult> {
  const size = options.batch ?? BATCH;
  const sum = { drained: 0, deferred: 0, failed: 0 };
  let oldest: Date | null = null;
  const { notDue, due, since } = await readDeferrals(options.sql);
  const readAt = await clockOf(options.sql);
  for (const mapping of byDependency(options.mappings)) {
    const later = new Set(notDue.get(mapping.collection));
    const unmet = new Set(due.get(mapping.collection));
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const docs = await pending(options.mongo, mapping, [...later], size);
      if (docs.length === 0) break;
      await options.onStep?.('read', mapping.collection);
      for (const doc of docs) {
        unmet.delete(idText(doc, mapping));
        const made = madeAt(doc);
        if (oldest === null || made < oldest) oldest = made;
      }
      const carried = await carry(options, mapping, docs, { later, readAt });
      sum.drained += carried.drained;
      sum.deferred += carried.deferred;
      sum.failed += carried.failed;
      if (docs.length < size) break;
    }
    await forgetSettled(options, mapping, [...unmet]);
  }
  return { ...sum, oldest: since !== null && (oldest === null || since < oldest) ? since : oldest };
}

/** What waited and has nothing to carry over any more, gone or brought by another write, is waited for no longer. */
async function forgetSettled(
  { mongo, sql }: Pick<DrainOptions, 'mongo' | 'sql'>,
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const { collection } = mapping;
  const filter: Document = { _id: { $in: ids.flatMap((id) => keysOf(id, mapping)) }, '_outbox.pending': true };
  const docs = await mongo.collection(collection).find(filter).project({ _id: 1 }).toArray();
  const still = new Set(docs.map((doc) => idText(doc, mapping)));
  await forgetDeferrals(
    sql,
    collection,
    ids.filter((id) => !still.has(id)),
  );
}

/** Passes until nothing is left but gaps: what waits for another write is waited for. */
export async function drainAll(options: DrainOptions): Promise<Omit<DrainResult, 'oldest'>> {
  let drained = 0;
  let failed = 0;
  for (;;) {
    const pass = await drainOnce(options);
    drained += pass.drained;
    failed += pass.failed;
    const { dueInMs } = await readDeferrals(options.sql);
    if (dueInMs !== null) await new Promise((resolve) => setTimeout(resolve, dueInMs + 1));
    else if (pass.drained + pass.failed === 0) return { drained, failed, deferred: 0 };
  }
}

/** In order of their ids, so that two drains take their row locks in the same order. */
async function pending(mongo: Db, mapping: ModelMapping, later: readonly string[], size: number): Promise<Document[]> {
  const others = later.length === 0 ? {} : { _id: { $nin: later.flatMap((id) => keysOf(id, mapping)) } };
  const filter: Document = { '_outbox.pending': true, ...others };
  // One answer of the server holds 16 MB at most, however big the documents are.
  const docs = await mongo
    .collection(mapping.collection)
    .find(filter, { singleBatch: true })
    .limit(size)
    .batchSize(size)
    .toArray();
  return docs.sort((a, b) => (idText(a, mapping) < idText(b, mapping) ? -1 : 1));
}

/** One batch, read after `readAt`, in one transaction; `later` learns which documents are put off. */
async function carry(
  options: DrainOptions,
  mapping: ModelMapping,
  docs: readonly Document[],
  { later, readAt }: { readonly later: Set<string>; readonly readAt: string },
): Promise<Carried> {
  const { mongo, sql, mappings, patience = PATIENCE } = options;
  const { collection } = mapping;
  const putOff = new Set<string>();
  const failed = new Set<string>();
  const write = async (tx: TransactionSql): Promise<void> => {
    putOff.clear();
    failed.clear();
    const applied = await applyDocuments(tx, { mongo, mappings }, mapping, docs, { overwrite: 'older' });
    const made = new Map(docs.map((doc) => [idText(doc, mapping), madeAt(doc)]));
    for (const refusal of applied.refused) {
      const since = made.get(refusal.id) ?? new Date();
      if (refusal.mayPass && !(await defer(tx, collection, refusal, since, patience))) putOff.add(refusal.id);
      else failed.add(refusal.id);
      if (refusal.mayPass) continue;
      const error = reasonOf(refusal);
      await noteGap(tx, { collection, mongoId: refusal.id, operation: 'drain', error });
    }
    await forgetRowless(tx, mapping, [...putOff, ...failed]);
    const good = [...made.keys()].filter((id) => !putOff.has(id) && !failed.has(id));
    await forgetDeferrals(tx, collection, [...good, ...failed]);
    await carriedOver(tx, collection, good, readAt);
    await mendReferences(tx, options, mapping, good, applied);
    await options.onStep?.('written', collection);
  };
  await transaction(sql, write);
  await options.onStep?.('committed', collection);
  for (const id of putOff) later.add(id);
  // A gap is tried again from the document itself: its entries are done with.
  await takeEntries(
    mongo,
    collection,
    docs.filter((doc) => !putOff.has(idText(doc, mapping))),
  );
  await options.onStep?.('taken', collection);
  return { drained: docs.length - putOff.size - failed.size, deferred: putOff.size, failed: failed.size };
}

/** Rows that had to leave a reference to one of these documents empty are written again, now that it has a row. */
export async function mendReferences(
  tx: TransactionSql,
  { mongo, mappings }: Pick<DrainOptions, 'mongo' | 'mappings'>,
  mapping: ModelMapping,
  ids: readonly string[],
  applied: Pick<Applied, 'orphans'>,
): Promise<void> {
  await saveOrphans(tx, mapping.collection, ids, applied);
  const waiting = await tx<{ collection: string; id: string }[]>`
    select distinct collection, mongo_id as id from backfill_orphans
    where refers_to = ${mapping.collection} and missing_id = any(${ids})`;
  for (const other of mappings) {
    const referrers = waiting.filter(({ collection }) => collection === other.collection).map(({ id }) => id);
    if (referrers.length === 0 || other.appendOnly) continue;
    const docs = await readDocuments(mongo, other, referrers);
    const again = await applyDocuments(tx, { mongo, mappings }, other, docs, { overwrite: 'sameOrOlder' });
    await saveOrphans(tx, other.collection, referrers, again);
  }
}
