import { expect } from 'chai';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { type JournalWriter, openWriter } from '../../src/journal/writer.ts';
import { freshJournal } from '../support/journal-database.ts';
import { runCommand } from '../support/run-command.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

describe('new evidence of a domain', () => {
  let url: string;
  let reader: JournalReader;
  let writer: JournalWriter;
  let journals: Journal[];

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    writer = openWriter({ url });
    journals = ['a', 'b'].map((instance) =>
      openJournal({
        url,
        instance,
        limits: { journalBuffer: 100 },
        log: () => undefined,
        rulesOf: ({ rulesDigest }) => (rulesDigest === '' ? null : rulesDigest),
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(journals.map((journal) => journal.close(2_000)));
    await Promise.all([reader.close(), writer.close()]);
  });
  const record = async (): Promise<void> => {
    for (const journal of journals) {
      journal.record(verdict());
      journal.record(mismatch());
      journal.record(skipped('overload'));
      expect(await journal.flush(120_000)).to.equal(true);
    }
  };

  it('counts again what was compared in the epoch before, as soon as the replica has seen that one is closed', async () => {
    const [journal] = journals;
    const same = verdict();
    const compare = async (): Promise<number> => {
      journal?.record(same);
      expect(await journal?.flush(120_000)).to.equal(true);
      return (await reader.evidence('payments')).routes[0]?.distinct ?? 0;
    };
    expect(await compare()).to.equal(1);
    expect(await compare()).to.equal(1);
    await writer.newEpoch('payments', 'ada', 'repaired');
    // The batch that finds the epoch closed was gathered for the one before.
    await compare();
    expect(await compare()).to.equal(1);
    expect(await compare()).to.equal(1);
  });

  it('begins on request, at all replicas, and is kept with who and why', async () => {
    await record();
    expect((await reader.evidence('payments')).counts).to.include({ match: 2, mismatch: 2, skippedByForce: 2 });
    expect(await writer.newEpoch('payments', 'ada', 'the first run was overloaded')).to.equal(2);
    const fresh = await reader.evidence('payments');
    expect(fresh.epoch).to.include({ ordinal: 2, twinBuild: 'build-1', rules: 'rules-1' });
    expect(fresh.counts).to.include({ match: 0, mismatch: 0, skippedByForce: 0 });
    expect(fresh.routes).to.deep.equal([]);
    // Replicas that remember the old epoch go on with the new one, the same reads included.
    await record();
    await record();
    const after = await reader.evidence('payments');
    expect(after.epoch).to.include({ ordinal: 2 });
    expect(after.counts).to.include({ match: 4, mismatch: 4, skippedByForce: 4 });
    expect(after.routes[0]?.distinct).to.equal(8);
    expect(after.journal.activeEpochs).to.equal(1);
    expect(await writer.newEpoch('payments', 'bob', 'again')).to.equal(3);
    expect((await reader.status()).find(({ domain }) => domain === 'payments')).to.include({ epoch: 3, compared: 0 });
    expect(
      (await reader.audit({ subject: 'payments' })).map(({ who, what, before, after: now, reason }) => [
        who,
        what,
        before,
        now,
        reason,
      ]),
    ).to.deep.equal([
      ['bob', 'epoch', { epoch: 2 }, { epoch: 3 }, 'again'],
      ['ada', 'epoch', { epoch: 1 }, { epoch: 2 }, 'the first run was overloaded'],
    ]);
  });

  it('is of that domain alone, and of none that was never compared', async () => {
    for (const journal of journals) {
      journal.record(verdict({ domain: 'ledger', key: 'GET /api/ledger/entries' }));
      expect(await journal.flush(120_000)).to.equal(true);
    }
    await record();
    await writer.newEpoch('payments', 'ada', 'why not');
    await record();
    expect((await reader.evidence('ledger')).counts.match).to.equal(2);
    const refused = await writer.newEpoch('chat', 'ada', 'why not').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'SHADOW_NOT_FOUND');
  });

  it('of routes found by traffic, the gate, the report and a new epoch know domain and routes', async () => {
    const route = { key: 'GET /items/:id', method: 'GET', pattern: '/items/:id', domain: 'auto' } as const;
    const [journal] = journals;
    journal?.record(verdict({ route }));
    expect(await journal?.flush(120_000)).to.equal(true);
    const env = { SHADOWREAD_JOURNAL_URL: url };
    const gate = await runCommand(['gate', '--all', '--routes', 'auto', '--json'], env);
    expect(gate.out, gate.err).to.contain('299 more comparisons on GET /items/:id').and.not.contain('no route of this');
    const report = await runCommand(['report', '--routes', 'auto', '--domain', 'auto'], env);
    expect(report.out, report.err).to.contain('GET /items/:id');
    const begun = await runCommand(['epoch', 'new', 'auto', '--reason', 'rules', '--routes', 'auto'], env);
    expect(begun.status, begun.err).to.equal(0);
  });
});
