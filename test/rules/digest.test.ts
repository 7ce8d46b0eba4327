import { expect } from 'chai';
import { compileComparator } from '../../src/rules/compile.ts';
import { describeRules, differenceSet, fingerprint, pathPattern, rulesDigest } from '../../src/rules/digest.ts';
import * as kit from '../../src/rules/kit.ts';
import type { Comparator, Rule } from '../../src/rules/rule.ts';
import { compared, differencesOf } from '../support/comparing.ts';

const of = (body: Rule): Comparator => kit.comparator('c', body);

describe('the rules digest', () => {
  it('is 16 hex digits, and the same however the fields are ordered', () => {
    const [first, second] = [
      rulesDigest(of(kit.object({ a: kit.text(), b: kit.money('c') }))),
      rulesDigest(of(kit.object({ b: kit.money('c'), a: kit.text() }))),
    ];
    expect(first).to.match(/^[0-9a-f]{16}$/);
    expect(second).to.equal(first);
    expect(compileComparator(of(kit.text())).rulesDigest).to.equal(rulesDigest(of(kit.text())));
  });

  it('changes with every change of the rules', () => {
    const never = () => null;
    const rules: Rule[] = [
      kit.strict(),
      kit.text(),
      kit.number(),
      kit.bool(),
      kit.instant(),
      kit.money('a'),
      kit.money('b'),
      kit.money({ currency: 'a' }),
      kit.money({ scale: 2 }),
      kit.aggregateMoney('a'),
      kit.baseUnits(),
      kit.ratio(),
      kit.ratio(1e-6),
      kit.ref('a'),
      kit.ref('b'),
      kit.nullable(kit.text()),
      kit.object({}),
      kit.object({ a: kit.text() }),
      kit.record(kit.text()),
      kit.record(kit.text(), 'a'),
      kit.list(kit.text()),
      kit.list(kit.text(), '_id'),
      kit.set(kit.text()),
      kit.ordered(kit.text(), ['a']),
      kit.ordered(kit.text(), ['-a']),
      kit.ordered(kit.text(), ['a'], { sortParam: 'sort' }),
      kit.jsonb(),
      kit.cursor('a'),
      kit.cursor('a', 'text'),
      kit.cursor('b'),
      kit.csv({}),
      kit.csv({ a: kit.text() }),
      kit.csv({}, { kind: 'free' }),
      kit.csv({}, { kind: 'total' }, 'a'),
      kit.secret(),
      kit.ignored('a'),
      kit.ignored('b'),
      kit.custom('a', '1', never),
      kit.custom('a', '2', never),
      kit.custom('b', '1', never),
    ];
    const digests = new Set(rules.map((rule) => rulesDigest(of(rule))));
    expect(digests.size).to.equal(rules.length);
    expect(rulesDigest(kit.comparator('c', kit.text(), { headers: ['x'] }))).not.to.equal(rulesDigest(of(kit.text())));
    expect(rulesDigest(kit.comparator('c', kit.text(), { error: kit.text() }))).not.to.equal(
      rulesDigest(of(kit.text())),
    );
  });

  it('does not depend on the code of a custom rule, and its data can be printed', () => {
    const custom = (compare: () => null) => of(kit.custom('mine', '3', compare));
    expect(rulesDigest(custom(() => null))).to.equal(rulesDigest(custom(() => null)));
    expect(JSON.parse(JSON.stringify(describeRules(custom(() => null)))).body).to.deep.equal({
      custom: 'mine',
      version: '3',
    });
  });
});

describe('a fingerprint', () => {
  const rule = kit.object({
    data: kit.list(kit.object({ a: kit.text(), counts: kit.nullable(kit.record(kit.number())) })),
    blob: kit.nullable(kit.jsonb()),
  });
  const found = (primary: object, twin: object) =>
    differencesOf(compared(rule, JSON.parse(JSON.stringify(primary)), JSON.parse(JSON.stringify(twin))));
  const rows = (...values: string[]) => ({ data: values.map((a) => ({ a })) });

  it('is one for one fault, whichever row shows it and how often', () => {
    const first = differenceSet('GET /a', found(rows('x', 'y'), rows('z', 'y')));
    expect(differenceSet('GET /a', found(rows('x', 'y'), rows('x', 'z')))).to.equal(first);
    expect(differenceSet('GET /a', found(rows('x', 'y'), rows('v', 'w')))).to.equal(first);
    expect(differenceSet('GET /b', found(rows('x', 'y'), rows('z', 'y')))).not.to.equal(first);
    expect(differenceSet('GET /a', found(rows('x'), { data: [{}] }))).not.to.equal(first);
    expect(first).to.match(/^[0-9a-f]{16}$/);
    for (const difference of found(rows('x', 'y'), rows('v', 'w')))
      expect(fingerprint('GET /a', difference)).to.equal(first);
  });

  it('takes positions and record keys for `*`, and keys that look like numbers for keys', () => {
    const patterns = (primary: object, twin: object) => found(primary, twin).map(pathPattern);
    expect(patterns(rows('x'), rows('y'))).to.deep.equal(['/data/*/a']);
    expect(patterns({ data: [{ a: 'x', counts: { b: 1 } }] }, { data: [{ a: 'x', counts: { b: 2 } }] })).to.deep.equal([
      '/data/*/counts/*',
    ]);
    expect(patterns({ data: [], blob: { 7: 1 } }, { data: [], blob: { 7: 2 } })).to.deep.equal(['/blob/7']);
    expect(patterns({ data: [], blob: { k: [1] } }, { data: [], blob: { k: [2] } })).to.deep.equal(['/blob/k/*']);
  });
});
