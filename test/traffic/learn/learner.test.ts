import { expect } from 'chai';
import { stringify } from 'yaml';
import { numberOf } from '../../../src/rules/exact-number.ts';
import { ruleFrom } from '../../../src/rules/inline.ts';
import { type Draft, draftOf } from '../../../src/traffic/learn/draft.ts';
import { Learner, type SeenPair } from '../../../src/traffic/learn/learner.ts';
import { newDocument } from '../../../src/traffic/learn/yaml-draft.ts';
import type { JsonValue } from '../../../src/types.ts';

const JSON_HEADERS = ['Content-Type', 'application/json'];

function pairOf(target: string, primary: JsonValue, twin: JsonValue, more: Partial<SeenPair> = {}): SeenPair {
  const answer = (body: JsonValue) => ({ status: 200, rawHeaders: JSON_HEADERS, body });
  return { method: 'GET', target, caller: null, primary: answer(primary), twin: answer(twin), again: null, ...more };
}

const hex = (n: number, kind = 'a'): string => kind + n.toString(16).padStart(23, '0');
const uuid = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`;

/** Drafts from these pairs, each seen at /things/<id>. */
function learned(
  pairs: readonly (readonly [JsonValue, JsonValue])[],
  target = (i: number) => `/things/${hex(i)}`,
): Draft {
  const learner = new Learner();
  pairs.forEach(([primary, twin], i) => {
    learner.see(pairOf(target(i), primary, twin))?.keep();
  });
  return draftOf(learner);
}

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** The rules of the only route, as plain data. */
function rulesOf(draft: Draft): unknown {
  const document = newDocument(draft, { primary: null, twin: null });
  return document.toJS().routes.entries[0].rules.body;
}
/** Rule of one field of the only route's object. */
function ruleOf(draft: Draft, field: string): unknown {
  const rules = rulesOf(draft);
  if (typeof rules !== 'object' || rules === null || !('object' in rules)) return rules;
  const { object } = rules;
  return typeof object === 'object' && object !== null && field in object ? Reflect.get(object, field) : undefined;
}

/** A text of its own for each of 28 days, and the instant of each of so many seconds. */
const day = (i: number): string => String((i % 28) + 1).padStart(2, '0');
const at = (i: number): string => new Date(1e3 * (1767225600 + i)).toISOString();

describe('what is learned from pairs of answers', () => {
  const cases: readonly (readonly [
    what: string,
    primary: (i: number) => JsonValue,
    twin: (i: number) => JsonValue,
    rule: unknown,
  ])[] = [
    ['the same text', (i) => `t${i}`, (i) => `t${i}`, 'text'],
    ['the same number', (i) => i / 4, (i) => i / 4, 'number'],
    ['the same boolean', (i) => i % 2 === 0, (i) => i % 2 === 0, 'bool'],
    [
      'one instant in two spellings',
      (i) => new Date(i * 1e9).toISOString(),
      (i) => new Date(i * 1e9).toISOString().replace('Z', '+00:00'),
      'instant',
    ],
    ['money as a decimal string', (i) => (100 + i) / 100, (i) => ((100 + i) / 100).toFixed(2), { money: { scale: 2 } }],
    ['money in Extended JSON', (i) => ({ $numberDecimal: `${i}.5` }), (i) => `${i}.50`, { money: { scale: 2 } }],
    [
      'a double with noise beside rounded money',
      (i) => (i * 3 + 1) / 3,
      (i) => ((i * 3 + 1) / 3).toFixed(2),
      { money: { scale: 2 } },
    ],
    ['floats that differ at the end', (i) => 1 / (i + 3), (i) => 1 / (i + 3) + 1e-13, 'ratio'],
    ['whole numbers of billions that differ by one', (i) => 5e9 + i, (i) => 5e9 + i + (i % 7 === 0 ? 1 : 0), 'strict'],
    [
      'amounts of billions that differ by a cent',
      (i) => 5e9 + i + 0.25,
      (i) => 5e9 + i + (i % 7 === 0 ? 0.26 : 0.25),
      'strict',
    ],
    ['amounts whose second decimal one side lost', (i) => i + 0.34, (i) => i + 0.3, 'strict'],
    ['amounts in tenths of cents that one side rounds', (i) => i + 0.123, (i) => (i + 0.123).toFixed(2), 'strict'],
    [
      'averages that one side rounds',
      (i) => (i + 1) / 3,
      (i) => Number(((i + 1) / 3).toFixed(1)),
      { money: { scale: 1 } },
    ],
    ['ObjectIds and uuids, one to one', (i) => hex(i % 9), (i) => uuid(i % 9), { ref: 'values' }],
    ['cursors in the way of each side', (i) => `m${i % 9}.aa`, (i) => `p${i % 9}.bb`, 'strict'],
    ['ObjectIds and integers, one to one', (i) => hex(i % 9), (i) => (i % 9) + 1, { ref: 'values' }],
    ['URLs of two origins', (i) => `http://a.test/x/${i}`, (i) => `https://b.test/x/${i}`, 'url'],
    [
      'constants that the twin writes in its own way',
      (i) => ['ACTIVE', 'IN_REVIEW', 'CLOSED'][i % 3] ?? '',
      (i) => ['active', 'in-review', 'closed'][i % 3] ?? '',
      { enum: { ACTIVE: 'active', CLOSED: 'closed', IN_REVIEW: 'in-review' } },
    ],
    ['booleans as letters', (i) => i % 3 === 0, (i) => (i % 3 === 0 ? 'Y' : 'N'), { enum: { false: 'N', true: 'Y' } }],
    ['codes with a word each', (i) => 1 + (i % 2), (i) => (i % 2 ? 'b' : 'a'), { enum: { 1: 'a', 2: 'b' } }],
    ['words of which one is spelled in another way', (i) => (i % 2 ? 'a' : 'xx'), (i) => (i % 2 ? 'a' : 'x'), 'strict'],
    ['words that are swapped', (i) => (i % 2 ? 'on' : 'off'), (i) => (i % 2 ? 'off' : 'on'), 'strict'],
    ['words of which two became one', (i) => `w${i % 3}`, (i) => `v${i % 2}`, 'strict'],
    ['names in another case', (i) => (i % 2 ? 'Ada' : 'Bob'), (i) => (i % 2 ? 'ada' : 'bob'), 'strict'],
    ['booleans as text', (i) => i % 2 === 0, (i) => String(i % 2 === 0), 'strict'],
    ['whole numbers that are one less', (i) => 1 + (i % 3), (i) => i % 3, 'strict'],
    ['cents beside decimals', (i) => 1250 + i, (i) => (1250 + i) / 100, { money: { scale: 2, minor: 'primary' } }],
    ['decimals beside cents', (i) => (i / 100).toFixed(2), (i) => i, { money: { scale: 2, minor: 'twin' } }],
    ['cents, one of which is lost', (i) => 1250 + i, (i) => (1250 + i - (i === 40 ? 1 : 0)) / 100, 'strict'],
    ['whole numbers a hundredfold', (i) => 100 * (i + 1), (i) => i + 1, 'strict'],
    ['ISO 8601 beside seconds', (i) => `PT${i}M`, (i) => 60 * i, { duration: { twin: 'seconds' } }],
    [
      'milliseconds beside an interval',
      (i) => 1000 * i,
      (i) => `00:00:${String(i).padStart(2, '0')}`,
      { duration: { primary: 'milliseconds' } },
    ],
    ['an interval in two forms', (i) => `PT${i}S`, (i) => `00:00:${String(i).padStart(2, '0')}`, 'duration'],
    [
      'seconds since 1970 beside ISO 8601',
      (i) => 1767225600 + i,
      (i) => new Date(1e3 * (1767225600 + i)).toISOString(),
      {
        instant: { primary: 'seconds' },
      },
    ],
    [
      'milliseconds beside seconds since 1970',
      (i) => 1767225600000 + 1e3 * i,
      (i) => 1767225600 + i,
      {
        instant: { primary: 'milliseconds', twin: 'seconds' },
      },
    ],
    ['thousandfold numbers that are of no time', (i) => 1000 * (i + 1), (i) => i + 1, 'strict'],
    ['an instant beside a local time', at, (i) => at(i).slice(0, 19).replace('T', ' '), { instant: { zone: 'UTC' } }],
    [
      'midnight beside a date',
      (i) => `2026-01-${day(i)}T00:00:00.000Z`,
      (i) => `2026-01-${day(i)}`,
      {
        instant: { zone: 'UTC' },
      },
    ],
    ['a time of the day beside a date', at, (i) => at(i).slice(0, 10), 'strict'],
    ['an instant as .NET prints it', (i) => new Date(i * 1e9).toISOString(), (i) => `/Date(${i * 1e9})/`, 'instant'],
    [
      'an instant as HTTP has it',
      (i) => `2026-01-01T00:00:${day(i)}Z`,
      (i) => `Thu, 01 Jan 2026 00:00:${day(i)} GMT`,
      'instant',
    ],
    [
      'amounts printed for two languages',
      (i) => `1.${100 + i},50 EUR`,
      (i) => `€1,${100 + i}.50`,
      {
        money: { currency: 'EUR', printed: true },
      },
    ],
    ['an amount printed beside a number', (i) => `${i},50 kr`, (i) => i + 0.5, { money: { scale: 2, printed: true } }],
    ['printed amounts of which one is off', (i) => `${i},50 €`, (i) => `€${i}.${i === 7 ? 51 : 50}`, 'strict'],
    ['lengths with their unit', (i) => `${i} km`, (i) => i, 'strict'],
    ['texts of a number and signs', (i) => `('${i}')`, (i) => `(${i})`, 'strict'],
    ['versions', (i) => `1.${i}.0`, (i) => `1.${i}.1`, 'strict'],
    ['whole numbers as texts', (i) => i, (i) => String(i), { number: 'decimal' }],
    ['numbers with a decimal as texts', (i) => i / 10, (i) => (i / 10).toFixed(1), { number: 'decimal' }],
    ['lengths of time that differ now and then', (i) => `PT${i}M`, (i) => 60 * i + (i % 9 === 0 ? 1 : 0), 'strict'],
    ['null for absent', (i) => (i % 2 === 0 ? 'x' : null), (i) => (i % 2 === 0 ? 'x' : null), 'text'],
    ['a number that is one more on the twin', (i) => i, (i) => (i % 10 === 0 ? i + 1 : i), 'strict'],
    ['integers, one to one, where no name says that they are ids', (i) => i, (i) => i + 1, 'strict'],
    ['a text in another case', () => 'Paid', () => 'paid', 'strict'],
    ['a number as a string of digits with a zero before them', (i) => i, (i) => `0${i}`, 'strict'],
    [
      'cents that differ now and then',
      (i) => (i % 7 === 0 ? 12.31 : 1.25),
      (i) => (i % 7 === 0 ? '12.32' : '1.25'),
      'strict',
    ],
    ['an ObjectId with two partners', (i) => hex(i % 5), (i) => uuid(i % 10), 'strict'],
    ['two ObjectIds with one partner', (i) => hex(i % 10), (i) => uuid(i % 5), 'strict'],
    [
      'an instant that is off by an hour in summer',
      (i) => new Date(i * 1e9).toISOString(),
      (i) => new Date(i * 1e9 + (i % 5 === 0 ? 3_600_000 : 0)).toISOString(),
      'strict',
    ],
  ];
  for (const [what, primary, twin, rule] of cases) {
    it(`${what}: ${stringify(rule, { collectionStyle: 'flow' }).trim()}`, () => {
      const draft = learned(times(60, (i) => [{ value: primary(i) }, { value: twin(i) }] as const));
      expect(ruleOf(draft, 'value')).to.deep.equal(rule);
      // What is drafted is a rule that a config may have.
      ruleFrom(ruleOf(draft, 'value'), 'value');
      const unexplained = draft.unexplained.filter(({ path }) => path === '/value');
      expect(unexplained.length).to.equal(rule === 'strict' ? 1 : 0);
    });
  }

  it('a map by date, by week or by number has values of one kind, and a rule for dates that nobody has seen', () => {
    const keys = [(i: number) => `2026-02-${day(i)}`, (i: number) => `2026-W${day(i)}`, (i: number) => String(i)];
    for (const key of keys) {
      const pairs = times(30, (i) => [{ value: { [key(i)]: i + 0.5 } }, { value: { [key(i)]: `${i}.50` } }] as const);
      expect(ruleOf(learned(pairs), 'value'), key(1)).to.deep.equal({ record: { money: { scale: 2 } } });
    }
    const named = times(30, (i) => [{ value: { '2026': i, sum: i } }, { value: { '2026': i, sum: i } }] as const);
    expect(ruleOf(learned(named), 'value')).to.deep.equal({ object: { 2026: 'number', sum: 'number' } });
  });

  it('one row that is lost, or that the next one has replaced, leaves the rules of all other rows what they are', () => {
    const mine = (n: number) => ({
      id: hex(n),
      title: `t${n}`,
      at: at(n),
      state: n % 2 === 0 ? 'OPEN' : 'SHUT',
      by: { [hex(n % 3, 'b')]: n },
    });
    const its = (n: number) => ({
      id: n,
      title: `t${n}`,
      at: at(n).replace('.000Z', 'Z'),
      state: n % 2 === 0 ? 'o' : 's',
      by: { [uuid(n % 3)]: n },
    });
    const object = {
      id: { ref: 'rows' },
      title: 'text',
      at: 'instant',
      state: { enum: { OPEN: 'o', SHUT: 's' } },
      by: { record: 'number', keys: 'bys' },
    };
    for (const [next, told] of [
      [0, 'fewer items on the twin (6)'],
      [1, 'other items on the twin (6)'],
    ] as const) {
      const page = (first: number) => times(5, (n) => first + n);
      const draft = learned(
        times(60, (i) => {
          const first = (i % 10) * 5;
          const rows = i % 10 === 3 ? times(5 + next, (n) => first + n).filter((n) => n !== 17) : page(first);
          return [{ rows: page(first).map(mine) }, { rows: rows.map(its) }] as const;
        }),
      );
      expect(ruleOf(draft, 'rows')).to.deep.equal({ list: { object }, identity: 'id' });
      expect(draft.unexplained.map(({ path, forms }) => [path, ...forms])).to.deep.equal([['/rows', told]]);
    }
  });

  it('rows that several fields tell apart together are partners, though a number that tells them apart too is rounded', () => {
    const row = (i: number, n: number) => ({
      kind: `k${n % 2}`,
      unit: `u${n >> 1}`,
      sum: i + n + (n === 3 ? 1 / 3 : 0.5),
    });
    const draft = learned(
      times(60, (i) => {
        const rows = times(4, (n) => row(i, n));
        return [{ rows }, { rows: rows.map((one) => ({ ...one, sum: one.sum.toFixed(2) })) }] as const;
      }),
    );
    expect(ruleOf(draft, 'rows')).to.deep.equal({
      list: { object: { kind: 'text', unit: 'text', sum: { money: { scale: 2 } } } },
    });
    expect(draft.unexplained).to.deep.equal([]);
  });

  it('a list is sorted by its parameter in any of the forms that APIs have for it', () => {
    for (const query of [
      'sort=-price',
      'sort=price:desc',
      '$orderby=price%20desc',
      'sort[price]=-1',
      'sort={"price":-1}',
    ]) {
      const draft = learned(
        times(60, (i) => {
          const rows = times(4, (n) => ({ name: `n${(i + n) % 9}`, price: 9 - (n >> 1) }));
          return [{ rows }, { rows: rows.map((_, n) => rows[n ^ 1] ?? null) }] as const;
        }),
        () => `/things?${query}`,
      );
      const param = /^(\$?\w+)/.exec(query)?.[1];
      expect(ruleOf(draft, 'rows'), query).to.deep.include({ by: ['-price'], sortParam: param });
    }
  });

  it('ids of rows that have nothing else in common are paired by their places, where these never contradict each other', () => {
    const row = (i: number, n: number) =>
      [
        { id: hex(i + n), a: `x${i}` },
        { id: i + n + 1, a: [i] },
      ] as const;
    const lists = (move: boolean) =>
      times(60, (i) => {
        const rows = times(3, (n) => row((i % 20) * 3, n));
        const its = rows.map(([, twin]) => twin);
        return [
          { rows: rows.map(([primary]) => primary) },
          { rows: move && i === 50 ? its.toReversed() : its },
        ] as const;
      });
    const idOf = (draft: Draft): unknown => stringify(rulesOf(draft)).match(/id: *\n? *(ref: \w+|strict)/)?.[1];
    expect(idOf(learned(lists(false)))).to.equal('ref: rows');
    expect(idOf(learned(lists(true)))).to.equal('strict');
  });

  it('a rule that all but few pairs obey is told, and left to the person', () => {
    const told = (primary: (i: number) => JsonValue, twin: (i: number) => JsonValue) => {
      const draft = learned(times(60, (i) => [{ v: primary(i) }, { v: twin(i) }] as const));
      expect(ruleOf(draft, 'v')).to.equal('strict');
      return draft.unexplained[0]?.forms[0];
    };
    const off = (i: number) => (i === 34 ? 1 : 0);
    const plain = (text: string) => text.replace('.000Z', 'Z');
    expect(told(at, (i) => plain(at(i + off(i))))).to.equal('`instant` holds but for 1 of 60');
    expect(
      told(
        (i) => i,
        (i) => String(i + off(i)),
      ),
    ).to.equal('`{ number: decimal }` holds but for 1 of 60');
    expect(
      told(
        (i) => hex(i % 9),
        (i) => uuid((i % 9) + off(i)),
      ),
    ).to.equal('`{ ref: … }` holds but for 1 of 60');
    expect(told(at, (i) => plain(at(i + (i % 5 === 0 ? 1 : 0))))).to.equal('the same instant in another form (48)');
  });

  it('ids past 2^53 are ids, each its own, in fields, lists, keys and texts', () => {
    const flake = (n: number) => (7_100_000_000_000_000_001n + BigInt(n)).toString();
    const draft = learned(
      times(60, (i) => [
        { id: hex(i), kids: [hex(i), hex(i + 1)], by: { [hex(i)]: 1 }, key: `t:${hex(i)}` },
        {
          id: numberOf(flake(i)),
          kids: [numberOf(flake(i)), numberOf(flake(i + 1))],
          by: { [flake(i)]: 1 },
          key: `t:${flake(i)}`,
        },
      ]),
    );
    expect(rulesOf(draft)).to.deep.equal({
      object: {
        id: { ref: 'things' },
        kids: { list: { ref: 'things' } },
        by: { record: 'number', keys: 'things' },
        key: { text: ['things'] },
      },
    });
    expect(draft.spaces.map(({ name }) => name)).to.deep.equal(['things']);
  });

  it('a list that was always empty says so', () => {
    const document = newDocument(learned(times(30, () => [{ v: [] }, { v: [] }] as const)), {
      primary: null,
      twin: null,
    });
    expect(String(document)).to.match(/v: strict # always empty: 30 pairs/);
  });

  it('times that are apart are told by how much', () => {
    const apart = (twin: (i: number) => string) =>
      learned(times(60, (i) => [{ v: at(i) }, { v: i === 7 ? at(i) : twin(i) }] as const)).unexplained[0]?.forms;
    const later = (i: number) => at(i + 3600);
    expect(apart(later)).to.deep.equal(['twin is +1 h (59)']);
    expect(apart((i) => later(i).slice(0, 19))).to.deep.equal(['a time without its zone, in UTC twin is +1 h (59)']);
  });

  it('a list of one item is in order, and is not counted as none', () => {
    const document = newDocument(learned(times(30, (i) => [{ v: [i] }, { v: [i] }] as const)), {
      primary: null,
      twin: null,
    });
    expect(String(document)).to.match(/# in order: one item at most/);
  });

  it('null on one side and nothing on the other is nullable, and only that', () => {
    const draft = learned(
      times(
        60,
        (i) =>
          [
            i % 3 === 0 ? {} : { at: '2026-01-01T00:00:00Z' },
            i % 3 === 0 ? { at: null } : { at: '2026-01-01T00:00:00.000Z' },
          ] as const,
      ),
    );
    expect(ruleOf(draft, 'at')).to.equal('instant?');
    const lost = learned(
      times(60, (i) => [{ a: 1, note: 'x' }, i % 3 === 0 ? { a: 1 } : { a: 1, note: 'x' }] as const),
    );
    expect(ruleOf(lost, 'note')).to.equal('strict');
    expect(lost.unexplained).to.deep.include({
      route: 'GET /things/:id',
      path: '/note',
      type: 'string',
      differs: 20,
      pairs: 60,
      forms: ['missing on the twin (20)'],
      noise: false,
      tooFew: null,
    });
  });

  it('lists and objects that one side alone has are told', () => {
    const pairs: readonly (readonly [JsonValue, JsonValue])[] = [
      [['a'], null],
      [[], null],
      [null, []],
      [{ a: 1 }, null],
      [{}, []],
      [[], {}],
    ];
    for (const [primary, twin] of pairs) {
      const same: JsonValue = Array.isArray(primary ?? twin) ? ['a'] : { a: 1 };
      const draft = learned(
        times(60, (i) => [{ value: i % 3 === 0 ? primary : same }, { value: i % 3 === 0 ? twin : same }] as const),
      );
      const told = draft.unexplained.filter(({ path }) => path === '/value').map(({ differs }) => differs);
      expect(told, JSON.stringify([primary, twin])).to.deep.equal([20]);
    }
  });

  it('says what is wrong in words, with counts', () => {
    const draft = learned(times(60, (i) => [{ rank: i }, { rank: i % 5 === 0 ? i + 1 : i }] as const));
    expect(draft.unexplained.map(({ path, differs, pairs, forms }) => ({ path, differs, pairs, forms }))).to.deep.equal(
      [{ path: '/rank', differs: 12, pairs: 60, forms: ['twin is +1 (12)'] }],
    );
  });

  it('too few pairs are said and not guessed', () => {
    const draft = learned(
      times(5, (i) => [{ at: `2026-01-0${i + 1}T00:00:00Z` }, { at: `2026-01-0${i + 1}T00:00:00.000Z` }] as const),
    );
    expect(ruleOf(draft, 'at')).to.equal('strict');
    expect(draft.unexplained[0]?.tooFew).to.equal('instant');
    expect(draft.thin).to.deep.equal(['GET /things/:id']);
  });

  it('noise of the primary itself is reported, and stays strict', () => {
    const learner = new Learner();
    for (let i = 0; i < 40; i++) {
      const answer = (token: string) => ({ status: 200, rawHeaders: JSON_HEADERS, body: { token } });
      learner
        .see({
          ...pairOf(`/things/${hex(i)}`, null, null),
          primary: answer(`a${i}`),
          twin: answer(`b${i}`),
          again: answer(`c${i}`),
        })
        ?.keep();
    }
    const draft = draftOf(learner);
    expect(ruleOf(draft, 'token')).to.equal('strict');
    expect(draft.unexplained[0]?.noise).to.equal(true);
  });

  it('an id that is made anew for each answer is noise, and no pair of ids', () => {
    const fresh = (from: number) => ({ requestId: uuid(from), orderId: hex(from) });
    const draftWith = (readTwice: boolean): Draft => {
      const learner = new Learner();
      for (let i = 0; i < 60; i += 1) {
        const primary = fresh(i);
        const again = readTwice
          ? { status: 200, rawHeaders: JSON_HEADERS, body: { ...primary, requestId: uuid(i + 900) } }
          : null;
        const twin = { requestId: uuid(i + 500), orderId: uuid(i + 300) };
        learner.see(pairOf(`/orders/${hex(i)}`, primary, twin, { again }))?.keep();
      }
      return draftOf(learner);
    };
    expect(ruleOf(draftWith(true), 'requestId')).to.equal('strict');
    expect(draftWith(true).unexplained.map(({ path, noise }) => [path, noise])).to.deep.equal([['/requestId', true]]);
    expect(ruleOf(draftWith(true), 'orderId')).to.deep.equal({ ref: 'orders' });
    expect(ruleOf(draftWith(false), 'orderId'), 'each once, and the primary never asked twice').to.equal('strict');
  });

  it('the primary is to be asked twice for the first good answers of each route, and what is not compared is told so', () => {
    const learner = new Learner();
    const fields = (link: string) => ({
      status: 200,
      rawHeaders: [...JSON_HEADERS, 'Link', `<${link}>; rel="next"`],
      body: {},
    });
    const see = (again: SeenPair['again']) =>
      learner.see(pairOf('/x', null, null, { primary: fields('/x?p=a'), twin: fields('/x?p=b'), again }));
    for (let i = 0; i < 5; i += 1) {
      expect(see(null)?.wantsAgain).to.equal(true);
      see(fields('/x?p=a'))?.keep();
    }
    expect(see(null)?.wantsAgain).to.equal(false);
    expect(draftOf(learner).unexplained.map(({ path, forms }) => [path, ...forms])).to.deep.equal([
      ['#header/link', 'another value (5)', 'not compared unless `headers` names it'],
    ]);
  });

  it('errors are to be asked twice too: the id of a request in them is noise', () => {
    const learner = new Learner();
    const error = (id: string) => ({ status: 404, rawHeaders: JSON_HEADERS, body: { error: { requestId: id } } });
    const see = (i: number, again: SeenPair['again']) =>
      learner.see(pairOf('/x/1', null, null, { primary: error(`p${i}`), twin: error(`t${i}`), again }));
    for (let i = 0; i < 30; i += 1) {
      const wanted = see(i, null)?.wantsAgain === true;
      expect(wanted).to.equal(i < 5);
      see(i, wanted ? error(`q${i}`) : null)?.keep();
    }
    const [found] = draftOf(learner).unexplained;
    expect([found?.path, found?.noise]).to.deep.equal(['/error/requestId', true]);
  });

  it('a list that the primary itself prints in another order leaves its ids what they are', () => {
    const learner = new Learner();
    for (let i = 0; i < 60; i += 1) {
      const rows = times(3, (n) => ({ id: hex((i + n) % 9), n: (i + n) % 9 }));
      const its = rows.map(({ n }) => ({ id: uuid(n), n }));
      const again = { status: 200, rawHeaders: JSON_HEADERS, body: { rows: rows.toReversed() } };
      learner.see(pairOf('/rows', { rows }, { rows: its.toReversed() }, { again }))?.keep();
    }
    expect(ruleOf(draftOf(learner), 'rows')).to.deep.equal({
      set: { object: { id: { ref: 'rows' }, n: 'number' } },
      identity: 'id',
    });
  });

  it('one pair that breaks a rule is reported before it counts', () => {
    const learner = new Learner();
    const see = (primary: JsonValue, twin: JsonValue) => learner.see(pairOf('/things/a1', { v: primary }, { v: twin }));
    for (let i = 0; i < 30; i++) see(i, i)?.keep();
    expect(see(7, 7)?.ends).to.equal(0);
    expect(see(7, 8)?.ends).to.equal(1);
    // Not kept: nothing is known of it.
    expect(ruleOf(draftOf(learner), 'v')).to.equal('number');
  });
});

