import { expect } from 'chai';
import postgres from 'postgres';
import { storedFault } from '../../src/base/fault-of.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openReader } from '../../src/journal/reader.ts';
import type { Fault } from '../../src/types.ts';
import { first, type Synced, synced } from '../migration/synced.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { mismatch } from '../support/verdicts.ts';

describe('shadowread repair', () => {
  let stores: Synced;
  let journalUrl: string;
  let environment: Record<string, string>;

  before(async () => {
    stores = await synced();
    journalUrl = await freshJournal();
    environment = { MONGODB_URI: stores.mongoUri, MIGRATION_PG_URL: stores.databaseUrl };
  });
  after(() => stores.close());

  it('repairs one row, prints names and no values, and keeps who and why in the audit trail', async () => {
    const { mongo, sql } = stores;
    const id = String((await first(mongo, 'payments'))._id);
    await sql`update payments set note = 'a secret value' where mongo_id = ${id}`;
    const journalled = { ...environment, SHADOWREAD_JOURNAL_URL: journalUrl };
    const dry = await runCommand(['repair', `payments/${id}`, '--dry-run', '--json'], journalled);
    expect(dry.status, dry.err).to.equal(0);
    expect(JSON.parse(dry.out)).to.include({ result: 'planned', action: 'update' });
    const done = await runCommand(['repair', `payments/${id}`, '--who', 'ada', '--reason', 'ticket 7'], journalled);
    expect(done.status, done.err).to.equal(0);
    expect(done.out).to.match(/repaired.*\/note/);
    expect(done.out).not.to.include('secret');
    const journal = postgres(journalUrl, { max: 1 });
    const trail =
      await journal`select who, what, subject, before, after->>'action' as action, reason from shadowread.audit`;
    await journal.end({ timeout: 1 });
    expect([...trail]).to.deep.equal([
      {
        who: 'ada',
        what: 'repair',
        subject: `payments/${id}`,
        before: { found: 'drift', fields: ['/note'] },
        action: 'update',
        reason: 'ticket 7',
      },
    ]);
  });

  it('repairs nothing that it cannot put on record', async () => {
    const { mongo, sql } = stores;
    const id = String((await first(mongo, 'users'))._id);
    await sql`update users set bio = 'other' where mongo_id = ${id}`;
    const nowhere = 'postgres://nobody@127.0.0.1:1/none';
    const failed = await runCommand(['repair', `users/${id}`], { ...environment, SHADOWREAD_JOURNAL_URL: nowhere });
    expect(failed.status).not.to.equal(0);
    expect(failed.err).to.match(/SHADOW_JOURNAL/);
    expect(await sql`select bio from users where mongo_id = ${id}`).to.deep.equal([{ bio: 'other' }]);
  });

  it('repairs all that verify found of a cause and a domain, and could not decide before it', async () => {
    const { mongo, sql } = stores;
    const before = await runCommand(['repair', '--all'], environment);
    expect(before.status).to.equal(2);
    expect(before.err).to.match(/shadowread verify/);
    const id = String((await first(mongo, 'levelconfigs'))._id);
    const lost = String((await first(mongo, 'notifications'))._id);
    await sql`delete from notifications where mongo_id = ${lost}`;
    await sql`update level_configs set name = 'other' where mongo_id = ${id}`;
    expect((await runCommand(['verify'], environment)).status).to.equal(1);
    const some = await runCommand(
      ['repair', '--all', '--cause', 'data_drift', '--domain', 'points', '--json'],
      environment,
    );
    expect(some.status, some.err).to.equal(0);
    const { repairs } = JSON.parse(some.out);
    expect(repairs).to.have.length(1);
    expect(repairs[0]).to.include({ mongoId: id, result: 'repaired' });
    const rest = await runCommand(['repair', '--all', '--rate', '5'], environment);
    expect(rest.status, rest.out + rest.err).to.equal(0);
    expect(rest.out).to.match(/2 repaired/);
    expect((await runCommand(['verify'], environment)).status).to.equal(0);
  });

  it('repairs the row that a fault blames, all faults of the row with it, and no fault that no row is to blame for', async () => {
    const { mongo, sql } = stores;
    const url = await freshJournal();
    const [id, other] = [await first(mongo, 'payments'), await first(mongo, 'users')].map(({ _id }) => String(_id));
    const blamed = ([collection, entity, field]: readonly [string, string | undefined, string]): Fault =>
      storedFault('data_drift', { domain: 'payments', collection, entity: entity ?? '', field }, null, false);
    const faults = [blamed(['payments', id, 'note']), blamed(['payments', id, 'fee']), blamed(['users', other, 'bio'])];
    const logic: Fault = {
      ...blamed(['', '', 'x']),
      cause: 'twin_logic',
      collection: null,
      entity: null,
      route: 'GET /api/x',
    };
    const journal = openJournal({ url, instance: 'a', limits: { journalBuffer: 1_000 }, log: () => undefined });
    journal.record(mismatch({ cause: { cause: 'data_drift', entities: [], note: null, faults: [...faults, logic] } }));
    await journal.close(5_000);
    const journalled = { ...environment, SHADOWREAD_JOURNAL_URL: url };
    await sql`update payments set note = 'other', fee = 1.5 where mongo_id = ${id ?? ''}`;
    await sql`update users set bio = 'other' where mongo_id = ${other ?? ''}`;
    const dry = await runCommand(['repair', faults[0]?.id ?? '', '--dry-run', '--json'], journalled);
    expect(JSON.parse(dry.out)).to.deep.include({ result: 'planned', mongoId: id, faults: [] });
    const done = await runCommand(['repair', faults[0]?.id ?? '', '--json'], journalled);
    expect(done.status, done.err).to.equal(0);
    expect(JSON.parse(done.out).faults).to.have.members([faults[0]?.id, faults[1]?.id]);
    // Nothing was sealed here: they are repaired until a read says otherwise.
    for (const { asked } of JSON.parse(done.out).asked) {
      expect(asked.map((read: { outcome: string }) => read.outcome)).to.deep.equal(['not_asked']);
    }
    const refused = await runCommand(['repair', logic.id], journalled);
    expect(refused.status).to.equal(1);
    expect(refused.err).to.match(/no row is to blame/);
    const all = await runCommand(['repair', '--all', '--json'], journalled);
    expect(all.status, all.err).to.equal(0);
    expect(JSON.parse(all.out).faults).to.deep.equal([faults[2]?.id]);
    const reader = openReader({ url });
    const states = (await reader.faults({})).rows.map(({ state }) => state);
    await reader.close();
    expect(states).to.deep.equal(['open', 'repaired', 'repaired', 'repaired']);
  });

  it('cannot say where a store does not answer, and exits with 2', async () => {
    const gone = 'postgres://127.0.0.1:1/gone';
    for (const argv of [['repair', '--all'], ['verify'], ['gaps']]) {
      const { status, err } = await runCommand(argv, { ...environment, MIGRATION_PG_URL: gone });
      expect(err).to.contain('SHADOW_POSTGRES');
      expect(status, err).to.equal(2);
    }
  });

  it('refuses wrong usage with 64, and says no of a row that is nowhere', async () => {
    const wrong = [
      ['repair'],
      ['repair', 'payments/66d4f0c2a1b2c3d4e5f60718', '--all'],
      ['repair', 'payments/66d4f0c2a1b2c3d4e5f60718', '--cause', 'data_drift'],
      ['repair', 'payments'],
      ['repair', '--all', '--cause', 'twin_logic'],
      ['repair', '--all', '--domain', 'nowhere'],
    ];
    for (const argv of wrong) expect((await runCommand(argv, environment)).status, argv.join(' ')).to.equal(64);
    expect((await runCommand(['repair', 'payments/66d4f0c2a1b2c3d4e5f60718'])).err).to.match(/MIGRATION_PG_URL/);
    const absent = await runCommand(['repair', 'payments/66d4f0c2a1b2c3d4e5f60718'], environment);
    expect(absent.status).to.equal(1);
    expect(absent.out).to.match(/neither a document nor a row/);
  });
});
