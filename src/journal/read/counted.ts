/** What was counted between two instants: whole hours from their sums, the rest of the window from the minutes. */
import type postgres from 'postgres';
import { HOUR } from '../coarser.ts';
import { iso, type Sql } from './rows.ts';

/** From when on the sums by the hour are whole, epoch ms; `at` is text where that is for ever in the future. */
export interface CompleteFrom {
  readonly from: number | string;
}

export function completeFrom(sql: Sql): postgres.PendingQuery<CompleteFrom[]> {
  return sql<CompleteFrom[]>`
    select extract(epoch from greatest(complete_from, timestamptz 'epoch'))::float8 * 1000 as from from shadowread.count_hours_from`;
}

export interface Counted {
  /** `(key, n)` for a `from` clause, in parentheses; a key has several rows. */
  readonly table: postgres.PendingQuery<postgres.Row[]>;
}

/**
 * `from` (inclusive) and `to` (exclusive) are epoch ms at the beginning of a minute; null: all that came since. `keys`
 * narrows it to some. Rejects where the journal cannot be read.
 */
export async function counted(
  sql: Sql,
  from: number,
  to: number | null,
  keys: readonly number[] | null = null,
): Promise<Counted> {
  const [known] = await completeFrom(sql);
  return countedSince(sql, known, from, to, keys);
}

/** The same, where it is known from when on the sums by the hour are whole. */
export function countedSince(
  sql: Sql,
  known: CompleteFrom | undefined,
  from: number,
  to: number | null,
  keys: readonly number[] | null = null,
): Counted {
  const first = Math.max(Math.ceil(from / HOUR) * HOUR, Number(known?.from ?? Number.POSITIVE_INFINITY));
  const last = to === null ? null : Math.floor(to / HOUR) * HOUR;
  const mine = keys === null ? sql`true` : sql`key = any(${[...keys]}::int[])`;
  const minutes = (since: number, until: number | null) => sql`
    select key, n from shadowread.counts
    where minute >= ${iso(since)} and ${until === null ? sql`true` : sql`minute < ${iso(until)}`} and ${mine}`;
  if (!Number.isFinite(first) || (to !== null && first >= (last ?? to))) return { table: sql`(${minutes(from, to)})` };
  const hours = sql`
    select key, n from shadowread.count_hours
    where hour >= ${iso(first)} and ${last === null ? sql`true` : sql`hour < ${iso(last)}`} and ${mine}`;
  const before = from < first ? sql`union all ${minutes(from, first)}` : sql``;
  const after = last !== null && to !== null && last < to ? sql`union all ${minutes(last, to)}` : sql``;
  return { table: sql`(${hours} ${before} ${after})` };
}
