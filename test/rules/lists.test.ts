import { expect } from 'chai';
import * as kit from '../../src/rules/kit.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Asked, compared, differencesOf, NONE_KNOWN, oid, said, uuid } from '../support/comparing.ts';
import { cpuSeconds } from '../support/cpu.ts';

interface Row {
  readonly n: number;
  readonly points?: number;
  readonly price?: string;
  readonly at?: string;
}

const item = kit.object({
  _id: kit.ref('users'),
  name: kit.text(),
  points: kit.nullable(kit.number()),
  price: kit.nullable(kit.money({ currency: 'USD' })),
  at: kit.nullable(kit.instant()),
});
const mine = (rows: readonly Row[]): JsonValue =>
  rows.map(({ n, ...rest }) => ({ _id: oid(n), name: `name ${n}`, ...rest }));
const its = (rows: readonly Row[]): JsonValue =>
  rows.map(({ n, ...rest }) => ({ name: `name ${n}`, _id: uuid(n), at: null, ...rest }));
const check = (rule: Rule, primary: readonly Row[], twin: readonly Row[], asked: Asked = {}): string[] =>
  said(compared(rule, mine(primary), its(twin), asked));

describe('a list in total order', () => {
  const rule = kit.list(item, '_id');
  const rows = [1, 2, 3, 4, 5].map((n) => ({ n }));

  it('says one missing for one lost row, wherever it was', () => {
    for (let lost = 0; lost < rows.length; lost++) {
      expect(check(rule, rows, rows.toSpliced(lost, 1))).to.deep.equal([`/${lost} missing`]);
      expect(check(rule, rows.toSpliced(lost, 1), rows)).to.deep.equal([`/${lost} extra`]);
    }
  });

  it('says one order for one moved row, and from where to where', () => {
    const [found, ...others] = differencesOf(
      compared(rule, mine(rows), its([rows[1], rows[2], rows[3], rows[0], rows[4]].flatMap((row) => row ?? []))),
    );
    expect(others).to.deep.equal([]);
    expect(found).to.include({ path: '/0', kind: 'order' });
    expect(found?.measure).to.deep.equal({ of: 'moved', from: 0, to: 3 });
  });

  it('says a lost row and a changed one apart', () => {
    const twin = [{ n: 1 }, { n: 3, points: 9 }, { n: 4 }, { n: 5 }];
    expect(check(rule, rows, twin)).to.have.members(['/1 missing', '/2/points extra']);
  });

  it('says a row of another entity at its id, where all else agrees', () => {
    const twin = its(rows);
    const changed = Array.isArray(twin) ? twin.with(2, { ...Object(twin[2]), _id: uuid(77) }) : [];
    const [found, ...others] = differencesOf(compared(rule, mine(rows), changed));
    expect(others).to.deep.equal([]);
    expect(found).to.include({ path: '/2/_id', kind: 'value', rule: 'ref' });
    expect(found?.measure).to.deep.equal({ of: 'entity', how: 'wrong_known' });
  });

  it('says a row that is another altogether as missing and extra', () => {
    expect(check(rule, [{ n: 1 }, { n: 2 }], [{ n: 1 }, { n: 7 }])).to.have.members(['/1 missing', '/1 extra']);
  });

  it('says a row shown twice as extra, and one of two as missing', () => {
    expect(check(rule, [{ n: 1 }, { n: 2 }], [{ n: 1 }, { n: 1 }, { n: 2 }])).to.deep.equal(['/1 extra']);
    expect(check(rule, [{ n: 1 }, { n: 1 }], [{ n: 1 }])).to.deep.equal(['/1 missing']);
  });

  it('calls a lost row of entities a matter of identity, and a lost text not', () => {
    expect(differencesOf(compared(rule, mine(rows), its(rows.slice(1)))).map((found) => found.rule)).to.deep.equal([
      'ref',
    ]);
    expect(differencesOf(compared(kit.list(kit.text()), ['a', 'b'], ['a'])).map((found) => found.rule)).to.deep.equal([
      'list',
    ]);
  });

  it('tells null, absent and empty apart', () => {
    expect(said(compared(rule, [], null))).to.deep.equal([' type']);
    expect(said(compared(rule, [], undefined))).to.deep.equal([' missing']);
    expect(said(compared(rule, [], {}))).to.deep.equal([' type']);
    expect(said(compared(rule, [], []))).to.deep.equal([]);
  });

  it('of plain values: lost, changed and swapped ones', () => {
    const letters = kit.list(kit.text());
    expect(said(compared(letters, ['a', 'b', 'c'], ['a', 'c']))).to.deep.equal(['/1 missing']);
    expect(said(compared(letters, ['a', 'b', 'c'], ['a', 'x', 'c']))).to.deep.equal(['/1 value']);
    expect(said(compared(letters, ['a', 'b', 'c'], ['a', 'c', 'b']))).to.have.lengthOf(1);
    expect(said(compared(letters, ['a', 'a'], ['a']))).to.deep.equal(['/1 missing']);
  });
});

