import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { IdPairs } from '../../src/journal/id-pairs.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { type IdKind, RelatedIds } from '../../src/verifier/ids/related-ids.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';
import { verdict } from '../support/verdicts.ts';

const KINDS: Readonly<Record<string, IdKind>> = {
  users: { by: 'consistent', type: null },
  carts: { by: 'same', type: null },
};

describe('pairs of ids in the journal', () => {
  let url: string;
  let reader: JournalReader;

  before(async () => {
    url = await freshJournal();
    const journal = openJournal({
      url,
      instance: 'a',
      limits: { journalBuffer: 10 },
      log: () => undefined,
      rulesOf: () => null,
    });
    journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    await journal.close(1_000);
    reader = openReader({ url, max: 1 });
  });
  after(() => reader.close());

  it('that no journal can hold keep no others out', async () => {
    const ids = new RelatedIds({ orders: { by: 'consistent', type: null } });
    const store = await IdPairs.open(url, ids);
    const odd = ['a\0b', 'a\ud800b', Array.from({ length: 4_000 }, (_, i) => String(i)).join('-')];
    ids.suppose([...odd, 'good'].map((primary, i) => ({ collection: 'orders', primary, twin: `odd-${i}` })));
    await store.close();
    const [kept, none] = await Promise.all(
      ['good', 'odd-0'].map((id) => reader.pairsOfIds({ collection: 'orders', id, limit: 5 })),
    );
    expect([kept?.length, none?.length]).to.deep.equal([1, 0]);
  });

  it('outlive a process, are shared by replicas, and the first one who met an id says which', async () => {
    const [one, other] = [new RelatedIds(KINDS), new RelatedIds(KINDS)];
    const running = await IdPairs.open(url, other);
    const first = await IdPairs.open(url, one);
    one.suppose([
      { collection: 'users', primary: 'aa', twin: '7' },
      { collection: 'users', primary: 'bb', twin: '8' },
    ]);
    one.sighted('users', ['aa']);
    await first.close();
    await until(() => other.twinOf('users', 'aa') === '7', 100);
    // Met at the same time by another replica: it gives way, whichever of the two ids is taken.
    const late = new RelatedIds(KINDS);
    late.suppose([
      { collection: 'users', primary: 'bb', twin: '9' },
      { collection: 'users', primary: 'cc', twin: '7' },
    ]);
    const third = await IdPairs.open(url, late);
    await until(() => late.twinOf('users', 'bb') === '8', 100);
    expect(late.primaryOf('users', '7')).to.equal('aa');
    expect(late.twinOf('users', 'cc')).to.equal(undefined);
    const restarted = new RelatedIds(KINDS);
    const fourth = await IdPairs.open(url, restarted);
    const key = (text: string) => ({ text, type: 'key' }) as const;
    expect(restarted.relate('users', key('aa'), key('7'))).to.equal('same');
    expect(restarted.relate('users', key('aa'), key('8')), 'a contradiction within the run').to.equal('different');
    expect(await reader.idPairs(['users', 'nobody'])).to.deep.equal([
      { collection: 'nobody', ids: 0, once: 0 },
      { collection: 'users', ids: 2, once: 1 },
    ]);
    await Promise.all([running.close(), third.close(), fourth.close()]);
  });

  it('that are wrong are listed and taken back, and no process brings them back', async () => {
    const running = new RelatedIds(KINDS);
    const pairs = await IdPairs.open(url, running);
    running.suppose([{ collection: 'users', primary: 'dd', twin: '44' }]);
    await until(async () => (await reader.pairsOfIds({ collection: 'users', id: '44', limit: 5 })).length === 1, 100);
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-ids-'));
    const config = join(folder, 'shadowread.yaml');
    writeFileSync(config, 'ids: { users: { by: consistent }, carts: { by: same } }');
    const run = (...argv: string[]) =>
      runCommand(['ids', ...argv, '--config', config], { SHADOWREAD_JOURNAL_URL: url });
    try {
      const { out } = await run('users');
      expect(out).to.match(/^primary +twin +seen +last\n/);
      expect(out).to.match(/^dd +44 +1 +\d+ s ago$/m);
      expect((await run('carts')).status, 'pairs of this collection are not kept').to.equal(64);
      expect((await run('users', '--forget', '44')).status, 'no reason').to.equal(64);
      expect((await run('users', '--forget', '4', '--reason', 'x')).status, 'no such id').to.equal(1);
      const { changes } = running;
      expect((await run('users', '--forget', '44', '--reason', 'a wrong row')).status).to.equal(0);
      // Seen once more before the process has heard of it: it does not come back.
      running.sighted('users', ['dd']);
      await until(() => running.twinOf('users', 'dd') === undefined, 100);
      expect(running.changes).to.be.greaterThan(changes);
      expect(JSON.parse((await run('users', '--id', 'dd', '--json')).out).pairs).to.deep.equal([]);
      const [entry] = await reader.audit({ subject: 'ids users' });
      expect(entry?.before).to.deep.include({ primary: 'dd', twin: '44' });
      expect(entry?.reason).to.equal('a wrong row');
      running.suppose([{ collection: 'users', primary: 'dd', twin: '45' }]);
      await until(async () => (await reader.pairsOfIds({ collection: 'users', id: 'dd', limit: 5 })).length === 1, 100);
      const restarted = new RelatedIds(KINDS);
      const again = await IdPairs.open(url, restarted);
      expect(restarted.twinOf('users', 'dd')).to.equal('45');
      await again.close();
    } finally {
      await pairs.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('are known only to their process where the journal cannot be read', async () => {
    const ids = new RelatedIds(KINDS);
    ids.suppose([{ collection: 'users', primary: 'zz', twin: '1' }]);
    const none = await IdPairs.open('postgres://nobody@127.0.0.1:1/none', ids);
    expect(ids.twinOf('users', 'zz')).to.equal('1');
    await none.close();
    expect(ids.takeMet(5), 'for the next try').to.have.length(1);
  });
});
