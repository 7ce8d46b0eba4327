/** How far Postgres is behind MongoDB, as the drain last wrote it down. */
import type { Queryable } from '../base/postgres.ts';

/** A recorded lag that is older than this is unknown, ms. */
const STALE_MS = 30_000;

export type DrainSource = 'outbox' | 'changestream';

export interface DrainReport {
  /** Age of the oldest write that is not in Postgres yet, ms; 0 where there is none. */
  readonly lagMs: number;
  /** Documents carried over since the worker started. */
  readonly drained: number;
  /** Documents refused since the worker started. */
  readonly failed: number;
  /** Why the last pass failed; null where it did not. */
  readonly error: string | null;
}

/** The lag while passes fail, ms: a write may be as old as the last whole one, and what waited then is older still. */
export const lagSince = (known: { readonly lagMs: number; readonly at: number }): number =>
  known.lagMs + performance.now() - known.at;

export async function saveDrainReport(sql: Queryable, source: DrainSource, report: DrainReport): Promise<void> {
  await sql`
    insert into drain_status (source, lag_ms, drained, failed, error, at)
    values (${source}, ${Math.round(report.lagMs)}, ${report.drained}, ${report.failed}, ${report.error}, now())
    on conflict (source) do update set lag_ms = excluded.lag_ms, drained = excluded.drained, failed = excluded.failed,
      error = excluded.error, at = excluded.at`;
}

/**
 * The lag in ms, of the slowest source that reported in the last half minute; null where none did, since a worker that
 * does not report may not be running. Rejects where Postgres cannot be asked or was never migrated.
 */
export async function readDrainLag(sql: Queryable): Promise<number | null> {
  const [row] = await sql<{ lag: number | null }[]>`
    select max(lag_ms + case when error is null then 0 else extract(epoch from now() - at) * 1000 end)::float8 as lag
    from drain_status where at > now() - ${STALE_MS} * interval '1 millisecond'`;
  return row?.lag ?? null;
}
