/** Brings documents of one collection to their rows: ids, references, conversion, upsert. Backfill and drain share it. */
import type { Db } from 'mongodb';
import type { TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { areObjectIds, isObjectId } from '../api/rows/bson-type.ts';
import {
  type Converted,
  childIds,
  convert,
  type Orphan,
  type Reject,
  refsOf,
  type Stored,
} from '../api/rows/convert.ts';
import { exactText, idText } from '../api/rows/document-id.ts';
import type { Queryable } from '../base/postgres.ts';
import { readDocuments } from './documents.ts';
import { mapIds, rowIds } from './id-map.ts';
import { setBack, textsOfObjectIds } from './other-documents.ts';
import { saveOrphans } from './progress.ts';
import { applySequences } from './sequences.ts';
import { writeOrHalve } from './write-rows.ts';

export interface ApplyContext {
  readonly mongo: Db;
  readonly mappings: readonly ModelMapping[];
}

export interface ApplyOptions {
  /**
   * `older`: only where the row was made from an earlier revision (drain). `sameOrOlder`: also at the same revision, which
   * repairs a row that was changed behind the migration's back (backfill).
   */
  readonly overwrite: 'older' | 'sameOrOlder';
}

export interface Refusal {
  readonly id: string;
  readonly rejects: readonly Reject[];
  /** True where Postgres refused for a reference whose row is not there (yet). */
  readonly waits: boolean;
  /** True where another write can make it fit: a reference to come, or a unique value that another row still holds. */
  readonly mayPass: boolean;
}

export interface Applied {
  /** Rows inserted or updated; documents whose row was as recent already are in neither list. */
  readonly written: number;
  readonly refused: readonly Refusal[];
  readonly orphans: readonly { readonly id: string; readonly orphan: Orphan }[];
}

/**
 * To be called inside a transaction. Documents that Postgres cannot hold are refused one by one; the others are
 * written.
 */
export async function applyDocuments(
  tx: TransactionSql,
  context: ApplyContext,
  mapping: ModelMapping,
  docs: readonly Stored[],
  options: ApplyOptions,
): Promise<Applied> {
  if (mapping.identity === 'sequence') return applySequences(tx, mapping, docs, options);
  let applied = await applyOnce(tx, context, mapping, docs, options);
  if (mapping.identity !== 'column') return applied;
  // A row has its id only when it is written: documents that refer to another of the batch are tried again, as long
  // as that helps.
  let left = waitingForOwn(mapping, docs, applied);
  for (let before = docs.length + 1; left.length > 0 && left.length < before; ) {
    before = left.length;
    const tried = new Set(left.map((doc) => idText(doc, mapping)));
    const again = await applyOnce(tx, context, mapping, left, { overwrite: 'sameOrOlder' });
    applied = {
      written: applied.written + again.written,
      refused: [...applied.refused.filter(({ id }) => !tried.has(id)), ...again.refused],
      orphans: [...applied.orphans.filter(({ id }) => !tried.has(id)), ...again.orphans],
    };
    left = waitingForOwn(mapping, left, again);
  }
  return applied;
}

/** Those of these documents that wait for the row of another document of their own collection, which is among `docs`. */
function waitingForOwn(mapping: ModelMapping, docs: readonly Stored[], applied: Applied): Stored[] {
  const { collection } = mapping;
  const there = new Set(docs.map((doc) => idText(doc, mapping)));
  const waiting = new Set([
    ...applied.orphans
      .filter(({ orphan }) => orphan.refersTo === collection && there.has(orphan.missingId))
      .map(({ id }) => id),
    ...applied.refused
      .filter(({ rejects }) =>
        rejects.some(({ refersTo }) => refersTo?.collection === collection && there.has(refersTo.id)),
      )
      .map(({ id }) => id),
  ]);
  return docs.filter((doc) => waiting.has(idText(doc, mapping)));
}

async function applyOnce(
  tx: TransactionSql,
  context: ApplyContext,
  mapping: ModelMapping,
  docs: readonly Stored[],
  options: ApplyOptions,
): Promise<Applied> {
  const lookup = await lookUp(tx, context, mapping, docs, options, new Set());
  const refused: Refusal[] = [];
  const orphans: { id: string; orphan: Orphan }[] = [];
  const good: { id: string; converted: Converted }[] = [];
  const twice = await textsOfObjectIds(context.mongo, mapping, docs);
  for (const doc of docs) {
    const id = idText(doc, mapping);
    if (twice.has(doc._id)) {
      const rejects = [{ path: '_id', reason: 'text of the same digits as the ObjectId of another document' }];
      refused.push({ id: exactText(doc._id), rejects, waits: false, mayPass: false });
      continue;
    }
    const converted = convert(mapping, doc, lookup);
    if (converted.rejects.length > 0) {
      const mayPass = converted.rejects.every(({ refersTo }) => refersTo !== undefined);
      refused.push({ id, rejects: converted.rejects, waits: false, mayPass });
      continue;
    }
    good.push({ id, converted });
    for (const orphan of converted.orphans) orphans.push({ id, orphan });
  }
  const unfit = refused.length;
  const written = await writeOrHalve(tx, mapping, good, options, refused);
  const isAll = written + refused.length - unfit === good.length;
  if (!isAll && !mapping.appendOnly) refused.push(...(await setBack(tx, context.mongo, mapping, good)));
  const lost = new Set(refused.map(({ id }) => id));
  return { written, refused, orphans: orphans.filter(({ id }) => !lost.has(id)) };
}

/** Ids of the documents, their embedded elements and all that they refer to. */
async function lookUp(
  tx: TransactionSql,
  context: ApplyContext,
  mapping: ModelMapping,
  docs: readonly Stored[],
  options: ApplyOptions,
  inProgress: Set<string>,
): Promise<(collection: string, id: string) => string | null> {
  const known = new Map<string, Map<string, string>>();
  const own =
    mapping.identity === 'objectId' ? docs.filter((doc) => isObjectId(doc._id)).map((doc) => idText(doc, mapping)) : [];
  known.set(mapping.collection, await mapIds(tx, mapping.collection, own));
  const begun = mapping.identity === 'column' ? docs.map((doc) => idText(doc, mapping)) : own;
  for (const id of begun) inProgress.add(`${mapping.collection}/${id}`);
  const children = grouped(docs.flatMap((doc) => childIds(mapping, doc)));
  for (const [collection, ids] of children) known.set(collection, await mapIds(tx, collection, [...ids]));
  for (const [collection, ids] of grouped(docs.flatMap((doc) => refsOf(mapping, doc)))) {
    const found = new Map(known.get(collection));
    for (const [id, uuid] of await rowIds(
      tx,
      context.mappings,
      collection,
      [...ids].filter((id) => !found.has(id)),
    )) {
      found.set(id, uuid);
    }
    known.set(collection, found);
    const missing = [...ids].filter((id) => !found.has(id) && !inProgress.has(`${collection}/${id}`));
    for (const [id, uuid] of await applyMissing(tx, context, collection, missing, options, inProgress)) {
      found.set(id, uuid);
    }
  }
  return (collection, id) => known.get(collection)?.get(id) ?? null;
}

/**
 * Referenced documents that exist in MongoDB and have no row yet are carried over first: they were created after
 * their collection was read, and their own outbox entries are still to be drained.
 */
async function applyMissing(
  tx: TransactionSql,
  context: ApplyContext,
  collection: string,
  ids: readonly string[],
  options: ApplyOptions,
  inProgress: Set<string>,
): Promise<Map<string, string>> {
  const mapping = context.mappings.find((candidate) => candidate.collection === collection);
  if (ids.length === 0 || mapping === undefined) return new Map();
  const docs = await readDocuments(context.mongo, mapping, ids);
  if (docs.length === 0) return new Map();
  const lookup = await lookUp(tx, context, mapping, docs, options, inProgress);
  const good = docs
    .map((doc) => ({ id: idText(doc, mapping), converted: convert(mapping, doc, lookup) }))
    .filter(({ converted }) => converted.rejects.length === 0);
  const refused: Refusal[] = [];
  await writeOrHalve(tx, mapping, good, options, refused);
  const orphans = good.flatMap(({ id, converted }) => converted.orphans.map((orphan) => ({ id, orphan })));
  // Some refer to documents whose rows are about to be written, and are written again then.
  await saveOrphans(
    tx,
    collection,
    good.map(({ id }) => id),
    { orphans },
  );
  const lost = new Set(refused.map(({ id }) => id));
  const written = new Set(good.map(({ id }) => id).filter((id) => !lost.has(id)));
  // With an id but no row, the next reference to it would look valid.
  await forgetRowless(
    tx,
    mapping,
    docs.map((doc) => idText(doc, mapping)).filter((id) => !written.has(id)),
  );
  return rowIds(tx, context.mappings, collection, [...written]);
}

/** Forgets the ids of the documents that have no row. */
export async function forgetRowless(tx: Queryable, mapping: ModelMapping, ids: readonly string[]): Promise<void> {
  // A cast to char(24) would cut a longer text, to what may be the id of another document.
  const objectIds = mapping.identity === 'objectId' ? areObjectIds(ids) : [];
  if (objectIds.length === 0) return;
  await tx`
    delete from id_map where collection = ${mapping.collection} and mongo_id = any(${objectIds}::char(24)[])
      and not exists (select from ${tx(mapping.table)} t where t.id = id_map.uuid)`;
}

function grouped(refs: readonly { readonly collection: string; readonly id: string }[]): Map<string, Set<string>> {
  const byCollection = new Map<string, Set<string>>();
  for (const { collection, id } of refs) {
    const ids = byCollection.get(collection) ?? new Set();
    byCollection.set(collection, ids.add(id));
  }
  return byCollection;
}
