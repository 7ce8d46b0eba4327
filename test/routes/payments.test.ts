import { expect } from 'chai';
import type { Document } from 'mongodb';
import { paymentsRoutes } from '../../src/routes/payments.ts';
import { asked, type EndpointRow, Endpoints, itAgrees, NOBODY } from '../support/endpoints.ts';
import { arrayOf, column, itemsOf, recordOf } from '../support/json.ts';

const all = new Endpoints(paymentsRoutes);
const payments = (): readonly Document[] => all.stored('payments');
const has = (collection: string, id: unknown): boolean =>
  all.stored(collection).some((doc) => String(doc._id) === String(id));

before(async function seeded() {
  await all.open('payments', 'selleroffers', 'purchaserequests', 'users');
});

const ONE = '/api/payments/:id';
const LIST = '/api/payments';
const QUOTES = '/api/payments/:id/quotes';
const STATS = '/api/payments/stats';
const EXPORT = '/api/payments/export.csv';

const idWhere = (holds: (doc: Document) => boolean) => String(all.one('payments', holds)._id);
const encoded = (value: unknown) => encodeURIComponent(String(value));

const rows: readonly EndpointRow[] = [
  ...['request_network', 'stripe', 'trezor', 'manual'].map((provider) =>
    asked(ONE, 200, `of ${provider}`, () => `/api/payments/${idWhere((doc) => doc.provider === provider)}`),
  ),
  asked(ONE, 200, 'whose offer is gone', () => {
    const orphan = idWhere((doc) => doc.offer !== undefined && !has('selleroffers', doc.offer));
    return `/api/payments/${orphan}`;
  }),
  asked(ONE, 200, 'that never had an offer', () => `/api/payments/${idWhere((doc) => doc.offer === undefined)}`),
  asked(ONE, 200, 'without metadata', () => `/api/payments/${idWhere((doc) => doc.metadata === undefined)}`),
  asked(ONE, 200, 'with empty metadata', () => {
    const empty = idWhere((doc) => doc.metadata !== undefined && Object.keys(doc.metadata).length === 0);
    return `/api/payments/${empty}`;
  }),
  asked(ONE, 200, 'of 0.1 + 0.2', () => `/api/payments/${idWhere((doc) => doc.amount === 0.1 + 0.2)}`),
  asked(ONE, 200, 'with an empty note', () => `/api/payments/${idWhere((doc) => doc.note === '')}`),
  asked(ONE, 200, 'with a note that is null', () => `/api/payments/${idWhere((doc) => doc.note === null)}`),
  asked(ONE, 200, 'with base units past 2^64', () => {
    return `/api/payments/${idWhere((doc) => String(doc.amountBaseUnits).length > 30)}`;
  }),
  asked(ONE, 200, 'in capitals', () => `/api/payments/${idWhere(() => true).toUpperCase()}`),
  asked(ONE, 404, 'unknown', () => `/api/payments/${NOBODY}`),
  asked(ONE, 404, "another collection's id", () => `/api/payments/${all.one('users')._id}`),
  asked(ONE, 400, 'malformed', () => '/api/payments/12345678901z'),
  asked(ONE, 400, 'with bytes that are no UTF-8', () => '/api/payments/%E0%A4%A'),

  asked(LIST, 200, 'by default', () => '/api/payments'),
  ...['createdAt', '-createdAt', 'amount', '-amount', 'updatedAt', '-updatedAt'].map((sort) =>
    asked(LIST, 200, `sorted by ${sort}`, () => `/api/payments?sort=${sort}&limit=100&page=2`),
  ),
  ...['pending', 'processing', 'completed', 'failed', 'refunded', 'cancelled'].map((status) =>
    asked(LIST, 200, `of status ${status}`, () => `/api/payments?status=${status}&provider=stripe&limit=5`),
  ),
  asked(LIST, 200, 'of one buyer', () => `/api/payments?buyer=${all.one('payments').buyer}`),
  asked(LIST, 200, 'of one seller', () => `/api/payments?seller=${all.one('payments').seller}&sort=amount`),
  asked(LIST, 200, 'of an unknown buyer', () => `/api/payments?buyer=${NOBODY}`),
  asked(LIST, 200, 'between two instants', () => '/api/payments?from=2025-01-01&to=2025-03-30T01:00:00.000Z'),
  asked(LIST, 200, 'with a zone', () => `/api/payments?from=${encoded('2025-03-30T02:00:00.5+03:30')}`),
  asked(LIST, 200, 'from the instant of one', () => `/api/payments?from=${payments()[9]?.createdAt.toISOString()}`),
  asked(LIST, 200, 'to the instant of one', () => `/api/payments?to=${payments()[9]?.createdAt.toISOString()}`),
  asked(LIST, 200, 'past the end', () => '/api/payments?page=99&limit=100'),
  asked(LIST, 200, 'far past the end', () => '/api/payments?page=999999999&limit=100'),
  asked(LIST, 200, 'with a parameter that is unknown', () => '/api/payments?colour=red&limit=1'),
  ...[
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=-1',
    'limit=',
    'page=0',
    'page=1e3',
    'page=1&page=1',
    'sort=colour',
    'sort=--amount',
    'sort=',
    'status=Pending',
    'provider=paypal',
    'from=yesterday',
    'from=2025-02-30',
    'from=2025-13-01',
    'from=2025-01-01T10:00',
    'to=2025-01-01T25:00Z',
    'status=x&limit=0',
    'limit=0&from=x',
    'status=%00',
  ].map((query) => asked(LIST, 400, query, () => `/api/payments?${query}`)),
  asked(LIST, 400, 'of a malformed buyer', () => '/api/payments?buyer=me'),
  asked(LIST, 400, 'of an empty seller', () => '/api/payments?seller='),

  asked(QUOTES, 200, 'several', () => `/api/payments/${idWhere((doc) => doc.quotes?.length > 1)}/quotes`),
  asked(QUOTES, 200, 'an empty array', () => `/api/payments/${idWhere((doc) => doc.quotes?.length === 0)}/quotes`),
  asked(QUOTES, 200, 'no array at all', () => `/api/payments/${idWhere((doc) => doc.quotes === undefined)}/quotes`),
  asked(QUOTES, 404, 'of an unknown payment', () => `/api/payments/${NOBODY}/quotes`),
  asked(QUOTES, 400, 'malformed', () => '/api/payments/x/quotes'),

  asked(STATS, 200, 'of all', () => '/api/payments/stats'),
  asked(STATS, 200, 'of one quarter', () => '/api/payments/stats?from=2025-01-01&to=2025-04-01'),
  asked(STATS, 200, 'of no time at all', () => '/api/payments/stats?from=2025-01-01&to=2025-01-01'),
  asked(STATS, 400, 'a bad instant', () => '/api/payments/stats?from=1'),

  asked(EXPORT, 200, 'of all', () => '/api/payments/export.csv'),
  asked(EXPORT, 200, 'of one month', () => '/api/payments/export.csv?from=2025-01-01&to=2025-02-01'),
  asked(EXPORT, 200, 'of no time at all', () => '/api/payments/export.csv?from=2030-01-01'),
  asked(EXPORT, 400, 'a bad instant', () => '/api/payments/export.csv?to=never'),
];

