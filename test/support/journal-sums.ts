/** What the journal has counted, over all its minutes and instances. */
import postgres from 'postgres';

export interface JournalSums {
  readonly total: number;
  /** By verdict, by reason where there is one. */
  readonly byKind: Readonly<Record<string, number>>;
}

export function journalSums(url: string): Promise<JournalSums> {
  return withJournal(url, sumsBy);
}

/** The same by a connection that is there. */
export async function sumsBy(sql: postgres.Sql): Promise<JournalSums> {
  const rows = await sql<{ kind: string; n: number }[]>`
    select coalesce(nullif(k.reason, ''), k.verdict) as kind, sum(c.n)::int as n
    from shadowread.counts c join shadowread.count_keys k on k.id = c.key group by 1`;
  return {
    total: rows.reduce((sum, { n }) => sum + n, 0),
    byKind: Object.fromEntries(rows.map(({ kind, n }) => [kind, n])),
  };
}

export async function withJournal<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