describe('what is learned of members that come and go', () => {
  it('names a few fields of several types, so that differences show them, and leaves free names strict', () => {
    const draft = learned(
      times(60, (i) => {
        const body: JsonValue = {
          data: i % 6 === 5 ? null : { [`k${i % 3}`]: i },
          ...(i % 6 === 5 ? { errors: [{ message: 'no' }] } : {}),
        };
        return [body, body] as const;
      }),
    );
    expect(rulesOf(draft)).to.deep.equal({
      object: { data: 'strict', errors: { list: { object: { message: 'text' } } } },
    });
  });

  it('pairs a position by the name of its field where it is opaque, and no page number, instant or word', () => {
    const next = (of: (i: number, side: string) => JsonValue) =>
      ruleOf(learned(times(60, (i) => [{ next: of(i % 20, 'p') }, { next: of(i % 20, 't') }] as const)), 'next');
    const encoded = (text: string): string => Buffer.from(text).toString('base64url');
    expect(next((i, side) => encoded(`${side}:position ${i}`))).to.deep.equal({ ref: 'nexts' });
    expect(next((i, side) => (side === 'p' ? i : i + 1))).to.equal('strict');
    expect(next((i, side) => `2026-01-${10 + i}T0${side === 'p' ? 1 : 2}:00:00Z`)).to.equal('strict');
    expect(next((i, side) => `${side === 'p' ? 'step' : 'stage'}-${'abcdefghijklmnopqrst'[i]}`)).to.equal('strict');
  });
});

