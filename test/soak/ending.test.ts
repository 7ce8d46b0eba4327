import { expect } from 'chai';
import { highestOf, judgedMemory, troubleMs } from './ending.ts';
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

/** Heap and external memory of the worker (MB) over 30 minutes in which remembered ids kept the bodies they came from. */
const KEPT_BODIES = [
  36, 44, 46, 42, 64, 64, 66, 69, 68, 69, 73, 70, 72, 75, 74, 73, 73, 74, 75, 77, 73, 75, 77, 72, 73, 73, 78, 75, 71,
  73, 74, 74, 76, 73, 71, 72, 70, 72, 71, 73, 72, 74, 75, 77, 86, 94, 81, 84, 83, 77, 76, 80, 85, 80, 82, 87, 87, 89,
  91, 92, 91, 91, 90, 89, 88, 87, 88, 89, 88, 89, 88, 90, 90, 91, 90, 91, 90, 91, 91, 93, 93, 95, 97, 98, 98, 100, 99,
];

describe('memory at the end of a soak', () => {
  const judged = (rss: readonly Point[], met: number, minutes: number) =>
    judgedMemory({ rss, heap: [], workers: [] }, { began: 0, rounds: [met * MINUTE], ended: minutes * MINUTE });

  it('tells the slope of a run of the proxy whose young generation has no limit, which is too short to be judged', () => {
    const { failures, undecided, slopes } = judged(over(13.2, UNLIMITED), 6.6, 13.2);
    expect(undecided).to.equal('memory is judged from 30 minutes on');
    expect(slopes.rss?.low).to.be.greaterThan(30);
    expect(failures).to.deep.equal([]);
  });

  it('fails a run in which ids keep the bodies that they came from', () => {
    const [began, rounds, ended] = [0, [11.3 * MINUTE], 30.4 * MINUTE];
    const workers = over(30.4, KEPT_BODIES);
    const { failures, slopes } = judgedMemory({ rss: [], heap: [], workers }, { began, rounds, ended });
    expect(slopes.workers?.low).to.be.greaterThan(50);
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(/^workers rises by \d+\.\d MB an hour or more, \d+\.\d MB in all, where 7.\d may be$/);
  });

  it('does not judge what is met for the first time, and nothing in a short run', () => {
    const filling = Array.from({ length: 120 }, (_, i) => (i < 40 ? 200 + 2.5 * i : 300 + (i % 3)));
    expect(judged(over(30, filling), 10, 30)).to.deep.include({ failures: [], undecided: null });
    expect(judged(over(30, filling), 24, 30).undecided).to.be.a('string');
    expect(judged(over(5, filling), 1, 5).undecided).to.be.a('string');
  });

  it('tells a leak from caches that fill, the smaller the longer a run is', () => {
    const filled = (minutes: number): Point[] =>
      over(
        minutes,
        Array.from({ length: 400 }, (_, i) => 300 + 11 * (1 - Math.exp(-i / 100)) + (i % 3)),
      );
    const leaking = (minutes: number, perHour: number): Point[] =>
      filled(minutes).map(({ atMs, value }) => ({ atMs, value: value + (perHour * atMs) / (60 * MINUTE) }));
    const failuresOf = (minutes: number, perHour: number) =>
      judgedMemory(
        { rss: leaking(minutes, perHour), heap: [], workers: [] },
        { began: 0, rounds: [1, 2, 3].map((i) => (i * minutes * MINUTE) / 3), ended: minutes * MINUTE },
      ).failures;
    expect(failuresOf(40, 0)).to.deep.equal([]);
    expect(failuresOf(180, 0)).to.deep.equal([]);
    expect(failuresOf(40, 40)).to.have.length(1);
    expect(failuresOf(40, 20)).to.deep.equal([]);
    expect(failuresOf(180, 20)).to.have.length(1);
  });

  it("takes no trouble's mark for a leak, and no leak for one", () => {
    // High in the second half of each round of 12 minutes: evidence waits while the journal is down.
    const held = Array.from({ length: 216 }, (_, i) => 300 + (i % 72 < 36 ? 0 : 60) + (i % 3));
    const [series, ended] = [{ rss: over(36, held), heap: [], workers: [] }, 36 * MINUTE];
    const rounds = [12, 24, 36].map((at) => at * MINUTE);
    expect(judgedMemory(series, { began: 0, rounds, ended }).failures).to.deep.equal([]);
    expect(judgedMemory(series, { began: 0, rounds: rounds.slice(0, 1), ended }).failures).to.have.length(1);
    const rising = held.map((value, i) => value + i / 6);
    const leak = judgedMemory({ ...series, rss: over(36, rising) }, { began: 0, rounds, ended });
    expect(leak.failures).to.have.length(1);
    expect(leak.slopes.rss?.perHour).to.be.closeTo(60, 15);
  });

  it('tells the highest of each tenth of a run', () => {
    const points = over(20, [1, 5, 2, 3, 9, 4, 4, 4, 4, 4, 8]);
    expect(highestOf(points, { began: 0, rounds: [], ended: 20 * MINUTE })).to.deep.equal([
      1, 5, 2, 3, 9, 4, 4, 4, 4, 8,
    ]);
  });

  it('has met every trouble when the first third of a judged run is over, and gives each the time there is', () => {
    for (const minutes of [30, 45, 100])
      expect((2 * 13 * troubleMs(minutes, 13)) / MINUTE).to.be.at.most(minutes / 3 + 1e-9);
    expect(troubleMs(30, 13)).to.equal(20_000);
    expect(troubleMs(0.05, 3)).to.equal(1_000);
  });
});
