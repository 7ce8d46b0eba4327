import { expect } from 'chai';
import { ShadowError } from '../../src/errors.ts';
import { compare, compileRule } from '../../src/rules/compile.ts';
import * as kit from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue, Measure } from '../../src/types.ts';
import { compared, context, differencesOf, oid, said, uuid } from '../support/comparing.ts';
import { cpuSeconds } from '../support/cpu.ts';

type Value = JsonValue | undefined;
/** What the primary shows, what the twin shows, and the differences: `path kind`. */
type Row = readonly [primary: Value, twin: Value, ...found: string[]];

function table(title: string, rule: Rule, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [primary, twin, ...found] of rows) {
      const what = found.length === 0 ? 'equals' : `against (${found.join(', ')})`;
      it(`${JSON.stringify(primary)} ${what} ${JSON.stringify(twin)}`, () => {
        expect(said(compared(rule, primary, twin))).to.deep.equal(found);
      });
    }
  });
}

const usd = (from: Rule) => kit.object({ amount: from, currency: kit.text() });
const inUsd = (amount: Value): JsonValue => (amount === undefined ? { currency: 'USD' } : { amount, currency: 'USD' });
const moneyRow = (primary: Value, twin: Value, found?: string): Row =>
  found === undefined ? [inUsd(primary), inUsd(twin)] : [inUsd(primary), inUsd(twin), `/amount ${found}`];

table('text', kit.text(), [
  ['a', 'a'],
  ['a', 'A', ' value'],
  ['a', 'a ', ' value'],
  ['\u00e9', 'e\u0301', ' value'],
  ['', null, ' type'],
  ['1', 1, ' type'],
  ['a', undefined, ' missing'],
  [undefined, 'a', ' extra'],
  [['a'], ['a']],
]);

table('number', kit.number(), [
  [1, 1],
  [0, -0],
  [1, 2, ' value'],
  [1, '1', ' type'],
  [0, null, ' type'],
  [0, false, ' type'],
]);

table('bool', kit.bool(), [
  [true, true],
  [true, false, ' value'],
  [true, 'true', ' type'],
  [false, undefined, ' missing'],
]);

table('instant', kit.instant(), [
  ['2026-03-29T01:59:59.123Z', '2026-03-29T01:59:59.123Z'],
  ['2026-03-29T01:59:59.123Z', '2026-03-29T01:59:59.123999+00:00'],
  ['2026-03-29T01:59:59.000Z', '2026-03-29T01:59:59Z'],
  ['2026-03-29T01:59:59.123Z', '2026-03-29T02:59:59.123+01:00'],
  ['2026-03-29T01:59:59.123Z', '2026-03-29T01:59:59.124Z', ' value'],
  ['2026-03-29T01:59:59.123Z', '2026-03-29T01:59:59.123+01:00', ' value'],
  ['2026-03-29T01:59:59.123Z', '2026-03-29T01:59:59.123', ' value'],
  ['2026-03-29T00:00:00.000Z', '2026-03-29', ' value'],
  ['2026-03-29T00:00:00.000Z', 1774742400000, ' type'],
  [null, '2026-03-29T00:00:00.000Z', ' type'],
]);

table('money of a sibling currency', usd(kit.money('currency')), [
  moneyRow(10.5, 10.5),
  moneyRow(10.5, '10.500000000000000000'),
  moneyRow(10.5, { $numberDecimal: '10.50' }),
  moneyRow({ $numberDecimal: '10.50' }, '10.5'),
  moneyRow({ $numberDecimal: '1.05E+1' }, '10.5'),
  moneyRow(0.1 + 0.2, '0.30'),
  moneyRow(1e21, '1000000000000000000000'),
  moneyRow('10.004', '10.00'),
  moneyRow('-0.001', '0'),
  moneyRow({ $numberDecimal: 'NaN' }, 'NaN'),
  moneyRow(null, null),
  moneyRow(undefined, undefined),
  moneyRow('abc', 'abc'),
  moneyRow(10.5, '10.51', 'value'),
  moneyRow(10.5, '10.49', 'value'),
  moneyRow(10.5, -10.5, 'value'),
  moneyRow('10.005', '10.00', 'value'),
  moneyRow({ $numberDecimal: 'NaN' }, '0', 'value'),
  moneyRow(10.5, 'ten', 'type'),
  moneyRow(10.5, '', 'type'),
  moneyRow(10.5, '10,5', 'type'),
  moneyRow(10.5, null, 'type'),
  moneyRow(0, null, 'type'),
  moneyRow(0, undefined, 'missing'),
  moneyRow(undefined, '0', 'extra'),
  moneyRow(true, '1', 'type'),
]);

