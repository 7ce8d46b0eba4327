/** The progress of a verification in Postgres, so that a killed one can continue. */
import type { Queryable } from '../../base/postgres.ts';

export type FindingKind =
  /** Differed at first look; settled at the end of its collection. */
  | 'suspect'
  | 'missing'
  | 'extra'
  | 'drift'
  /** The drain has not brought the row up to the document. */
  | 'behind'
  /** Written so often that no two looks were of one revision. */
  | 'unsettled'
  /** A reject of the backfill or an open gap: known, with its reason. */
  | 'excused';

export interface Finding {
  readonly collection: string;
  readonly mongoId: string;
  readonly kind: FindingKind;
  /** Paths of the document, positions as `*`; values are never kept. */
  readonly fields: readonly string[];
  readonly reason: string | null;
}

export interface Place {
  readonly lastId: string | null;
  readonly done: boolean;
  readonly documents: number;
  readonly agree: number;
}

export interface Choice {
  readonly sample: number;
  readonly salt: string;
}

export async function readPlaces(sql: Queryable): Promise<Map<string, Place & Choice>> {
  const rows = await sql<({ collection: string } & Place & Choice)[]>`
    select collection, last_id as "lastId", done, documents, agree, sample, salt from verify_progress`;
  return new Map(rows.map((row) => [row.collection, row]));
}

export async function savePlace(sql: Queryable, collection: string, place: Place, choice: Choice): Promise<void> {
  await sql`
    insert into verify_progress (collection, last_id, done, documents, agree, sample, salt)
    values (${collection}, ${place.lastId}, ${place.done}, ${place.documents}, ${place.agree}, ${choice.sample}, ${choice.salt})
    on conflict (collection) do update set last_id = excluded.last_id, done = excluded.done,
      documents = excluded.documents, agree = excluded.agree, updated_at = now()`;
}

export async function saveFindings(sql: Queryable, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const rows = findings.map(({ collection, mongoId, kind, fields, reason }) => ({
    collection,
    mongo_id: mongoId,
    kind,
    fields,
    reason,
  }));
  await sql`
    insert into verify_findings (collection, mongo_id, kind, fields, reason)
    select collection, mongo_id, kind, fields, reason
    from json_populate_recordset(null::verify_findings, ${JSON.stringify(rows)}::text::json)
    on conflict (collection, mongo_id) do update set kind = excluded.kind, fields = excluded.fields,
      reason = excluded.reason, at = now()`;
}

export async function suspectsOf(sql: Queryable, collection: string, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select mongo_id as id from verify_findings where collection = ${collection} and kind = 'suspect' order by 1 limit ${limit}`;
  return rows.map(({ id }) => id);
}

export async function beginAnew(sql: Queryable, collections: readonly string[]): Promise<void> {
  await sql`delete from verify_progress where collection = any(${collections})`;
  await sql`delete from verify_findings where collection = any(${collections})`;
}

/** Why these documents are known to differ: rejected by the backfill, or an open gap. */
export async function excusesOf(
  sql: Queryable,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly kind: 'reject' | 'gap'; readonly reason: string }>> {
  const rows = await sql<{ id: string; kind: 'reject' | 'gap'; reason: string }[]>`
    select mongo_id as id, 'reject' as kind, 'rejected: ' || path || ': ' || reason as reason from backfill_rejects
    where collection = ${collection} and mongo_id = any(${ids})
    union all
    select mongo_id, 'gap', 'known gap: ' || error from pg_dualwrite_gaps
    where collection = ${collection} and mongo_id = any(${ids}) and repaired_at is null`;
  return new Map(rows.map(({ id, kind, reason }) => [id, { kind, reason }]));
}
