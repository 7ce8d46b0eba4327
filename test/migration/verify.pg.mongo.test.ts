import { expect } from 'chai';
import { ObjectId } from 'mongodb';
import { drainAll } from '../../src/migration/drain.ts';
import { startDrain } from '../../src/migration/drain-worker.ts';
import { noteGap } from '../../src/migration/gaps.ts';
import { reconcile } from '../../src/migration/reconcile/reconcile.ts';
import { currentBackfillId } from '../../src/migration/runs.ts';
import { type VerifyOptions, type VerifyReport, verify } from '../../src/migration/verify/verify.ts';
import { copied, first, money, type Synced, synced, updated } from './synced.ts';

let stores: Synced;

const check = (options: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
  verify({ mongo: stores.mongo, sql: stores.sql, mappings: stores.mappings, settleMs: 300, ...options });

const told = ({ findings }: VerifyReport): string[] =>
  findings.map(({ kind, collection, fields }) => `${kind} ${collection} ${fields.join(' ')}`.trim()).sort();

describe('verify and reconcile', () => {
  before(async () => {
    stores = await synced();
  });
  after(() => stores.close());

  it('find nothing after a backfill, which has an id of its own', async () => {
    const report = await check();
    expect(told(report)).to.deep.equal([]);
    expect(report.complete).to.equal(true);
    for (const model of report.models) expect(model.documents, model.model).to.equal(model.agree);
    expect((await reconcile(stores)).drift).to.deep.equal([]);
    expect(await currentBackfillId(stores.sql, 'payments', stores.mappings)).to.match(/^[0-9a-f-]{36}$/);
  });

  it('name a missing row, an extra row, and drift with its fields, embedded arrays included', async () => {
    const { sql, mongo, mappings } = stores;
    await sql`update payments set note = 'other', fee = 1.5 where mongo_id = (select min(mongo_id) from payments)`;
    await sql`update dispute_evidence set note = 'other' where id = (select min(id::text)::uuid from dispute_evidence)`;
    const [gone] =
      await sql`delete from notifications where mongo_id = (select min(mongo_id) from notifications) returning mongo_id`;
    expect(gone).not.to.equal(undefined);
    const extra = await copied(mongo, 'addresses', {});
    await drainAll({ mongo, sql, mappings });
    await mongo.collection('addresses').deleteOne({ _id: extra });
    const report = await check();
    expect(told(report)).to.deep.equal([
      'drift disputes /evidence/*/note',
      'drift payments /fee /note',
      'extra addresses',
      'missing notifications',
    ]);
    expect(report.models.find(({ model }) => model === 'Payment')?.fields).to.deep.equal({ '/fee': 1, '/note': 1 });
    await noteGap(sql, {
      collection: 'notifications',
      mongoId: String(gone?.mongo_id),
      operation: 'drain',
      error: 'x',
    });
    expect(told(await check())).to.include('excused notifications');
    // Each look takes longer than that, and one alone decides nothing.
    const { findings } = await check({ settleMs: 0 });
    expect(findings.map(({ kind }) => kind)).to.have.members(['drift', 'drift', 'extra', 'excused']);
  });

  it('raise no false alarm while documents are written, and find drift of a document that is being written', async () => {
    const { mongo, sql, mappings } = stores;
    const user = await first(mongo, 'users');
    const drifting = await first(mongo, 'users', { _id: { $gt: user._id } });
    await sql`update users set locale = 'xx' where mongo_id = ${String(drifting._id)}`;
    const worker = startDrain({ mongo, sql, mappings, pace: { firstMs: 30 } });
    let writing = true;
    const writes = (async () => {
      for (let i = 0; writing; i += 1) await updated(mongo, 'users', user._id, { $set: { bio: `bio ${i}` } });
    })();
    const reports = [
      await check({ domains: ['identity'], settleMs: 60_000 }),
      await check({ domains: ['identity'], settleMs: 60_000 }),
    ];
    writing = false;
    await writes;
    await worker.settled();
    await worker.close();
    for (const report of reports) expect(told(report)).to.deep.equal(['drift users /locale']);
    await sql`update users set locale = ${drifting.locale} where mongo_id = ${String(drifting._id)}`;
  });

  it('say that a row is behind where no drain runs', async () => {
    const { mongo, sql, mappings } = stores;
    const user = await first(mongo, 'users');
    await updated(mongo, 'users', user._id, { $set: { bio: 'not drained' } });
    expect(told(await check({ domains: ['identity'], settleMs: 50 }))).to.deep.equal(['behind users /bio']);
    await drainAll({ mongo, sql, mappings });
    expect(told(await check({ domains: ['identity'], settleMs: 50 }))).to.deep.equal([]);
  });

  it('go on where they were stopped, and count each document once', async () => {
    const whole = await check({ restart: true, domains: ['marketplace'] });
    const stop = new AbortController();
    const options = { domains: ['marketplace'], batch: 20 };
    const half = await check({ ...options, restart: true, signal: stop.signal, onProgress: () => stop.abort() });
    expect(half.complete).to.equal(false);
    const rest = await check(options);
    expect(rest.complete).to.equal(true);
    expect(rest.models).to.deep.equal(whole.models);
  });

  it('look at a sample on request, no faster than they are asked to', async () => {
    const report = await check({ sample: 0.2, rate: 2_000, domains: ['ledger'], restart: true });
    const all = await stores.mongo.collection('fundsledgerentries').countDocuments();
    const [model] = report.models;
    expect(model?.documents).to.be.within(all * 0.1, all * 0.3);
    expect(report.rate).to.be.lessThan(2_100);
  });

  it('take a row past its time for none', async () => {
    const { sql } = stores;
    await sql`
      insert into temp_verifications (id, mongo_id, email, purpose, code, attempts, max_attempts, expires_at, created_at, updated_at)
      values (gen_random_uuid(), 'ffffffffffffffffffffffff', 'a@b.c', 'x', '1', 0, 3, now() - interval '1 s', now(), now())`;
    expect(told(await check({ domains: ['identity'] }))).to.deep.equal([]);
  });

  it("name the ledger's entry that is missing in Postgres, to the last decimal", async () => {
    const { mongo, sql, mappings } = stores;
    const change = { amount: money('0.000000000000000001'), currency: 'ETH' };
    const id = await copied(mongo, 'fundsledgerentries', change);
    const report = await reconcile({ mongo, sql, mappings, settleMs: 50 });
    expect(report.drift.flatMap(({ entries }) => entries)).to.deep.equal([
      { mongoId: id.toHexString(), kind: 'missing', mongo: '1E-18', postgres: null, reason: null },
    ]);
    await drainAll({ mongo, sql, mappings });
    expect((await reconcile({ mongo, sql, mappings, settleMs: 50 })).drift).to.deep.equal([]);
  });

  it("name the ledger's entries that have no account, or one of another type, beside sums that agree", async () => {
    const { mongo, sql, mappings } = stores;
    const entry = await first(mongo, 'fundsledgerentries');
    const strange = [{ account: null }, { account: String(entry.account) }, { currency: 7 }, { bucket: ['available'] }];
    const ids: string[] = [];
    for (const change of strange)
      ids.push(String(await copied(mongo, 'fundsledgerentries', { ...change, amount: money('3') }, entry)));
    const { drift } = await reconcile({ mongo, sql, mappings, settleMs: 50 });
    const entries = drift.flatMap((one) => one.entries);
    expect(entries.map(({ mongoId, kind }) => `${kind} ${mongoId}`).sort()).to.deep.equal(
      ids.map((id) => `missing ${id}`).sort(),
    );
    expect(drift.map(({ of }) => of.account).sort()[0]).to.equal('(none)');
    await mongo.collection('fundsledgerentries').deleteMany({ _id: { $in: ids.map((id) => new ObjectId(id)) } });
    expect((await reconcile({ mongo, sql, mappings, settleMs: 50 })).drift).to.deep.equal([]);
  });

  it('cannot be led astray by a changed ledger: Postgres refuses to change or remove an entry', async () => {
    const { sql } = stores;
    for (const change of ['update funds_ledger_entries set amount = 0', 'delete from funds_ledger_entries']) {
      const error = await sql.unsafe(change).catch((thrown: unknown) => thrown);
      expect(String(error)).to.include('append-only');
    }
  });
});