table(
  'money of other scales',
  kit.object({ a: kit.money({ currency: 'ETH' }), b: kit.money({ scale: 0 }), c: kit.money('none') }),
  [
    [
      { a: '1.000000000000000001', b: 1, c: '1.05' },
      { a: '1.0000000000000000010', b: '1.4', c: 1.05 },
    ],
    [{ a: '1.000000000000000001' }, { a: '1.000000000000000002' }, '/a value'],
    [{ b: 1 }, { b: '1.5' }, '/b value'],
    // An unknown currency is compared exactly.
    [{ c: '1.05', none: 'XYZ' }, { c: '1.0500000000000000000000001', none: 'XYZ' }, '/c value'],
  ],
);

table('money when the currency itself differs', usd(kit.money('currency')), [
  [{ amount: 1.004, currency: 'USD' }, { amount: '1', currency: 'EUR' }, '/currency value'],
]);

table('aggregate money', usd(kit.aggregateMoney('currency')), [
  moneyRow(10.004999999, '10.00'),
  moneyRow(10.005, '10.01'),
  moneyRow({ $numberDecimal: '33.333333333333333333' }, '33.33'),
  moneyRow(10, '10.01', 'value'),
  moneyRow(10, '10.006', 'value'),
  moneyRow(null, 0, 'type'),
]);

table('base units', kit.baseUnits(), [
  ['9007199254740993', '9007199254740993'],
  ['9007199254740993', '9007199254740992', ' value'],
  ['1', '1.0', ' value'],
  ['1', '01', ' value'],
  ['1', 1, ' type'],
]);

table('ratio', kit.ratio(), [
  [4.333333333333333, 4.333333333333334],
  [0, 0],
  [1, 1.0000000005],
  [1, 1.000000002, ' value'],
  [0, 1e-12, ' value'],
  [1, -1, ' value'],
  [4.5, '4.5', ' type'],
  [0, null, ' type'],
]);

table('nullable', kit.object({ a: kit.nullable(kit.text()), b: kit.text() }), [
  [{ b: 'x' }, { a: null, b: 'x' }],
  [{ a: null, b: 'x' }, { b: 'x' }],
  [{ a: null, b: 'x' }, { a: '', b: 'x' }, '/a type'],
  [{ b: 'x' }, { a: '', b: 'x' }, '/a extra'],
  [{ b: 'x' }, { a: 0, b: 'x' }, '/a extra'],
  [{ b: 'x' }, { a: false, b: 'x' }, '/a extra'],
  [{ b: 'x' }, { a: [], b: 'x' }, '/a extra'],
  [{ a: 'y', b: 'x' }, { b: 'x' }, '/a missing'],
  [{ a: 'y', b: 'x' }, { a: null, b: 'x' }, '/a type'],
  [{ a: 'y' }, { a: 'y', b: null }, '/b extra'],
  [{ a: 'y', b: null }, { a: 'y' }, '/b missing'],
]);

table('object: what no rule names is compared strictly', kit.object({ a: kit.text() }), [
  [{ a: 'x', __v: 3 }, { a: 'x' }],
  [
    { a: 'x', __v: 3 },
    { __v: 4, a: 'x' },
  ],
  [
    { a: 'x', n: { deep: [1] } },
    { n: { deep: [1] }, a: 'x' },
  ],
  [{ a: 'x', n: 1 }, { a: 'x' }, '/n missing'],
  [{ a: 'x' }, { a: 'x', n: null }, '/n extra'],
  [{ a: 'x', n: 1 }, { a: 'x', n: '1' }, '/n type'],
  [{ a: 'x', n: { deep: [1, { b: 2 }] } }, { a: 'x', n: { deep: [1, { b: 3 }] } }, '/n/deep/1/b value'],
  [{ a: 'x', n: { __v: 1 } }, { a: 'x', n: { __v: 2 } }, '/n/__v value'],
  [{ a: 'x', n: [1, 2] }, { a: 'x', n: [1] }, '/n/1 missing'],
  [{ a: 'x', n: [1] }, { a: 'x', n: [1, 2] }, '/n/1 extra'],
  [{ a: 'x', n: [] }, { a: 'x', n: null }, '/n type'],
  [{ a: 'x', n: { '': 1 } }, { a: 'x', n: {} }, '/n/ missing'],
  [{ a: 'x', n: {} }, { a: 'x', n: { '': 1 } }, '/n/ extra'],
  [{ a: 'x', 'b/c~d': 1 }, { a: 'x', 'b/c~d': 2 }, '/b~1c~0d value'],
  [{ a: 'x' }, null, ' type'],
  [{ a: 'x' }, [], ' type'],
  [{ a: 'x' }, undefined, ' missing'],
  [[1], [1]],
  ['x', 'x'],
]);

