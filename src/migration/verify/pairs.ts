/** Documents and their rows, read for comparison. */
import type { Db, Document, ObjectId } from 'mongodb';
import { keyColumn, type ModelMapping } from '../../api/mapping.ts';
import { readChildRows } from '../../api/rows/child-rows.ts';
import type { Stored } from '../../api/rows/convert.ts';
import type { StoredRow } from '../../api/rows/document-row.ts';
import { keylessNamed, keylessRows, rowName, rowsByName } from '../../api/rows/row-name.ts';
import type { Queryable } from '../../base/postgres.ts';

import { keyOf, readDocuments } from '../documents.ts';

export interface Pair {
  readonly id: string;
  readonly doc: Stored | null;
  readonly row: StoredRow | null;
  /** Rows of embedded arrays in their order, by table. */
  readonly children: Readonly<Record<string, readonly StoredRow[]>>;
}

export interface Range {
  /** Not included; null from the beginning. */
  readonly after: string | null;
  readonly size: number;
  /** Which ids are looked at; null for all. */
  readonly chosen: ((id: string) => boolean) | null;
}

interface AnyDocument extends Document {
  _id: ObjectId | string;
}

/** The next documents in order of their ids with their rows, rows without a document among them. */
export async function nextPairs(
  mongo: Db,
  sql: Queryable,
  mapping: ModelMapping,
  { after, size, chosen }: Range,
): Promise<{ readonly pairs: readonly Pair[]; readonly last: string | null }> {
  const docs = await mongo
    .collection<AnyDocument>(mapping.collection)
    .find(after === null ? {} : { _id: { $gt: keyOf(after) } }, chosen === null ? {} : { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(size)
    .batchSize(size)
    .toArray();
  const last = docs.length < size ? null : String(docs.at(-1)?._id);
  // They are in no range of ids.
  const keyless = last === null ? await keylessRows(sql, mapping) : [];
  if (chosen === null) {
    const rows = await rowsBetween(sql, mapping, after, last);
    return { pairs: await pairUp(sql, mapping, docs, [...rows, ...keyless]), last };
  }
  const rowIds = await rowIdsBetween(sql, mapping, after, last);
  const names = [...rowIds, ...keyless.map((row) => rowName(mapping, row))];
  const ids = new Set([...docs.map(({ _id }) => String(_id)), ...names].filter(chosen));
  return { pairs: await readPairs(mongo, sql, mapping, [...ids]), last };
}

/** These documents and their rows, the documents first. */
export async function readPairs(
  mongo: Db,
  sql: Queryable,
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<readonly Pair[]> {
  if (ids.length === 0) return [];
  const docs = await readDocuments(mongo, mapping.collection, ids);
  return pairUp(sql, mapping, docs, await rowsOf(sql, mapping, ids));
}

async function rowsOf(sql: Queryable, mapping: ModelMapping, ids: readonly string[]): Promise<readonly StoredRow[]> {
  if (mapping.identity === 'sequence') return sequenceRow(sql, mapping);
  return sql<StoredRow[]>`
    select * from ${sql(mapping.table)} where ${sql(keyColumn(mapping))}::text = any(${ids}) or ${keylessNamed(sql, mapping, ids)}`;
}

/**
 * Ids in (after, until], null is open, in MongoDB's order. Columns of ours are in it; of another's table nobody knows,
 * and only one that is declared so is read by its index.
 */
function inRange(sql: Queryable, mapping: ModelMapping, after: string | null, until: string | null) {
  const column = sql(keyColumn(mapping));
  const key = mapping.identity === 'column' ? sql`${column} collate "C"` : column;
  const from = after === null ? sql`` : sql`and ${key} > ${after}`;
  const to = until === null ? sql`` : sql`and ${key} <= ${until}`;
  return sql`${column} is not null ${from} ${to}`;
}

/** A sequence as a row of its counter. */
function sequenceRow(sql: Queryable, { table }: ModelMapping): Promise<readonly StoredRow[]> {
  return sql<StoredRow[]>`
    select ${table}::text as id, case when is_called then last_value else 0 end as seq from ${sql(table)}`;
}

async function rowsBetween(
  sql: Queryable,
  mapping: ModelMapping,
  after: string | null,
  until: string | null,
): Promise<readonly StoredRow[]> {
  if (mapping.identity === 'sequence') return sequenceRow(sql, mapping);
  const within = inRange(sql, mapping, after, until);
  return sql<StoredRow[]>`select * from ${sql(mapping.table)} where ${within}`;
}

async function rowIdsBetween(
  sql: Queryable,
  mapping: ModelMapping,
  after: string | null,
  until: string | null,
): Promise<readonly string[]> {
  if (mapping.identity === 'sequence') return [];
  const within = inRange(sql, mapping, after, until);
  const rows = await sql<{ id: string }[]>`
    select ${sql(keyColumn(mapping))}::text as id from ${sql(mapping.table)} where ${within}`;
  return rows.map(({ id }) => id);
}

async function pairUp(
  sql: Queryable,
  mapping: ModelMapping,
  docs: readonly Document[],
  rows: readonly StoredRow[],
): Promise<readonly Pair[]> {
  const byId = new Map(docs.map((doc): [string, Stored] => [String(doc._id), doc]));
  const rowById = rowsByName(mapping, rows, byId);
  // A counter that does not exist yet is no missing document.
  if (mapping.identity === 'sequence') for (const id of rowById.keys()) if (!byId.has(id)) rowById.delete(id);
  const childrenOf = await readChildRows(sql, mapping, [...rowById.values()]);
  return [...new Set([...byId.keys(), ...rowById.keys()])].map((id) => {
    const row = rowById.get(id) ?? null;
    return { id, doc: byId.get(id) ?? null, row, children: childrenOf(row) };
  });
}
