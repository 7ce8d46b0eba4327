import { expect } from 'chai';
import { storedFault } from '../../src/base/fault-of.ts';
import { openJournal } from '../../src/journal/journal.ts';
import type { Fault } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { mismatch } from '../support/verdicts.ts';

const PAYMENT = '66d4f0a2b1c3d4e5f6a7b8c9';

describe('shadowread faults', () => {
  const amount: Fault = storedFault(
    'data_drift',
    { domain: 'payments', collection: 'payments', entity: PAYMENT, field: 'amount' },
    { path: '/amount', kind: 'value', rule: 'money', measure: { of: 'number', delta: '0.01', unit: 'USD' } },
    true,
  );
  const gone = storedFault(
    'extra_row',
    { domain: 'disputes', collection: 'disputes', entity: PAYMENT, field: null },
    null,
    true,
  );
  let environment: Readonly<Record<string, string>>;
  const run = (...argv: string[]) => runCommand(argv, environment);

  before(async () => {
    const url = await freshJournal();
    environment = { SHADOWREAD_JOURNAL_URL: url };
    const journal = openJournal({ url, instance: 'a', limits: { journalBuffer: 100 }, log: () => undefined });
    const cause = { cause: 'data_drift', entities: [], note: null, faults: [amount, gone] } as const;
    journal.record(mismatch({ cause }));
    await journal.close(5_000);
  });

  it('lists one row a fault, by domain, state and cause', async () => {
    const { status, out } = await run('faults');
    expect(status).to.equal(0);
    expect(out).to.contain('payments/66d4f0a2…b8c9 amount').and.contain('disputes/66d4f0a2…b8c9 (row)');
    for (const [option, value] of [
      ['--domain', 'payments'],
      ['--cause', 'data_drift'],
    ] as const) {
      const { faults } = JSON.parse((await run('faults', option, value, '--json')).out);
      expect(faults.map(({ id }: Fault) => id)).to.deep.equal([amount.id]);
    }
    expect(JSON.parse((await run('faults', '--state', 'repaired', '--json')).out).faults).to.deep.equal([]);
    expect((await run('faults', '--state', 'gone')).status).to.equal(64);
  });

  it('says that a name to filter by is unknown, and not that nothing fits', async () => {
    for (const command of ['faults', 'mismatches', 'fingerprints']) {
      const { status, err } = await run(command, '--domain', 'paymnets');
      expect(status, command).to.equal(64);
      expect(err).to.contain('there is no domain of this name').and.contain('payments');
      expect((await run(command, '--domain', 'disputes')).status, 'known, and without any').to.equal(0);
    }
    for (const command of ['mismatches', 'fingerprints']) {
      expect((await run(command, '--route', 'GET /nowhere')).err).to.contain('there is no such route');
      expect((await run(command, '--route', 'GET /api/payments/:id')).status).to.equal(0);
    }
  });

  it('tells one by the beginning of its id, and exits 1 where there is none', async () => {
    const { status, out } = await run('fault', amount.id.slice(0, 6));
    expect(status).to.equal(0);
    expect(out).to.match(
      /^`amount` differs: twin is \+0\.01 USD; row payments\/\S+ differs from its document since .*; .* reads? on .* routes? shows? it\.$/m,
    );
    expect(out).to.contain('GET /api/payments/:id');
    expect(out).to.contain(`to do: shadowread repair ${amount.id} --dry-run`);
    expect((await run('fault', gone.id)).out).to.contain(`shadowread repair ${gone.id} --delete`);
    expect(JSON.parse((await run('fault', gone.id, '--json')).out)).to.include({ cause: 'extra_row', state: 'open' });
    expect((await run('fault', 'nope')).status).to.equal(1);
  });
});
