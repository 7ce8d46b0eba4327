/**
 * Runs of the backfill. A run begins where the one before came to its end and keeps its id however often it is
 * killed; each completed run has a new id, even if it found nothing to repair: it wrote every row again, so earlier
 * comparisons were of rows that no longer exist.
 */
import { randomUUID } from 'node:crypto';
import type { ModelMapping } from '../api/mapping.ts';
import type { Queryable } from '../base/postgres.ts';

/** Continues the unfinished run of the same collections, or begins one. */
export async function beginRun(sql: Queryable, collections: readonly string[]): Promise<string> {
  const names = [...collections].sort();
  const [open] = await sql<{ id: string }[]>`
    select id from backfill_runs where completed_at is null and collections = ${names} order by started_at desc limit 1`;
  if (open !== undefined) return open.id;
  const id = randomUUID();
  await sql`insert into backfill_runs (id, collections) values (${id}, ${names})`;
  return id;
}

export async function completeRun(
  sql: Queryable,
  id: string,
  { documents, rejects }: { readonly documents: number; readonly rejects: number },
): Promise<void> {
  await sql`update backfill_runs set completed_at = clock_timestamp(), documents = ${documents}, rejects = ${rejects} where id = ${id}`;
}

/**
 * The id of the backfill that the domain's rows came from: the last completed run that wrote any of its collections, or,
 * for a domain without data, the last of all. Null if none was completed.
 * Rejects where Postgres cannot be asked or was never migrated.
 */
export async function currentBackfillId(
  sql: Queryable,
  domain: string,
  mappings: readonly ModelMapping[],
): Promise<string | null> {
  const names = mappings.filter((mapping) => mapping.domain === domain).map(({ collection }) => collection);
  const [row] = await sql<{ id: string }[]>`
    select id from backfill_runs
    where completed_at is not null and (${names.length === 0} or collections && ${names})
    order by completed_at desc limit 1`;
  return row?.id ?? null;
}
