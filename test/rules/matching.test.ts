import { expect } from 'chai';
import fc from 'fast-check';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { largestMatching } from '../../src/rules/engine/matching.ts';
import * as kit from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { context } from '../support/comparing.ts';

const RUNS = { seed: 20261126, numRuns: 150 };

/** Is there an order of the twin's items in which each equals its partner? By trying them all. */
function bruteForce(n: number, equal: (i: number, j: number) => boolean): boolean {
  const taken = new Set<number>();
  const place = (i: number): boolean => {
    if (i === n) return true;
    for (let j = 0; j < n; j++) {
      if (taken.has(j) || !equal(i, j)) continue;
      taken.add(j);
      if (place(i + 1)) return true;
      taken.delete(j);
    }
    return false;
  };
  return place(0);
}

function isEqual(rule: Rule, primary: JsonValue, twin: JsonValue): boolean {
  const { outcome } = compare(compileRule(rule), primary, twin, context());
  if (outcome !== 'equal' && outcome !== 'differs') throw new Error(outcome);
  return outcome === 'equal';
}

/** Values so close that chains of neighbours form: 1 fits 2, 2 fits 3, and 1 does not fit 3. */
const close = fc.integer({ min: 0, max: 12 });
const ratios = close.map((n) => 100 + n * 4);
const signed = fc.oneof(
  ratios,
  ratios.map((n) => -n),
  fc.constantFrom(0, 5e-324, 1e300),
);
const cents = close.map((n) => ((1_000 + n * 3) / 1_000).toFixed(3));
const RATIO = kit.ratio(0.05);
const SUM = kit.aggregateMoney('currency');

const cases: readonly (readonly [name: string, item: Rule, values: fc.Arbitrary<JsonValue>])[] = [
  ['ratios', RATIO, ratios],
  ['ratios of both signs, zero and subnormals', RATIO, signed],
  ['nullable ratios', kit.nullable(RATIO), fc.oneof(ratios, fc.constant(null))],
  ['ratios among what is none', RATIO, fc.oneof(ratios, fc.constantFrom('x', null, true))],
  ['sums', kit.aggregateMoney({ scale: 2 }), cents],
  [
    'sums of two currencies',
    kit.object({ sum: SUM, currency: kit.text() }),
    fc.record({ sum: cents, currency: fc.constantFrom('USD', 'USDC') }),
  ],
  [
    'sums whose currency is not compared',
    kit.object({ sum: SUM, currency: kit.ignored('a test') }),
    fc.record({ sum: cents, currency: fc.constant('USD') }),
  ],
  ['two ratios an item', kit.object({ a: RATIO, b: RATIO }), fc.record({ a: ratios, b: ratios })],
  [
    'three values an item',
    kit.object({ a: RATIO, b: kit.list(RATIO), c: kit.text() }),
    fc.record({ a: ratios, b: fc.array(ratios, { minLength: 1, maxLength: 1 }), c: fc.constantFrom('x', 'y') }),
  ],
  ['records of ratios', kit.record(RATIO), fc.dictionary(fc.constantFrom('x', 'y'), ratios, { noNullPrototype: true })],
  ['sets of ratios in a set', kit.set(RATIO), fc.array(ratios, { maxLength: 2 })],
  [
    'a rule of the user’s own',
    kit.custom('near', '1', (a, b) =>
      Math.abs(Number(a) - Number(b)) <= 5 ? null : { kind: 'value', measure: { of: 'none' } },
    ),
    ratios,
  ],
];

describe('a set with tolerances', () => {
  for (const [name, item, values] of cases) {
    it(`is equal exactly where some assignment of its items is: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(values, values), { maxLength: 5 }), fc.boolean(), (pairs, related) => {
          const primary = pairs.map(([mine]) => mine);
          // Related lists are near each other, so that many of them are equal.
          const twin = related
            ? primary.toReversed().map((mine, i) => (i % 2 === 0 ? mine : (pairs[i]?.[1] ?? mine)))
            : pairs.map(([, its]) => its);
          const expected = bruteForce(primary.length, (i, j) => isEqual(item, primary[i] ?? null, twin[j] ?? null));
          expect(isEqual(kit.set(item), primary, twin)).to.equal(expected);
        }),
        RUNS,
      );
    });

    it(`tells as few differences as there must be: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), values, (items, other) => {
          const twin = [...items.toReversed().slice(1), other];
          const result = compare(compileRule(kit.set(item)), items, twin, context());
          if (result.outcome !== 'differs') return;
          const equal = (i: number, j: number): boolean => isEqual(item, items[i] ?? null, twin[j] ?? null);
          const edges = items.map((_, i) => [...twin.keys()].filter((j) => equal(i, j)));
          const most = largestMatching(edges, twin.length, () => undefined).filter((j) => j >= 0).length;
          const rowsTold = new Set(result.differences.map(({ path }) => path.split('/')[1]));
          expect(rowsTold.size, JSON.stringify([items, twin])).to.be.at.most(2 * (items.length - most));
        }),
        RUNS,
      );
    });
  }

  it('a largest matching is found by long alternating paths too', () => {
    const n = 2_000;
    // Left i fits right i and i + 1; the last only what the one before it holds: all have to move.
    const edges = Array.from({ length: n }, (_, i) => (i === n - 1 ? [0] : [i, i + 1]));
    expect(largestMatching(edges, n, () => undefined).every((j) => j >= 0)).to.equal(true);
  });

  it('a sorted key with a tolerance makes no ties of what differs', () => {
    const rule = compileRule(kit.ordered(kit.object({ score: kit.ratio() }), ['-score']));
    const [mine, its] = [
      [{ score: 3 }, { score: 2 }],
      [{ score: 2 }, { score: 3 }],
    ];
    expect(compare(rule, mine, its, context()).outcome).to.equal('differs');
    expect(
      compare(rule, [{ score: 3 }, { score: 3 }], [{ score: 3 }, { score: 3.0000000001 }], context()).outcome,
    ).to.equal('equal');
  });
});
