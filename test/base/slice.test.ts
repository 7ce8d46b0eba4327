/** When what has gathered goes to another thread; time is told, not waited for. */
import { expect } from 'chai';
import { Slice } from '../../src/base/slice.ts';

describe('a slice of time', () => {
  const few = { reads: 1, bytes: 2_000 };

  it('is long where reads are few: two messages are a whole slice apart', () => {
    const slice = new Slice();
    slice.went(1_000);
    expect(slice.waitMs(1_000, few, false)).to.equal(25);
    expect(slice.waitMs(1_010, few, false)).to.equal(15);
    expect(slice.waitMs(1_024.5, few, false)).to.equal(1);
  });

  it('does not hold back what comes after a pause', () => {
    const slice = new Slice();
    expect(slice.waitMs(5, few, false)).to.equal(1);
    slice.went(5);
    expect(slice.waitMs(500, few, false)).to.equal(1);
  });

  it('ends at once under load: enough reads, enough bytes, or somebody who waits', () => {
    const slice = new Slice();
    slice.went(1_000);
    expect(slice.waitMs(1_000, { reads: 15, bytes: 0 }, false)).to.equal(25);
    expect(slice.waitMs(1_000, { reads: 16, bytes: 0 }, false)).to.equal(1);
    expect(slice.waitMs(1_000, { reads: 1, bytes: 256 * 1024 }, false)).to.equal(1);
    expect(slice.waitMs(1_000, few, true)).to.equal(1);
  });

  it('lets fewer messages go than reads come, at every rate, and none later than a slice', () => {
    for (const everyMs of [100, 10, 2, 0.3]) {
      const slice = new Slice();
      const came: number[] = [];
      let messages = 0;
      let due = Number.POSITIVE_INFINITY;
      for (let now = 0; now < 10_000; now += everyMs) {
        if (due <= now) {
          expect(due - (came[0] ?? due)).to.be.at.most(25);
          slice.went(due);
          messages += 1;
          came.length = 0;
          due = Number.POSITIVE_INFINITY;
        }
        came.push(now);
        due = Math.min(due, now + slice.waitMs(now, { reads: came.length, bytes: 0 }, false));
      }
      const reads = 10_000 / everyMs;
      expect(messages, `every ${everyMs} ms`).to.be.at.most(Math.max(400, reads / 15));
      expect(messages).to.be.at.most(reads);
    }
  });
});