describe('what is learned of CSV', () => {
  for (const [what, type, separator] of [
    ['is a rule for each column', 'text/csv; charset=utf-8', ','],
    ['is the same with semicolons', 'text/csv', ';'],
    ['is the same with tabs', 'text/tab-separated-values', '\t'],
  ] as const) {
    it(what, () => {
      const table = (i: number, twin: boolean): string =>
        [
          'id,total,at',
          ...[1, 2].map(
            (n) =>
              `${twin ? uuid(i + n) : hex(i + n)},${twin ? `${n}.50` : `${n}.5`},2026-01-01T00:00:0${n}${twin ? '.000' : ''}Z`,
          ),
        ]
          .join('\n')
          .replaceAll(',', separator);
      const learner = new Learner();
      for (let i = 0; i < 40; i++) {
        const answer = (body: string) => ({ status: 200, rawHeaders: ['Content-Type', type], body });
        learner
          .see({ ...pairOf('/things.csv', null, null), primary: answer(table(i, false)), twin: answer(table(i, true)) })
          ?.keep();
      }
      expect(rulesOf(draftOf(learner))).to.deep.equal({
        csv: { id: { ref: 'things_csv' }, total: { money: { scale: 2 } }, at: 'instant' },
        identity: 'id',
        ...(separator === ',' ? {} : { separator }),
      });
    });
  }
});

