import { expect } from 'chai';
import { MongoClient, ObjectId } from 'mongodb';
import postgres from 'postgres';
import { ShadowError } from '../../src/errors.ts';
import { followChanges } from '../../src/migration/change-stream.ts';
import { hangDoorbell, hasChangeStreams } from '../../src/migration/doorbell.ts';
import { type DrainStep, drainAll, drainOnce } from '../../src/migration/drain.ts';
import { startDrain } from '../../src/migration/drain-worker.ts';
import { openGaps, repairGaps } from '../../src/migration/gaps.ts';
import { readDrainLag } from '../../src/migration/lag.ts';
import { anyPending } from '../../src/migration/pending.ts';
import { verify } from '../../src/migration/verify/verify.ts';
import { endOf, startProgram } from '../support/child.ts';
import { sized } from '../support/sized.ts';
import { until } from '../support/until.ts';
import { bothAgree, copied, first, type Synced, synced, updated, waitingIn, writeEach } from './synced.ts';

let stores: Synced;
/** Of writes before several workers start, and as many while they run. */
const ROUNDS = sized(4, 10);

const writeAll = (): Promise<void> => writeEach(stores);
const agree = (domains?: readonly string[] | 'all'): Promise<void> => bothAgree(stores, domains);

function runAndDie(step: DrainStep, collection: string): Promise<string> {
  const { mongoUri, databaseUrl } = stores;
  return endOf(startProgram(import.meta.url, './drain-main.ts', [mongoUri, databaseUrl, step, collection]));
}

