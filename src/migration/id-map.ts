import { keyColumn, type ModelMapping, ownColumn } from '../api/mapping.ts';
import type { Queryable } from '../base/postgres.ts';
import { proposedUuid } from './uuid7.ts';

/** The uuids of these documents, giving one to each that has none yet. */
export async function mapIds(
  sql: Queryable,
  collection: string,
  objectIds: readonly string[],
): Promise<Map<string, string>> {
  if (objectIds.length === 0) return new Map();
  const proposals = objectIds.map((id) => proposedUuid(collection, id));
  await sql`
    insert into id_map (collection, mongo_id, uuid)
    select ${collection}, * from unnest(${objectIds}::text[], ${proposals}::uuid[])
    on conflict (collection, mongo_id) do nothing`;
  return knownIds(sql, collection, objectIds);
}

/** The ids of the rows of these documents, by `id_map` or, where the collection's table keeps its documents' ids, by the table. */
export async function rowIds(
  sql: Queryable,
  mappings: readonly ModelMapping[],
  collection: string,
  documents: readonly string[],
): Promise<Map<string, string>> {
  const mapping = mappings.find((candidate) => candidate.collection === collection);
  if (mapping?.identity !== 'column') return knownIds(sql, collection, documents);
  if (documents.length === 0) return new Map();
  const key = sql(keyColumn(mapping));
  const rows = await sql<{ key: string; own: string }[]>`
    select ${key}::text as key, ${sql(ownColumn(mapping))}::text as own from ${sql(mapping.table)}
    where ${key} = any(${documents}::text[])`;
  return new Map(rows.map((row) => [row.key, row.own]));
}

/** The uuids of those of these documents that have one. */
export async function knownIds(
  sql: Queryable,
  collection: string,
  objectIds: readonly string[],
): Promise<Map<string, string>> {
  if (objectIds.length === 0) return new Map();
  const rows = await sql<{ mongo_id: string; uuid: string }[]>`
    select mongo_id, uuid from id_map where collection = ${collection} and mongo_id = any(${objectIds}::char(24)[])`;
  return new Map(rows.map((row) => [row.mongo_id, row.uuid]));
}
