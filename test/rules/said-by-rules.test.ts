/** What rules can say, in TypeScript and in YAML alike. */
import { expect } from 'chai';
import { type ComparedAnswer, compareAnswers } from '../../src/rules/answers.ts';
import { compileComparator } from '../../src/rules/compile.ts';
import { scaleOf, withScales } from '../../src/rules/currencies.ts';
import { rulesDigest } from '../../src/rules/digest.ts';
import { comparatorFrom, ruleFrom } from '../../src/rules/inline.ts';
import * as kit from '../../src/rules/kit.ts';
import { parseJson } from '../../src/rules/parse.ts';
import type { Comparator, Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Asked, compared, context, oid, said, uuid } from '../support/comparing.ts';

/** The same rule in both languages. */
function both(rule: Rule, written: unknown): Rule {
  expect(ruleFrom(written, 'x')).to.deep.equal(rule);
  return rule;
}

const parsed = (text: string): JsonValue => {
  const result = parseJson(Buffer.from(text));
  if (!result.ok) throw new Error(text);
  return result.value;
};

function answers(
  comparator: Comparator,
  primary: Record<string, string>,
  twin: Record<string, string>,
  asked: Asked = {},
) {
  const read = (fields: Record<string, string>): ComparedAnswer => ({
    status: 200,
    rawHeaders: Object.entries(fields).flat(),
    body: null,
  });
  return said(compareAnswers(compileComparator(comparator), read(primary), read(twin), context(asked)));
}

describe('header fields', () => {
  const plain = kit.comparator('x', kit.strict(), { headers: ['vary', 'allow', 'link', 'x-count', 'accept-patch'] });
  const rows: readonly (readonly [field: string, primary: string, twin: string, same: boolean])[] = [
    ['content-type', 'application/json', 'application/json; charset=utf-8', true],
    ['content-type', 'application/problem+json;charset=UTF8', 'application/problem+json', true],
    ['content-type', 'text/csv', 'text/csv; charset="utf-8"', true],
    ['content-type', 'application/json; charset=utf-16', 'application/json', false],
    ['content-type', 'application/json; profile=a', 'application/json', false],
    ['content-type', 'text/plain', 'text/plain; charset=utf-8', false],
    ['content-type', 'multipart/mixed; boundary=A', 'multipart/mixed; boundary=a', false],
    ['vary', 'Accept, Origin', 'origin,ACCEPT', true],
    ['vary', 'Accept, Accept', 'accept', true],
    ['vary', 'Accept', 'Accept, Origin', false],
    ['allow', 'GET, HEAD', 'HEAD,GET', true],
    ['allow', 'GET', 'get', false],
    ['allow', 'GET, HEAD', 'GET', false],
    ['accept-patch', 'application/json-patch+json, text/x', 'text/x, Application/JSON-patch+json', true],
    ['cache-control', 'no-cache, Max-Age="60"', 'max-age=60,no-cache', true],
    ['cache-control', 'max-age=60', 'max-age=6', false],
    [
      'link',
      '<http://a/1,2>; rel="next", <http://a/0>; rel=prev',
      '<http://a/0>;rel="PREV",<http://a/1,2>;rel=next',
      true,
    ],
    ['link', '<http://primary:1/x?page=2>; rel=next', '<http://twin:2/x?page=2>; rel=next', true],
    ['link', '<http://a/1>; rel=next', '<http://a/2>; rel=next', false],
    ['link', '<http://a/1>; rel=next', '<http://a/1>; rel=prev', false],
    ['x-count', '1, 2', '2, 1', false],
  ];
  for (const [field, mine, its, same] of rows) {
    it(`${field}: ${mine} ${same ? 'equals' : 'differs from'} ${its}`, () => {
      const origins = { primary: ['http://primary:1'], twin: ['http://twin:2'] };
      const read = (value: string): ComparedAnswer => ({ status: 200, rawHeaders: [field, value], body: null });
      const result = compareAnswers(compileComparator(plain), read(mine), read(its), { ...context(), origins });
      expect(said(result)).to.deep.equal(same ? [] : [`#header/${field} header`]);
    });
  }

  it('can be switched off, or be given a rule, per route', () => {
    const own = kit.comparator('x', kit.strict(), {
      headers: {
        'Cache-Control': kit.ignored('set by the CDN'),
        'x-total-count': kit.number(),
        'x-price': kit.money({ currency: 'usd' }),
        'last-modified': kit.nullable(kit.text()),
      },
    });
    const written = comparatorFrom('x', {
      body: 'strict',
      headers: {
        'cache-control': 'off',
        'X-Total-Count': 'number',
        'x-price': { money: { currency: 'usd' } },
        'last-modified': 'text?',
      },
    });
    for (const comparator of [own, written]) {
      expect(answers(comparator, { 'cache-control': 'a' }, { 'cache-control': 'b' })).to.deep.equal([]);
      expect(answers(comparator, { 'x-total-count': '5' }, { 'x-total-count': '5.0' })).to.deep.equal([]);
      expect(answers(comparator, { 'x-price': '1' }, { 'x-price': '1.00' })).to.deep.equal([]);
      expect(answers(comparator, { 'X-Total-Count': '5' }, { 'x-total-count': '6' })).to.deep.equal([
        '#header/x-total-count header',
      ]);
      expect(answers(comparator, { 'x-total-count': '5' }, {})).to.deep.equal(['#header/x-total-count header']);
      expect(answers(comparator, { location: '/a' }, { location: '/b' })).to.deep.equal(['#header/location header']);
    }
    expect(rulesDigest(own)).not.to.equal(rulesDigest(kit.comparator('x', kit.strict())));
    for (const wrong of [{ 'a b': 'text' }, { a: 'nubmer' }, 'x-count', [5]]) {
      expect(() => comparatorFrom('x', { body: 'strict', headers: wrong }), JSON.stringify(wrong)).to.throw(
        'x.headers',
      );
    }
  });
});