describe('object: keys of the prototype', () => {
  const parsed = (text: string): JsonValue => JSON.parse(text);
  const rule = kit.object({ a: kit.text() });
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`${key} is data: lost, added and changed ones are seen`, () => {
      const [without, one, two] = [
        parsed('{"a":"x"}'),
        parsed(`{"a":"x","${key}":{}}`),
        parsed(`{"a":"x","${key}":{"b":1}}`),
      ];
      expect(said(compared(rule, one, without))).to.deep.equal([`/${key} missing`]);
      expect(said(compared(rule, without, one))).to.deep.equal([`/${key} extra`]);
      expect(said(compared(rule, one, one))).to.deep.equal([]);
      expect(said(compared(kit.strict(), { n: one }, { n: without }))).to.deep.equal([`/n/${key} missing`]);
      expect(said(compared(rule, one, two))).to.deep.equal([`/${key}/b extra`]);
      expect(said(compared(kit.strict(), one, parsed('{"a":"x","z":{}}')))).to.have.members([
        `/${key} missing`,
        '/z extra',
      ]);
    });

    it(`${key} may be named by a rule`, () => {
      const named = kit.object(Object.fromEntries([[key, kit.text()]]));
      expect(said(compared(named, parsed(`{"${key}":"x"}`), parsed(`{"${key}":"y"}`)))).to.deep.equal([
        `/${key} value`,
      ]);
      expect(said(compared(named, parsed('{}'), parsed(`{"${key}":"y"}`)))).to.deep.equal([`/${key} extra`]);
      expect(said(compared(named, parsed('{}'), parsed('{}')))).to.deep.equal([]);
    });
  }
});

table('record', kit.record(kit.number()), [
  [
    { USD: 1, EUR: 2 },
    { EUR: 2, USD: 1 },
  ],
  [{ USD: 1 }, { USD: 2 }, '/USD value'],
  [{ USD: 1 }, {}, '/USD missing'],
  [{}, { USD: 1 }, '/USD extra'],
  [{ USD: 1 }, null, ' type'],
  [{}, {}],
]);

table('record of nullable values', kit.record(kit.nullable(kit.number())), [
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: 1, b: null }, { a: 1 }],
  [{ a: 1 }, { a: 1, b: 0 }, '/b extra'],
]);

table('record whose keys are ids', kit.record(kit.number(), 'users'), [
  [
    { [oid(1)]: 1, [oid(2)]: 2 },
    { [uuid(2)]: 2, [uuid(1)]: 1 },
  ],
  [{ [oid(1)]: 1 }, { [uuid(2)]: 1 }, `/${oid(1)} missing`, `/${uuid(2)} extra`],
  [{ [oid(1)]: 1 }, { [uuid(1)]: 2 }, `/${oid(1)} value`],
  [{ [oid(1)]: 1 }, { [uuid(1)]: 1, [oid(1)]: 1 }, `/${uuid(1)} extra`],
]);

table('jsonb', kit.jsonb(), [
  [
    { a: 1, b: { c: 'x' } },
    { b: { c: 'x' }, a: 1.0 },
  ],
  [{ id: oid(7) }, { id: { $oid: oid(7) } }],
  [{ at: '2026-01-01T00:00:00.000Z' }, { at: { $date: { $numberLong: '1767225600000' } } }],
  [{ at: '2026-01-01T00:00:00.000Z' }, { at: { $date: '2026-01-01T00:00:00Z' } }],
  [{ n: { $numberDecimal: '10.50' } }, { n: { $numberDecimal: '10.5' } }],
  [[oid(7)], [{ $oid: oid(7) }]],
  [{ id: oid(7) }, { id: { $oid: oid(8) } }, '/id type'],
  [{ id: oid(7) }, { id: uuid(7) }, '/id value'],
  [{ at: '2026-01-01T00:00:00.000Z' }, { at: { $date: { $numberLong: '1767225600001' } } }, '/at type'],
  [{ at: '2026-01-01T00:00:00.000Z' }, { at: '2026-01-01T00:00:00Z' }, '/at value'],
  [{ n: { $numberDecimal: '10.50' } }, { n: { $numberDecimal: '10.51' } }, '/n/$numberDecimal value'],
  [{ n: { $numberDecimal: '10.50' } }, { n: 10.5 }, '/n type'],
  [{ n: 1 }, { n: '1' }, '/n type'],
  [{ n: 1 }, {}, '/n missing'],
  [{}, { n: null }, '/n extra'],
  [{ n: [1, 2] }, { n: [2, 1] }, '/n/0 value', '/n/1 value'],
  [{ id: 'x' }, { id: { $oid: 'x' } }, '/id type'],
  [{ id: oid(7) }, { id: { $oid: oid(7), more: 1 } }, '/id type'],
  [null, {}, ' type'],
]);

