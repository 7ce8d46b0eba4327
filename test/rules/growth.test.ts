import { expect } from 'chai';
import { DEAR_PAIRS, GROWTH, stepsAt } from '../../bench/compare-growth.ts';
import { compare, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import { context, differencesOf } from '../support/comparing.ts';

describe('comparing grows by n log n', () => {
  for (const pair of DEAR_PAIRS) {
    it(`in steps: ${pair.name}`, () => {
      const size = Math.min(pair.size, 4_000);
      const steps = [size, 2 * size, 4 * size].map((each) => stepsAt(pair, each));
      const [one = 0, two = 0, four = 0] = steps;
      expect(one, 'steps are counted').to.be.at.least(size);
      expect(two / one, steps.join()).to.be.lessThan(GROWTH);
      expect(four / two, steps.join()).to.be.lessThan(GROWTH);
      expect(four / (4 * size), 'steps an item').to.be.lessThan(60);
    });
  }
});

describe('as many elements as a body may have', () => {
  // A function takes some 120,000 arguments: what spreads a list into one fails beyond.
  const count = 150_000;
  const from = (first: number): number[] => Array.from({ length: count }, (_, i) => first + i);

  it('are compared, strictly', () => {
    const result = compare(compileRule(kit.strict()), from(0), from(count), context());
    expect(result.outcome).to.equal('differs');
  });

  it('are compared as a set that holds each element many times', () => {
    const rows = (first: string) => Array.from({ length: count }, (_, i) => ({ a: i === 0 ? first : 'x' }));
    const result = compare(compileRule(kit.set(kit.object({ a: kit.text() }))), rows('x'), rows('y'), context());
    expect(result.outcome).to.be.oneOf(['differs', 'too_large']);
  });
});

describe('a comparison that takes too many steps', () => {
  // Each item fits each other one by its own rule, which nobody can sort: only trying tells.
  const anyFits = kit.custom('any fits', '1', (a, b) => (a === b ? { kind: 'value', measure: { of: 'none' } } : null));
  const many = Array.from({ length: 3_000 }, (_, i) => i);

  it('ends as too_large with its limit, and not as equal or different', () => {
    const result = compare(compileRule(kit.set(anyFits)), many, many, { ...context(), steps: 100_000 });
    expect(result).to.deep.equal({ outcome: 'too_large', detail: 'comparing takes more than 100000 steps' });
  });

  it('is decided where the limit allows it', () => {
    const few = many.slice(0, 100);
    const result = compare(compileRule(kit.set(anyFits)), few, few, { ...context(), steps: 100_000 });
    expect(result.outcome).to.equal('equal');
  });

  it('differs where that is known, though describing it would take too long', () => {
    const rule = compileRule(kit.list(kit.object({ a: kit.number() })));
    const rows = (from: number) => Array.from({ length: 1_000 }, (_, i) => ({ a: from + i }));
    const result = compare(rule, rows(0), rows(5_000), { ...context(), steps: 1_500 });
    expect(result.outcome).to.equal('differs');
    expect(differencesOf(result)).not.to.have.lengthOf(0);
  });

  it('is described up to a hundred differences, and the others are counted by the row', () => {
    const rule = compileRule(kit.list(kit.object({ _id: kit.number(), a: kit.number(), b: kit.number() }), '_id'));
    const rows = (by: number) => Array.from({ length: 1_000 }, (_, i) => ({ _id: i, a: i + by, b: i + by }));
    const result = compare(rule, rows(0), rows(1), context());
    expect(differencesOf(result)).to.have.lengthOf(100);
    expect(result.outcome === 'differs' && result.count).to.equal(50 * 2 + 950);
  });
});