describe('url', () => {
  const rule = kit.object({ _id: kit.ref('users'), self: both(kit.url(), 'url') });
  const origins = {
    primary: ['https://mongo.internal:8443', 'http://api.example'],
    twin: ['http://pg.internal', 'http://api.example'],
  };
  const found = (mine: JsonValue, its: JsonValue): string[] => {
    const [primary, twin] = [
      { _id: oid(1), self: mine },
      { _id: uuid(1), self: its },
    ];
    const comparator = compileComparator(kit.comparator('x', rule));
    const read = (body: JsonValue): ComparedAnswer => ({ status: 200, rawHeaders: [], body });
    return said(compareAnswers(comparator, read(primary), read(twin), { ...context(), origins }));
  };
  const same: readonly (readonly [string, string])[] = [
    ['https://mongo.internal:8443/a', 'http://pg.internal/a'],
    ['https://mongo.internal:8443/a', 'http://pg.internal:80/a'],
    ['https://MONGO.internal:8443', 'http://pg.internal/'],
    ['https://mongo.internal:8443?x=1', '/?x=1'],
    ['/a?b=c', 'https://api.example/a?b=c'],
    ['http://api.example/a', 'https://API.example/a'],
    [`https://mongo.internal:8443/users/${oid(1)}`, `http://pg.internal/users/${uuid(1)}`],
    ['https://cdn.example/a', 'https://CDN.example:443/a'],
    ['mailto:a@b', 'mailto:a@b'],
  ];
  for (const [mine, its] of same) it(`${mine} is ${its}`, () => expect(found(mine, its)).to.deep.equal([]));
  const other: readonly (readonly [JsonValue, JsonValue, string])[] = [
    ['https://mongo.internal:8443/a', 'http://pg.internal/b', 'value'],
    ['https://mongo.internal:8443/a', 'http://pg.internal/A', 'value'],
    ['https://mongo.internal:8443/a', 'https://mongo.internal:8443/a/', 'value'],
    ['https://mongo.internal:8443/a', 'http://mongo.internal/a', 'value'],
    ['https://mongo.internal:8443.evil.example/a', 'http://pg.internal/a', 'value'],
    ['https://cdn.example/a', 'http://pg.internal/a', 'value'],
    [`/users/${oid(1)}`, `/users/${uuid(2)}`, 'value'],
    ['/a', null, 'type'],
  ];
  for (const [mine, its, kind] of other) {
    it(`${mine} is not ${its}`, () => expect(found(mine, its)).to.deep.equal([`/self ${kind}`]));
  }

  it('pairs ids of the collections that it names', () => {
    const named = both(kit.url('users', 'orders'), { url: ['users', 'orders'] });
    expect(said(compared(named, `/o/${oid(1)}`, `/o/${uuid(1)}`))).to.deep.equal([]);
    expect(said(compared(kit.url(), `/o/${oid(1)}`, `/o/${uuid(1)}`))).to.deep.equal([' value']);
    expect(said(compared(kit.set(named), [`/o/${oid(1)}`, '/b'], ['/b', `/o/${uuid(1)}`]))).to.deep.equal([]);
  });
});

