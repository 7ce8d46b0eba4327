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

export async function forgetIds(sql: Queryable, collection: string, objectIds: readonly string[]): Promise<void> {
  if (objectIds.length === 0) return;
  await sql`delete from id_map where collection = ${collection} and mongo_id = any(${objectIds}::char(24)[])`;
}