describe('a set', () => {
  const tags = kit.set(kit.text());

  it('is a multiset', () => {
    expect(said(compared(tags, ['a', 'b', 'a'], ['b', 'a', 'a']))).to.deep.equal([]);
    expect(said(compared(tags, ['a', 'b', 'a'], ['b', 'a', 'b']))).to.deep.equal(['/2 value']);
    expect(said(compared(tags, ['a', 'a'], ['a']))).to.deep.equal(['/1 missing']);
    expect(said(compared(tags, ['a'], ['a', 'a']))).to.deep.equal(['/1 extra']);
    expect(said(compared(tags, ['a', 'B'], ['b', 'a']))).to.deep.equal(['/1 value']);
  });

  it('of references and of objects', () => {
    const readers = kit.set(kit.ref('users'));
    expect(said(compared(readers, [oid(1), oid(2)], [uuid(2), uuid(1)]))).to.deep.equal([]);
    expect(said(compared(readers, [oid(1), oid(2)], [uuid(2), uuid(3)]))).to.deep.equal(['/0 value']);
    const rule = kit.set(item, '_id');
    expect(check(rule, [{ n: 1 }, { n: 2, points: 1 }], [{ n: 2, points: 1 }, { n: 1 }])).to.deep.equal([]);
    expect(check(rule, [{ n: 1 }, { n: 2, points: 1 }], [{ n: 2, points: 2 }, { n: 1 }])).to.deep.equal([
      '/1/points value',
    ]);
  });

  it('of tolerant values finds the assignment that fits', () => {
    const rule = kit.set(kit.ratio(0.1));
    expect(said(compared(rule, [1, 1.09], [1.17, 1.09]))).to.deep.equal([]);
    expect(said(compared(rule, [1, 1.05], [2, 1]))).to.have.lengthOf(1);
  });

  it('of 20,000 in reverse is quickly decided', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `tag ${i}`);
    const spent = cpuSeconds(() => {
      expect(said(compared(tags, many, many.toReversed()))).to.deep.equal([]);
      expect(said(compared(tags, many, many.toReversed().with(9, 'x')))).to.have.lengthOf(1);
    });
    expect(spent).to.be.below(10);
  });
});