describe('currencies', () => {
  const amounts = (currency: string, mine: JsonValue, its: JsonValue, more: Record<string, number> = {}): string[] => {
    const rule = kit.object({ a: kit.money('c'), c: kit.text() });
    const comparator = kit.comparator('x', rule, { currencies: more });
    const read = (a: JsonValue): ComparedAnswer => ({ status: 200, rawHeaders: [], body: { a, c: currency } });
    return said(compareAnswers(compileComparator(comparator), read(mine), read(its), context()));
  };

  it('of ISO 4217 are known with their exponents, in any case', () => {
    const known: readonly (readonly [string, number | null])[] = [
      ['GBP', 2],
      ['gbp', 2],
      ['Jpy', 0],
      ['BHD', 3],
      ['clf', 4],
      ['KRW', 0],
      ['TND', 3],
      ['ISK', 0],
      ['UYW', 4],
      ['CHF', 2],
      ['usdt', 6],
      ['eth', 18],
      ['XYZ', null],
      ['', null],
      ['__proto__', null],
      ['constructor', null],
    ];
    for (const [code, scale] of known) expect(scaleOf(code, withScales({})), code).to.equal(scale);
    expect(amounts('GBP', '1.004', 1)).to.deep.equal([]);
    expect(amounts('gbp', '1.01', 1)).to.deep.equal(['/a value']);
    expect(amounts('JPY', '100.4', 100)).to.deep.equal([]);
    expect(amounts('JPY', '101', 100)).to.deep.equal(['/a value']);
    expect(amounts('KWD', '1.001', 1)).to.deep.equal(['/a value']);
    expect(amounts('XYZ', '1.001', 1)).to.deep.equal(['/a value']);
  });

  it('are added and changed by the config', () => {
    expect(amounts('points', '1.4', 1, { POINTS: 0 })).to.deep.equal([]);
    expect(amounts('USD', '1.004', 1, { usd: 3 })).to.deep.equal(['/a value']);
    const digest = (currencies: Record<string, number>) =>
      rulesDigest(kit.comparator('x', kit.strict(), { currencies }));
    expect(digest({})).not.to.equal(digest({ POINTS: 0 }));
  });

  it('that are unknown are refused before any answer is compared', () => {
    for (const rule of [
      kit.money({ currency: 'XYZ' }),
      kit.list(kit.object({ a: kit.aggregateMoney({ currency: 'XYZ' }) })),
    ]) {
      expect(() => compileComparator(kit.comparator('orders.one', rule))).to.throw('orders.one names a currency');
      expect(() => compileComparator(kit.comparator('orders.one', rule, { currencies: { xyz: 1 } }))).not.to.throw();
    }
    expect(() => comparatorFrom('x', { body: 'strict', currencies: { XYZ: 1.5 } })).to.throw('x.currencies.XYZ');
  });
});

describe('number as a double', () => {
  const double = both(kit.number('double'), { number: 'double' });
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['0.1', '0.10000000000000001', true],
    ['9007199254740993', '9007199254740992', true],
    ['0.1', '0.2', false],
    ['0.1', '0.10000000000000003', false],
    ['1e999', '2e999', false],
    ['1e999', '10e998', true],
    ['0', '1e-999', false],
    ['0', '-0', true],
    ['5e-324', '4.9e-324', true],
    ['1', '"1"', false],
    ['null', '0', false],
  ];
  for (const [mine, its, same] of rows) {
    it(`${mine} ${same ? 'is' : 'is not'} ${its}`, () => {
      expect(said(compared(double, parsed(mine), parsed(its))).length).to.equal(same ? 0 : 1);
      expect(said(compared(kit.set(double), [parsed(mine), 7], [7, parsed(its)])).length > 0).to.equal(!same);
      if (!mine.includes('"') && !its.includes('"') && mine !== 'null') {
        expect(said(compared(kit.csv({ n: double }), `n\n${mine}`, `n\n${its}`)).length, 'in a cell').to.equal(
          same ? 0 : 1,
        );
      }
    });
  }
});

