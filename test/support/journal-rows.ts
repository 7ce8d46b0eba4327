/** Rows put into a journal by hand, made after one that is there: many of them, or hostile ones. */
import { randomBytes } from 'node:crypto';
import type postgres from 'postgres';

type Json = Readonly<Record<string, unknown>>;

/** Inserts `count` copies of the newest mismatch, a millisecond apart within this UTC day; gives their ids. */
export async function insertMismatches(
  sql: postgres.Sql,
  count: number,
  change: (verdict: Json) => Json = (verdict) => verdict,
): Promise<string[]> {
  const [model] = await sql<{ verdict: Json; at: Date }[]>`
    select verdict, at from shadowread.mismatches order by at desc limit 1`;
  if (model === undefined) throw new Error('there is no mismatch to copy');
  const midnight = new Date(model.at).setUTCHours(0, 0, 0, 0);
  // The newest of the day are what the first page shows.
  const newest = Math.min(Date.now(), midnight + 86_399_999);
  const instants = Array.from({ length: count }, (_, index) => Math.max(midnight, newest - index));
  const ids = instants.map((at) => `${at.toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`);
  const verdict = JSON.stringify(change(model.verdict));
  await sql`
    insert into shadowread.mismatches (id, at, exchange_id, domain, route, served, representation, fingerprint, cause, fatal, epoch,
      trace_id, difference_count, verdict)
    select i.id, i.at, i.id, m.domain, m.route, m.served, m.representation, m.fingerprint, m.cause, m.fatal, m.epoch, m.trace_id,
      m.difference_count, ${verdict}::text::jsonb
    from unnest(${ids}::text[], ${instants.map((at) => new Date(at).toISOString())}::timestamptz[]) as i(id, at),
      (select * from shadowread.mismatches order by at desc limit 1) m`;
  return ids;
}
