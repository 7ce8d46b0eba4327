/** Writes that need another write first: they wait in the outbox, are tried again, and become gaps in the end. */

import type { Queryable } from '../base/postgres.ts';
import type { Refusal } from './apply.ts';
import { noteGap, reasonOf } from './gaps.ts';

export interface Patience {
  /** Tries before a write that has to wait is a gap. */
  readonly tries: number;
  /** Before the second try, ms; doubled with each. */
  readonly retryMs: number;
}

export interface Deferred {
  /** Documents whose turn has not come, by collection. */
  readonly notDue: ReadonlyMap<string, readonly string[]>;
  /** Those whose turn it is. */
  readonly due: ReadonlyMap<string, readonly string[]>;
  /** When the oldest write that waits was made; null where none does. */
  readonly since: Date | null;
  /** Until the next one's turn, ms. */
  readonly dueInMs: number | null;
}

export async function readDeferrals(sql: Queryable): Promise<Deferred> {
  const rows = await sql<{ collection: string; id: string; since: Date; due: number }[]>`
    select collection, mongo_id as id, since, extract(epoch from due_at - now())::float8 * 1000 as due
    from drain_deferrals order by since`;
  const notDue = new Map<string, string[]>();
  const due = new Map<string, string[]>();
  for (const row of rows) {
    const side = row.due > 0 ? notDue : due;
    side.set(row.collection, [...(side.get(row.collection) ?? []), row.id]);
  }
  const dueInMs = rows.length === 0 ? null : Math.min(...rows.map((row) => Math.max(0, row.due)));
  return { notDue, due, since: rows[0]?.since ?? null, dueInMs };
}

/** Puts a write off; resolves to true if it was tried often enough and is a gap now. */
export async function defer(
  sql: Queryable,
  collection: string,
  refusal: Refusal,
  since: Date,
  { tries, retryMs }: Patience,
): Promise<boolean> {
  const error = reasonOf(refusal);
  const [row] = await sql<{ attempts: number }[]>`
    insert into drain_deferrals (collection, mongo_id, error, since, due_at)
    values (${collection}, ${refusal.id}, ${error}, ${since}, now() + ${retryMs} * interval '1 millisecond')
    on conflict (collection, mongo_id) do update set error = excluded.error, attempts = drain_deferrals.attempts + 1,
      due_at = now() + ${retryMs} * power(2, drain_deferrals.attempts) * interval '1 millisecond'
    returning attempts`;
  const attempts = row?.attempts ?? 1;
  if (attempts < tries) return false;
  await forgetDeferrals(sql, collection, [refusal.id]);
  await noteGap(sql, { collection, mongoId: refusal.id, operation: 'drain', error }, attempts);
  return true;
}

export async function forgetDeferrals(sql: Queryable, collection: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from drain_deferrals where collection = ${collection} and mongo_id = any(${ids})`;
}