describe('jsonb knows Extended JSON', () => {
  const same: readonly (readonly [JsonValue, JsonValue])[] = [
    [5, { $numberInt: '5' }],
    [5, { $numberLong: '5' }],
    [{ $numberInt: '5' }, { $numberLong: '5' }],
    [5.5, { $numberDouble: '5.5' }],
    [5, { $numberDouble: '5.0' }],
    [0, { $numberDouble: '-0.0' }],
    [{ $numberDouble: 'NaN' }, { $numberDouble: 'NaN' }],
    ['AQID', { $binary: { base64: 'AQID', subType: '00' } }],
    ['0123e4f5-0000-4000-8000-000000000000', { $uuid: '0123E4F5-0000-4000-8000-000000000000' }],
    [
      { $uuid: '0123e4f5-0000-4000-8000-000000000000' },
      { $binary: { base64: 'ASPk9QAAQACAAAAAAAAAAA==', subType: '04' } },
    ],
    [{ $regularExpression: { pattern: 'a', options: 'mi' } }, { $regularExpression: { options: 'im', pattern: 'a' } }],
    [{ $timestamp: { t: 1, i: 2 } }, { $timestamp: { i: 2, t: 1 } }],
    ['x', { $symbol: 'x' }],
    [{ $minKey: 1 }, { $minKey: 1 }],
    [{ $date: '2026-01-01T00:00:00Z' }, { $date: { $numberLong: '1767225600000' } }],
    ['2026-01-01T00:00:00.000Z', { $date: '2026-01-01T00:00:00Z' }],
    [{ a: [5, { b: oid(1) }] }, { a: [{ $numberInt: '5' }, { b: { $oid: oid(1) } }] }],
    [
      { $code: 'f()', $scope: { a: 1 } },
      { $scope: { a: { $numberInt: '1' } }, $code: 'f()' },
    ],
  ];
  for (const [mine, its] of same) {
    it(`${JSON.stringify(mine)} is ${JSON.stringify(its)}`, () => {
      expect(said(compared(kit.jsonb(), mine, its))).to.deep.equal([]);
      expect(said(compared(kit.jsonb(), its, mine))).to.deep.equal([]);
      expect(said(compared(kit.set(kit.jsonb()), [mine, 'z'], ['z', its]))).to.deep.equal([]);
    });
  }
  const other: readonly (readonly [JsonValue, JsonValue])[] = [
    [5, { $numberInt: '6' }],
    ['5', { $numberInt: '5' }],
    [5, { $numberInt: '5.0' }],
    [5, { $numberInt: '5', extra: 1 }],
    [{ $numberDouble: 'NaN' }, null],
    [{ $numberDouble: 'Infinity' }, { $numberDouble: '-Infinity' }],
    [10.5, { $numberDecimal: '10.5' }],
    ['AQID', { $binary: { base64: 'AQIE', subType: '00' } }],
    ['AQID', { $binary: { base64: 'AQID', subType: '05' } }],
    [{ $minKey: 1 }, { $maxKey: 1 }],
    [{ $regularExpression: { pattern: 'a', options: '' } }, { $regularExpression: { pattern: 'A', options: '' } }],
    [{ $timestamp: { t: 1, i: 2 } }, { $timestamp: { t: 1, i: 3 } }],
    [null, { $undefined: true }],
    [5, { $number: '5' }],
    [oid(1), { $oid: oid(2) }],
  ];
  for (const [mine, its] of other) {
    it(`${JSON.stringify(mine)} is not ${JSON.stringify(its)}`, () => {
      expect(said(compared(kit.jsonb(), mine, its))).not.to.deep.equal([]);
      expect(said(compared(kit.jsonb(), its, mine))).not.to.deep.equal([]);
    });
  }
});

