import { expect } from 'chai';
import { timed } from '../../src/admin/figures.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { Histogram, QUANTILE_ERROR } from '../../src/journal/histogram.ts';

/** A normally distributed value, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Durations in ms as services have them: even, in a long tail, around two peaks, nearly all one, tiny, huge. */
const SHAPES: Readonly<Record<string, (random: () => number) => number>> = {
  even: (random) => 5 + random() * 500,
  exponential: (random) => -Math.log(1 - random()) * 30,
  lognormal: (random) => Math.exp(3 + 0.8 * normal(random)),
  pareto: (random) => 2 / (1 - random()) ** 0.7,
  'two peaks': (random) => (random() < 0.97 ? 8 + normal(random) : 900 + 50 * normal(random)),
  'nearly one value': (random) => 97 + random() * 0.01,
  microseconds: (random) => 0.002 + random() * 0.05,
  minutes: (random) => 60_000 * (1 + random() * 20),
};

function trueQuantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

describe('a histogram of durations', () => {
  for (const [shape, draw] of Object.entries(SHAPES)) {
    it(`tells p50, p95 and p99 within 5 % of the true ones: ${shape}`, () => {
      for (let seed = 1; seed <= 12; seed += 1) {
        const source = seeded(seed * 7919);
        const random = (): number => source.below(1_000_000_000) / 1_000_000_000;
        const n = 20 + source.below(3_000);
        const durations = Array.from({ length: n }, () => Math.max(0.001, draw(random)));
        // As replicas do: each its own, packed, merged.
        const parts = [new Histogram(), new Histogram(), new Histogram()];
        for (const [i, ms] of durations.entries()) parts[i % 3]?.add(ms);
        const merged = new Histogram();
        for (const part of parts) merged.merge(Histogram.unpack(part.pack(), part.sum));
        durations.sort((a, b) => a - b);
        for (const q of [0.5, 0.95, 0.99]) {
          const exact = trueQuantile(durations, q);
          const told = merged.quantile(q) ?? Number.NaN;
          expect(Math.abs(told - exact) / exact, `seed ${seed}, p${q * 100}, ${told} for ${exact}`).to.be.lessThan(
            0.05,
          );
          expect(Math.abs(told - exact) / exact).to.be.at.most(QUANTILE_ERROR + 1e-6);
        }
        expect(merged.count).to.equal(n);
      }
    });
  }

  it('tells different figures for different durations: no step of a scale', () => {
    const told = new Set<number>();
    for (let ms = 90; ms < 91; ms += 0.1) {
      const histogram = new Histogram();
      for (let i = 0; i < 100; i += 1) histogram.add(ms + i / 25);
      told.add(Math.round((histogram.quantile(0.5) ?? 0) * 10));
    }
    expect(told.size).to.be.greaterThan(4);
  });

  it('reads rows of earlier versions, whose buckets were twice as wide, and adds them to new ones', () => {
    // As they were packed: index of a 16th of a doubling, less that of 0.001 ms.
    const old = (ms: number, count: number): string => {
      const index = Math.ceil(Math.log2(ms) * 16 - 1e-9) - Math.ceil(Math.log2(0.001) * 16 - 1e-9);
      return ((BigInt(index) << 40n) | BigInt(count)).toString();
    };
    const fresh = new Histogram();
    for (let i = 0; i < 50; i += 1) fresh.add(200);
    const merged = Histogram.unpack([old(10, 930), old(100, 20), ...fresh.pack()], 0);
    expect(merged.count).to.equal(1_000);
    for (const [q, exact] of [
      [0.5, 10],
      [0.94, 100],
      [0.99, 200],
    ] as const)
      expect(Math.abs((merged.quantile(q) ?? 0) - exact) / exact, String(q)).to.be.lessThan(0.05);
  });

  it('holds few numbers however many durations there are', () => {
    const histogram = new Histogram();
    for (let exponent = -6; exponent < 12; exponent += 0.001) histogram.add(10 ** exponent);
    expect(histogram.pack().length).to.be.lessThan(1_100);
    expect(histogram.quantile(0)).to.be.closeTo(0.001, 0.0001);
    expect(histogram.quantile(1)).to.be.closeTo(1e7, 2.2e5);
  });

  it('is drawn as bars of one width, as many as a page has room for', () => {
    const histogram = new Histogram();
    for (const ms of [74, 97, 110, 110, 150]) histogram.add(ms);
    const drawn = timed(histogram, { p50: 1, p95: 1, p99: 1, samples: 5 })?.buckets ?? [];
    expect(drawn.reduce((sum, { n }) => sum + n, 0)).to.equal(5);
    expect(drawn.length).to.be.within(8, 24);
    for (let i = 0; i < 2_000; i += 1) histogram.add(0.1 * 1.01 ** i);
    expect(timed(histogram, { p50: 1, p95: 1, p99: 1, samples: 5 })?.buckets.length).to.be.lessThan(40);
  });
});
