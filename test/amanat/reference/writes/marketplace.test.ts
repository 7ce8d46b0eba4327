import { expect } from 'chai';
import { type Db, MongoClient } from 'mongodb';
import postgres, { type Sql } from 'postgres';
import { amanatMappings } from '../../../../src/amanat/mappings/index.ts';
import { runReference } from '../../../../src/amanat/reference/run.ts';
import { seedContent } from '../../../../src/amanat/reference/seed/content.ts';
import { createSeedContext } from '../../../../src/amanat/reference/seed/context.ts';
import { seedIdentity } from '../../../../src/amanat/reference/seed/identity.ts';
import { seedMarketplace } from '../../../../src/amanat/reference/seed/marketplace.ts';
import { runTwin } from '../../../../src/amanat/twin/run.ts';
import { backfill } from '../../../../src/migration/backfill.ts';
import { drainOnce } from '../../../../src/migration/drain.ts';
import { amanatRoutes } from '../../../../src/routes/index.ts';
import { bothSides } from '../../../support/both-sides.ts';
import { recordOf } from '../../../support/json.ts';
import { freshMongo } from '../../../support/stores.ts';
import { freshTwinTables } from '../../../support/twin-database.ts';

const seed = createSeedContext({ seed: 5, size: 'small' });
const user = (index: number): string => seed.oid('users', index).toHexString();
const [ADMIN, SELLER, BUYER, OTHER] = [user(0), user(3), user(4), user(5)];
const CATEGORY = seed.oid('categories', 0).toHexString();
const NOBODY = 'f'.repeat(24);

const request = {
  title: 'کتاب \u202bراست\u202c ковёр 📚',
  description: 'cafe\u0301, 2 copies',
  category: CATEGORY,
  budget: 0.1 + 0.2,
  currency: 'USDT',
  tags: ['b', 'a', 'a'],
  deadline: '2026-12-31T23:59:59.999Z',
};
const offer = { price: 19.99, currency: 'EUR', deliveryDays: 3, message: '' };
const review = { request: NOBODY, rating: 5 };
const address = { label: '🏠', recipient: 'شیرین', line1: 'a', city: 'b', postalCode: '01234', country: 'IR' };

