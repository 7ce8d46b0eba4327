import { expect } from 'chai';
import { type Db, MongoClient } from 'mongodb';
import postgres, { type Sql } from 'postgres';
import { amanatMappings } from '../../../../src/amanat/mappings/index.ts';
import { runReference } from '../../../../src/amanat/reference/run.ts';
import { createSeedContext } from '../../../../src/amanat/reference/seed/context.ts';
import { seedIdentity } from '../../../../src/amanat/reference/seed/identity.ts';
import { runTwin } from '../../../../src/amanat/twin/run.ts';
import { backfill } from '../../../../src/migration/backfill.ts';
import { drainOnce } from '../../../../src/migration/drain.ts';
import { amanatRoutes } from '../../../../src/routes/index.ts';
import type { JsonValue } from '../../../../src/types.ts';
import { bothSides } from '../../../support/both-sides.ts';
import { arrayOf, type JsonRecord, recordOf } from '../../../support/json.ts';
import { freshMongo } from '../../../support/stores.ts';
import { freshTwinTables } from '../../../support/twin-database.ts';

const seed = createSeedContext({ seed: 9, size: 'small' });
const user = (index: number): string => seed.oid('users', index).toHexString();
const [ADMIN, SELLER, BUYER] = [user(0), user(3), user(4)];
const order = { provider: 'stripe', amount: 19.99, currency: 'EUR', seller: SELLER, cartId: 'cart-1', note: ' café ' };

