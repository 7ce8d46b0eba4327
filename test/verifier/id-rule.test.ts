import { expect } from 'chai';
import { backByRule, byRule, type IdRule, isReversible } from '../../src/verifier/ids/id-rule.ts';

const rule = (given: Partial<IdRule>): IdRule => ({ strip: '', prefix: '', form: 'same', ...given });

describe('an id of the twin that is made from the primary’s', () => {
  for (const [what, given, primary, twin] of [
    ['the same', {}, 'Ab1', 'Ab1'],
    ['with a prefix', { prefix: 'usr_' }, '65f0', 'usr_65f0'],
    ['without what the primary puts before it', { strip: 'usr:' }, 'usr:65f0', '65f0'],
    ['one prefix for another', { strip: 'usr:', prefix: 'u-' }, 'usr:65f0', 'u-65f0'],
    ['none where the primary has no such prefix', { strip: 'usr:' }, 'ord:65f0', null],
    ['in lowercase', { form: 'lower' }, '65F0', '65f0'],
    ['in uppercase', { form: 'upper' }, '65f0', '65F0'],
    ['hex of its bytes', { form: 'hex' }, 'aé', '61c3a9'],
    [
      'its hex digits in base 10, beyond 2^53',
      { form: 10 },
      '65f0c0ffee65f0c0ffee65f0',
      '31549039604126213776341886448',
    ],
    ['its hex digits in base 36', { form: 36 }, 'ff', '73'],
    ['none of digits that are no hex', { form: 36 }, 'xyz', null],
    ['none of nothing', { form: 10 }, '', null],
  ] as const satisfies readonly (readonly [string, Partial<IdRule>, string, string | null])[])
    it(what, () => expect(byRule(rule(given), primary)).to.equal(twin));

  for (const [what, given, primary, twin] of [
    ['the same', {}, 'Ab1', 'Ab1'],
    ['one prefix for another', { strip: 'usr:', prefix: 'u-' }, 'usr:65f0', 'u-65f0'],
    ['hex of its bytes', { form: 'hex', prefix: 'x' }, 'aé', 'x61c3a9'],
    ['none where the twin has no such prefix', { prefix: 'u-' }, null, 'v-65f0'],
    ['none of hex digits in uppercase, which the rule does not make', { form: 'hex' }, null, '61C3A9'],
    ['none of half a byte', { form: 'hex' }, null, '616'],
    ['none of bytes that are no text', { form: 'hex' }, null, 'ff'],
  ] as const satisfies readonly (readonly [string, Partial<IdRule>, string | null, string])[])
    it(`and back: ${what}`, () => expect(backByRule(rule(given), twin)).to.equal(primary));

  it('loses case and leading zeros', () => {
    for (const form of ['lower', 'upper', 10, 36] as const) expect(isReversible(rule({ form }))).to.equal(false);
    for (const form of ['same', 'hex'] as const) expect(isReversible(rule({ form }))).to.equal(true);
  });
});
