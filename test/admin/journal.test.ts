import { expect } from 'chai';
import { type EvaluatedGate, openAdminJournal } from '../../src/admin/journal.ts';
import { decide } from '../../src/gate/decide.ts';
import { evidence, limits, setting } from '../gate/evidence.ts';

describe('decisions of the admin port', () => {
  it('are made once for all who ask while one is made, however long it takes, and for some seconds after', async () => {
    let now = 1_000;
    const asked: PromiseWithResolvers<EvaluatedGate>[] = [];
    const journal = openAdminJournal('postgres://nobody@127.0.0.1:1/none', {
      now: () => now,
      evaluate: () => {
        const next = Promise.withResolvers<EvaluatedGate>();
        asked.push(next);
        return next.promise;
      },
    });
    const first = journal.gate('payments');
    now += 60_000;
    expect(journal.gate('payments')).to.equal(first);
    asked[0]?.resolve({ decision: decide('payments', evidence(), limits, setting), evidence: null });
    await first;
    now += 3_900;
    expect(journal.gate('payments')).to.equal(first);
    now += 200;
    expect(journal.gate('payments')).to.not.equal(first);
    expect(asked).to.have.length(2);
    await journal.close();
  });
});
