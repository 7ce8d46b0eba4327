import { expect } from 'chai';
import { seeded } from '../../src/amanat/demo/random.ts';
import { slopeOf } from './slope.ts';

const MINUTE = 60_000;
const series = (n: number, value: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => ({ atMs: i * MINUTE, value: value(i) }));

describe('the slope of a series', () => {
  it('is exact on a line, with no doubt', () => {
    const slope = slopeOf(series(60, (i) => 100 + i * 0.5));
    expect(slope?.perHour).to.be.closeTo(30, 1e-9);
    expect(slope?.low).to.be.closeTo(30, 1e-6);
    expect(slope?.high).to.be.closeTo(30, 1e-6);
    expect(slope?.minutes).to.equal(59);
  });

  it('says nothing of too few points, or of points at one moment', () => {
    expect(slopeOf(series(7, (i) => i))).to.equal(null);
    expect(slopeOf(Array.from({ length: 20 }, () => ({ atMs: 5, value: 1 })))).to.equal(null);
    expect(slopeOf([])).to.equal(null);
  });

  it('holds the true slope in nearly 95 of 100 intervals, where samples follow each other as those of a heap do', () => {
    const random = seeded(7);
    const noise = () => random.next() + random.next() + random.next() - 1.5;
    let held = 0;
    for (let run = 0; run < 300; run += 1) {
      let before = 0;
      const slope = slopeOf(
        series(240, (i) => {
          before = 0.6 * before + noise();
          return 250 + i * 0.02 + before;
        }),
      );
      if (slope !== null && slope.low <= 1.2 && slope.high >= 1.2) held += 1;
    }
    // Newey and West's intervals are a little narrow on short series.
    expect(held / 300).to.be.within(0.85, 0.99);
  });

  it('tells a leak from noise', () => {
    const random = seeded(8);
    const flat = slopeOf(series(180, () => 300 + random.next() * 8));
    const leak = slopeOf(series(180, (i) => 300 + random.next() * 8 + i * 0.2));
    expect(flat?.low).to.be.at.most(0);
    expect(leak?.low).to.be.greaterThan(0);
  });
});
