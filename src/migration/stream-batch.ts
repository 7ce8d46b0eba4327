/** One batch of a change stream brought to the rows, in the transaction that also keeps where the stream stands. */
import type { ChangeStreamDocument, Db, Document } from 'mongodb';
import type { TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { idText } from '../api/rows/document-id.ts';
import { ofDocuments } from '../api/rows/row-name.ts';
import { applyDocuments, forgetRowless } from './apply.ts';
import { readDocuments } from './documents.ts';
import { mendReferences } from './drain.ts';
import { carriedOver, clockOf, noteGap, reasonOf, removeRow } from './gaps.ts';
import { byDependency } from './order.ts';

export interface AppliedChanges {
  /** Documents that were brought to their rows, or refused. */
  readonly documents: number;
  readonly failed: number;
  /** When the oldest of the writes was made; null where there was none. */
  readonly oldest: Date | null;
  /** Collections that are there no more under their name. */
  readonly dropped: readonly string[];
  /** The documents as they were read, whose outbox entries are done with once this is committed. */
  readonly read: readonly { readonly collection: string; readonly docs: readonly Document[] }[];
}

interface Context {
  readonly mongo: Db;
  readonly mappings: readonly ModelMapping[];
}

/** Of `pg_advisory_xact_lock`. */
const FOLLOWERS_LOCK = 7_311;

/**
 * The rows as their documents are now. Two followers take turns: the second reads its documents only when the rows of
 * the first are there, so that no row is made from an older document than the one it replaces.
 */
export async function applyChanges(
  tx: TransactionSql,
  context: Context,
  changes: readonly ChangeStreamDocument[],
): Promise<AppliedChanges> {
  const ids = new Map<string, Set<string>>();
  const deleted = new Map<string, Set<string>>();
  const dropped = new Set<string>();
  let oldest: Date | null = null;
  for (const change of changes) {
    const made = madeAt(change);
    if (oldest === null || made < oldest) oldest = made;
    if (!('ns' in change) || !('coll' in change.ns)) continue;
    const collection = change.ns.coll;
    if (change.operationType === 'drop' || change.operationType === 'rename') dropped.add(collection);
    if (!('documentKey' in change) || change.documentKey === undefined) continue;
    const mapping = context.mappings.find((candidate) => candidate.collection === collection);
    if (mapping === undefined) continue;
    const id = idText(change.documentKey, mapping);
    ids.set(collection, (ids.get(collection) ?? new Set()).add(id));
    if (change.operationType === 'delete') deleted.set(collection, (deleted.get(collection) ?? new Set()).add(id));
  }
  let failed = 0;
  if (ids.size > 0) await tx`select pg_advisory_xact_lock(${FOLLOWERS_LOCK})`;
  const readAt = await clockOf(tx);
  const ordered = byDependency(context.mappings);
  const read: { readonly collection: string; readonly docs: readonly Document[] }[] = [];
  const gone: { readonly mapping: ModelMapping; readonly ids: readonly string[] }[] = [];
  for (const mapping of ordered) {
    const changed = [...(ids.get(mapping.collection) ?? [])].sort();
    if (changed.length === 0) continue;
    await forgetRevisions(tx, mapping, [...(deleted.get(mapping.collection) ?? [])]);
    const docs: Document[] = await readDocuments(context.mongo, mapping, changed);
    read.push({ collection: mapping.collection, docs });
    failed += await write(tx, context, mapping, docs, readAt);
    const kept = new Set(docs.map((doc) => idText(doc, mapping)));
    gone.push({ mapping, ids: changed.filter((id) => !kept.has(id)) });
  }
  // A row goes after those that refer to it.
  for (const { mapping, ids: left } of gone.toReversed()) failed += await remove(tx, mapping, left, readAt);
  for (const { mapping, ids: left } of gone) {
    // A document that came back meanwhile may have had its row before that was removed.
    failed += await write(tx, context, mapping, await readDocuments(context.mongo, mapping, left), readAt);
  }
  return {
    documents: [...ids.values()].reduce((sum, { size }) => sum + size, 0),
    failed,
    oldest,
    dropped: [...dropped],
    read,
  };
}

/** `wallTime` is there from MongoDB 6.0 on; the cluster's time has whole seconds. */
function madeAt(change: ChangeStreamDocument): Date {
  if ('wallTime' in change && change.wallTime instanceof Date) return change.wallTime;
  return new Date((change.clusterTime?.t ?? 0) * 1_000);
}

/** A document that was deleted and made again begins anew with its revisions: its row is of the earlier one. */
async function forgetRevisions(tx: TransactionSql, mapping: ModelMapping, ids: readonly string[]): Promise<void> {
  if (ids.length === 0 || mapping.identity === 'sequence' || mapping.appendOnly) return;
  await tx`update ${tx(mapping.table)} set mongo_rev = 0 where ${ofDocuments(tx, mapping, ids)}`;
}

/** Returns how many were refused. */
async function write(
  tx: TransactionSql,
  context: Context,
  mapping: ModelMapping,
  docs: readonly Document[],
  readAt: string,
): Promise<number> {
  if (docs.length === 0) return 0;
  const ids = docs.map((doc) => idText(doc, mapping));
  const applied = await applyDocuments(tx, context, mapping, docs, { overwrite: 'sameOrOlder' });
  const failed = new Map(applied.refused.map((refusal) => [refusal.id, reasonOf(refusal)]));
  await settle(tx, mapping, { ids, failed, readAt });
  await mendReferences(
    tx,
    context,
    mapping,
    ids.filter((id) => !failed.has(id)),
    applied,
  );
  return failed.size;
}

/** Tries again what another row still referred to, as long as that helps. */
async function remove(
  tx: TransactionSql,
  mapping: ModelMapping,
  ids: readonly string[],
  readAt: string,
): Promise<number> {
  let failed = new Map<string, string>();
  let left = ids;
  for (let before = left.length + 1; left.length > 0 && left.length < before; ) {
    before = left.length;
    failed = new Map();
    for (const id of left) {
      const error = await removeRow(tx, mapping, id);
      if (error !== null) failed.set(id, error);
    }
    left = [...failed.keys()];
  }
  await settle(tx, mapping, { ids, failed, readAt });
  return failed.size;
}

/** Notes those that failed as gaps, and closes the gaps of the others. */
async function settle(
  tx: TransactionSql,
  mapping: ModelMapping,
  of: { readonly ids: readonly string[]; readonly failed: ReadonlyMap<string, string>; readonly readAt: string },
): Promise<void> {
  const { collection } = mapping;
  const { ids, failed, readAt } = of;
  await forgetRowless(tx, mapping, [...failed.keys()]);
  for (const [mongoId, error] of failed) await noteGap(tx, { collection, mongoId, operation: 'changestream', error });
  const done = ids.filter((id) => !failed.has(id));
  await carriedOver(tx, collection, done, readAt);
}
