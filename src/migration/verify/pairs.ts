/** Documents and their rows, read for comparison. */
import type { Db, Document } from 'mongodb';
import { keyColumn, type ModelMapping } from '../../api/mapping.ts';
import { isObjectId } from '../../api/rows/bson-type.ts';
import { readChildRows } from '../../api/rows/child-rows.ts';
import type { Stored } from '../../api/rows/convert.ts';
import { exactText, idText, type RowRange, rowRange } from '../../api/rows/document-id.ts';
import type { StoredRow } from '../../api/rows/document-row.ts';
import { inRange, keylessNamed, keylessRows, ofDocuments, rowName, rowsByName } from '../../api/rows/row-name.ts';
import type { Queryable } from '../../base/postgres.ts';
import { readDocuments, readPage } from '../documents.ts';

export interface Pair {
  readonly id: string;
  readonly doc: Stored | null;
  readonly row: StoredRow | null;
  /** Rows of embedded arrays in their order, by table. */
  readonly children: Readonly<Record<string, readonly StoredRow[]>>;
}

export interface Range {
  /** The exact text of an id, which is not included; null from the beginning. */
  readonly after: string | null;
  readonly size: number;
  /** Which ids are looked at; null for all. */
  readonly chosen: ((id: string) => boolean) | null;
}

/** The next documents in order of their ids with their rows, rows without a document among them. */
export async function nextPairs(
  mongo: Db,
  sql: Queryable,
  mapping: ModelMapping,
  { after, size, chosen }: Range,
): Promise<{ readonly pairs: readonly Pair[]; readonly last: string | null }> {
  const docs = await readPage(mongo, mapping, { after, size, idsOnly: chosen !== null });
  const end = docs.at(-1);
  const last = end === undefined ? null : exactText(end._id);
  const within = rowRange(mapping, after, last);
  // They are in no range of ids.
  const keyless = last === null ? await keylessRows(sql, mapping) : [];
  if (chosen === null) {
    const rows = within === null ? [] : await rowsBetween(sql, mapping, within);
    const theirs = await otherRows(mongo, sql, mapping, docs, rows);
    return { pairs: await pairUp(sql, mapping, docs, [...theirs, ...keyless]), last };
  }
  const rowIds = within === null ? [] : await rowIdsBetween(sql, mapping, within);
  const names = [...rowIds, ...keyless.map((row) => rowName(mapping, row))];
  const ids = new Set([...docs.map((doc) => idText(doc, mapping)), ...names].filter(chosen));
  return { pairs: await readPairs(mongo, sql, mapping, [...ids]), last };
}

/**
 * Where keys are texts, ObjectIds among them, MongoDB has another order than Postgres: the rows of these documents that are
 * not in the range, and of the range only those whose documents are not on another page.
 */
async function otherRows(
  mongo: Db,
  sql: Queryable,
  mapping: ModelMapping,
  docs: readonly Document[],
  rows: readonly StoredRow[],
): Promise<readonly StoredRow[]> {
  if (mapping.identity !== 'column' && mapping.identity !== 'text') return rows;
  const ids = new Set(docs.map((doc) => idText(doc, mapping)));
  const keyOf = (row: StoredRow): string => rowName(mapping, row, ids);
  const keys = new Set(rows.map(keyOf));
  const without = [...ids].filter((id) => !keys.has(id));
  const elsewhere = await readDocuments(
    mongo,
    mapping,
    [...keys].filter((key) => !ids.has(key)),
  );
  const ofOthers = new Set(elsewhere.map((doc) => idText(doc, mapping)));
  const more = without.length === 0 ? [] : await rowsOf(sql, mapping, without);
  return [...rows.filter((row) => !ofOthers.has(keyOf(row))), ...more];
}

/** These documents and their rows, the documents first. */
export async function readPairs(
  mongo: Db,
  sql: Queryable,
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<readonly Pair[]> {
  if (ids.length === 0) return [];
  const docs = await readDocuments(mongo, mapping, ids);
  return pairUp(sql, mapping, docs, await rowsOf(sql, mapping, ids));
}

async function rowsOf(sql: Queryable, mapping: ModelMapping, ids: readonly string[]): Promise<readonly StoredRow[]> {
  if (mapping.identity === 'sequence') return sequenceRow(sql, mapping);
  if (mapping.identity === 'objectId') {
    return sql<StoredRow[]>`select * from ${sql(mapping.table)} where ${ofDocuments(sql, mapping, ids)}`;
  }
  return sql<StoredRow[]>`
    select * from ${sql(mapping.table)} where ${sql(keyColumn(mapping))}::text = any(${ids}) or ${keylessNamed(sql, mapping, ids)}`;
}

/** A sequence as a row of its counter. */
function sequenceRow(sql: Queryable, { table }: ModelMapping): Promise<readonly StoredRow[]> {
  return sql<StoredRow[]>`
    select ${table}::text as id, case when is_called then last_value else 0 end as seq from ${sql(table)}`;
}

async function rowsBetween(sql: Queryable, mapping: ModelMapping, range: RowRange): Promise<readonly StoredRow[]> {
  if (mapping.identity === 'sequence') return sequenceRow(sql, mapping);
  return sql<StoredRow[]>`select * from ${sql(mapping.table)} where ${inRange(sql, mapping, range)}`;
}

async function rowIdsBetween(sql: Queryable, mapping: ModelMapping, range: RowRange): Promise<readonly string[]> {
  if (mapping.identity === 'sequence') return [];
  const rows = await sql<{ id: string }[]>`
    select ${sql(keyColumn(mapping))}::text as id from ${sql(mapping.table)} where ${inRange(sql, mapping, range)}`;
  return rows.map(({ id }) => id);
}

async function pairUp(
  sql: Queryable,
  mapping: ModelMapping,
  docs: readonly Document[],
  rows: readonly StoredRow[],
): Promise<readonly Pair[]> {
  // Where an ObjectId and the text of its digits are two documents, the row is the ObjectId's.
  const ordered = docs.toSorted((a, b) => Number(isObjectId(a._id)) - Number(isObjectId(b._id)));
  const byId = new Map(ordered.map((doc): [string, Stored] => [idText(doc, mapping), doc]));
  const rowById = rowsByName(mapping, rows, byId);
  // A counter that does not exist yet is no missing document.
  if (mapping.identity === 'sequence') for (const id of rowById.keys()) if (!byId.has(id)) rowById.delete(id);
  const childrenOf = await readChildRows(sql, mapping, [...rowById.values()]);
  return [...new Set([...byId.keys(), ...rowById.keys()])].map((id) => {
    const row = rowById.get(id) ?? null;
    return { id, doc: byId.get(id) ?? null, row, children: childrenOf(row) };
  });
}
