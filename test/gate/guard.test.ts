import { expect } from 'chai';
import { createFlipGuard, type FlipGuard, type GuardOptions } from '../../src/gate/guard.ts';
import type { DomainPolicy, IncomingRead, Side, VerdictKind } from '../../src/types.ts';
import { verdict } from '../support/verdicts.ts';

const limits = { windowMs: 30_000, errorShare: 0.02, mismatchShare: 0.01, latencyMs: 2_000, minimum: 20 };

interface Rig {
  readonly guard: FlipGuard;
  readonly rollbacks: string[];
  policy: DomainPolicy;
  at: number;
  read(caller: string, target?: string): Omit<IncomingRead, 'served'>;
  side(caller: string, target?: string): Side;
  verdictOf(read: Omit<IncomingRead, 'served'>, kind: VerdictKind): void;
}

function rig(change: Partial<GuardOptions> = {}): Rig {
  const rollbacks: string[] = [];
  let spans = 0;
  const made: Rig = {
    rollbacks,
    policy: { stage: 'flipped', percent: 100 },
    at: 1_000_000,
    guard: createFlipGuard({
      limits,
      stageOf: () => made.policy,
      callerOf: (raw) => raw[1] ?? '',
      lagMs: () => 1_000,
      onRollback: (domain, why) => rollbacks.push(`${domain}: ${why}`),
      now: () => made.at,
      ...change,
    }),
    read(caller, target = '/api/payments/1') {
      spans += 1;
      const { route, trace } = verdict();
      const spanId = spans.toString(16).padStart(16, '0');
      return {
        route,
        method: 'GET',
        target,
        rawHeaders: ['Authorization', caller],
        trace: { ...trace, spanId },
        at: made.at,
      };
    },
    side: (caller, target) => made.guard.serve(made.read(caller, target)),
    verdictOf: ({ route, trace }, kind) => made.guard.verdict({ served: 'twin', kind, route, trace }),
  };
  return made;
}

describe('gate/guard', () => {
  it('serves from the primary in every stage but flipped', () => {
    const { guard, read, ...rest } = rig();
    for (const stage of ['off', 'shadow'] as const) {
      const other = rig({ stageOf: () => ({ stage, percent: 100 }) });
      expect(other.side('a')).to.equal('primary');
    }
    expect(rig({ stageOf: () => undefined }).side('a')).to.equal('primary');
    expect(guard.serve(read('a'))).to.equal('twin');
    expect(rest.rollbacks).to.deep.equal([]);
  });

  it('gives each caller one side, in about the share asked for, and keeps who is in when the share grows', () => {
    const made = rig();
    const callers = Array.from({ length: 10_000 }, (_, i) => `Bearer ${i}`);
    const inAt = (percent: number): Set<string> => {
      made.policy = { stage: 'flipped', percent };
      return new Set(callers.filter((caller) => made.side(caller) === 'twin'));
    };
    const five = inAt(5);
    expect(five.size).to.be.within(400, 600);
    expect(inAt(5)).to.deep.equal(five);
    const fifty = inAt(50);
    expect(fifty.size).to.be.within(4_800, 5_200);
    for (const caller of five) expect(fifty.has(caller)).to.equal(true);
    expect(inAt(100).size).to.equal(10_000);
  });

  it("sends a caller's reads to the primary after its write, until the measured lag has passed", () => {
    const made = rig();
    made.guard.wrote('ada');
    expect(made.side('ada')).to.equal('primary');
    expect(made.side('bob')).to.equal('twin');
    made.at += 1_249;
    expect(made.side('ada')).to.equal('primary');
    made.at += 1;
    expect(made.side('ada')).to.equal('twin');
  });

  it('keeps everyone at the primary while more callers write than it can remember', () => {
    const made = rig();
    for (let i = 0; i < 50_001; i += 1) made.guard.wrote(`caller ${i}`);
    expect(made.side('someone else')).to.equal('primary');
    made.at += 1_250;
    expect(made.side('someone else')).to.equal('twin');
  });

  it('sends a question to the primary after one reverse mismatch, and only that question', () => {
    const made = rig();
    const read = made.read('ada', '/api/payments/7');
    expect(made.guard.serve(read)).to.equal('twin');
    made.verdictOf(read, 'mismatch');
    expect(made.side('ada', '/api/payments/7')).to.equal('primary');
    expect(made.side('ada', '/api/payments/8')).to.equal('twin');
    expect(made.rollbacks).to.deep.equal([]);
  });

  it('rolls back when the twin fails, is slow or differs too often, once and with the reason', () => {
    const failing = rig();
    for (let i = 0; i < 19; i += 1) failing.guard.served({ domain: 'payments', failed: true, headersMs: 0 });
    expect(failing.rollbacks).to.deep.equal([]);
    for (let i = 0; i < 5; i += 1) failing.guard.served({ domain: 'payments', failed: true, headersMs: 0 });
    expect(failing.rollbacks).to.deep.equal(['payments: 20 of 20 reads failed in the twin within 30 s']);
    expect(failing.side('ada')).to.equal('primary');

    const slow = rig();
    for (let i = 0; i < 30; i += 1) slow.guard.served({ domain: 'payments', failed: false, headersMs: 2_001 });
    expect(slow.rollbacks).to.have.length(1);

    const differing = rig();
    for (let i = 0; i < 30; i += 1) {
      const read = differing.read('ada', `/api/payments/${i}`);
      differing.guard.serve(read);
      differing.verdictOf(read, i % 10 === 0 ? 'mismatch' : 'match');
    }
    expect(differing.rollbacks).to.have.length(1);
    expect(differing.rollbacks[0]).to.contain('compared reads differ');
  });

  it('forgets reads before its window', () => {
    const made = rig();
    for (let i = 0; i < 19; i += 1) made.guard.served({ domain: 'payments', failed: true, headersMs: 0 });
    made.at += 31_000;
    for (let i = 0; i < 100; i += 1) made.guard.served({ domain: 'payments', failed: i === 0, headersMs: 1 });
    expect(made.rollbacks).to.deep.equal([]);
  });

  it('serves from the twin again only after a new decision', () => {
    const made = rig();
    for (let i = 0; i < 20; i += 1) made.guard.served({ domain: 'payments', failed: true, headersMs: 0 });
    expect(made.guard.rolledBack().has('payments')).to.equal(true);
    expect(made.side('ada')).to.equal('primary');
    made.policy = { stage: 'shadow', percent: 100 };
    expect(made.side('ada')).to.equal('primary');
    made.policy = { stage: 'flipped', percent: 5 };
    expect(made.guard.rolledBack().size).to.equal(0);
    made.policy = { stage: 'flipped', percent: 100 };
    expect(made.side('ada')).to.equal('twin');
  });

  it('stays with the primary though the listener of the rollback throws', () => {
    const made = rig({
      onRollback: () => {
        throw new Error('no');
      },
    });
    for (let i = 0; i < 20; i += 1) made.guard.served({ domain: 'payments', failed: true, headersMs: 0 });
    expect(made.side('ada')).to.equal('primary');
  });
});
