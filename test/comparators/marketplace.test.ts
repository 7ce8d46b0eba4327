import { expect } from 'chai';
import { shopSettings } from '../../src/comparators/content.ts';
import {
  categoryTree,
  offerById,
  requestList,
  requestOffers,
  reviewList,
  sellerRating,
} from '../../src/comparators/marketplace.ts';
import { compare, compileComparator } from '../../src/rules/compile.ts';
import type { Comparator, IdPairs } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';

const objectId = (n: number): string => n.toString(16).padStart(24, '0');
const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
/** Ids are paired by their number, in every collection. */
const ids: IdPairs = {
  uuidOf: (_, id) => uuid(Number.parseInt(id, 16)),
  objectIdOf: (_, id) => objectId(Number.parseInt(id.slice(-12), 16)),
};

/** `kind path` of each difference. */
function differences(comparator: Comparator, primary: JsonValue, twin: JsonValue, query = ''): string[] {
  const result = compare(compileComparator(comparator), primary, twin, {
    params: {},
    query: new Map(new URLSearchParams(query)),
    representation: 'twin',
    ids,
  });
  if (result.outcome === 'needs_ids' || result.outcome === 'too_large') throw new Error('every id is known here');
  return result.outcome === 'equal' ? [] : result.differences.map(({ kind, path }) => `${kind} ${path}`);
}

const at = '2026-03-29T01:30:00.123Z';

interface Shown {
  readonly primary: Record<string, JsonValue>;
  readonly twin: Record<string, JsonValue>;
}

const offer = (n: number, price: number): Shown => {
  const rest = { currency: 'EUR', deliveryDays: 2, status: 'pending', createdAt: at, updatedAt: at };
  return {
    primary: {
      ...rest,
      _id: objectId(n),
      price,
      request: objectId(1),
      seller: { _id: objectId(2), name: 'é' },
      __v: 0,
    },
    twin: {
      ...rest,
      _id: uuid(n),
      price: String(price),
      request: uuid(1),
      seller: { _id: uuid(2), name: 'é' },
      message: null,
    },
  };
};