describe('payments on both sides', () => {
  itAgrees(all, rows);

  it('a uuid finds the same payment on the twin', async () => {
    const { _id } = all.one('payments');
    const own = await fetch(`${all.system.twin}/api/payments/${all.uuid('payments', _id)}`);
    const same = await fetch(`${all.system.twin}/api/payments/${_id}`);
    expect(await own.json()).to.deep.equal(await same.json());
  });

  it('the list holds every payment once, in the order of createdAt, whatever the page', async () => {
    const ids: string[] = [];
    for (let page = 1; page <= 6; page += 1) {
      ids.push(...column(await all.agreed(LIST, `/api/payments?sort=createdAt&limit=100&page=${page}`), '_id'));
    }
    expect(ids).to.deep.equal(payments().map((doc) => String(doc._id)));
  });

  it('an orphaned offer is shown as null and was reported by the backfill', async () => {
    const orphans = payments().filter((doc) => doc.offer !== undefined && !has('selleroffers', doc.offer));
    expect(orphans.length).to.be.greaterThan(10);
    for (const orphan of orphans.slice(0, 3)) {
      const shown = recordOf(await all.agreed(ONE, `/api/payments/${orphan._id}`));
      expect(shown.offer).to.equal(null);
    }
    const reported = all.system.report.orphans.filter((one) => one.collection === 'payments' && one.path === 'offer');
    expect(reported.map((one) => one.missingId).sort()).to.deep.equal(orphans.map((doc) => String(doc.offer)).sort());
  });

  it('a cart has several sellers and one buyer', () => {
    const carts = Map.groupBy(
      payments().filter((doc) => doc.cartId !== undefined),
      (doc) => String(doc.cartId),
    );
    expect(carts.size).to.be.greaterThan(50);
    for (const cart of carts.values()) expect(new Set(cart.map((doc) => String(doc.buyer))).size).to.equal(1);
    expect([...carts.values()].some((cart) => new Set(cart.map((doc) => String(doc.seller))).size > 1)).to.equal(true);
  });

  it('counts and sums are those of the documents, per currency', async () => {
    const groups = itemsOf(await all.agreed(STATS, '/api/payments/stats'));
    let counted = 0;
    for (const group of groups) {
      const of = payments().filter((doc) => doc.status === group.status && doc.provider === group.provider);
      expect(group.count).to.equal(of.length);
      counted += of.length;
      for (const total of arrayOf(group.totals).map(recordOf)) {
        const own = of.filter((doc) => doc.currency === total.currency);
        const sum = own.reduce((all, doc) => all + Number(doc.amount), 0);
        expect(total.count).to.equal(own.length);
        expect(Number(total.sum)).to.be.closeTo(sum, 1e-6);
        expect(Number(total.average)).to.be.closeTo(sum / own.length, 1e-6);
      }
    }
    expect(counted).to.equal(payments().length);
    const order = groups.map((group) => `${group.status}/${group.provider}`);
    expect(order).to.deep.equal([...order].sort());
  });

  it('the export has a line for each payment, by createdAt and id, with texts quoted that need it', async () => {
    const text = await all.agreed(EXPORT, '/api/payments/export.csv');
    expect(text).to.be.a('string');
    const lines = String(text).split('\r\n');
    expect(lines[0]).to.match(/^_id,reference,status,/);
    const ids = lines.slice(1).flatMap((line) => /^[0-9a-f]{24}/.exec(line) ?? []);
    expect(ids).to.deep.equal(payments().map((doc) => String(doc._id)));
    expect(payments().some((doc) => /[\n"]/.test(String(doc.note)))).to.equal(true);
  });

  it('Decimal128, ObjectId and date inside metadata come out of both as the primary prints them', async () => {
    const doc = all.one('payments', (one) => one.provider === 'request_network');
    const shown = recordOf(await all.agreed(ONE, `/api/payments/${doc._id}`));
    expect(shown.metadata).to.deep.equal(JSON.parse(JSON.stringify(doc.metadata)));
  });
});