table('secret', kit.object({ a: kit.text(), token: kit.secret() }), [
  [{ a: 'x' }, { a: 'x' }],
  [{ a: 'x' }, { a: 'x', token: null }],
  [{ a: 'x' }, { a: 'x', token: 't' }, '/token extra'],
  [{ a: 'x', token: 't' }, { a: 'x' }, '/token missing'],
  [{ a: 'x', token: 't' }, { a: 'x', token: 't' }, '/token value'],
]);

table('ignored', kit.object({ a: kit.ignored('it moves with the clock') }), [
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, {}],
  [{}, { a: { b: 1 } }],
]);

describe('custom', () => {
  const even = (primary: Value, twin: Value) =>
    Number(primary) % 2 === Number(twin) % 2 ? null : { kind: 'value' as const, measure: { of: 'none' as const } };

  it('decides, and names itself', () => {
    const rule = kit.object({ n: kit.custom('parity', '1', even) });
    expect(said(compared(rule, { n: 1 }, { n: 3 }))).to.deep.equal([]);
    const [found] = differencesOf(compared(rule, { n: 1 }, { n: 2 }));
    expect(found).to.include({ path: '/n', kind: 'value', rule: 'custom:parity' });
  });

  it('is called where both sides have nothing', () => {
    const never = kit.custom('never', '1', () => ({ kind: 'missing', measure: { of: 'none' } }));
    expect(said(compared(kit.object({ n: never }), {}, {}))).to.deep.equal(['/n missing']);
  });

  for (const [given, said] of [
    [undefined, 'no return'],
    [Promise.resolve(null), 'async'],
    [false, 'boolean'],
    [[], 'array'],
    [{ kind: 'value' }, 'an object with kind'],
    [{ kind: 'other', measure: { of: 'none' } }, 'another kind'],
    [{ kind: 'value', measure: null }, 'measure'],
    [{ kind: 'value', measure: { of: 'number', delta: 1, unit: '1' } }, 'measure'],
    [{ kind: 'value', measure: { of: 'constructor' } }, 'measure'],
  ] as const) {
    it(`that gives back something else is a SHADOW_RULE: ${said}`, () => {
      const rule: Rule = JSON.parse('{ "rule": "custom", "name": "own", "version": "1" }');
      Object.assign(rule, { compare: () => given });
      expect(() => compared(kit.object({ n: rule }), { n: 'hunter2' }, { n: 'hunter2' }))
        .to.throw(ShadowError)
        .that.satisfies(
          ({ message }: ShadowError) =>
            message.includes('own') && message.includes(said) && !message.includes('hunter2'),
        );
    });
  }

  it('that throws is a SHADOW_RULE that names it and quotes nothing', () => {
    const rule = kit.object({
      a: kit.text(),
      n: kit.custom('broken', '1', (primary) => {
        throw new TypeError(`cannot read ${String(primary)}`);
      }),
    });
    const compiled = compileRule(rule);
    const pair = [
      { a: 'x', n: 'hunter2' },
      { a: 'x', n: 'hunter2' },
    ] as const;
    for (let times = 0; times < 2; times++) {
      expect(() => compare(compiled, pair[0], pair[1], context()))
        .to.throw(ShadowError)
        .that.satisfies(
          (error: ShadowError) =>
            error.code === 'SHADOW_RULE' &&
            /"broken" threw TypeError/.test(error.message) &&
            !/hunter2/.test(error.message),
        );
    }
  });

  it('that throws leaves nothing behind for the next pair', () => {
    let broken = true;
    const sometimes = kit.custom('sometimes', '1', () => {
      if (broken) throw new Error('now');
      return null;
    });
    const compiled = compileRule(
      kit.object({ c: sometimes, a: kit.nullable(kit.text()), z: kit.nullable(kit.text()) }),
    );
    expect(() => compare(compiled, { a: 'x', z: 'y', c: 1 }, { c: 1, a: 'x', z: 'y' }, context())).to.throw(
      ShadowError,
    );
    broken = false;
    expect(compare(compiled, { c: 1 }, { c: 1, a: null, z: null }, context()).outcome).to.equal('equal');
  });

  it('may compare within a compare', () => {
    const inner: { compiled?: ReturnType<typeof compileRule> } = {};
    const nested = kit.custom('nested', '1', (primary, twin) => {
      if (inner.compiled === undefined || primary === undefined) return null;
      const result = compare(inner.compiled, primary, twin, context());
      return result.outcome === 'equal' ? null : { kind: 'value', measure: { of: 'none' } };
    });
    inner.compiled = compileRule(kit.object({ n: nested, a: kit.text() }));
    const value = (leaf: string): JsonValue => ({ a: 'x', n: { a: 'y', n: { a: leaf } } });
    expect(compare(inner.compiled, value('z'), value('z'), context()).outcome).to.equal('equal');
    expect(compare(inner.compiled, value('z'), value('w'), context()).outcome).to.equal('differs');
  });
});

