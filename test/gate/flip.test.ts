import { expect } from 'chai';
import { ShadowError } from '../../src/errors.ts';
import { decide } from '../../src/gate/decide.ts';
import { type FlipRequest, type FlipStore, flip, leftFlipped, rollback, type StageNow } from '../../src/gate/flip.ts';
import { counts, evidence, limits, setting } from './evidence.ts';

const request: FlipRequest = {
  domain: 'payments',
  percent: 5,
  override: false,
  reason: null,
  who: 'ada',
  domains: ['payments', 'points', 'admin'],
  spanning: ['admin'],
};

interface Kept extends FlipStore {
  readonly changes: Parameters<FlipStore['setStage']>[0][];
}

function store(outcome: 'pass' | 'fail' | 'undecided', stages: readonly StageNow[] = []): Kept {
  const changes: Kept['changes'] = [];
  const change =
    outcome === 'pass' ? {} : outcome === 'fail' ? { counts: counts({ fatal: 1, mismatch: 1 }) } : { routes: [] };
  return {
    changes,
    decide: async () => ({ decision: decide('payments', evidence(change), limits, setting), id: 7 }),
    stages: async () => stages,
    setStage: async (next) => void changes.push(next),
  };
}

async function refusal(work: Promise<unknown>): Promise<ShadowError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ShadowError)) throw new Error(`expected a refusal, found ${String(thrown)}`);
  return thrown;
}

describe('gate/flip', () => {
  it('flips to the wanted share where the gate passes, and keeps which decision it rests on', async () => {
    const kept = store('pass');
    expect(await flip(request, kept)).to.include({ domain: 'payments', percent: 5, override: false, decisionId: 7 });
    expect(kept.changes).to.deep.equal([
      {
        domain: 'payments',
        stage: 'flipped',
        percent: 5,
        who: 'ada',
        reason: null,
        override: false,
        decision: 7,
        after: null,
      },
    ]);
    const again = store('pass', [{ domain: 'payments', stage: 'flipped', percent: 5, version: 3 }]);
    await flip({ ...request, percent: 50 }, again);
    expect(again.changes[0]).to.include({ percent: 50, after: 3 });
  });

  it('refuses with 1 where the gate fails and with 2 where it cannot decide, and says what is missing', async () => {
    const kept = store('fail');
    expect(await refusal(flip(request, kept))).to.include({ code: 'SHADOW_REFUSED', exit: 1 });
    expect(kept.changes).to.deep.equal([]);
    const undecided = await refusal(flip(request, store('undecided')));
    expect(undecided.exit).to.equal(2);
    expect(undecided.message).to.contain('300 more comparisons on GET /api/payments/:id');
  });

  it('flips without a passing gate only by an override with a reason, which is kept', async () => {
    const kept = store('fail');
    expect((await refusal(flip({ ...request, override: true }, kept))).code).to.equal('SHADOW_USAGE');
    await flip({ ...request, override: true, reason: 'incident 42' }, kept);
    expect(kept.changes[0]).to.include({ override: true, reason: 'incident 42', decision: 7 });
  });

  it('flips a domain that spans the others only when all of them have', async () => {
    const points: StageNow = { domain: 'points', stage: 'flipped', percent: 100, version: 1 };
    const admin = { ...request, domain: 'admin' };
    const half = store('pass', [points, { domain: 'payments', stage: 'flipped', percent: 50, version: 2 }]);
    expect((await refusal(flip(admin, half))).message).to.contain('1 that are not: payments');
    const all = store('pass', [points, { domain: 'payments', stage: 'flipped', percent: 100, version: 2 }]);
    await flip(admin, all);
    expect(all.changes).to.have.length(1);
  });

  it('names a domain that spans the others and is left to the twin when one of them is not', async () => {
    const flipped = (domain: string, percent = 100): StageNow => ({ domain, stage: 'flipped', percent, version: 1 });
    const left = (...stages: StageNow[]): Promise<readonly string[]> => leftFlipped(request, store('pass', stages));
    const [admin, points] = [flipped('admin'), flipped('points')];
    expect(await left(admin, points, flipped('payments'))).to.deep.equal([]);
    expect(await left(admin, points, flipped('payments', 5))).to.deep.equal(['admin']);
    expect(await left(admin, points, { ...flipped('payments'), stage: 'shadow' })).to.deep.equal(['admin']);
    expect(await left({ ...admin, stage: 'shadow' }, points)).to.deep.equal([]);
  });

  it('rolls back whatever the gate says, and refuses names and shares that are not there', async () => {
    const kept = store('fail');
    await rollback({ ...request, reason: 'errors' }, kept);
    expect(kept.changes[0]).to.include({ stage: 'shadow', who: 'ada', reason: 'errors' });
    expect((await refusal(rollback({ ...request, domain: 'nope' }, kept))).code).to.equal('SHADOW_DOMAIN');
    for (const percent of [0, 101, 2.5]) {
      expect((await refusal(flip({ ...request, percent }, store('pass')))).code).to.equal('SHADOW_USAGE');
    }
  });
});
