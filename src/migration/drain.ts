/**
 * Carries what the outboxes hold to Postgres, from the document as it is now: what several writes of one document left
 * is one row, made from the last. Rows are guarded by `mongo_rev`, and an entry is taken out of its document only when
 * the row is committed; so a process may die between any two steps, or two run at once, and the effect is the same.
 */
import type { Db, Document, ObjectId } from 'mongodb';
import type { Sql, TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { idText } from '../api/rows/convert.ts';
import { type Applied, applyDocuments, forgetRowless } from './apply.ts';
import { defer, forgetDeferrals, type Patience, readDeferrals } from './deferrals.ts';
import { keyOf, readDocuments } from './documents.ts';
import { closeGaps, noteGap, reasonOf } from './gaps.ts';
import { byDependency } from './order.ts';
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

interface AnyDocument extends Document {
  _id: ObjectId | string;
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
  for (const mapping of byDependency(options.mappings)) {
    const later = new Set(notDue.get(mapping.collection));
    const unmet = new Set(due.get(mapping.collection));
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const docs = await pending(options.mongo, mapping, [...later], size);
      if (docs.length === 0) break;
      await options.onStep?.('read', mapping.collection);
      for (const doc of docs) {
        unmet.delete(idText(doc));
        const made = madeAt(doc);
        if (oldest === null || made < oldest) oldest = made;
      }
      const carried = await carry(options, mapping, docs, later);
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
  { collection }: ModelMapping,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const docs = await mongo
    .collection<AnyDocument>(collection)
    .find({ _id: { $in: ids.map(keyOf) }, '_outbox.pending': true }, { projection: { _id: 1 } })
    .toArray();
  const still = new Set(docs.map(idText));
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
async function pending(
  mongo: Db,
  mapping: ModelMapping,
  later: readonly string[],
  size: number,
): Promise<AnyDocument[]> {
  const docs = await mongo
    .collection<AnyDocument>(mapping.collection)
    .find({ '_outbox.pending': true, ...(later.length === 0 ? {} : { _id: { $nin: later.map(keyOf) } }) })
    .limit(size)
    .toArray();
  return docs.sort((a, b) => (idText(a) < idText(b) ? -1 : 1));
}

/** One batch in one transaction; `later` learns which documents are put off. */
async function carry(
  options: DrainOptions,
  mapping: ModelMapping,
  docs: readonly AnyDocument[],
  later: Set<string>,
): Promise<Carried> {
  const { mongo, sql, mappings, patience = PATIENCE } = options;
  const { collection } = mapping;
  const putOff = new Set<string>();
  const failed = new Set<string>();
  await sql.begin(async (tx) => {
    putOff.clear();
    failed.clear();
    const applied = await applyDocuments(tx, { mongo, mappings }, mapping, docs, { overwrite: 'older' });
    const made = new Map(docs.map((doc) => [idText(doc), madeAt(doc)]));
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
    await closeGaps(tx, collection, good);
    await mendReferences(tx, options, mapping, good, applied);
    await options.onStep?.('written', collection);
  });
  await options.onStep?.('committed', collection);
  for (const id of putOff) later.add(id);
  // A gap is tried again from the document itself: its entries are done with.
  await takeEntries(
    mongo,
    collection,
    docs.filter((doc) => !putOff.has(idText(doc))),
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
    const docs = await readDocuments(mongo, other.collection, referrers);
    const again = await applyDocuments(tx, { mongo, mappings }, other, docs, { overwrite: 'sameOrOlder' });
    await saveOrphans(tx, other.collection, referrers, again);
  }
}

/** Only the entries that were seen: one that was added meanwhile is for the next pass. */
export async function takeEntries(mongo: Db, collection: string, docs: readonly Document[]): Promise<void> {
  const waiting = docs.filter((doc) => entriesOf(doc).length > 0);
  if (waiting.length === 0) return;
  await mongo.collection<AnyDocument>(collection).bulkWrite(
    waiting.map((doc) => ({
      updateOne: {
        filter: { _id: doc._id },
        update: { $pull: { _outbox: { id: { $in: entriesOf(doc).map(({ id }) => id) } } } as Document },
      },
    })),
    { ordered: false },
  );
}

function madeAt(doc: Document): Date {
  const times = entriesOf(doc).map(({ at }) => at.getTime());
  return times.length === 0 ? new Date() : new Date(Math.min(...times));
}

function entriesOf(doc: Document): { id: unknown; at: Date }[] {
  const entries: unknown = doc._outbox;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && 'at' in entry && entry.at instanceof Date
      ? [{ id: entry.id, at: entry.at }]
      : [],
  );
}
