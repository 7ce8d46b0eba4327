import { expect } from 'chai';
import fc from 'fast-check';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { canonicalJson } from '../../src/rules/exact-number.ts';
import * as kit from '../../src/rules/kit.ts';
import { parseJson } from '../../src/rules/parse.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { rules, values } from '../support/arbitrary-rules.ts';
import { context } from '../support/comparing.ts';

const RUNS = { seed: 20260528, numRuns: 400 };

const outcome = (
  rule: Rule,
  primary: JsonValue,
  twin: JsonValue,
  representation: 'primary' | 'twin' = 'twin',
): string => compare(compileRule(rule), primary, twin, context({ representation })).outcome;

/** The same value with the members of every object in another order. */
function reordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const texts = Object.entries(value)
    .toReversed()
    .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(reordered(item))}`);
  return JSON.parse(`{${texts.join(',')}}`);
}

describe('for any rule and any values', () => {
  it('a value equals itself, whatever the order of its keys', () => {
    fc.assert(
      fc.property(rules, values, (rule, value) => {
        for (const twin of [value, structuredClone(value), reordered(value)]) {
          expect(outcome(rule, value, twin)).to.equal('equal');
          expect(outcome(rule, value, twin, 'primary')).to.equal('equal');
        }
      }),
      RUNS,
    );
  });

  it('in one representation, the two sides may change places', () => {
    fc.assert(
      fc.property(rules, values, values, (rule, first, second) => {
        expect(outcome(rule, first, second, 'primary')).to.equal(outcome(rule, second, first, 'primary'));
      }),
      RUNS,
    );
  });

  it('what is not equal has a difference, at most as many kept as counted, and all described without a throw', () => {
    fc.assert(
      fc.property(rules, values, values, (rule, first, second) => {
        const result = compare(compileRule(rule), first, second, context());
        if (result.outcome !== 'differs') return;
        expect(result.count).to.be.greaterThan(0);
        expect(result.differences.length).to.equal(Math.min(result.count, 100));
        for (const { path, steps } of result.differences) expect(path.split('/').length - 1).to.equal(steps.length);
      }),
      { ...RUNS, numRuns: 2_000 },
    );
  });

  it('strict equality is that of the canonical text', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        expect(outcome(kit.strict(), first, second) === 'equal').to.equal(
          canonicalJson(first) === canonicalJson(second),
        );
      }),
      { ...RUNS, numRuns: 2_000 },
    );
  });

  it('one compiled rule answers alike, whatever it has seen before', () => {
    fc.assert(
      fc.property(rules, fc.array(fc.tuple(values, values), { minLength: 2, maxLength: 6 }), (rule, pairs) => {
        const compiled = compileRule(rule);
        for (const [first, second] of [...pairs, ...pairs.toReversed()]) {
          expect(compare(compiled, first, second, context()).outcome).to.equal(outcome(rule, first, second));
        }
      }),
      RUNS,
    );
  });

  it('exact rules line rows up as they compare them: a permuted set is equal, a changed one is not', () => {
    const exact = fc.constantFrom<Rule>(
      kit.strict(),
      kit.text(),
      kit.instant(),
      kit.money({ scale: 2 }),
      kit.jsonb(),
      kit.ref('users'),
    );
    fc.assert(
      fc.property(exact, fc.array(values, { maxLength: 6 }), values, (of, items, other) => {
        expect(outcome(kit.set(of), items, items.toReversed(), 'primary')).to.equal('equal');
        expect(outcome(kit.set(of), [...items, other], [...items, items[0] ?? null], 'primary')).to.equal(
          outcome(of, other, items[0] ?? null, 'primary'),
        );
      }),
      RUNS,
    );
  });

  it('any bytes are a value or a named failure', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const result = parseJson(bytes);
          expect(result.ok || ['bad_utf8', 'bad_json', 'too_deep'].includes(result.failure)).to.equal(true);
        },
      ),
      { ...RUNS, numRuns: 2_000 },
    );
  });
});
