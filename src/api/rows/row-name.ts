/**
 * What a row is called: by the id of its document, which it keeps. A row of somebody else's table may keep none: no
 * document is behind it, and it is called by its own id.
 */
import type { Queryable } from '../../base/postgres.ts';
import { keyColumn, type ModelMapping, ownColumn } from '../mapping.ts';
import { areObjectIds } from './bson-type.ts';
import type { RowRange } from './document-id.ts';
import type { StoredRow } from './document-row.ts';

/** Rows without a document's id that are read at once: more of them say nothing new. */
const MOST_KEYLESS = 1_000;

/** `documents`: those it may be of. A column of fixed length has blanks at the end that are no part of an id. */
export function rowName(mapping: ModelMapping, row: StoredRow, documents?: { has(id: string): boolean }): string {
  const name = String(isKeyless(mapping, row) ? row[ownColumn(mapping)] : row[keyColumn(mapping)]);
  return documents?.has(name) === true ? name : name.trimEnd();
}

/** True where the row keeps no document's id. */
function isKeyless(mapping: ModelMapping, row: StoredRow): boolean {
  return mapping.identity === 'column' && (row[keyColumn(mapping)] ?? null) === null;
}

/** Rows by their names; a row without a document's id is no row of a document that is called as it is. */
export function rowsByName(
  mapping: ModelMapping,
  rows: readonly StoredRow[],
  documents: { has(id: string): boolean },
): Map<string, StoredRow> {
  const named = new Map<string, StoredRow>();
  for (const row of rows) {
    const name = rowName(mapping, row, documents);
    if (!isKeyless(mapping, row) || !(documents.has(name) || named.has(name))) named.set(name, row);
  }
  return named;
}

/** A condition in SQL: the row is of one of these documents. */
export function ofDocuments(sql: Queryable, mapping: ModelMapping, ids: readonly string[]) {
  const key = sql(keyColumn(mapping));
  return mapping.identity === 'objectId'
    ? sql`${key} = any(${areObjectIds(ids)}::char(24)[])`
    : sql`${key} = any(${[...ids]}::text[])`;
}

/**
 * A condition in SQL: the row is in this range, in MongoDB's order of texts. Columns of ours are in it; of another's table
 * nobody knows, and only one that is declared so is read by its index.
 */
export function inRange(sql: Queryable, mapping: ModelMapping, { from: after, to: until }: RowRange) {
  const column = sql(keyColumn(mapping));
  const key = mapping.identity === 'column' ? sql`${column} collate "C"` : column;
  const from = after === null ? sql`` : sql`and ${key} > ${after}`;
  const to = until === null ? sql`` : sql`and ${key} <= ${until}`;
  return sql`${column} is not null ${from} ${to}`;
}

/** A condition in SQL: the row keeps no document's id and is called by one of these names. */
export function keylessNamed(sql: Queryable, mapping: ModelMapping, names: readonly string[]) {
  if (mapping.identity !== 'column') return sql`false`;
  const [key, own] = [sql(keyColumn(mapping)), sql(ownColumn(mapping))];
  return sql`(${key} is null and ${own}::text = any(${[...names]}::text[]))`;
}

/** The first rows that keep no document's id. */
export async function keylessRows(sql: Queryable, mapping: ModelMapping): Promise<readonly StoredRow[]> {
  if (mapping.identity !== 'column') return [];
  return sql<StoredRow[]>`
    select * from ${sql(mapping.table)} where ${sql(keyColumn(mapping))} is null
    order by ${sql(ownColumn(mapping))} limit ${MOST_KEYLESS}`;
}
