import { expect } from 'chai';
import { compare, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import type { CompareContext, Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { context } from '../support/comparing.ts';

/** Bodies of the same bytes are read once, so both sides may be one value: the rules must not take that for a proof. */
describe('one value on both sides', () => {
  const never = kit.custom('never', '1', () => ({ kind: 'value', measure: { of: 'none' } }));
  const uuid = '01890000-0000-7000-8000-000000000001';
  const peculiar: readonly (readonly [string, Rule, JsonValue])[] = [
    ['a secret that both show', kit.secret(), 'hunter2'],
    ["a rule of the user's own", never, 'x'],
    ['an id that both print alike though the twin has its own', kit.ref('users'), '64b000000000000000000001'],
  ];
  const around: readonly (readonly [string, (rule: Rule) => Rule, (value: JsonValue) => JsonValue])[] = [
    ['alone', (rule) => rule, (value) => value],
    ['in an object', (rule) => kit.object({ a: kit.object({ b: rule }) }), (value) => ({ a: { b: value } })],
    ['in a list', (rule) => kit.object({ a: kit.list(rule) }), (value) => ({ a: [value] })],
    ['in a set', (rule) => kit.object({ a: kit.set(kit.object({ b: rule })) }), (value) => ({ a: [{ b: value }] })],
    ['in a record', (rule) => kit.object({ a: kit.record(rule) }), (value) => ({ a: { x: value } })],
    ['where null would do', (rule) => kit.nullable(kit.object({ b: kit.nullable(rule) })), (value) => ({ b: value })],
    [
      'in a page',
      (rule) => kit.page(kit.object({ b: rule }), []),
      (value) => ({ data: [{ b: value }], pagination: {} }),
    ],
  ];
  const related: CompareContext = {
    ...context(),
    representation: 'twin',
    ids: { uuidOf: () => uuid, objectIdOf: () => null, relates: () => true, relate: () => 'different' },
  };

  for (const [what, rule, value] of peculiar)
    for (const [where, outer, wrap] of around)
      it(`is looked at as two are: ${what}, ${where}`, () => {
        const compiled = compileRule(outer(rule));
        const one = wrap(value);
        const two = compare(compiled, one, structuredClone(one), related);
        expect(two.outcome).to.equal('differs');
        expect(compare(compiled, one, one, related)).to.deep.equal(two);
      });

  it('is looked at as two are: keys that are ids', () => {
    const compiled = compileRule(kit.object({ a: kit.record(kit.number(), 'users') }));
    const one = { a: { '64b000000000000000000001': 1 } };
    const two = compare(compiled, one, structuredClone(one), related);
    expect(compare(compiled, one, one, related)).to.deep.equal(two);
  });

  it('a custom rule is called where both sides have nothing', () => {
    const compiled = compileRule(kit.object({ a: kit.object({ b: never }) }));
    expect(compare(compiled, { a: {} }, { a: {} }, context()).outcome).to.equal('differs');
  });
});
