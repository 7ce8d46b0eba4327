import { expect } from 'chai';
import postgres from 'postgres';
import { HOUR, MINUTE } from '../../src/journal/coarser.ts';
import { counted } from '../../src/journal/read/counted.ts';
import { freshJournal } from '../support/journal-database.ts';

/** The first minute that is counted, and how many hours follow: over midnight. */
const BEGIN = Date.UTC(2026, 4, 28, 21, 0);
const HOURS = 6;

describe('what is counted by the hour', () => {
  let sql: postgres.Sql;
  before(async () => {
    sql = postgres(await freshJournal(), { max: 2, onnotice: () => undefined });
    for (const day of ['2026-05-28', '2026-05-29']) await sql`select shadowread.ensure_day(${day}::date)`;
    // Twice: what is there is added to, as by batches.
    for (const n of [1, 10])
      await sql`
        insert into shadowread.counts as c (minute, key, shard, n)
        select ${new Date(BEGIN)}::timestamptz + m * interval '1 minute', k, s, ${n} + m % 7
        from generate_series(0, ${HOURS * 60 - 1}, 7) m, generate_series(1, 3) k, generate_series(0, 1) s
        order by 1, 2, 3
        on conflict (minute, key, shard) do update set n = c.n + excluded.n`;
  });
  after(() => sql.end({ timeout: 1 }));

  const byKey = async (from: number, to: number | null, keys: readonly number[] | null = null) => {
    const { table } = await counted(sql, from, to, keys);
    return sql<{ key: number; n: number }[]>`select key, sum(n)::int as n from ${table} c group by 1 order by 1`;
  };
  const byMinute = (from: number, to: number) => sql<{ key: number; n: number }[]>`
    select key, sum(n)::int as n from shadowread.counts
    where minute >= ${new Date(from)} and minute < ${new Date(to)} group by 1 order by 1`;

  const windows = [
    ['from hour to hour', BEGIN + HOUR, BEGIN + 4 * HOUR],
    ['from within an hour', BEGIN + 20 * MINUTE, BEGIN + 3 * HOUR],
    ['from within one hour to within another', BEGIN + 20 * MINUTE, BEGIN + 4 * HOUR + 50 * MINUTE],
    ['within one hour', BEGIN + 20 * MINUTE, BEGIN + 50 * MINUTE],
    ['over the end of an hour', BEGIN + 50 * MINUTE, BEGIN + 70 * MINUTE],
    ['before anything', BEGIN - 5 * HOUR, BEGIN - HOUR],
  ] as const;
  for (const [name, from, to] of windows)
    it(`is what its minutes are: ${name}`, async () => {
      expect(await byKey(from, to)).to.deep.equal(await byMinute(from, to));
    });

  it('goes to the last of it without an end, and can be asked for some keys', async () => {
    const all = await byMinute(BEGIN + 20 * MINUTE, BEGIN + HOURS * HOUR);
    expect(await byKey(BEGIN + 20 * MINUTE, null)).to.deep.equal(all);
    expect(await byKey(BEGIN + 20 * MINUTE, null, [2])).to.deep.equal(all.filter(({ key }) => key === 2));
  });

  it('is asked of the minutes before the hours are complete', async () => {
    const [from, to] = [BEGIN, BEGIN + HOURS * HOUR];
    await sql`delete from shadowread.count_hours where hour < ${new Date(BEGIN + 2 * HOUR)}`;
    expect(await byKey(from, to)).not.to.deep.equal(await byMinute(from, to));
    await sql`update shadowread.count_hours_from set complete_from = ${new Date(BEGIN + 2 * HOUR)}`;
    expect(await byKey(from, to)).to.deep.equal(await byMinute(from, to));
  });
});
