import { expect } from 'chai';
import { simulateBound, simulationText } from '../../src/gate/bound-simulation.ts';
import { binomialAtMost, fixedSampleBound } from '../../src/gate/clopper-pearson.ts';
import {
  cleanReadsToPass,
  epochAlpha,
  logEvidenceAgainst,
  MIXTURE,
  ReadCounts,
  upperBound,
} from '../../src/gate/confidence-sequence.ts';
import { logBeta, logGamma } from '../../src/gate/log-gamma.ts';
import { cpuSeconds } from '../support/cpu.ts';

describe('gate/confidence-sequence', () => {
  it('knows ln gamma to 13 digits', () => {
    const table: [number, number][] = [
      [0.5, 0.5723649429247001],
      [1, 0],
      [3.7, 1.428072326665388],
      [100, 359.1342053695754],
      [1e6, 12815504.569147611],
    ];
    for (const [x, value] of table) expect(logGamma(x)).to.be.closeTo(value, 1e-13 * Math.max(1, Math.abs(value)));
    expect(logBeta(0.5, 500)).to.be.closeTo(logGamma(0.5) + logGamma(500) - logGamma(500.5), 1e-11);
    // B(1, n) = 1/n, where three large terms would cancel.
    expect(logBeta(1, 1e12)).to.be.closeTo(-Math.log(1e12), 1e-9);
  });

  it('is exact at zero mismatches', () => {
    for (const n of [1, 10, 300, 7_000, 1_000_000]) {
      const upper = upperBound(n, 0, 0.005);
      expect(logEvidenceAgainst(upper, n, 0)).to.be.closeTo(Math.log(200), 1e-8);
      let ratio = 1;
      // Beta(A, B + n) / Beta(A, B) as the product of its n factors.
      for (let i = 0; i < Math.min(n, 7_000); i += 1) ratio *= (MIXTURE.b + i) / (MIXTURE.a + MIXTURE.b + i);
      if (n <= 7_000) expect(upper).to.be.closeTo(1 - (0.005 * ratio) ** (1 / n), 1e-12);
    }
  });

  it('excludes exactly the rates that the evidence speaks against', () => {
    for (const [n, k] of [
      [500, 3],
      [20_000, 11],
      [1_000_000, 900],
    ] as const) {
      const upper = upperBound(n, k, 0.01);
      expect(logEvidenceAgainst(upper, n, k)).to.be.at.least(Math.log(100));
      expect(logEvidenceAgainst(upper * (1 - 1e-9), n, k)).to.be.below(Math.log(100) + 1e-6);
    }
  });

  it('is monotone in evidence: a match lowers it, a mismatch raises it, a smaller error widens it', () => {
    for (const n of [1, 7, 60, 500, 3_000, 40_000, 1_000_000]) {
      for (const k of [0, 1, 2, 5, 30, 400]) {
        if (k >= n) continue;
        const here = upperBound(n, k, 0.01);
        expect(upperBound(n + 1, k, 0.01), `match after ${k} of ${n}`).to.be.at.most(here);
        expect(upperBound(n + 1, k + 1, 0.01), `mismatch after ${k} of ${n}`).to.be.at.least(here);
        expect(upperBound(n, k, 0.001)).to.be.at.least(here);
        expect(here).to.be.greaterThan(k / n);
      }
    }
  });

  it('says how many clean reads are missing, to the read', () => {
    for (const [n, k] of [
      [0, 0],
      [2_000, 0],
      [9_000, 2],
    ] as const) {
      const more = cleanReadsToPass(n, k, 0.005, 0.001) ?? 0;
      expect(upperBound(n + more, k, 0.005)).to.be.below(0.001);
      expect(upperBound(n + more - 1, k, 0.005)).to.be.at.least(0.001);
    }
    expect(cleanReadsToPass(10, 0, 0.01, 0)).to.equal(null);
  });

  it('is 1 without a read and refuses counts that cannot be', () => {
    expect(upperBound(0, 0, 0.01)).to.equal(1);
    expect(() => upperBound(3, 4, 0.01)).to.throw(RangeError);
    expect(() => upperBound(3, 1, 0)).to.throw(RangeError);
  });

  it('spends no more than the promised error on all epochs together', () => {
    let spent = 0;
    for (let epoch = 1; epoch <= 100_000; epoch += 1) spent += epochAlpha(0.01, epoch);
    expect(spent).to.be.within(0.0099, 0.01);
  });

  it('folds a million reads under a second of CPU', () => {
    const spent = cpuSeconds(() => {
      const counts = new ReadCounts();
      for (let i = 0; i < 1_000_000; i += 1) counts.add(i % 5_000 === 0);
      expect(upperBound(counts.n, counts.k, 0.01)).to.be.within(0.0002, 0.0004);
    });
    expect(spent).to.be.below(1);
  });

  it('is little wider than the fixed-sample bound, which knows its only look beforehand', () => {
    expect(fixedSampleBound(1_000, 0, 0.01)).to.be.closeTo(1 - 0.01 ** (1 / 1_000), 1e-12);
    expect(binomialAtMost(2, 10, 0.3)).to.be.closeTo(0.3827827864, 1e-9);
    for (const [n, k] of [
      [7_000, 0],
      [20_000, 10],
    ] as const) {
      const ratio = upperBound(n, k, 0.01) / fixedSampleBound(n, k, 0.01);
      expect(ratio).to.be.within(1, 1.6);
    }
  });
});

describe('gate/bound-simulation', () => {
  it('keeps the promised error over looks after every read, where the fixed-sample bound does not', () => {
    const rates = [0, 0.0005, 0.001, 0.01];
    const simulation = simulateBound({ runs: 10_000, reads: 20_000, alpha: 0.01, rates, seed: 7 });
    for (const { rate, error, naiveError } of simulation.results) {
      expect(error, `at rate ${rate}`).to.be.at.most(0.01);
      if (rate > 0) expect(naiveError, `fixed-sample at rate ${rate}`).to.be.greaterThan(0.01);
    }
    expect(simulationText(simulation)).to.contain('keeps its promise: yes; the fixed-sample bound breaks it: yes');
  });
});
