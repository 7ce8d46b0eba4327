import { expect } from 'chai';
import { PACE, Pace } from '../../src/migration/pace.ts';

/** Looks within so many milliseconds, and the longest pause between two, by the pauses alone. */
function looks(pace: Pace, ms: number, bell: boolean): { readonly times: number; readonly longest: number } {
  let [times, longest] = [0, 0];
  for (let now = 0; now < ms; times += 1) {
    const pause = pace.idle(bell);
    longest = Math.max(longest, pause);
    now += pause;
  }
  return { times, longest };
}

describe("the drain's pace", () => {
  it('looks four times a second while idle, so that no write waits longer than the lag allows', () => {
    const { times, longest } = looks(new Pace(), PACE.restAfterMs, false);
    expect(times).to.be.within(80, 87);
    expect(longest).to.equal(PACE.mostMs);
    expect(longest).to.be.lessThan(300);
  });

  it('looks once a second in a long quiet time, until there is work', () => {
    const pace = new Pace();
    looks(pace, PACE.restAfterMs, false);
    expect(looks(pace, 60_000, false)).to.deep.equal({ times: 60, longest: 1_000 });
    pace.worked();
    expect(looks(pace, PACE.restAfterMs, false).longest).to.equal(PACE.mostMs);
  });

  it('looks once in five seconds while a change stream would tell', () => {
    expect(looks(new Pace(), 60_000, true).times).to.be.within(12, 20);
  });

  it('is quick again after work, and after a bell that is gone', () => {
    const pace = new Pace();
    looks(pace, 10_000, true);
    expect(pace.isQuiet).to.equal(true);
    // The bell is gone before a long quiet time.
    expect(pace.idle(false)).to.equal(PACE.mostMs);
    pace.worked();
    expect(pace.isQuiet).to.equal(false);
    expect(pace.idle(false)).to.equal(PACE.firstMs);
  });

  it('waits longer with each failure, and no longer than five seconds', () => {
    const pace = new Pace();
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((times) => pace.failed(times));
    expect(pauses).to.deep.equal(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).to.equal(5_000);
  });
});
