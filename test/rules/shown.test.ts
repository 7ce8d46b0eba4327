import { expect } from 'chai';
import { parse } from 'yaml';
import { autoEntry } from '../../src/api/auto-routes.ts';
import { rulesDigest } from '../../src/rules/digest.ts';
import { ruleFrom } from '../../src/rules/inline.ts';
import * as kit from '../../src/rules/kit.ts';
import { redact } from '../../src/rules/redact.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { showingOf, topOf } from '../../src/rules/shown.ts';
import type { JsonValue, RedactedDifference } from '../../src/types.ts';
import { compared, differencesOf } from '../support/comparing.ts';

/** The differences of two values as they are stored. */
function stored(
  rule: Rule,
  primary: JsonValue,
  twin: JsonValue,
  listed: readonly string[] = [],
): readonly RedactedDifference[] {
  const showing = { body: topOf(rule), headers: {} };
  return differencesOf(compared(rule, primary, twin)).map((difference) =>
    redact(difference, { key: 'key', shown: listed }, showing),
  );
}

/** The two values of the only difference, `#` where one is not shown. */
function seen(rule: Rule, primary: JsonValue, twin: JsonValue, listed?: readonly string[]): readonly unknown[] {
  const found = stored(kit.object({ a: rule }), { a: primary }, { a: twin }, listed);
  expect(found).to.have.length(1);
  return [found[0]?.primary, found[0]?.twin].map((side) => (side !== undefined && 'value' in side ? side.value : '#'));
}

const status = kit.enumOf(['paid', 'failed', 3]);

