import { expect } from 'chai';
import { judgedMemory, troubleMs } from './ending.ts';
import type { Point } from './slope.ts';

const MINUTE = 60_000;

/** Values at even distances over so many minutes. */
const over = (minutes: number, values: readonly number[]): Point[] =>
  values.map((value, i) => ({ atMs: (i * minutes * MINUTE) / (values.length - 1), value }));

/** Resident memory (MB) of a soak over 13.2 minutes without a limit of the young generation; all troubles met after 6.6. */
const UNLIMITED = [
  208, 228, 248, 243, 247, 252, 261, 265, 273, 273, 273, 274, 276, 298, 334, 395, 379, 390, 391, 390, 389, 393, 393,
  393, 394, 394, 395, 397, 397, 398, 399, 401, 401, 398, 400, 401, 401, 402, 402, 402, 404, 404, 404, 404, 404, 404,
  405, 405, 425, 408, 408, 409, 409, 409, 414, 409, 409, 409, 409, 408, 408, 408, 409, 408, 409, 409, 411, 409, 409,
  409, 418, 409, 409, 409, 409, 410, 410, 411, 411, 412, 412, 414, 414, 416, 415, 416, 416, 416, 416, 416, 416, 416,
  416, 416, 416, 417, 417, 417, 417, 417, 417, 417,
];

describe('memory at the end of a soak', () => {
  const judged = (rss: readonly Point[], met: number, minutes: number) =>
    judgedMemory({ rss, heap: [], workers: [] }, { began: 0, met: met * MINUTE, ended: minutes * MINUTE });

  it('fails a run of the proxy whose young generation has no limit', () => {
    const { failures, undecided, slopes } = judged(over(13.2, UNLIMITED), 6.6, 13.2);
    expect(undecided).to.equal(null);
    expect(slopes.rss?.low).to.be.greaterThan(30);
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(/^rss rises by \d+\.\d MB an hour or more$/);
  });

  it('does not judge what is met for the first time, and nothing in a short run', () => {
    const filling = Array.from({ length: 60 }, (_, i) => (i < 20 ? 200 + 5 * i : 300 + (i % 3)));
    expect(judged(over(15, filling), 5, 15)).to.deep.include({ failures: [], undecided: null });
    expect(judged(over(15, filling), 12, 15).undecided).to.be.a('string');
    expect(judged(over(5, filling), 1, 5).undecided).to.be.a('string');
  });

  it('has met every trouble when the first third of a judged run is over, and gives each the time there is', () => {
    for (const minutes of [10, 15, 30])
      expect((2 * 13 * troubleMs(minutes, 13)) / MINUTE).to.be.at.most(minutes / 3 + 1e-9);
    expect(troubleMs(30, 13)).to.equal(20_000);
    expect(troubleMs(0.05, 3)).to.equal(1_000);
  });
});
