/** The progress of a backfill, written in the transaction of each batch. */

import type { Queryable } from '../base/postgres.ts';
import type { Applied, Refusal } from './apply.ts';

export type Phase = 'ids' | 'rows';

export interface Checkpoint {
  readonly lastId: string | null;
  readonly done: boolean;
  readonly documents: number;
}

const key = (collection: string, phase: Phase): string => `${collection}/${phase}`;

export async function readCheckpoints(sql: Queryable): Promise<Map<string, Checkpoint>> {
  const rows = await sql<
    { collection: string; phase: Phase; last_id: string | null; done: boolean; documents: number }[]
  >`
    select collection, phase, last_id, done, documents::float8 from backfill_progress`;
  return new Map(
    rows.map((row) => [
      key(row.collection, row.phase),
      { lastId: row.last_id, done: row.done, documents: row.documents },
    ]),
  );
}

export function checkpointOf(
  checkpoints: ReadonlyMap<string, Checkpoint>,
  collection: string,
  phase: Phase,
): Checkpoint {
  return checkpoints.get(key(collection, phase)) ?? { lastId: null, done: false, documents: 0 };
}

export async function saveCheckpoint(
  sql: Queryable,
  collection: string,
  phase: Phase,
  { lastId, done, documents }: Checkpoint,
): Promise<void> {
  await sql`
    insert into backfill_progress (collection, phase, last_id, done, documents)
    values (${collection}, ${phase}, ${lastId}, ${done}, ${documents})
    on conflict (collection, phase) do update
    set last_id = excluded.last_id, done = excluded.done, documents = excluded.documents, updated_at = now()`;
}

/** Forgets the position and the findings of an earlier, finished run. */
export async function beginAnew(sql: Queryable, collections: readonly string[]): Promise<void> {
  await sql`delete from backfill_progress where collection = any(${collections})`;
  await sql`delete from backfill_rejects where collection = any(${collections})`;
  await sql`delete from backfill_orphans where collection = any(${collections})`;
}

/** Replaces the rejects of these documents: a document that was written now is no longer rejected. */
export async function saveFindings(
  sql: Queryable,
  collection: string,
  ids: readonly string[],
  applied: Pick<Applied, 'refused' | 'orphans'>,
): Promise<void> {
  await sql`delete from backfill_rejects where collection = ${collection} and mongo_id = any(${ids})`;
  const rejects = applied.refused.flatMap(({ id, rejects: all }) =>
    all.map(({ path, reason }) => ({ collection, mongo_id: id, path, reason })),
  );
  if (rejects.length > 0) await sql`insert into backfill_rejects ${sql(rejects)} on conflict do nothing`;
  await saveOrphans(sql, collection, ids, applied);
}

/** Replaces the orphans of these documents. */
export async function saveOrphans(
  sql: Queryable,
  collection: string,
  ids: readonly string[],
  applied: Pick<Applied, 'orphans'>,
): Promise<void> {
  await sql`delete from backfill_orphans where collection = ${collection} and mongo_id = any(${ids})`;
  const orphans = applied.orphans.map(({ id, orphan }) => ({
    collection,
    mongo_id: id,
    path: orphan.path,
    refers_to: orphan.refersTo,
    missing_id: orphan.missingId,
  }));
  if (orphans.length > 0) await sql`insert into backfill_orphans ${sql(orphans)} on conflict do nothing`;
}

export const idsOf = (refused: readonly Refusal[]): string[] => refused.map(({ id }) => id);