describe('writes of payments, wallet and disputes', () => {
  let reference: { url: string; close(): Promise<void> };
  let twin: { url: string; close(): Promise<void> };
  let client: MongoClient;
  let mongo: Db;
  let sql: Sql;
  let mongoUri: string;
  let databaseUrl: string;

  before(async function started() {
    mongoUri = await freshMongo();
    databaseUrl = await freshTwinTables();
    client = await new MongoClient(mongoUri).connect();
    mongo = client.db();
    await mongo.collection('users').insertMany([...seedIdentity(seed)].slice(0, 12).map(({ doc }) => doc));
    await backfill({ mongoUri, databaseUrl, mappings: amanatMappings });
    sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
    reference = await runReference({ mongoUri, oracleQuoting: true });
    twin = await runTwin({ databaseUrl, routes: amanatRoutes });
  });

  after(async () => {
    await Promise.all([reference.close(), twin.close(), client.close(), sql.end({ timeout: 1 })]);
  });

  async function post(target: string, caller: string | null, body: unknown = {}): Promise<[number, JsonRecord]> {
    const response = await fetch(reference.url + target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(caller === null ? {} : { authorization: `Bearer ${caller}` }),
      },
      body: JSON.stringify(body),
    });
    const answer: JsonValue = JSON.parse(await response.text());
    return [response.status, recordOf(answer)];
  }

  async function made(target: string, caller: string, body: unknown = {}): Promise<string> {
    const [status, answer] = await post(target, caller, body);
    expect(status, JSON.stringify(answer)).to.equal(201);
    return String(answer._id);
  }

  /** What both sides show once the outboxes are empty. */
  async function shown(pattern: string, target: string): Promise<JsonRecord> {
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

  it('a payment is made, paid and released, and the ledger follows to the cent', async () => {
    const id = await made('/api/payments', BUYER, order);
    expect((await shown('/api/payments/:id', `/api/payments/${id}`)).status).to.equal('pending');
    expect((await post(`/api/payments/${id}/pay`, BUYER))[0]).to.equal(200);
    const paid = await shown('/api/payments/:id', `/api/payments/${id}`);
    expect([paid.status, paid.escrow]).to.deep.equal(['completed', 'held']);
    expect((await post(`/api/payments/${id}/release`, ADMIN))[0]).to.equal(200);
    const trail = await shown('/api/ledger/payments/:paymentId/trail', `/api/ledger/payments/${id}/trail`);
    expect(arrayOf(trail.data).map((entry) => recordOf(recordOf(entry).amount).$numberDecimal)).to.deep.equal([
      '19.99',
      '-19.99',
      '19.99',
      '-19.99',
      '19.99',
    ]);
    const seller = await shown('/api/ledger/balances/:userId', `/api/ledger/balances/${SELLER}`);
    expect(arrayOf(seller.balances).map((one) => recordOf(recordOf(one).available).$numberDecimal)).to.deep.equal([
      '19.99',
    ]);
  });

  it('a payment is paid once, however many ask at once', async () => {
    const id = await made('/api/payments', BUYER, order);
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(`/api/payments/${id}/pay`, BUYER)));
    expect(answers.map(([status]) => status).sort()).to.deep.equal([200, 404, 404, 404, 404, 404, 404, 404]);
    const trail = await shown('/api/ledger/payments/:paymentId/trail', `/api/ledger/payments/${id}/trail`);
    expect(arrayOf(trail.data)).to.have.lengthOf(3);
  });

  it('a refund gives the buyer all of it back', async () => {
    const id = await made('/api/payments', BUYER, { ...order, currency: 'USDT', amount: 0.3 });
    await post(`/api/payments/${id}/pay`, BUYER);
    expect((await post(`/api/payments/${id}/refund`, ADMIN))[1].status).to.equal('refunded');
    const trail = await shown('/api/ledger/payments/:paymentId/trail', `/api/ledger/payments/${id}/trail`);
    expect(recordOf(recordOf(arrayOf(trail.data).at(-1)).runningBalance).$numberDecimal).to.match(/^0\.3(0*)$/);
  });

  it('with oracle quoting a payment has a quote, which is a row of its own', async () => {
    const id = await made('/api/payments', BUYER, order);
    const { data } = await shown('/api/payments/:id/quotes', `/api/payments/${id}/quotes`);
    expect(arrayOf(data)).to.have.lengthOf(1);
    const [row] = await sql`
      select q.rate::text as rate from payment_quotes q join payments p on p.id = q.payment_id where p.mongo_id = ${id}`;
    expect(row?.rate).to.equal(recordOf(recordOf(arrayOf(data)[0]).rate).$numberDecimal);
  });

  it('without oracle quoting a payment has none', async () => {
    const [payment] = await mongo.collection('payments').find().limit(1).toArray();
    expect(payment?.quotes).to.have.lengthOf(1);
    const quiet = await runReference({ mongoUri });
    const response = await fetch(`${quiet.url}/api/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${BUYER}` },
      body: JSON.stringify(order),
    });
    const body: JsonValue = JSON.parse(await response.text());
    await quiet.close();
    const id = String(recordOf(body)._id);
    expect((await shown('/api/payments/:id/quotes', `/api/payments/${id}/quotes`)).data).to.deep.equal([]);
  });

  it('a hundred destinations at once take a hundred indexes, and the next one is past them on both sides', async () => {
    const before = Number((await shown('/api/wallet/next-index', '/api/wallet/next-index')).next);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => post('/api/wallet/destinations', BUYER, { chain: 'tron' })),
    );
    const indexes = answers.map(([, { index }]) => Number(index)).sort((a, b) => a - b);
    expect(indexes).to.deep.equal(Array.from({ length: 100 }, (_, at) => before + at));
    expect((await shown('/api/wallet/next-index', '/api/wallet/next-index')).next).to.equal(before + 100);
    const id = String(answers[0]?.[1]._id);
    expect((await post(`/api/wallet/destinations/${id}/sweep`, BUYER))[0]).to.equal(200);
    const swept = await shown('/api/wallet/destinations/:id', `/api/wallet/destinations/${id}`);
    expect([swept.status, swept.balanceBaseUnits]).to.deep.equal(['swept', '0']);
  });

  it('a dispute is opened, gets evidence in order, and is resolved by an admin alone', async () => {
    const payment = await made('/api/payments', BUYER, order);
    const id = await made('/api/disputes', BUYER, { payment, reason: 'damaged', description: 'شکسته' });
    const handedIn: string[] = [];
    for (const kind of ['image', 'document', 'message']) {
      handedIn.push(await made(`/api/disputes/${id}/evidence`, SELLER, { kind, url: `https://files.example/${kind}` }));
    }
    const open = await shown('/api/disputes/:id', `/api/disputes/${id}`);
    expect(arrayOf(open.evidence).map((one) => recordOf(one)._id)).to.deep.equal(handedIn);
    expect((await post(`/api/disputes/${id}/resolve`, SELLER, { outcome: 'split' }))[0]).to.equal(403);
    expect((await post(`/api/disputes/${id}/resolve`, ADMIN, { outcome: 'split' }))[0]).to.equal(200);
    const closed = await shown('/api/disputes/:id', `/api/disputes/${id}`);
    expect(closed.status).to.equal('resolved');
    expect(arrayOf(closed.timeline).map((step) => recordOf(step).event)).to.deep.equal([
      'opened',
      'evidence_submitted',
      'evidence_submitted',
      'evidence_submitted',
      'closed',
    ]);
    expect((await post(`/api/disputes/${id}/resolve`, ADMIN, { outcome: 'split' }))[0], 'twice').to.equal(404);
  });

  for (const [why, target, caller, body, status, code] of [
    ['nobody asks', '/api/payments', null, order, 401, 'unauthenticated'],
    ['the amount is negative', '/api/payments', BUYER, { ...order, amount: -1 }, 400, 'invalid_body'],
    ['the amount has a seventh decimal', '/api/payments', BUYER, { ...order, amount: 1e-7 }, 400, 'invalid_body'],
    ['the currency is of a finer scale', '/api/payments', BUYER, { ...order, currency: 'ETH' }, 400, 'invalid_body'],
    ['the note has a NUL', '/api/payments', BUYER, { ...order, note: 'a\0' }, 400, 'invalid_body'],
    ['the seller is unknown', '/api/payments', BUYER, { ...order, seller: 'f'.repeat(24) }, 404, 'not_found'],
    ['the id is malformed', '/api/payments/x/pay', BUYER, {}, 400, 'invalid_id'],
    ['the payment is unknown', `/api/payments/${'f'.repeat(24)}/pay`, BUYER, {}, 404, 'not_found'],
    ['the chain is unknown', '/api/wallet/destinations', BUYER, { chain: 'dogecoin' }, 400, 'invalid_body'],
    ['the body is a list', '/api/wallet/destinations', BUYER, [], 400, 'invalid_body'],
    ['the reason is none', '/api/disputes', BUYER, { payment: BUYER, reason: 'x', description: '' }, 404, 'not_found'],
  ] as const) {
    it(`are refused where ${why}`, async () => {
      const [got, answer] = await post(target, caller, body);
      expect([got, recordOf(answer.error).code]).to.deep.equal([status, code]);
    });
  }

  it('leave no entry behind once they are carried over', async () => {
    await drainOnce({ mongo, sql, mappings: amanatMappings });
    for (const { collection } of amanatMappings) {
      expect(await mongo.collection(collection).countDocuments({ '_outbox.pending': true }), collection).to.equal(0);
    }
  });
});