describe('what rules show', () => {
  const rows: readonly (readonly [string, Rule, JsonValue, JsonValue, readonly unknown[]])[] = [
    ['words of an enum', status, 'paid', 'failed', ['paid', 'failed']],
    ['a word in another case or with blanks', status, 'paid', ' PAID', ['paid', ' PAID']],
    ['a number of an enum', status, 3, 'paid', [3, 'paid']],
    ['no other word', status, 'paid', 'eve@example.org', ['paid', '#']],
    ['booleans', kit.bool(), true, false, [true, false]],
    ['no text in place of a boolean', kit.bool(), true, 'secret', [true, '#']],
    [
      'instants',
      kit.instant(),
      '2026-01-01T00:00:00Z',
      '2026-01-01T01:00:00Z',
      ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ],
    [
      'no text in place of an instant',
      kit.instant(),
      '2026-01-01T00:00:00Z',
      'born in May',
      ['2026-01-01T00:00:00Z', '#'],
    ],
    ['counts', kit.count(), 3, 4, [3, 4]],
    ['no text in place of a count', kit.count(), 3, 'x', [3, '#']],
    ['currencies', kit.currency(), 'USD', 'EUR', ['USD', 'EUR']],
    ['what is shown', kit.shown(kit.text()), 'a', 'b', ['a', 'b']],
    ['through nullable, either way round', kit.nullable(kit.shown(kit.text())), 'a', 'b', ['a', 'b']],
    ['through nullable, the other way', kit.shown(kit.nullable(kit.text())), 'a', 'b', ['a', 'b']],
    ['nothing that is hidden', kit.hidden(kit.instant()), '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', ['#', '#']],
    ['no text', kit.text(), 'a', 'b', ['#', '#']],
    ['no number', kit.number(), 1, 2, ['#', '#']],
    ['no amount', kit.money({ currency: 'USD' }), '1.00', '2.00', ['#', '#']],
    ['no secret', kit.shown(kit.secret()), null, 'hunter2', [undefined, '#']],
    ['no long text', kit.shown(kit.text()), 'a', 'b'.repeat(3_000), ['a', '#']],
  ];
  for (const [what, rule, primary, twin, expected] of rows) {
    it(what, () =>
      expect(seen(rule, primary, twin).map((value) => value)).to.deep.equal(
        expected.map((v) => (v === undefined ? '#' : v)),
      ),
    );
  }

  it('a whole row only where all of it is shown', () => {
    const item = (of: Rule): Rule => kit.object({ a: kit.list(kit.object({ n: kit.count(), of })) });
    const lost = (rule: Rule) => stored(rule, { a: [{ n: 1, of: true }] }, { a: [] })[0]?.primary;
    expect(lost(item(kit.bool()))?.value).to.deep.equal({ n: 1, of: true });
    expect(lost(item(kit.text()))).not.to.have.property('value');
  });

  it('reach into what they name, and not to a field beside it', () => {
    const rule = kit.object({
      a: kit.shown(kit.object({ b: kit.text(), c: kit.secret(), d: kit.hidden(kit.text()) })),
    });
    const found = stored(rule, { a: { b: 'x', d: 'y' } }, { a: { b: 'z', c: 'hunter2', d: 'w', token: 'abc' } });
    const open = found.filter(({ twin }) => 'value' in twin).map(({ path }) => path);
    expect(open).to.deep.equal(['/a/b']);
    expect(found.map(({ path }) => path)).to.include('/a/token');
  });

  it('a blob with its keys', () => {
    const rule = kit.object({ a: kit.shown(kit.jsonb()), b: kit.jsonb() });
    const found = stored(rule, { a: { plan: 'x' }, b: { plan: 'x' } }, { a: { plan: 'y' }, b: { plan: 'y' } });
    expect(found[0]).to.deep.include({ path: '/a/plan' });
    expect(found[0]?.twin.value).to.equal('y');
    expect(found[1]?.path).to.match(/^\/b\/~k[0-9a-f]{8}$/);
    expect(found[1]?.twin).not.to.have.property('value');
  });

  it('keys of a record only where the record is shown: values that may be seen say nothing of them', () => {
    const of = (rule: Rule) => stored(kit.object({ a: rule }), { a: { bob: 1 } }, { a: { bob: 2 } })[0];
    expect(of(kit.record(kit.count()))?.path).to.match(/^\/a\/~k/);
    expect(of(kit.record(kit.count()))?.twin.value).to.equal(2);
    expect(of(kit.shown(kit.record(kit.number())))?.path).to.equal('/a/bob');
  });

  it('the cells of a table, by their columns', () => {
    const rule = kit.csv({ id: kit.text(), status, n: kit.count() });
    const found = stored(rule, 'id,status,n\na,paid,1\n', 'id,status,n\nb,failed,2\n');
    expect(found.map(({ path, twin }) => `${path} ${'value' in twin ? twin.value : '#'}`)).to.deep.equal([
      '/0/id #',
      '/0/status failed',
      '/0/n 2',
    ]);
  });

  it('no secret inside a value that the config lists', () => {
    const rule = kit.object({ user: kit.nullable(kit.object({ name: kit.text(), token: kit.secret() })) });
    const [found] = stored(rule, { user: { name: 'n', token: 'hunter2' } }, { user: null }, ['**']);
    expect(found?.primary.value).to.deep.equal({ name: 'n', token: '(secret)' });
  });

  it('the name of a field that only one side has, where rules name its parent', () => {
    const rule = kit.object({ a: kit.object({ b: kit.text() }), blob: kit.jsonb() });
    const found = stored(
      rule,
      { a: { b: 'x' }, blob: {} },
      { a: { b: 'x', internalNote: 'y', '4111111111111111': 1 }, blob: { eve: 1 } },
    );
    expect(found.map(({ path }) => path.replace(/~k[0-9a-f]{8}/, '~k'))).to.deep.equal([
      '/a/internalNote',
      '/a/~k',
      '/blob/~k',
    ]);
    expect(found.every(({ twin }) => !('value' in twin))).to.equal(true);
  });

  it('names by their form, and no value, where nobody wrote the rules', () => {
    const auto = autoEntry('GET /orders/:id')?.comparator;
    if (auto === undefined) throw new Error('no route');
    const differing = differencesOf(
      compared(
        auto.body,
        { order: { total: 1, lines: [{ sku: 'a' }] }, '66d4f0a2b8c9': 1, '4111111111111111': 1, 'eve@example.org': 1 },
        { order: { total: 2, lines: [{ sku: 'b' }] }, '66d4f0a2b8c9': 2, '4111111111111111': 2, 'eve@example.org': 2 },
      ),
    );
    const found = differing.map((difference) => redact(difference, { key: 'key', shown: [] }, showingOf(auto, true)));
    expect(found.map(({ path }) => path.replace(/~k[0-9a-f]{8}/, '~k')).sort()).to.deep.equal([
      '/order/lines/0/sku',
      '/order/total',
      '/~k',
      '/~k',
      '/~k',
    ]);
    expect(found.some(({ primary, twin }) => 'value' in primary || 'value' in twin)).to.equal(false);
    expect(rulesDigest(auto)).to.equal(rulesDigest(kit.comparator(auto.name, kit.strict(), { error: kit.strict() })));
  });

  it('make no other evidence: the digest is that of what is compared', () => {
    const digest = (rule: Rule): string => rulesDigest(kit.comparator('x', kit.object({ a: rule })));
    expect(digest(status)).to.equal(digest(kit.text()));
    expect(digest(kit.count())).to.equal(digest(kit.number()));
    expect(digest(kit.currency())).to.equal(digest(kit.hidden(kit.text())));
  });

  it('are written in YAML', () => {
    const rule = (text: string): Rule => ruleFrom(parse(text), 'rules');
    expect(rule('{ enum: [paid, failed, 3] }')).to.deep.equal(status);
    expect(rule('count?')).to.deep.equal(kit.nullable(kit.count()));
    expect(rule('currency')).to.deep.equal(kit.currency());
    expect(rule('{ shown: text }')).to.deep.equal(kit.shown(kit.text()));
    expect(rule('{ hidden: instant }')).to.deep.equal(kit.hidden(kit.instant()));
    expect(() => rule('{ enum: [] }')).to.throw('a list of the words or numbers');
    expect(() => rule('{ enum: [{ a: 1 }] }')).to.throw('a list of the words or numbers');
    expect(kit.enum).to.equal(kit.enumOf);
  });
});
