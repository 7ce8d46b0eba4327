import { expect } from 'chai';
import postgres from 'postgres';
import { openJournal } from '../../src/journal/journal.ts';
import { freshDatabase } from '../support/stores.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

const quiet = (): void => undefined;
const limits = { journalBuffer: 1_000 };

describe('journal', () => {
  it('writes every verdict into exactly one count', async () => {
    const url = await freshDatabase();
    const journal = openJournal({ url, instance: 'a', limits, log: quiet });
    for (let i = 0; i < 50; i += 1) journal.record(verdict());
    for (let i = 0; i < 3; i += 1) journal.record(mismatch());
    for (let i = 0; i < 7; i += 1) journal.record(skipped('overload'));
    expect(await journal.flush()).to.equal(true);
    expect(journal.stats()).to.include({ pending: 0, written: 60, lost: 0, droppedEvidence: 0 });
    expect(await journal.close()).to.equal(true);
    const sql = postgres(url, { max: 1 });
    const rows = await sql`select verdict, reason, sum(n)::int as n, count(distinct epoch)::int as epochs
      from shadowread.counts c join shadowread.count_keys k on k.id = c.key group by 1, 2 order by 1`;
    const cover =
      await sql`select sum(units)::int as units, sum(entities)::int as entities, sum(compared)::int as compared from shadowread.coverage`;
    await sql.end();
    expect([...rows]).to.deep.equal([
      { verdict: 'match', reason: '', n: 50, epochs: 1 },
      { verdict: 'mismatch', reason: '', n: 3, epochs: 1 },
      { verdict: 'skipped', reason: 'overload', n: 7, epochs: 1 },
    ]);
    expect([...cover]).to.deep.equal([{ units: 53, entities: 53, compared: 53 }]);
  });
});
