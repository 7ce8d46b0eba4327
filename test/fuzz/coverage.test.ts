import { expect } from 'chai';
import { canonicalDecimal } from '../../src/rules/decimal.ts';
import { openCoverage } from './parsers/coverage.ts';

describe('fuzz: coverage', () => {
  it('tells each branch that runs for the first time, and none twice', async () => {
    const coverage = await openCoverage();
    try {
      canonicalDecimal('12');
      await coverage.fresh();
      canonicalDecimal('13');
      expect(await coverage.fresh(), 'the same branches').to.equal(0);
      for (const text of ['0.5', '1e400000000', '-Infinity']) {
        canonicalDecimal(text);
        expect(await coverage.fresh(), text).to.be.greaterThan(0);
        canonicalDecimal(text);
        expect(await coverage.fresh(), `${text} again`).to.equal(0);
      }
    } finally {
      await coverage.close();
    }
  });
});