describe('writes of marketplace and content', () => {
  let reference: { url: string; close(): Promise<void> };
  let twin: { url: string; close(): Promise<void> };
  let client: MongoClient;
  let mongo: Db;
  let sql: Sql;
  let databaseUrl: string;

  before(async function started() {
    const mongoUri = await freshMongo();
    databaseUrl = await freshTwinTables();
    client = await new MongoClient(mongoUri).connect();
    mongo = client.db();
    const documents = [...seedIdentity(seed), ...seedMarketplace(seed), ...seedContent(seed)];
    for (const name of ['users', 'categories', 'blogposts'] as const) {
      const docs = documents.filter(({ collection }) => collection === name).map(({ doc }) => doc);
      await mongo.collection(name).insertMany(docs.slice(0, 12));
    }
    await backfill({ mongoUri, databaseUrl, mappings: amanatMappings });
    sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
    reference = await runReference({ mongoUri });
    twin = await runTwin({ databaseUrl, routes: amanatRoutes });
  });

  after(async () => {
    await Promise.all([reference.close(), twin.close(), client.close(), sql.end({ timeout: 1 })]);
  });

  async function write(
    method: string,
    target: string,
    caller: string | null,
    body: unknown,
  ): Promise<[number, string]> {
    const response = await fetch(reference.url + target, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(caller === null ? {} : { authorization: `Bearer ${caller}` }),
      },
      body: JSON.stringify(body),
    });
    const answer = recordOf(JSON.parse(await response.text()));
    return [response.status, String(answer._id ?? answer.seller ?? recordOf(answer.error).code)];
  }

  /** What both sides show once the outboxes are empty. */
  async function shown(pattern: string, target: string) {
    const { failed } = await drainOnce({ mongo, sql, mappings: amanatMappings });
    expect(failed).to.equal(0);
    const sides = await bothSides({ reference: reference.url, twin: twin.url, databaseUrl });
    const route = amanatRoutes.find((one) => one.pattern === pattern);
    if (route === undefined) throw new Error(`no route ${pattern}`);
    const answers = await sides.ask(route, target);
    expect(answers.differences, target).to.deep.equal([]);
    expect(answers.primary.status, target).to.equal(200);
    return recordOf(answers.primary.body);
  }

  it('make a request, and change it, its search words with its title', async () => {
    const [status, id] = await write('POST', '/api/requests', BUYER, request);
    expect(status).to.equal(201);
    expect(await shown('/api/requests/:id', `/api/requests/${id}`)).to.deep.include({
      title: request.title,
      budget: 0.30000000000000004,
      status: 'open',
      tags: ['b', 'a', 'a'],
    });
    const found = async (q: string) =>
      recordOf((await shown('/api/requests', `/api/requests?q=${encodeURIComponent(q)}`)).pagination).total;
    expect([await found('КОВЁР café'), await found('laptop')]).to.deep.equal([1, 0]);
    const change = { title: 'Laptop', description: '', status: 'cancelled', budget: 0 };
    expect(await write('PATCH', `/api/requests/${id}`, BUYER, change)).to.deep.equal([200, id]);
    expect([await found('КОВЁР café'), await found('laptop')]).to.deep.equal([0, 1]);
  });

  it('make an offer, and change its price', async () => {
    const [, about] = await write('POST', '/api/requests', BUYER, request);
    const [status, id] = await write('POST', `/api/requests/${about}/offers`, SELLER, offer);
    expect(status).to.equal(201);
    await write('PATCH', `/api/offers/${id}`, SELLER, { price: 20, status: 'accepted' });
    expect(await shown('/api/offers/:id', `/api/offers/${id}`)).to.deep.include({
      price: 20,
      status: 'accepted',
      message: '',
    });
  });

  it('add a review, one of a request that is gone as well, and an address', async () => {
    expect((await write('POST', `/api/sellers/${SELLER}/reviews`, BUYER, review))[0]).to.equal(201);
    expect(
      (await write('POST', `/api/sellers/${SELLER}/reviews`, OTHER, { ...review, rating: 2, comment: '' }))[0],
    ).to.equal(201);
    await shown('/api/sellers/:id/reviews', `/api/sellers/${SELLER}/reviews`);
    expect(await shown('/api/sellers/:id/rating', `/api/sellers/${SELLER}/rating`)).to.deep.include({
      average: 3.5,
      count: 2,
    });
    expect((await write('POST', `/api/users/${BUYER}/addresses`, BUYER, address))[0]).to.equal(201);
    await shown('/api/users/:id/addresses', `/api/users/${BUYER}/addresses`);
  });

  it('change parts of a shop’s settings that nothing was stored of before', async () => {
    const target = `/api/shops/${SELLER}/settings`;
    expect(
      await write('PATCH', target, SELLER, { theme: { dark: true }, extra: [1, null, { 'a.b': '' }] }),
    ).to.deep.equal([200, SELLER]);
    expect(await write('PATCH', target, ADMIN, { seo: null })).to.deep.equal([200, SELLER]);
    const { settings } = await shown('/api/shops/:sellerId/settings', target);
    expect(recordOf(settings)).to.deep.include({ seo: null, extra: [1, null, { 'a.b': '' }] });
    expect(recordOf(recordOf(settings).theme)).to.include({ dark: true, name: 'plain' });
    expect(await write('PATCH', `/api/shops/${OTHER}/settings`, OTHER, {})).to.deep.equal([200, OTHER]);
    await shown('/api/shops/:sellerId/settings', `/api/shops/${OTHER}/settings`);
  });

  it('publish a draft once, and edit a post', async () => {
    const draft = await mongo.collection('blogposts').findOne({ status: 'draft' });
    const slug = encodeURIComponent(String(draft?.slug));
    const [status] = await write('POST', `/api/blog/${slug}/publish`, ADMIN, {});
    expect(status).to.equal(200);
    const first = await shown('/api/blog/:slug', `/api/blog/${slug}`);
    await write('POST', `/api/blog/${slug}/publish`, ADMIN, {});
    await write('PATCH', `/api/blog/${slug}`, ADMIN, { body: '<p>&amp; é e\u0301</p>', tags: ['x'] });
    const again = await shown('/api/blog/:slug', `/api/blog/${slug}`);
    expect(again).to.deep.include({ publishedAt: first.publishedAt, body: '<p>&amp; é e\u0301</p>', tags: ['x'] });
  });

  it('leave no entry behind once they are carried over, and raise the revision by one each', async () => {
    const [, id] = await write('POST', '/api/requests', BUYER, request);
    await write('PATCH', `/api/requests/${id}`, BUYER, { status: 'awarded' });
    const written = (await mongo.collection('purchaserequests').find().toArray()).find((doc) => String(doc._id) === id);
    expect(written).to.have.property('_rev', 2);
    expect(written?._outbox).to.have.length(2);
    await shown('/api/requests/:id', `/api/requests/${id}`);
    for (const name of ['purchaserequests', 'selleroffers', 'reviews', 'addresses', 'shopsettings', 'blogposts']) {
      expect(await mongo.collection(name).countDocuments({ '_outbox.pending': true }), name).to.equal(0);
    }
    const [row] = await sql`select mongo_rev::int from purchase_requests where mongo_id = ${id}`;
    expect(row).to.deep.equal({ mongo_rev: 2 });
  });

  const refusals: readonly [
    why: string,
    method: string,
    target: string,
    caller: string | null,
    body: unknown,
    outcome: [number, string],
  ][] = [
    ['nobody asks', 'POST', '/api/requests', null, request, [401, 'unauthenticated']],
    ['a category is unknown', 'POST', '/api/requests', BUYER, { ...request, category: NOBODY }, [400, 'invalid_body']],
    ['a text holds a NUL', 'POST', '/api/requests', BUYER, { ...request, title: 'a\0' }, [400, 'invalid_body']],
    [
      'a text holds half a character',
      'POST',
      '/api/requests',
      BUYER,
      { ...request, title: '\ud83d' },
      [400, 'invalid_body'],
    ],
    ['an amount is negative', 'POST', '/api/requests', BUYER, { ...request, budget: -1 }, [400, 'invalid_body']],
    [
      'an amount has too many decimals',
      'POST',
      '/api/requests',
      BUYER,
      { ...request, budget: 1e-7 },
      [400, 'invalid_body'],
    ],
    ['an amount is text', 'POST', '/api/requests', BUYER, { ...request, budget: '1' }, [400, 'invalid_body']],
    [
      'a currency is kept to 18 decimals',
      'POST',
      '/api/requests',
      BUYER,
      { ...request, currency: 'ETH' },
      [400, 'invalid_body'],
    ],
    ['the body is a list', 'POST', '/api/requests', BUYER, [], [400, 'invalid_body']],
    ['the title comes alone', 'PATCH', `/api/requests/${NOBODY}`, BUYER, { title: 'x' }, [400, 'invalid_body']],
    ['a request is unknown', 'PATCH', `/api/requests/${NOBODY}`, BUYER, { status: 'open' }, [404, 'not_found']],
    ['an offer is on nothing', 'POST', `/api/requests/${NOBODY}/offers`, SELLER, offer, [404, 'not_found']],
    ['an offer is unknown', 'PATCH', `/api/offers/${NOBODY}`, SELLER, { price: 1 }, [404, 'not_found']],
    ['six stars', 'POST', `/api/sellers/${SELLER}/reviews`, BUYER, { ...review, rating: 6 }, [400, 'invalid_body']],
    ['a review of nobody', 'POST', `/api/sellers/${NOBODY}/reviews`, BUYER, review, [404, 'not_found']],
    ['another’s address', 'POST', `/api/users/${SELLER}/addresses`, BUYER, address, [403, 'forbidden']],
    ['another’s shop', 'PATCH', `/api/shops/${SELLER}/settings`, BUYER, {}, [403, 'forbidden']],
    ['a part with a dot', 'PATCH', `/api/shops/${SELLER}/settings`, SELLER, { 'a.b': 1 }, [400, 'invalid_body']],
    [
      'a key with a dollar',
      'PATCH',
      `/api/shops/${SELLER}/settings`,
      SELLER,
      { a: [{ $ref: 1 }] },
      [400, 'invalid_body'],
    ],
    ['a post by a buyer', 'PATCH', '/api/blog/x', BUYER, { title: 'x' }, [403, 'forbidden']],
    ['a post that is not there', 'PATCH', '/api/blog/none', ADMIN, { title: 'x' }, [404, 'not_found']],
  ];
  for (const [why, method, target, caller, body, outcome] of refusals) {
    it(`are refused where ${why}`, async () => {
      expect(await write(method, target, caller, body)).to.deep.equal(outcome);
    });
  }
});