describe('what is learned of lists', () => {
  const row = (n: number, twin: boolean) => ({ _id: twin ? n + 1 : hex(n), price: Math.floor(n / 3), name: `n${n}` });
  const listOf = (order: readonly number[], twin: boolean): JsonValue => ({ data: order.map((n) => row(n, twin)) });
  const dataRule = (draft: Draft): unknown => ruleOf(draft, 'data');

  it('in order: a list whose positions must agree', () => {
    const draft = learned(
      times(40, (i) => [listOf([i, i + 1, i + 2], false), listOf([i, i + 1, i + 2], true)] as const),
      () => '/things',
    );
    expect(dataRule(draft)).to.deep.equal({
      list: { object: { _id: { ref: 'things' }, price: 'number', name: 'text' } },
      identity: '_id',
    });
  });

  it('moved among equal keys: ordered by the key, and by what the request asks', () => {
    const pairs = times(60, (i) => {
      const from = (i % 10) * 3;
      const mine = [from, from + 1, from + 2, from + 3];
      const its = i % 4 === 0 ? mine : [from + 1, from, from + 2, from + 3];
      return [listOf(mine, false), listOf(its, true)] as const;
    });
    const draft = learned(pairs, (i) => (i % 2 === 0 ? '/things' : '/things?sort=price'));
    expect(dataRule(draft)).to.deep.equal({
      ordered: { object: { _id: { ref: 'things' }, price: 'number', name: 'text' } },
      by: ['price'],
      sortParam: 'sort',
      identity: '_id',
    });
  });

  it('moved by no key: a set, also of plain values', () => {
    const rows = learned(
      times(40, (i) => [listOf([i, i + 7, i + 3], false), listOf([i + 3, i, i + 7], true)] as const),
      () => '/things',
    );
    expect(dataRule(rows)).to.have.property('set');
    const tags = learned(
      times(40, (i) => [{ tags: [`a${i}`, `b${i % 3}`] }, { tags: [`b${i % 3}`, `a${i}`] }] as const),
    );
    expect(ruleOf(tags, 'tags')).to.deep.equal({ set: 'text' });
  });

  it('a row that is lost on the twin is reported', () => {
    const draft = learned(
      times(
        40,
        (i) => [listOf([i, i + 1, i + 2], false), listOf(i % 4 === 0 ? [i, i + 2] : [i, i + 1, i + 2], true)] as const,
      ),
      () => '/things',
    );
    expect(draft.unexplained.map(({ path, forms }) => [path, forms])).to.deep.equal([
      ['/data', ['fewer items on the twin (10)']],
    ]);
  });

  it('of ids alone: by partners known from elsewhere, also moved; else by their places, where ids come again', () => {
    const lists = times(
      60,
      (i) =>
        [{ memberIds: [hex(i % 5), hex((i % 7) + 10)] }, { memberIds: [uuid(i % 5), uuid((i % 7) + 10)] }] as const,
    );
    expect(ruleOf(learned(lists), 'memberIds')).to.deep.equal({ list: { ref: 'members' } });
    const moved = lists.map(([mine, its]) => [mine, { memberIds: its.memberIds.toReversed() }] as const);
    expect(ruleOf(learned(moved), 'memberIds')).to.deep.equal({ list: 'strict' });
    const users = times(20, (i) => [{ memberIds: [hex(i)] }, { memberIds: [uuid(i)] }] as const);
    expect(ruleOf(learned([...users, ...moved]), 'memberIds')).to.deep.equal({ set: { ref: 'members' } });
    const once = times(
      60,
      (i) => [{ memberIds: [hex(2 * i), hex(2 * i + 1)] }, { memberIds: [uuid(2 * i), uuid(2 * i + 1)] }] as const,
    );
    expect(ruleOf(learned(once), 'memberIds'), 'nothing says that the places are right').to.deep.equal({
      list: 'strict',
    });
  });

  it('a cursor has one partner for each position, and the lists within one entity are of others', () => {
    const page = (side: string, id: (n: number) => string) => (i: number) => ({
      orders: [{ id: id(i % 7), lines: [{ id: id((i % 7) + 50) }] }],
      nextCursor: i % 7 === 6 ? null : `${side}-${i % 7}`,
    });
    const draft = learned(
      times(60, (i) => [page('mongo', hex)(i), page('pg', uuid)(i)] as const),
      () => '/orders',
    );
    expect(ruleOf(draft, 'nextCursor')).to.deep.equal({ ref: 'nextcursors' });
    expect(draft.spaces.map(({ name }) => name)).to.deep.equal(['orders', 'lines', 'nextcursors']);
    const detail = learned(times(60, (i) => [page('a', hex)(i), page('a', uuid)(i)] as const));
    expect(ruleOf(detail, 'orders')).to.deep.include({ identity: 'id' });
    expect(detail.spaces.map(({ name }) => name)).to.deep.equal(['orders', 'lines']);
  });

  it('of URLs: the origins under which each side names itself are told, but for the one it is asked at', () => {
    const draft = learned(
      times(60, (i) => [{ self: `http://old.test/x/${i}` }, { self: `https://new.test/x/${i}` }] as const),
    );
    const drafted = newDocument(draft, { primary: 'http://old.test', twin: 'http://127.0.0.1:2' }).toJS();
    expect(drafted.primary).to.deep.equal({ url: 'http://old.test' });
    expect(drafted.twin).to.deep.equal({ url: 'http://127.0.0.1:2', origins: ['https://new.test'] });
    const { origins } = learned(
      times(5, (i) => [{ self: `http://a.test/${i}` }, { self: `http://b.test/${i}` }] as const),
    );
    expect(origins).to.deep.equal({ primary: [], twin: [] });
  });

  it('keys that are ids are a record', () => {
    const draft = learned(
      times(
        40,
        (i) =>
          [
            { unread: { [hex(i)]: 1, [hex(i + 1)]: i + 2 } },
            { unread: { [uuid(i + 1)]: i + 2, [uuid(i)]: 1 } },
          ] as const,
      ),
    );
    expect(ruleOf(draft, 'unread')).to.deep.equal({ record: 'number', keys: 'unreads' });
  });
});