describe('the drain', () => {
  before(async () => {
    stores = await synced();
  });
  after(() => stores.close());

  // Each step with a collection of its own; the whole has all sixteen.
  const KILLED = ['payments', 'fundsledgerentries', 'disputes', 'counters'];
  for (const [at, step] of (['read', 'written', 'committed', 'taken'] as const).entries()) {
    it(`killed when a batch is ${step}, it goes on, and nothing is lost or twice`, async () => {
      const { mongo, sql, mappings } = stores;
      for (const collection of [...KILLED, ...KILLED].slice(at, at + sized(1, 4))) {
        await writeAll();
        expect(await runAndDie(step, collection)).to.equal('SIGKILL');
        if (step !== 'taken') expect(await waitingIn(mongo, collection)).to.be.greaterThan(0);
      }
      expect(await drainAll({ mongo, sql, mappings })).to.include({ failed: 0, deferred: 0 });
      for (const { collection } of mappings) expect(await waitingIn(mongo, collection), collection).to.equal(0);
      await agree();
    });
  }

  it('two at once do what one does', async () => {
    const { mongo, sql, mappings } = stores;
    for (let i = 0; i < ROUNDS; i += 1) await writeAll();
    const workers = [1, 2, 3].map(() => startDrain({ mongo, sql, mappings, pace: { firstMs: 1 }, batch: 3 }));
    for (let i = 0; i < ROUNDS; i += 1) await writeAll();
    for (const worker of workers) await worker.settled();
    for (const worker of workers) await worker.close();
    await drainAll({ mongo, sql, mappings });
    await agree();
  });

  it('brings what a write refers to first, in whatever order the writes came', async () => {
    const { mongo, sql, mappings } = stores;
    const parent = new ObjectId();
    const category = await first(mongo, 'categories');
    await copied(mongo, 'categories', { slug: `child-${parent}`, parent });
    expect(await drainOnce({ mongo, sql, mappings })).to.include({ drained: 1, failed: 0 });
    const { _id, ...rest } = category;
    await mongo.collection('categories').insertOne({ ...rest, _id: parent, slug: `parent-${parent}`, _rev: 1 });
    await updated(mongo, 'categories', parent, { $set: { name: 'Parent' } });
    await drainAll({ mongo, sql, mappings });
    await agree(['marketplace']);
  });

  it('puts a write off whose reference is to come, and gives it up as a gap, which is repaired when it has come', async () => {
    const { mongo, sql, mappings } = stores;
    const patience = { tries: 3, retryMs: 5 };
    const buyer = new ObjectId();
    const payment = await copied(mongo, 'payments', { buyer, reference: 'PAY-early', quotes: [] });
    expect(await drainOnce({ mongo, sql, mappings, patience })).to.include({ drained: 0, deferred: 1, failed: 0 });
    expect(await waitingIn(mongo, 'payments')).to.equal(1);
    expect(await openGaps(sql)).to.deep.equal([]);
    expect(await drainAll({ mongo, sql, mappings, patience })).to.include({ failed: 1 });
    const [gap] = await openGaps(sql);
    expect(gap).to.include({ collection: 'payments', mongoId: payment.toHexString(), attempts: 3 });
    expect(gap?.error).to.equal(`buyer: refers to users ${buyer}, which is gone`);
    const known = await verify({ mongo, sql, mappings, settleMs: 100, domains: ['payments'] });
    expect(known.findings.map(({ kind }) => kind)).to.deep.equal(['excused']);
    expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 0, refused: 1 });
    const { _id, ...user } = await first(mongo, 'users');
    await mongo.collection('users').insertOne({ ...user, _id: buyer, email: 'late@example.com', _rev: 1 });
    expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 1, refused: 0 });
    expect(await openGaps(sql)).to.deep.equal([]);
    await agree();
  });

  it('waits no longer for a write whose document is gone', async () => {
    const { mongo, sql, mappings } = stores;
    const patience = { tries: 50, retryMs: 1 };
    const early = await copied(mongo, 'payments', { buyer: new ObjectId(), reference: 'PAY-gone', quotes: [] });
    expect(await drainOnce({ mongo, sql, mappings, patience })).to.include({ deferred: 1 });
    await mongo.collection('payments').deleteOne({ _id: early });
    expect(await drainAll({ mongo, sql, mappings, patience })).to.deep.equal({ drained: 0, failed: 0, deferred: 0 });
    expect(await drainOnce({ mongo, sql, mappings })).to.include({ oldest: null });
  });

  it('notes what Postgres cannot hold with its reason, goes on with the rest, and takes the corrected document', async () => {
    const { mongo, sql, mappings } = stores;
    const bad = await copied(mongo, 'payments', { reference: 'PAY-nan', amount: Number.NaN, quotes: [] });
    await writeAll();
    const pass = await drainAll({ mongo, sql, mappings });
    expect(pass.failed).to.equal(1);
    expect((await openGaps(sql)).map(({ error }) => error)).to.deep.equal(['amount: NaN is not a finite number']);
    await updated(mongo, 'payments', bad, { $set: { amount: 1 } });
    await drainAll({ mongo, sql, mappings });
    expect(await openGaps(sql)).to.deep.equal([]);
    await agree();
  });

  it('never moves the sequence back', async () => {
    const { mongo, sql, mappings } = stores;
    const counter = await first(mongo, 'counters');
    await sql`select setval('derived_destination_index', ${Number(counter.seq) + 50})`;
    await updated(mongo, 'counters', counter._id, { $inc: { seq: 1 } });
    await drainAll({ mongo, sql, mappings });
    const [row] = await sql`select last_value from derived_destination_index`;
    expect(row?.last_value).to.equal(Number(counter.seq) + 50);
    await updated(mongo, 'counters', counter._id, { $inc: { seq: 49 } });
    await drainAll({ mongo, sql, mappings });
    await agree('all');
  });

  it('writes its lag down, and a lag that nobody confirms is none', async () => {
    const { mongo, sql, mappings } = stores;
    await sql`delete from drain_status`;
    expect(await readDrainLag(sql)).to.equal(null);
    const worker = startDrain({ mongo, sql, mappings });
    await worker.settled();
    await worker.close();
    expect(await readDrainLag(sql)).to.equal(0);
    await sql`update drain_status set at = now() - interval '31 seconds'`;
    expect(await readDrainLag(sql)).to.equal(null);
  });

  it('says that the lag grows while it cannot read what was written', async () => {
    const { sql, mappings } = stores;
    await sql`delete from drain_status`;
    const away = new MongoClient('mongodb://127.0.0.1:9/?directConnection=true', { serverSelectionTimeoutMS: 20 });
    const worker = startDrain({ mongo: away.db('away'), sql, mappings });
    await until(async () => (await sql`select from drain_status where lag_ms > 0 and error is not null`).length === 1);
    await worker.close();
    await away.close();
  });

  it('finds a write of any collection with one question, and carries it over after a quiet time', async () => {
    const { mongo, sql, mappings } = stores;
    await drainAll({ mongo, sql, mappings });
    expect(await anyPending(mongo, mappings)).to.equal(false);
    for (const collection of ['users', 'counters']) {
      const { _id } = await first(mongo, collection);
      await updated(mongo, collection, _id, { $set: { updatedAt: new Date() } });
      expect(await anyPending(mongo, mappings), collection).to.equal(true);
      await drainAll({ mongo, sql, mappings });
    }
    const worker = startDrain({ mongo, sql, mappings });
    // So many rounds without work that it only looks.
    for (let round = 0; round < 6; round += 1) await worker.settled();
    await writeAll();
    await until(async () => !(await anyPending(mongo, mappings)), 50);
    await worker.close();
    await agree();
  });

  it('asks for gaps that are due with one statement, however many collections there are', async () => {
    const { mongo, mappings, databaseUrl } = stores;
    const statements: string[] = [];
    const sql = postgres(databaseUrl, { max: 1, fetch_types: false, debug: (_, query) => void statements.push(query) });
    try {
      await repairGaps({ mongo, sql, mappings, dueOnly: true });
      expect(statements).to.have.length(1);
    } finally {
      await sql.end();
    }
  });

  it('gets the first write from a replica set, and does without where there is none', async () => {
    const { mongo } = stores;
    const bell = await hangDoorbell(mongo, ['counters']).catch(() => null);
    expect(bell !== null).to.equal(await hasChangeStreams(mongo));
    if (bell === null) return;
    await updated(mongo, 'counters', (await first(mongo, 'counters'))._id, { $inc: { seq: 1 } });
    expect(await bell.rung).to.equal('write');
    await bell.close();
  });

  it('follows a change stream of a replica set, and says so where there is none', async () => {
    const { mongo, sql, mappings } = stores;
    const hello = await mongo.admin().command({ hello: 1 });
    if (hello.setName === undefined) {
      const error = await followChanges({ mongo, sql, mappings }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ShadowError).with.property('message').that.includes('need a replica set');
      return;
    }
    const follower = await followChanges({ mongo, sql, mappings });
    await writeAll();
    await follower.settled();
    await follower.close();
    await agree();
  });
});
