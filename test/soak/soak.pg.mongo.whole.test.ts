import { expect } from 'chai';
import { soak } from './soak.ts';
import { TROUBLES } from './troubles.ts';

/**
 * In `npm test` its troubles are met by a proxy each (test/faults/journal and signals, test/faults/twin in one process), with
 * the same counts at the end.
 */
const SEEN = /^the (journal resets|twin is down|config is read again)$/;

describe('soak', () => {
  it('a few seconds of it: counts are exact through a reset journal, a twin that is down and a reload, and nothing is left', async function () {
    // It starts embedded stores of its own, whose leavings it looks for.
    if (process.platform !== 'linux') this.skip();
    const troubles = TROUBLES.filter(({ name }) => SEEN.test(name));
    expect(troubles).to.have.length(3);
    const outcome = await soak({ minutes: 0.05, rate: 60, seed: 3, troubles, tell: () => undefined });
    expect(outcome.failures).to.deep.equal([]);
    expect(outcome.reads).to.be.greaterThan(10);
    expect(outcome.verdicts).to.include.keys('match', 'twin_error');
  });
});
