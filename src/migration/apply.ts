/** Brings documents of one collection to their rows: ids, references, conversion, upsert. Backfill and drain share it. */
import { type Db, type Document, ObjectId } from 'mongodb';
import type { TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping, ownColumn } from '../api/mapping.ts';
import { isObjectId } from '../api/rows/bson-type.ts';
import {
  type Converted,
  childIds,
  convert,
  idText,
  type Orphan,
  type Reject,
  refsOf,
  type Stored,
} from '../api/rows/convert.ts';
import type { Queryable } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import { mapIds, rowIds } from './id-map.ts';

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

/** Inside a transaction. What cannot be kept is refused one by one; the rest is written. */
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
  // Such a row has an id once it is written: what refers to another of the batch is written again, as long as that helps.
  let left = waitingForOwn(mapping, docs, applied);
  for (let before = docs.length + 1; left.length > 0 && left.length < before; ) {
    before = left.length;
    const tried = new Set(left.map(idText));
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
  const there = new Set(docs.map(idText));
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
  return docs.filter((doc) => waiting.has(idText(doc)));
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
  for (const doc of docs) {
    const id = idText(doc);
    const converted = convert(mapping, doc, lookup);
    if (converted.rejects.length > 0) {
      const mayPass = converted.rejects.every(({ refersTo }) => refersTo !== undefined);
      refused.push({ id, rejects: converted.rejects, waits: false, mayPass });
      continue;
    }
    good.push({ id, converted });
    for (const orphan of converted.orphans) orphans.push({ id, orphan });
  }
  const written = await writeOrHalve(tx, mapping, good, options, refused);
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
  const own = mapping.identity === 'objectId' ? docs.filter((doc) => isObjectId(doc._id)).map(idText) : [];
  known.set(mapping.collection, await mapIds(tx, mapping.collection, own));
  const begun = mapping.identity === 'column' ? docs.map(idText) : own;
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
 * What is referred to and has no row yet, but exists in Mongo, is carried over first: it was created after its
 * collection was read, and its own outbox entry is still to be drained.
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
  const docs = await readDocuments(context.mongo, collection, ids);
  if (docs.length === 0) return new Map();
  const lookup = await lookUp(tx, context, mapping, docs, options, inProgress);
  const good = docs
    .map((doc) => ({ id: idText(doc), converted: convert(mapping, doc, lookup) }))
    .filter(({ converted }) => converted.rejects.length === 0);
  const refused: Refusal[] = [];
  await writeOrHalve(tx, mapping, good, options, refused);
  const lost = new Set(refused.map(({ id }) => id));
  const written = new Set(good.map(({ id }) => id).filter((id) => !lost.has(id)));
  // An id without a row would make the next reference to it look sound.
  await forgetRowless(
    tx,
    mapping,
    docs.map(idText).filter((id) => !written.has(id)),
  );
  return rowIds(tx, context.mappings, collection, [...written]);
}

/** Forgets the ids of those of these documents that have no row. */
export async function forgetRowless(tx: Queryable, mapping: ModelMapping, ids: readonly string[]): Promise<void> {
  if (mapping.identity !== 'objectId' || ids.length === 0) return;
  await tx`
    delete from id_map where collection = ${mapping.collection} and mongo_id = any(${ids}::char(24)[])
      and not exists (select from ${tx(mapping.table)} t where t.id = id_map.uuid)`;
}

interface AnyDocument extends Document {
  _id: ObjectId | string;
}

/** The documents as stored, longs promoted, in no particular order. Ids of 24 hex digits are ObjectIds. */
export async function readDocuments(mongo: Db, collection: string, ids: readonly string[]): Promise<Document[]> {
  return mongo
    .collection<AnyDocument>(collection)
    .find({ _id: { $in: ids.map(keyOf) } })
    .toArray();
}

/** The `_id` that a kept text stands for. */
export const keyOf = (id: string): ObjectId | string => (/^[0-9a-f]{24}$/.test(id) ? new ObjectId(id) : id);

/** Writes all at once; if Postgres refuses, halves the batch until it has found the refused row. */
async function writeOrHalve(
  tx: TransactionSql,
  mapping: ModelMapping,
  items: readonly { id: string; converted: Converted }[],
  options: ApplyOptions,
  refused: Refusal[],
): Promise<number> {
  const [first] = items;
  if (first === undefined) return 0;
  try {
    return await tx.savepoint((inner) =>
      writeRows(
        inner,
        mapping,
        items.map(({ converted }) => converted),
        options,
      ),
    );
  } catch (error) {
    const code = sqlState(error);
    // Class 22 data exception, 23 constraint violation: the data's fault. Anything else is not about this row.
    if (code === null || !/^2[23]/.test(code)) throw error;
    if (items.length === 1) {
      refused.push({
        id: first.id,
        rejects: [{ path: constraintOf(error), reason: messageOf(error) }],
        waits: code === '23503',
        mayPass: code === '23503' || code === '23505',
      });
      return 0;
    }
    const half = items.length >> 1;
    return (
      (await writeOrHalve(tx, mapping, items.slice(0, half), options, refused)) +
      (await writeOrHalve(tx, mapping, items.slice(half), options, refused))
    );
  }
}