describe('the comparators of the marketplace', () => {
  const offers = [offer(10, 5), offer(11, 7.5), offer(12, 7.5), offer(13, 9)];
  const primary = { data: offers.map((one) => one.primary) };
  const twins = offers.map((one) => one.twin);
  const inOrder = (...order: readonly number[]) => ({ data: order.map((index) => twins[index] ?? null) });

  it('take offers of one price in either order, and none of another price', () => {
    expect(differences(requestOffers, primary, inOrder(0, 1, 2, 3))).to.deep.equal([]);
    expect(differences(requestOffers, primary, inOrder(0, 2, 1, 3))).to.deep.equal([]);
    expect(differences(requestOffers, primary, inOrder(1, 0, 2, 3))).to.not.deep.equal([]);
    expect(differences(requestOffers, primary, inOrder(0, 1, 3))).to.not.deep.equal([]);
    expect(differences(requestOffers, primary, inOrder(0, 1, 1, 3))).to.not.deep.equal([]);
  });

  const changed = (fields: Record<string, JsonValue>) => ({ data: [{ ...twins[0], ...fields }, ...twins.slice(1)] });
  const mutants: readonly [why: string, fields: Record<string, JsonValue>, found: string[]][] = [
    ['a cent', { price: '5.01' }, ['value /data/0/price']],
    ['less than half a cent', { price: '5.004' }, []],
    ['a currency', { currency: 'USD' }, ['value /data/0/currency']],
    ['a status’s case', { status: 'Pending' }, ['value /data/0/status']],
    ['a number as text', { deliveryDays: '2' }, ['type /data/0/deliveryDays']],
    ['a millisecond', { createdAt: '2026-03-29T01:30:00.124Z' }, ['value /data/0/createdAt']],
    ['another zone’s spelling', { createdAt: '2026-03-29T03:30:00.123456+02:00' }, []],
    ['another request', { request: uuid(9) }, ['value /data/0/request']],
    ['an empty message for none', { message: '' }, ['extra /data/0/message']],
    ['no seller', { seller: null }, ['type /data/0/seller']],
    ['a name in NFD', { seller: { _id: uuid(2), name: 'e\u0301' } }, ['value /data/0/seller/name']],
    ['a field more', { rank: 1 }, ['extra /data/0/rank']],
  ];
  for (const [why, fields, found] of mutants) {
    it(`${found.length === 0 ? 'let pass' : 'find'} ${why}`, () => {
      expect(differences(requestOffers, primary, changed(fields))).to.deep.equal(found);
    });
  }

  it('tell a missing average from a zero, and let the last digits of one go', () => {
    const rating = (average: JsonValue, count: number) => ({
      seller: uuid(2),
      average,
      count,
      histogram: { 1: 0, 2: 0, 3: 0, 4: 0, 5: count },
    });
    const primaryRating = (average: JsonValue, count: number) => ({ ...rating(average, count), seller: objectId(2) });
    expect(differences(sellerRating, primaryRating(4.333333333333333, 3), rating(4.3333333333333, 3))).to.deep.equal(
      [],
    );
    expect(differences(sellerRating, primaryRating(4.333333333333333, 3), rating(4.3333, 3))).to.deep.equal([
      'value /average',
    ]);
    expect(differences(sellerRating, primaryRating(null, 0), rating(null, 0))).to.deep.equal([]);
    expect(differences(sellerRating, primaryRating(null, 0), rating(0, 0))).to.have.length(1);
    const { histogram: _, ...without } = rating(4, 1);
    expect(differences(sellerRating, primaryRating(4, 1), without)).to.deep.equal(['missing /histogram']);
    const short = { ...rating(4, 1), histogram: { 5: 1 } };
    expect(differences(sellerRating, primaryRating(4, 1), short)).to.have.length(4);
  });

  it('hold the tree of categories to its order, and each category to its parent', () => {
    const leaf = (id: string, slug: string, children: JsonValue[] = []) => ({
      _id: id,
      slug,
      name: slug,
      position: 0,
      children,
    });
    const tree = (idOf: (n: number) => string, flip = false, moved = false) => {
      const below = [leaf(idOf(2), 'a'), leaf(idOf(3), 'b', moved ? [] : [leaf(idOf(4), 'c')])];
      return { data: [leaf(idOf(1), 'r', flip ? below.reverse() : below), ...(moved ? [leaf(idOf(4), 'c')] : [])] };
    };
    expect(differences(categoryTree, tree(objectId), tree(uuid))).to.deep.equal([]);
    expect(differences(categoryTree, tree(objectId), tree(uuid, true))).to.not.deep.equal([]);
    expect(differences(categoryTree, tree(objectId), tree(uuid, false, true))).to.not.deep.equal([]);
  });

  it('pair ids at the tenth level of the tree', () => {
    const chain = (idOf: (n: number) => string, wrongAt = 0): JsonValue => {
      let children: JsonValue[] = [];
      for (let n = 10; n > 0; n -= 1) {
        children = [{ _id: idOf(n === wrongAt ? 99 : n), slug: `s${n}`, name: '', position: 0, children }];
      }
      return { data: children };
    };
    expect(differences(categoryTree, chain(objectId), chain(uuid))).to.deep.equal([]);
    // Within memory and time: a description that quoted each level anew would need 4 ** 10 characters.
    expect(differences(categoryTree, chain(objectId), chain(uuid, 10))).to.deep.equal([
      `value ${'/data/0'}${'/children/0'.repeat(9)}/_id`,
    ]);
  });

  it('take tags as a multiset, and the order of the list as the request asks for it', () => {
    const one = (n: number, budget: number, tags: string[]): Shown => {
      const rest = { title: 't', description: '', status: 'open', currency: 'USD', tags, createdAt: at, updatedAt: at };
      return {
        primary: { ...rest, _id: objectId(n), budget, category: null, buyer: null },
        twin: { ...rest, _id: uuid(n), budget: String(budget), category: null, buyer: null, deadline: null },
      };
    };
    const pagination = { page: 1, limit: 20, total: 2, pages: 1 };
    const [first, second, other] = [one(1, 1, ['a', 'b', 'a']), one(2, 2, []), one(1, 1, ['b', 'a', 'a'])];
    const list = (...data: JsonValue[]) => ({ data, pagination });
    const asked = list(first.primary, second.primary);
    expect(differences(requestList, asked, list(other.twin, second.twin), 'sort=budget')).to.deep.equal([]);
    expect(
      differences(requestList, asked, list(one(1, 1, ['a', 'b']).twin, second.twin), 'sort=budget'),
    ).to.have.length(1);
    expect(differences(requestList, asked, list(second.twin, first.twin))).to.deep.equal([]);
    expect(differences(requestList, asked, list(second.twin, first.twin), 'sort=budget')).to.not.deep.equal([]);
    const total = { ...list(first.twin, second.twin), pagination: { ...pagination, total: 3 } };
    expect(differences(requestList, asked, total)).to.deep.equal(['value /pagination/total']);
  });

  it('take two cursors of one position for the same, and no others', () => {
    const cursor = (k: string, id: string) => Buffer.from(JSON.stringify({ k, id })).toString('base64url');
    const page = (nextCursor: JsonValue) => ({ data: [], nextCursor });
    const primaryPage = page(cursor(at, objectId(5)));
    expect(differences(reviewList, primaryPage, page(cursor(at, uuid(5))))).to.deep.equal([]);
    expect(differences(reviewList, primaryPage, page(cursor(at, uuid(6))))).to.deep.equal(['value /nextCursor']);
    expect(differences(reviewList, primaryPage, page(null))).to.have.length(1);
  });

  it('let a populated reference be null on both sides only', () => {
    const shown = (idOf: (n: number) => string, price: JsonValue, request: JsonValue) => ({
      _id: idOf(1),
      price,
      currency: 'EUR',
      deliveryDays: 1,
      status: 'pending',
      createdAt: at,
      updatedAt: at,
      seller: null,
      request,
    });
    const about = { _id: uuid(3), title: 't', status: 'open', budget: '1', currency: 'EUR', buyer: null };
    expect(differences(offerById, shown(objectId, 1, null), shown(uuid, '1', null))).to.deep.equal([]);
    expect(differences(offerById, shown(objectId, 1, null), shown(uuid, '1', about))).to.have.length(1);
  });

  it('compare a shop’s settings by value: forms of ids, dates and decimals, but no key and no type', () => {
    const shop = (settings: JsonValue) => ({ seller: objectId(1), settings, updatedAt: at });
    const twinShop = (settings: JsonValue) => ({ seller: uuid(1), settings, updatedAt: at });
    const stored = {
      owner: objectId(7),
      from: at,
      above: { $numberDecimal: '1.50' },
      list: [1, { a: null }],
      on: false,
    };
    const kept = {
      on: false,
      list: [1, { a: null }],
      above: { $numberDecimal: '1.50' },
      from: { $date: { $numberLong: String(Date.parse(at)) } },
      owner: { $oid: objectId(7) },
    };
    expect(differences(shopSettings, shop(stored), twinShop(kept))).to.deep.equal([]);
    const { on: _, ...without } = kept;
    expect(differences(shopSettings, shop(stored), twinShop(without))).to.deep.equal(['missing /settings/on']);
    expect(differences(shopSettings, shop(stored), twinShop({ ...kept, on: 'false' }))).to.deep.equal([
      'type /settings/on',
    ]);
    expect(differences(shopSettings, shop(stored), twinShop({ ...kept, list: [1] }))).to.not.deep.equal([]);
    expect(differences(shopSettings, shop(stored), twinShop({ ...kept, owner: { $oid: objectId(8) } }))).to.have.length(
      1,
    );
    expect(differences(shopSettings, shop(stored), twinShop({ ...kept, extra: null }))).to.deep.equal([
      'extra /settings/extra',
    ]);
  });
});
