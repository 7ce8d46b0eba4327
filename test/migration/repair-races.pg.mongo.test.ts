import { expect } from 'chai';
import { seeded } from '../../src/amanat/demo/random.ts';
import { type DrainStep, drainAll, drainOnce } from '../../src/migration/drain.ts';
import { repairRow } from '../../src/migration/repair/row.ts';
import { targetOf } from '../../src/migration/repair/target.ts';
import { sized } from '../support/sized.ts';
import { first, type Synced, synced, updated } from './synced.ts';

/** The smaller number still draws each step with each order some nine times. */
const ROUNDS = sized(150, 500);
const STEPS: readonly DrainStep[] = ['read', 'written', 'committed', 'taken'];

describe('a repair beside a write of the same document', () => {
  let stores: Synced;
  before(async () => {
    stores = await synced();
  });
  after(() => stores.close());

  it(`never loses the newer, in ${ROUNDS} interleavings with the drain`, async () => {
    const { mongo, sql } = stores;
    // Two looks at each collection in each round would be most of the time; nothing is written to the others.
    const mappings = stores.mappings.filter(({ collection }) => collection === 'users');
    const user = await first(mongo, 'users');
    const id = String(user._id);
    const target = await targetOf(sql, mappings, `users/${id}`);
    const random = seeded(11);
    const results = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      // The row is broken, one write waits to be carried over, and another one comes somewhere in between.
      await sql`update users set locale = 'xx' where id = (select uuid from id_map where collection = 'users' and mongo_id = ${id})`;
      await updated(mongo, 'users', user._id, { $set: { bio: `first ${round}` } });
      const write = (): Promise<void> => updated(mongo, 'users', user._id, { $set: { bio: `second ${round}` } });
      const repair = async (): Promise<void> => {
        const { result } = await repairRow(stores, target);
        results.set(result, (results.get(result) ?? 0) + 1);
      };
      const at = random.pick(STEPS);
      const what = random.pick(['repair', 'write', 'both', 'beside'] as const);
      const begun: Promise<void>[] = [];
      // Begun and not awaited where the drain holds the row's lock: the repair waits for it.
      const onStep = async (step: DrainStep, collection: string): Promise<void> => {
        if (step !== at || collection !== 'users' || begun.length > 0) return;
        if (what === 'repair' || what === 'both') begun.push(repair());
        if (what === 'write' || what === 'both') begun.push(write());
        if (step !== 'written') await Promise.all(begun);
      };
      if (what === 'beside') begun.push(repair(), write());
      await drainOnce({ mongo, sql, mappings, onStep });
      await Promise.all(begun);
      if (what !== 'write' && what !== 'both' && what !== 'beside') await write();
      if (what === 'write') await repair();
      await drainAll({ mongo, sql, mappings });
      const [row] = await sql`select bio, locale, mongo_rev from users where mongo_id = ${id}`;
      const doc = await first(mongo, 'users', { _id: user._id });
      expect(row, `round ${round}: ${what} at ${at}`).to.deep.equal({
        bio: `second ${round}`,
        locale: doc.locale,
        mongo_rev: doc._rev,
      });
    }
    expect([...results.keys()].sort(), JSON.stringify([...results])).to.not.include('refused');
    expect(results.get('repaired'), JSON.stringify([...results])).to.be.greaterThan(0);
  });
});