describe('id spaces', () => {
  it('are several at one place where a field beside the id says which, though their numbers repeat', () => {
    const learner = new Learner();
    const see = (target: string, primary: JsonValue, twin: JsonValue) =>
      learner.see(pairOf(target, primary, twin))?.keep();
    times(30, (i) => {
      const [user, team] = [i % 9, i % 7];
      see(`/users/${hex(user)}`, { id: hex(user) }, { id: user + 1 });
      const owner = (id: JsonValue, ofTeam: JsonValue) =>
        i % 2 ? { ownerType: 'Person', ownerId: id } : { ownerType: 'Team', ownerId: ofTeam };
      see(`/notes/${hex(i, 'c')}`, owner(hex(user), hex(team, 'b')), owner(user + 1, team + 1));
      const included = (of: (n: number, kind: string) => JsonValue) => ({
        included: [
          { type: 'people', id: of(user, 'a') },
          { type: 'teams', id: of(team, 'b') },
        ],
      });
      see(
        `/pages/${hex(i, 'd')}`,
        included(hex),
        included((n) => n + 1),
      );
    });
    const draft = draftOf(learner);
    expect(draft.unexplained).to.deep.equal([]);
    const entries = newDocument(draft, { primary: null, twin: null }).toJS().routes.entries;
    const bodyOf = (path: string) => entries.find(({ pattern }: { pattern: string }) => pattern === path)?.rules.body;
    expect(bodyOf('/notes/:id').object.ownerId).to.deep.equal({
      ref: { by: 'ownerType', of: { Person: 'users', Team: 'teams' } },
    });
    const { list } = bodyOf('/pages/:id').object.included;
    expect(list.object.id).to.deep.equal({ ref: { by: 'type', of: { people: 'users', teams: 'teams' } } });
    ruleFrom(list, 'x');
    expect(draft.spaces.map(({ name }) => name).sort()).to.deep.equal(['teams', 'users']);
  });

  it('are joined where fields share pairs, and kept apart where numbers repeat', () => {
    const learner = new Learner();
    for (let i = 0; i < 40; i++) {
      const n = i % 12;
      learner.see(pairOf(`/users/${hex(n, 'b')}`, { _id: hex(n, 'b') }, { _id: n + 1 }))?.keep();
      learner
        .see(
          pairOf(
            `/orders/${hex(n)}`,
            { _id: hex(n), buyer: { _id: hex((n * 5) % 12, 'b') } },
            { _id: n + 1, buyer: { _id: ((n * 5) % 12) + 1 } },
          ),
        )
        ?.keep();
    }
    const draft = draftOf(learner);
    expect(draft.spaces.map(({ name, type }) => [name, type])).to.have.deep.members([
      ['users', 'number'],
      ['orders', 'number'],
    ]);
    const entries = newDocument(draft, { primary: null, twin: null }).toJS().routes.entries;
    expect(entries[0].rules.body).to.deep.equal({
      object: { _id: { ref: 'orders' }, buyer: { object: { _id: { ref: 'users' } } } },
    });
  });
});