async function writeRows(
  tx: Queryable,
  mapping: ModelMapping,
  converted: readonly Converted[],
  { overwrite }: ApplyOptions,
): Promise<number> {
  // The conflict is the document's: the row's own id may be Postgres's to give.
  const unique = mapping.identity === 'column' ? keyColumn(mapping) : 'id';
  const columns = [
    unique,
    ...(mapping.identity === 'objectId' ? ['mongo_id'] : []),
    'mongo_rev',
    ...mapping.fields.map((field) => field.column),
  ];
  const rows = converted.map(({ row }) => row);
  const written = await insert(tx, mapping.table, columns, rows, {
    own: ownColumn(mapping),
    unique,
    conflict: mapping.appendOnly
      ? 'do nothing'
      : `do update set ${columns.filter((name) => name !== unique).map((name) => `"${name}" = excluded."${name}"`)}
         where "${mapping.table}".mongo_rev ${overwrite === 'older' ? '<' : '<='} excluded.mongo_rev`,
  });
  for (const child of mapping.children) {
    // An embedded array is replaced as a whole, as it is in the document.
    if (written.size > 0) {
      await tx`delete from ${tx(child.table)} where ${tx(child.parentColumn)} = any(${[...written]}::uuid[])`;
    }
    const childColumns = ['id', 'mongo_id', 'mongo_rev', child.parentColumn, child.positionColumn];
    const childRows = converted
      .filter(({ row }) => written.has(String(row.id)))
      .flatMap(({ children }) => children.find((candidate) => candidate.mapping === child)?.rows ?? []);
    await insert(tx, child.table, [...childColumns, ...child.fields.map((field) => field.column)], childRows, {
      own: 'id',
      unique: 'id',
      conflict: null,
    });
  }
  return written.size;
}

/** One statement however many rows: Postgres reads them out of one JSON text by the types of the table. */
async function insert(
  tx: Queryable,
  table: string,
  columns: readonly string[],
  rows: readonly Record<string, unknown>[],
  { own, unique, conflict }: { readonly own: string; readonly unique: string; readonly conflict: string | null },
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const names = columns.map((name) => `"${name}"`).join(', ');
  const onConflict = conflict === null ? '' : `on conflict ("${unique}") ${conflict}`;
  const written = await tx.unsafe<{ id: string }[]>(
    `insert into "${table}" (${names})
     select ${names} from json_populate_recordset(null::"${table}", $1::text::json)
     ${onConflict} returning "${own}"::text as id`,
    [JSON.stringify(rows)],
    { prepare: true },
  );
  return new Set(written.map(({ id }) => id));
}

/** Until the end of the transaction: two that read the sequence at once could else take turns and move it back. */
export async function lockSequence(tx: TransactionSql, name: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`sequence:${name}`}, 0))`;
}

/** A counter moves its sequence. Draining only ever moves it on; a backfill puts it exactly where the counter is. */
async function applySequences(
  tx: TransactionSql,
  mapping: ModelMapping,
  docs: readonly Stored[],
  { overwrite }: ApplyOptions,
): Promise<Applied> {
  const refused: Refusal[] = [];
  let written = 0;
  for (const doc of docs) {
    const id = idText(doc);
    const seq = Number(doc.seq);
    if (id !== mapping.table || !Number.isSafeInteger(seq) || seq < 0) {
      const reason = id === mapping.table ? `seq is ${String(doc.seq)}` : 'there is no sequence of this name';
      refused.push({
        id,
        rejects: [{ path: id === mapping.table ? 'seq' : '_id', reason }],
        waits: false,
        mayPass: false,
      });
      continue;
    }
    const name = mapping.table;
    await lockSequence(tx, name);
    const least =
      overwrite === 'older' ? tx`(select case when is_called then last_value else 0 end from ${tx(name)})` : tx`0`;
    await tx`select setval(${name}, greatest(${seq}::bigint, ${least}, 1), greatest(${seq}::bigint, ${least}) > 0)`;
    written += 1;
  }
  return { written, refused, orphans: [] };
}

function grouped(refs: readonly { readonly collection: string; readonly id: string }[]): Map<string, Set<string>> {
  const byCollection = new Map<string, Set<string>>();
  for (const { collection, id } of refs) {
    const ids = byCollection.get(collection) ?? new Set();
    byCollection.set(collection, ids.add(id));
  }
  return byCollection;
}

export function sqlState(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

function constraintOf(error: unknown): string {
  for (const key of ['column_name', 'constraint_name'] as const) {
    const value = typeof error === 'object' && error !== null ? Object.getOwnPropertyDescriptor(error, key)?.value : '';
    if (typeof value === 'string' && value !== '') return value;
  }
  return '#row';
}
