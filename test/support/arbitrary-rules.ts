/** Any rule and any value, for property tests. */
import fc from 'fast-check';
import * as kit from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { oid, uuid } from './comparing.ts';

/** Rules without those that have their own idea of equal values: secret, custom. */
export const rules: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<Rule>(
      kit.strict(),
      kit.text(),
      kit.text('users'),
      kit.number(),
      kit.bool(),
      kit.instant(),
      kit.instant({ twin: 'seconds', zone: 'UTC' }),
      kit.number('decimal'),
      kit.duration('seconds'),
      kit.enumOf({ x: 'x', 1: 1 }),
      kit.money('c'),
      kit.aggregateMoney('c'),
      kit.baseUnits(),
      kit.ratio(),
      kit.ref('users'),
      kit.ref({ by: 'c', of: { USD: 'users' } }),
      kit.jsonb(),
      kit.cursor('users'),
      kit.csv({ a: kit.nullable(kit.number()) }),
    ),
    tie('rule').map((of) => kit.nullable(of)),
    tie('rule').map((of) => kit.record(of)),
    tie('rule').map((of) => kit.list(of)),
    tie('rule').map((of) => kit.set(of)),
    tie('rule').map((of) => kit.ordered(of, ['-a'], { identity: 'b' })),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('rule'), { noNullPrototype: true })
      .map((fields) => kit.object(fields)),
  ),
})).rule;

const keys = fc.constantFrom('a', 'b', 'c', 'd', '', '__proto__', 'constructor', '__v', '$oid', '$date');
const leaves = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    true,
    false,
    0,
    1,
    10.5,
    '10.50',
    'USD',
    '',
    'a,b\n1,2',
    '2026-01-01T00:00:00.000Z',
    '2026-01-01',
    oid(1),
    oid(2),
    uuid(1),
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);
/** As parsed from text, so that `__proto__` is an own key. */
export const values: fc.Arbitrary<JsonValue> = fc
  .letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaves.map((leaf) => JSON.stringify(leaf)),
      fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(keys, tie('text')), { maxLength: 5, selector: ([key]) => key })
        .map((entries) => `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`),
    ),
  }))
  .text.map((text) => JSON.parse(text));
