import { expect } from 'chai';
import { parse } from 'yaml';
import { bodyOf, ENTITY_RULES, zipfDraws } from '../../bench/entities.ts';
import { compare, compileRule } from '../../src/rules/compile.ts';
import { ruleFrom } from '../../src/rules/inline.ts';
import { parseJson } from '../../src/rules/parse.ts';
import type { CompareContext } from '../../src/rules/rule.ts';
import { ReadIds } from '../../src/verifier/ids/known-ids.ts';
import { RelatedIds } from '../../src/verifier/ids/related-ids.ts';

const rules = compileRule(ruleFrom(parse(ENTITY_RULES), 'rules'));

describe("the bench's answers", () => {
  const prefixed = (collection: string) => ({
    type: null,
    by: 'rule' as const,
    rule: { strip: '', prefix: `${collection}_`, form: 'same' as const },
  });
  const related = new RelatedIds({ payments: prefixed('payments'), users: prefixed('users') });

  const outcome = (primary: Buffer, twin: Buffer, representation: CompareContext['representation']): string => {
    const [mine, its] = [parseJson(primary), parseJson(twin)];
    if (!mine.ok || !its.ok) throw new Error('not JSON');
    const context = { params: {}, query: new Map(), representation, ids: new ReadIds(null, related) };
    return compare(rules, mine.value, its.value, context).outcome;
  };

  for (const kb of [2, 50])
    it(`mean the same in every form and are never the same bytes, ${kb} KB`, () => {
      for (const entity of [0, 1, 9_999, 3_000_000_000]) {
        const primary = bodyOf(entity, kb, 'primary');
        const [asPrimary, own] = [bodyOf(entity, kb, 'twin as primary'), bodyOf(entity, kb, 'twin')];
        expect(outcome(primary, asPrimary, 'primary')).to.equal('equal');
        expect(outcome(primary, own, 'twin')).to.equal('equal');
        expect(primary.equals(asPrimary) || primary.equals(own)).to.equal(false);
        expect(primary.length).to.be.within(kb * 1_024, kb * 1_024 * 1.6);
      }
    });

  it('differ from entity to entity, and so do their meanings', () => {
    const [one, other] = [bodyOf(1, 2, 'primary'), bodyOf(2, 2, 'primary')];
    expect(one.equals(other)).to.equal(false);
    expect(outcome(one, bodyOf(2, 2, 'twin'), 'twin')).to.equal('differs');
  });

  it("are requested by Zipf's law: the first of 10,000 by a tenth of the reads", () => {
    const draws = zipfDraws();
    const share = (rank: number): number => draws.filter((draw) => draw === rank).length / draws.length;
    // 1 / (1 + 1/2 + … + 1/10,000) = 0.1022, and half of it for the second.
    expect(share(0)).to.be.closeTo(0.1022, 0.01);
    expect(share(1)).to.be.closeTo(0.0511, 0.01);
    expect(Math.max(...draws)).to.be.lessThan(10_000);
  });
});
