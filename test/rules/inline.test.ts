import { expect } from 'chai';
import { parse } from 'yaml';
import { ShadowError } from '../../src/errors.ts';
import { rulesDigest } from '../../src/rules/digest.ts';
import { comparatorFrom, ruleFrom } from '../../src/rules/inline.ts';
import * as kit from '../../src/rules/kit.ts';

describe('rules written as plain data', () => {
  it('are the kit’s rules', () => {
    const data = parse(`
      body:
        page:
          object:
            _id: { ref: orders }
            total: { money: currency }
            fee: { nullable: { money: { currency: USD } } }
            tax: { aggregateMoney: { scale: 2 } }
            createdAt: instant
            note: text?
            tags: { set: text }
            lines: { list: { object: { sku: text, qty: number } }, identity: sku }
            perUser: { record: number, keys: users }
            score: { ratio: 1.0e-6 }
            trace: { ignored: it is another on every read }
        by: [-createdAt]
        sortParam: sort
        identity: _id
      headers: [X-Total-Count]
    `);
    const item = kit.object({
      _id: kit.ref('orders'),
      total: kit.money('currency'),
      fee: kit.nullable(kit.money({ currency: 'USD' })),
      tax: kit.aggregateMoney({ scale: 2 }),
      createdAt: kit.instant(),
      note: kit.nullable(kit.text()),
      tags: kit.set(kit.text()),
      lines: kit.list(kit.object({ sku: kit.text(), qty: kit.number() }), 'sku'),
      perUser: kit.record(kit.number(), 'users'),
      score: kit.ratio(1e-6),
      trace: kit.ignored('it is another on every read'),
    });
    const written = kit.comparator('orders', kit.page(item, ['-createdAt'], { sortParam: 'sort', identity: '_id' }), {
      headers: ['x-total-count'],
    });
    expect(rulesDigest(comparatorFrom('orders', data))).to.equal(rulesDigest(written));
  });

  it('have every form that can be data', () => {
    const forms: readonly (readonly [unknown, ReturnType<typeof kit.text>])[] = [
      [{ ordered: 'text', by: ['a'] }, kit.ordered(kit.text(), ['a'])],
      [{ cursorPage: 'jsonb', collection: 'x', key: 'number' }, kit.cursorPage(kit.jsonb(), 'x', 'number')],
      [{ cursor: 'x' }, kit.cursor('x')],
      [{ csv: { a: 'number' } }, kit.csv({ a: kit.number() })],
      [
        { csv: { a: 'number' }, by: ['-a'], identity: 'a' },
        kit.csv({ a: kit.number() }, { kind: 'keyed', by: ['-a'] }, 'a'),
      ],
      [{ csv: {}, order: 'free' }, kit.csv({}, { kind: 'free' })],
      ['secret', kit.secret()],
      ['baseUnits?', kit.nullable(kit.baseUnits())],
      ['ratio', kit.ratio()],
      ['strict', kit.strict()],
      ['bool', kit.bool()],
    ];
    for (const [data, rule] of forms) expect(ruleFrom(data, 'x'), JSON.stringify(data)).to.deep.equal(rule);
  });

  describe('name the path, what was expected and what was found', () => {
    const mistakes: readonly (readonly [unknown, RegExp])[] = [
      ['txt', /^x is no rule.*expected one of strict, text.*found "txt"/],
      ['money', /^x is no rule.*found "money".*for example: \{ money: … \}/],
      [7, /^x is no rule.*found 7/],
      [null, /^x is no rule.*found null/],
      [['text'], /found a list of 1/],
      [{}, /exactly one of nullable, object.*found the keys \(none\)/],
      [{ txt: 1 }, /found the keys txt/],
      [{ list: 'text', set: 'text' }, /found list and set together/],
      [{ object: { a: { b: 1 } } }, /^x\.object\.a is no rule/],
      [{ object: { a: { list: { object: { b: 'nope' } } } } }, /^x\.object\.a\.list\.object\.b is no rule/],
      [{ object: 'text' }, /^x\.object is no rule.*mapping of field to rule/],
      [{ list: 'text', identify: '_id' }, /^x\.identify is no rule.*expected one of list, identity/],
      [{ ref: '' }, /^x\.ref is no rule.*expected a name.*for example: ref: users/],
      [{ ref: 3 }, /^x\.ref/],
      [{ money: {} }, /^x\.money.*scale/],
      [{ money: { scale: 2.5 } }, /^x\.money/],
      [{ money: { scale: 2, currency: 'USD' } }, /^x\.money/],
      [{ money: { amount: 1 } }, /^x\.money\.amount/],
      [{ ordered: 'text' }, /^x\.by.*list of sort keys.*found nothing/],
      [{ ordered: 'text', by: [] }, /^x\.by/],
      [{ ordered: 'text', by: ['--a'] }, /^x\.by/],
      [{ cursor: 'x', key: 'date' }, /^x\.key.*instant, number or text.*"date"/],
      [{ cursorPage: 'text' }, /^x\.collection/],
      [{ csv: { a: 'text' }, order: 'sorted' }, /^x\.order.*total or free/],
      [{ csv: { a: 'text' }, order: 'free', by: ['a'] }, /^x\.order/],
      [{ ratio: 2 }, /^x\.ratio.*tolerance/],
      [{ ignored: '' }, /^x\.ignored.*reason/],
      [{ ignored: true }, /^x\.ignored/],
    ];
    for (const [data, message] of mistakes) {
      it(JSON.stringify(data), () => {
        expect(() => ruleFrom(data, 'x'))
          .to.throw(ShadowError, message)
          .with.property('code', 'SHADOW_CONFIG');
      });
    }

    it('of a comparator as a whole', () => {
      expect(() => comparatorFrom('c', 'text', 'routes[0].comparator')).to.throw(/^routes\[0\]\.comparator is no rule/);
      expect(() => comparatorFrom('c', {})).to.throw(/^c\.body/);
      expect(() => comparatorFrom('c', { body: 'text', header: [] })).to.throw(/^c\.header /);
      expect(() => comparatorFrom('c', { body: 'text', headers: 'x' })).to.throw(/^c\.headers/);
      expect(() => comparatorFrom('c', { body: 'text', error: 'x' })).to.throw(/^c\.error/);
    });
  });
});