describe('how a request sorts', () => {
  const row = kit.object({
    n: kit.text(),
    price: kit.number(),
    at: kit.number(),
    deep: kit.object({ price: kit.number() }),
  });
  const at = (n: string, price: number, when: number): JsonValue => ({ n, price, at: when, deep: { price } });
  // One price, and times that would make the order count.
  const tied: readonly [JsonValue, JsonValue] = [
    [at('a', 1, 2), at('b', 1, 1)],
    [at('b', 1, 1), at('a', 1, 2)],
  ];
  const rule = kit.ordered(row, ['-at'], { sortParam: 'sort' });
  const forms: readonly Readonly<Record<string, string>>[] = [
    { sort: 'price' },
    { sort: '-price' },
    { sort: '+price' },
    { sort: 'price:asc' },
    { sort: 'price:desc' },
    { sort: 'price desc' },
    { sort: 'price.desc' },
    { sort: 'price.asc.nullslast' },
    { sort: 'price|ASC' },
    { sort: 'price:-1' },
    { sort: '{"price":1}' },
    { sort: '{"price":"desc"}' },
    { sort: '{"deep.price":-1}' },
    { sort: '[["price",-1]]' },
    { sort: '["-price"]' },
    { sort: '[{"field":"price","order":"desc"}]' },
    { 'sort[price]': '1' },
    { 'sort[price]': 'desc' },
    { 'sort[deep][price]': '1' },
    { 'sort[0]': '-price' },
    { 'sort[]': 'price' },
    { 'sort[0][field]': 'price', 'sort[0][order]': 'asc' },
  ];
  for (const query of forms) {
    it(`${JSON.stringify(query)}: ties of price are free, and other prices are not`, () => {
      expect(said(compared(rule, ...tied, { query }))).to.deep.equal([]);
      const apart: readonly [JsonValue, JsonValue] = [
        [at('a', 1, 2), at('b', 2, 2)],
        [at('b', 2, 2), at('a', 1, 2)],
      ];
      expect(said(compared(rule, ...apart, { query }))).to.have.lengthOf(1);
    });
  }
  const counting: readonly Readonly<Record<string, string>>[] = [
    {},
    { sort: '' },
    { sort: 'price,at' },
    { sort: 'price:asc,at:desc' },
    { sort: 'price at' },
    { sort: '{"price":1,"at":1}' },
    { 'sort[price]': '1', 'sort[at]': '1' },
    { sort: '{"price":' },
    { sort: 'nothing' },
  ];
  for (const query of counting) {
    it(`${JSON.stringify(query)}: the times count`, () => {
      expect(said(compared(rule, ...tied, { query }))).to.have.lengthOf(1);
    });
  }

  it('may be given by two parameters', () => {
    const two = both(kit.ordered(row, ['-at'], { sortParam: 'sortBy,thenBy' }), {
      ordered: { object: { n: 'text', price: 'number', at: 'number', deep: { object: { price: 'number' } } } },
      by: ['-at'],
      sortParam: 'sortBy,thenBy',
    });
    expect(said(compared(two, ...tied, { query: { sortBy: 'price', order: 'desc' } }))).to.deep.equal([]);
    expect(said(compared(two, ...tied, { query: { sortBy: 'price', thenBy: 'at' } }))).to.have.lengthOf(1);
  });

  it('by a default key in any of these forms', () => {
    expect(said(compared(kit.ordered(row, ['price:desc']), ...tied))).to.deep.equal([]);
  });
});

describe('tables and bytes', () => {
  it('are written in YAML too', () => {
    both(kit.csv({ id: kit.text() }, { kind: 'total' }, 'id', ';'), {
      csv: { id: 'text' },
      identity: 'id',
      separator: ';',
    });
    both(kit.bytes(), 'bytes');
    for (const separator of ['', ';;', '"', '\n', 5]) {
      expect(() => ruleFrom({ csv: { id: 'text' }, separator }, 'x'), String(separator)).to.throw('x.separator');
    }
    expect(() => ruleFrom({ number: 'float' }, 'x')).to.throw('x.number');
    expect(() => ruleFrom({ url: 5 }, 'x')).to.throw('x.url');
  });
});
