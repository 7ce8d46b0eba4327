/** Each worker's share of what may be out to a side: all together never more than the limit. */
import { expect } from 'chai';
import { type Sharing, spread } from '../../src/mirror/shares.ts';
import { Slots } from '../../src/verifier/slots.ts';

interface Worker extends Sharing {
  ready: boolean;
  jobs: { size: number };
  readonly slots: Slots;
}

const workers = (count: number): Worker[] =>
  Array.from({ length: count }, () => ({ ready: true, jobs: { size: 0 }, slots: new Slots() }));
const sharesOf = (all: readonly Worker[]): number[] => all.map(({ slots }) => slots.share('twin'));

describe('the shares of workers', () => {
  it('are the whole limit, as even as it goes', () => {
    const all = workers(3);
    spread('twin', 8, all);
    expect(sharesOf(all).toSorted()).to.deep.equal([2, 3, 3]);
    spread('twin', 32, all);
    expect(sharesOf(all).toSorted()).to.deep.equal([10, 11, 11]);
  });

  it('go to those that have reads where there are fewer slots than workers', () => {
    const all = workers(3);
    const [, busy] = all;
    if (busy !== undefined) busy.jobs.size = 5;
    spread('twin', 1, all);
    expect(sharesOf(all)).to.deep.equal([0, 1, 0]);
  });

  it('are none for a worker that is not there, and move when it comes', () => {
    const all = workers(2);
    const [first, second] = all;
    if (first === undefined || second === undefined) throw new Error('two workers');
    first.ready = false;
    expect(spread('twin', 4, all)).to.deep.equal([second]);
    expect(sharesOf(all)).to.deep.equal([0, 4]);
    first.ready = true;
    expect(spread('twin', 4, all)).to.deep.equal([first]);
    expect(sharesOf(all)).to.deep.equal([2, 2]);
  });

  it('never let more be out than the limit, whatever is out while they move', () => {
    const all = workers(3);
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 0x1_0000_0000) * below);
    };
    const out = (): number => all.reduce((sum, { slots }) => sum + slots.inUse('twin'), 0);
    for (let turn = 0; turn < 5_000; turn += 1) {
      const limit = 1 + random(10);
      const before = out();
      for (const worker of all) worker.jobs.size = random(20);
      spread('twin', limit, all);
      for (const { slots } of all) while (random(4) > 0 && slots.take('twin'));
      expect(out()).to.be.at.most(Math.max(limit, before));
      for (const { slots } of all) while (slots.inUse('twin') > 0 && random(3) === 0) slots.free('twin');
    }
  });
});