describe('measures say what kind of wrong it is, without the values', () => {
  const rows: readonly (readonly [string, Rule, JsonValue, JsonValue, Measure])[] = [
    ['a cent', usd(kit.money('currency')), inUsd(10), inUsd('10.01'), { of: 'number', delta: '1', unit: 'USD 1e-2' }],
    [
      'cents down',
      usd(kit.money('currency')),
      inUsd('10.0049'),
      inUsd('9.98'),
      { of: 'number', delta: '-2', unit: 'USD 1e-2' },
    ],
    [
      'an aggregate',
      usd(kit.aggregateMoney('currency')),
      inUsd(10),
      inUsd('10.006'),
      { of: 'number', delta: '0.6', unit: 'USD 1e-2' },
    ],
    ['a count', kit.number(), 3, 5, { of: 'number', delta: '2', unit: '1' }],
    ['a ratio', kit.ratio(), 1, 0.5, { of: 'number', delta: '-0.5', unit: '1' }],
    [
      'an hour',
      kit.instant(),
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T01:00:00+00:00',
      { of: 'instant', shiftMs: 3_600_000 },
    ],
    ['case', kit.text(), 'abc', 'ABC', { of: 'text', how: 'case', lengths: [3, 3] }],
    ['trimmed', kit.text(), ' abc', 'abc', { of: 'text', how: 'trimmed', lengths: [4, 3] }],
    ['form', kit.text(), '\u00e9', 'e\u0301', { of: 'text', how: 'unicode_form', lengths: [1, 2] }],
    ['empty', kit.text(), 'abc', '', { of: 'text', how: 'empty', lengths: [3, 0] }],
    ['other', kit.text(), 'abc', 'abd', { of: 'text', how: 'other', lengths: [3, 3] }],
    ['type', kit.text(), 'abc', null, { of: 'type', types: ['string', 'null'] }],
  ];
  for (const [what, rule, primary, twin, measure] of rows) {
    it(what, () => {
      expect(differencesOf(compared(rule, primary, twin)).map((found) => found.measure)).to.deep.equal([measure]);
    });
  }

  it('a currency that is not in the table does not travel with a measure', () => {
    const [found] = differencesOf(
      compared(usd(kit.money('currency')), { amount: 1, currency: 'my secret' }, { amount: 2, currency: 'my secret' }),
    );
    expect(JSON.stringify(found?.measure)).not.to.contain('secret');
  });
});

describe('the list of differences', () => {
  it('is cut at 100 and counted to the end', () => {
    const many = (value: number): JsonValue =>
      Object.fromEntries(Array.from({ length: 450 }, (_, i) => [`k${i}`, value]));
    const result = compared(kit.strict(), many(1), many(2));
    expect(result.outcome === 'differs' && [result.differences.length, result.count]).to.deep.equal([100, 450]);
  });

  it('takes no time that grows with the square of an object', () => {
    const many = (value: number): JsonValue =>
      Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, value]));
    const spent = cpuSeconds(() => {
      const result = compared(kit.jsonb(), many(1), many(2));
      expect(result.outcome === 'differs' && result.count).to.equal(100_000);
    });
    expect(spent).to.be.below(10);
  });

  it('of bodies that never came through parseJson and nest without end is an error with a name', () => {
    let [primary, twin]: [JsonValue, JsonValue] = [1, 2];
    for (let depth = 0; depth < 100_000; depth++) [primary, twin] = [[primary], [twin]];
    expect(() => compared(kit.strict(), primary, twin)).to.throw(ShadowError, /too deep/);
  });
});