describe('a list in keyed order', () => {
  const byPoints = kit.ordered(item, ['-points'], { sortParam: 'sort', identity: '_id' });
  const rows: Row[] = [
    { n: 1, points: 9 },
    { n: 2, points: 5 },
    { n: 3, points: 5 },
    { n: 4, points: 5 },
    { n: 5, points: 1 },
  ];
  const inOrder = (...ns: number[]): Row[] => ns.flatMap((n) => rows.filter((row) => row.n === n));

  it('leaves ties free', () => {
    for (const order of [
      [1, 2, 3, 4, 5],
      [1, 4, 3, 2, 5],
      [1, 3, 2, 4, 5],
    ]) {
      expect(check(byPoints, rows, inOrder(...order)), `${order}`).to.deep.equal([]);
    }
  });

  it('does not leave free what has other keys', () => {
    expect(check(byPoints, rows, inOrder(2, 1, 3, 4, 5))).to.have.lengthOf(1);
    expect(check(byPoints, rows, inOrder(1, 2, 3, 5, 4))).to.have.lengthOf(1);
    expect(check(byPoints, rows, inOrder(5, 4, 3, 2, 1)).every((found) => found.endsWith(' order'))).to.equal(true);
  });

  it('sees a change inside a tie', () => {
    expect(
      check(byPoints, rows, inOrder(1, 4, 3, 5).toSpliced(1, 0, { n: 2, points: 5, price: '1.00' })),
    ).to.deep.equal(['/1/price extra']);
    expect(check(byPoints, rows, inOrder(1, 4, 3, 5))).to.deep.equal(['/1 missing']);
    expect(check(byPoints, rows, inOrder(1, 4, 4, 3, 5))).to.have.members(['/1 missing', '/2 extra']);
  });

  it('of a tie that the end of the page cuts leaves the order free, and tells another member', () => {
    // Two bodies cannot tell a fair choice among more ties than fit from a wrong row, and a wrong row is somebody's.
    const cut = rows.slice(0, 3);
    expect(check(byPoints, cut, inOrder(1, 3, 2))).to.deep.equal([]);
    expect(check(byPoints, cut, inOrder(1, 2, 4))).to.have.members(['/2 missing', '/2 extra']);
    expect(check(byPoints, cut, inOrder(1, 4, 3))).to.have.members(['/1 missing', '/1 extra']);
  });

  it('takes the keys from the request', () => {
    const priced: Row[] = [
      { n: 1, points: 1, price: '5.00' },
      { n: 2, points: 2, price: '5' },
      { n: 3, points: 3, price: '7' },
    ];
    const swapped = [priced[1], priced[0], priced[2]].flatMap((row) => row ?? []);
    expect(check(byPoints, priced, swapped, { query: { sort: 'price' } })).to.deep.equal([]);
    expect(check(byPoints, priced, swapped, { query: { sort: '-price' } })).to.deep.equal([]);
    expect(check(byPoints, priced, swapped, { query: { sort: 'price,points' } })).to.have.lengthOf(1);
    expect(check(byPoints, priced, swapped, { query: { sort: '' } })).to.have.lengthOf(1);
    expect(check(byPoints, priced, swapped)).to.have.lengthOf(1);
  });

  it('compares keys by their own rules', () => {
    const rule = kit.ordered(item, ['-at'], { identity: '_id' });
    const primary: Row[] = [
      { n: 1, at: '2026-01-01T00:00:00.000Z' },
      { n: 2, at: '2026-01-01T00:00:00.000+00:00' },
    ];
    const twin: Row[] = [
      { n: 2, at: '2026-01-01T00:00:00Z' },
      { n: 1, at: '2026-01-01T00:00:00.000999Z' },
    ];
    expect(check(rule, primary, twin)).to.deep.equal([]);
  });

  it('takes rows that have no value for a named key for ties', () => {
    expect(check(byPoints, [{ n: 1 }, { n: 2 }], [{ n: 2 }, { n: 1 }])).to.deep.equal([]);
    expect(check(byPoints, [{ n: 1 }, { n: 2 }], [{ n: 2 }, { n: 1 }], { query: { sort: 'price' } })).to.deep.equal([]);
  });

  it('falls back to the default keys where no row shows the one that was asked for', () => {
    for (const sort of ['shoeSize', '-shoeSize', 'a.b.c', '__proto__', 'constructor', '-', ',', '.']) {
      expect(check(byPoints, rows, inOrder(1, 3, 2, 4, 5), { query: { sort } }), sort).to.deep.equal([]);
      expect(check(byPoints, rows, inOrder(2, 1, 3, 4, 5), { query: { sort } }), sort).to.have.lengthOf(1);
    }
  });

  it('reads a key inside a populated object', () => {
    const rule = kit.ordered(
      kit.object({ _id: kit.ref('x'), owner: kit.object({ rank: kit.number() }) }),
      ['owner.rank'],
      { identity: '_id' },
    );
    const row = (id: string, rank: number): JsonValue => ({ _id: id, owner: { rank } });
    expect(said(compared(rule, [row(oid(1), 1), row(oid(2), 1)], [row(uuid(2), 1), row(uuid(1), 1)]))).to.deep.equal(
      [],
    );
    expect(said(compared(rule, [row(oid(1), 1), row(oid(2), 2)], [row(uuid(2), 2), row(uuid(1), 1)]))).to.have.lengthOf(
      1,
    );
  });
});

describe('a page', () => {
  const rule = kit.page(item, ['-points']);
  const page = (data: JsonValue, total: number, pages = 1): JsonValue => ({
    data,
    pagination: { page: 1, limit: 2, total, pages },
  });

  it('says a wrong total and a wrong page count', () => {
    const [primary, twin] = [mine([{ n: 1 }]), its([{ n: 1 }])];
    expect(said(compared(rule, page(primary, 5), page(twin, 5)))).to.deep.equal([]);
    expect(said(compared(rule, page(primary, 5), page(twin, 6)))).to.deep.equal(['/pagination/total value']);
    expect(said(compared(rule, page(primary, 5, 3), page(twin, 5, 2)))).to.deep.equal(['/pagination/pages value']);
  });

  it('asks for all unknown ids at once, each once, however the rows lie', () => {
    const rows: Row[] = [
      { n: 1, points: 2 },
      { n: 2, points: 1 },
      { n: 3, points: 1 },
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const twin = order.flatMap((i) => rows[i] ?? []);
      const result = compared(rule, page(mine(rows), 5), page(its(twin), 6), { ids: NONE_KNOWN });
      expect(result.outcome === 'needs_ids' && result.wanted.map(({ id }) => id).sort()).to.deep.equal([
        uuid(1),
        uuid(2),
        uuid(3),
      ]);
    }
  });
});