describe('routes', () => {
  const body = (i: number) => ({ a: i, b: `x${i}`, c: true });

  it('are recognized by the form of a segment, by many values, and by alike answers', () => {
    const learner = new Learner();
    const see = (target: string, answer: JsonValue): void => learner.see(pairOf(target, answer, answer))?.keep();
    for (let i = 0; i < 60; i++) {
      see(`/api/orders/${hex(i)}/lines/${i}`, body(i));
      see(`/api/posts/a-title-${'abcdefghij'[i % 10]}${'abcdef'[i % 6]}`, { title: `t${i}`, text: 'x', tags: [] });
      see(`/api/shelves/${['books', 'toys', 'shoes'][i % 3]}`, { shelf: 1, depth: 2, rows: 3 });
      see(
        ['/api/me', '/api/stats'][i % 2] ?? '',
        i % 2 === 0 ? { me: 1, name: 2, mail: 3 } : { all: 1, sum: 2, most: 3 },
      );
    }
    expect(draftOf(learner).routes.map(({ pattern, domain }) => `${domain} ${pattern}`)).to.deep.equal([
      'me /api/me',
      'orders /api/orders/:orderId/lines/:lineId',
      'posts /api/posts/:id',
      'shelves /api/shelves/:id',
      'stats /api/stats',
    ]);
  });

  it('lead by Location to entities whose ids are known', () => {
    const learner = new Learner();
    for (let i = 0; i < 30; i += 1) {
      const side = (id: string) => ({ status: 302, rawHeaders: ['Location', `/orders/${id}`], body: '' });
      learner.see(pairOf(`/go/${hex(i)}`, null, null, { primary: side(hex(i)), twin: side(uuid(i)) }))?.keep();
      learner.see(pairOf(`/orders/${hex(i % 20)}`, { id: hex(i % 20) }, { id: uuid(i % 20) }))?.keep();
    }
    const draft = draftOf(learner);
    const [go] = newDocument(draft, { primary: null, twin: null }).toJS().routes.entries;
    expect(go).to.deep.include({ pattern: '/go/:id', headers: { location: { url: ['orders'] } } });
    expect(draft.unexplained).to.deep.equal([]);
  });

  it('have links and a Location that differ in origins, or in ids that are known', () => {
    const learner = new Learner();
    for (let i = 0; i < 30; i += 1) {
      const side = (origin: string, id: string) => ({
        status: 200,
        rawHeaders: [
          ...JSON_HEADERS,
          'Link',
          `<${origin}/orders?after=${id}>; rel=next, <${origin}/orders>; rel="first"`,
          'Content-Location',
          `${origin}/orders`,
        ],
        body: [{ id }],
      });
      const sides = { primary: side('https://old.test', hex(i % 20)), twin: side('https://new.test', uuid(i % 20)) };
      learner.see(pairOf('/orders', null, null, sides))?.keep();
    }
    const draft = draftOf(learner);
    const drafted = newDocument(draft, { primary: null, twin: null }).toJS();
    expect(drafted.routes.entries[0].headers).to.deep.equal(['link']);
    expect(drafted.primary.origins).to.deep.equal(['https://old.test']);
    expect(draft.unexplained).to.deep.equal([]);
  });

  it('are not asked again and again for ids that have had a second partner', () => {
    const learner = new Learner();
    const see = (i: number) => learner.see(pairOf('/orders', [{ id: hex(i % 3) }], [{ id: uuid(i < 20 ? i % 3 : i) }]));
    for (let i = 0; i < 30; i += 1) see(i)?.keep();
    expect(see(30)?.ends).to.equal(0);
  });

  it('that only redirect say so, and their text is compared without Location', () => {
    const learner = new Learner();
    for (let i = 0; i < 30; i += 1) {
      const side = (id: string) => ({
        status: 302,
        rawHeaders: ['Location', `/orders/${id}`, 'Content-Type', 'text/plain'],
        body: `Found. Redirecting to /orders/${id}`,
      });
      learner.see(pairOf(`/go/${hex(i)}`, null, null, { primary: side(hex(i)), twin: side(uuid(i)) }))?.keep();
    }
    const draft = draftOf(learner);
    const [entry] = newDocument(draft, { primary: null, twin: null }).toJS().routes.entries;
    expect(entry).to.include({ pattern: '/go/:id', redirects: true });
    expect(entry.rules.error).to.equal('text');
    expect(draft.unexplained.map(({ path, forms }) => [path, ...forms])).to.deep.equal([
      ['#header/location', 'a URL but for its origin and ids (30)'],
    ]);
  });

  it('declare their parameters with their kinds', () => {
    const learner = new Learner();
    for (let i = 0; i < 60; i++) {
      const query = `page=${(i % 4) + 1}&limit=${i % 2 === 0 ? 20 : 50}&sort=${['-createdAt', 'price'][i % 2]}&status=${['paid', 'open'][i % 2]}&buyer=${hex(i)}&q=some word ${i}&from=2026-01-0${(i % 9) + 1}&unread=${i % 3 === 0}&after=eyJrIjoi${i}aGVsbG8&min=${i}.5`;
      learner.see(pairOf(`/orders?${query}`, body(i), body(i)))?.keep();
    }
    const query = newDocument(draftOf(learner), { primary: null, twin: null }).toJS().routes.entries[0].query;
    expect(query).to.deep.equal({
      after: { cursor: 'orders', key: 'text' },
      buyer: { id: 'orders' },
      from: 'instant',
      limit: { limit: 100, default: 20 },
      min: 'decimal',
      page: 'page',
      q: 'text',
      sort: { sort: ['createdAt', 'price'], default: '-createdAt' },
      status: { oneOf: ['open', 'paid'] },
      unread: 'bool',
    });
  });

  it('know pages, lengths and offsets by the names of other conventions', () => {
    const learner = new Learner();
    for (let i = 0; i < 60; i++) {
      const [n, size, skip] = [i % 4, i % 2 === 0 ? 20 : 50, (i % 6) * 20];
      const query = `page[number]=${n}&page[size]=${size}&page[offset]=${skip}&$top=${size}&$skip=${skip}&_limit=${size}&size[gte]=${size}&include=${['author,tags', 'author'][i % 2]}`;
      learner.see(pairOf(`/orders?${query}`, body(i), body(i)))?.keep();
    }
    const query = newDocument(draftOf(learner), { primary: null, twin: null }).toJS().routes.entries[0].query;
    const limit = { limit: 100, default: 20 };
    expect(query).to.deep.equal({
      $skip: 'decimal',
      $top: limit,
      _limit: limit,
      include: { oneOf: ['author', 'author,tags'] },
      'page[number]': 'page',
      'page[offset]': 'decimal',
      'page[size]': limit,
      'size[gte]': { oneOf: ['20', '50'] },
    });
  });

  it('whose answers depend on the caller are reported', () => {
    const learner = new Learner();
    for (let i = 0; i < 40; i++) {
      const answer = { mine: i % 4 };
      learner.see(pairOf('/feed', answer, answer, { caller: `caller ${i % 4}` }))?.keep();
      learner.see(pairOf('/all', { all: 1 }, { all: 1 }, { caller: `caller ${i % 4}` }))?.keep();
    }
    expect(draftOf(learner).routes.map(({ pattern, perCaller }) => [pattern, perCaller])).to.deep.equal([
      ['/all', false],
      ['/feed', true],
    ]);
  });

  it('that only print a clock, a token or a list in random order do not depend on the caller', () => {
    const learner = new Learner();
    let clock = 0;
    const answer = (caller: number) => {
      clock += 1;
      return { at: clock, mine: caller, rows: [{ id: clock % 2 }, { id: (clock + 1) % 2 }] };
    };
    for (let i = 0; i < 40; i++) {
      const caller = `caller ${i % 4}`;
      const read = (target: string, mine: number) => {
        const again = { status: 200, rawHeaders: JSON_HEADERS, body: answer(mine) };
        learner.see(pairOf(target, answer(mine), answer(mine), { caller, again }))?.keep();
      };
      read('/now', 0);
      read('/me', i % 4);
    }
    expect(draftOf(learner).routes.map(({ pattern, perCaller }) => [pattern, perCaller])).to.deep.equal([
      ['/me', true],
      ['/now', false],
    ]);
  });

  it('take a bounded number of patterns and values', () => {
    const learner = new Learner({ values: 5, patterns: 10 });
    for (let i = 0; i < 500; i++)
      learner
        .see(pairOf(`/p${'abcdefghijklmnopqrstuvwxyz'[i % 26]}/x/${'abcdefghijklmnopqrstuvwxyz'[(i * 7) % 26]}`, 1, 1))
        ?.keep();
    expect(learner.routes().length).to.be.at.most(10);
    expect(learner.pairs + learner.unplaced).to.equal(500);
  });
});
