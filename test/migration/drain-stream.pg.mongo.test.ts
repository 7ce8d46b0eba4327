/** The drain on a replica set: woken by a change stream, and fed by one. */
import { createHook } from 'node:async_hooks';
import { expect } from 'chai';
import { type Db, type Document, Long, MongoClient, ObjectId } from 'mongodb';
import { ShadowError } from '../../src/errors.ts';
import { followChanges } from '../../src/migration/change-stream.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { startDrain } from '../../src/migration/drain-worker.ts';
import { openGaps } from '../../src/migration/gaps.ts';
import { quietMongoClient } from '../../src/migration/mongo-client.ts';
import { type MongoStore, openMongo, withMongoDatabase } from '../../src/stores/mongo.ts';
import { runCommand } from '../support/run-command.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';
import { bothAgree, copied, first, money, type Synced, synced, waitingIn, writeEach } from './synced.ts';

/** Changes that the log of the embedded server keeps here: more than the seed has, so that one insert can use it up. */
const LOG = 6_000;
/** Nothing but the change stream wakes a drain that looks this seldom, ms. */
const NEVER = 3_600_000;

describe('the drain on a replica set', () => {
  let store: MongoStore;
  let stores: Synced;
  let gate: TcpGate;
  const clients: MongoClient[] = [];
  const notes: string[] = [];
  const onNote = (text: string): void => void notes.push(text);

  before(async function () {
    store = await openMongo({ replicaSet: true, logEntries: LOG });
    if (!store.replicaSet) {
      console.log('      skipped: the server of MONGODB_URI is no replica set');
      this.skip();
    }
    stores = await synced(withMongoDatabase(store.uri, `drained_${Date.now()}`));
    const [address = ''] = new URL(store.uri.replace('mongodb:', 'http:')).host.split(',');
    const [host = '', port = ''] = address.split(':');
    gate = await startTcpGate(host, Number(port));
  });
  afterEach(() => {
    notes.length = 0;
    return Promise.all(clients.splice(0).map((client) => client.close()));
  });
  after(async () => {
    await gate?.close();
    await stores?.close();
    await store.close();
  });

  /** The same database by a connection that can be broken, with what is asked by it. */
  async function watched(): Promise<{ readonly mongo: Db; readonly asked: string[]; readonly streams: Long[] }> {
    const client = new MongoClient(`mongodb://127.0.0.1:${gate.port}/?directConnection=true`, {
      monitorCommands: true,
      serverSelectionTimeoutMS: 10_000,
    });
    clients.push(client);
    const asked: string[] = [];
    const streams: Long[] = [];
    client.on('commandStarted', ({ commandName }) => void asked.push(commandName));
    client.on('commandSucceeded', ({ commandName, reply }) => {
      const id = commandName === 'aggregate' ? Long.fromValue((reply as Document).cursor.id) : Long.ZERO;
      if (!id.isZero()) streams.push(id);
    });
    await client.connect();
    return { mongo: client.db(stores.mongo.databaseName), asked, streams };
  }

  /** A user whose row has come; with an outbox entry or without. */
  async function brought(outbox: boolean, name = `New ${new ObjectId()}`): Promise<ObjectId> {
    const { mongo, sql } = stores;
    const id = await copied(mongo, 'users', { email: `${new ObjectId()}@example.com`, name });
    if (!outbox) await mongo.collection('users').updateOne({ _id: id }, { $unset: { _outbox: '' } });
    await until(async () => (await sql`select from users where mongo_id = ${id.toHexString()}`).length === 1);
    return id;
  }

  it('has a driver that does not look at its pool ten times a second', async () => {
    const waits = new Set<unknown>();
    const hook = createHook({
      init(_id, type, _trigger, resource) {
        if (type === 'Timeout' && '_idleTimeout' in resource) waits.add(resource._idleTimeout);
      },
    }).enable();
    const client = quietMongoClient(store.uri);
    clients.push(client);
    await client.db().command({ ping: 1 });
    hook.disable();
    expect([...waits]).to.include(20_000);
  });

  describe('woken by a change stream', () => {
    it('brings the first write after a quiet time at once, one quiet time after the other', async () => {
      const { mongo, asked } = await watched();
      const drain = startDrain({ ...stores, mongo, onNote, pace: { bellMs: NEVER } });
      for (let time = 1; time <= 2; time += 1) {
        const before = asked.filter((name) => name === 'getMore').length;
        await until(() => asked.filter((name) => name === 'getMore').length > before);
        await brought(true);
      }
      await drain.close();
      expect(notes).to.deep.equal([]);
    });

    it('goes on when the connection breaks while it waits', async () => {
      const { mongo, asked } = await watched();
      const drain = startDrain({ ...stores, mongo, onNote, pace: { bellMs: NEVER } });
      await until(() => asked.includes('getMore'));
      const before = asked.length;
      await gate.set('shut');
      await gate.set('open');
      await until(() => asked.slice(before).includes('getMore'));
      await brought(true);
      await drain.close();
    });

    it('looks at the outboxes again when its stream is ended, and says so', async () => {
      const { mongo, asked, streams } = await watched();
      const drain = startDrain({ ...stores, mongo, onNote, pace: { bellMs: NEVER } });
      await until(() => asked.includes('getMore'));
      await mongo.command({ killCursors: '$cmd.aggregate', cursors: streams });
      await until(() => notes.length > 0);
      await brought(true);
      await drain.close();
      expect(notes[0]).to.include('outboxes are looked at instead');
    });
  });

  describe('fed by a change stream', () => {
    it('brings writes that leave no outbox entry, changes and deletions, whatever refers to what', async () => {
      const { mongo, sql } = stores;
      const follower = await followChanges({ ...stores, onNote });
      const user = await brought(false);
      await mongo.collection('users').updateOne({ _id: user }, { $set: { name: 'Changed' } });
      await until(
        async () => (await sql`select from users where mongo_id = ${String(user)} and name = 'Changed'`).length === 1,
      );
      const parent = await copied(mongo, 'categories', { slug: `parent-${new ObjectId()}`, parent: null });
      const child = await copied(mongo, 'categories', { slug: `child-${new ObjectId()}`, parent });
      const categories = (): Promise<readonly unknown[]> =>
        sql`select from categories where mongo_id in (${String(parent)}, ${String(child)})`;
      await until(async () => (await categories()).length === 2);
      await mongo.collection('categories').deleteMany({ _id: { $in: [parent, child] } });
      await mongo.collection('users').deleteOne({ _id: user });
      await until(async () => (await categories()).length === 0);
      await until(async () => (await sql`select from users where mongo_id = ${String(user)}`).length === 0);
      await follower.close();
      expect(follower.lag()).to.include({ failed: 0, error: null });
      expect(await openGaps(sql)).to.deep.equal([]);
    });

    it('brings a document that was deleted and made again under its id, though it begins anew with its revisions', async () => {
      const { mongo, sql } = stores;
      await (await followChanges({ ...stores, onNote })).close();
      const { _outbox, ...user } = await first(mongo, 'users');
      await mongo.collection('users').updateOne({ _id: user._id }, { $set: { _rev: 9, name: 'Before' } });
      const brings = async (name: string): Promise<void> => {
        const follower = await followChanges({ ...stores, onNote });
        const row = () => sql`select from users where mongo_id = ${String(user._id)} and name = ${name}`;
        await until(async () => (await row()).length === 1);
        await follower.close();
      };
      await brings('Before');
      await mongo.collection('users').deleteOne({ _id: user._id });
      await mongo.collection('users').insertOne({ ...user, _id: user._id, _rev: 1, name: 'Again' });
      await brings('Again');
      expect(await openGaps(sql)).to.deep.equal([]);
    });

    it('goes on where it was when it is started again, and when the connection breaks: nothing lost, nothing twice', async () => {
      const { sql } = stores;
      await (await followChanges({ ...stores, onNote })).close();
      const payment = await first(stores.mongo, 'payments');
      for (let write = 1; write <= 20; write += 1)
        await stores.mongo.collection('payments').updateOne({ _id: payment._id }, { $set: { amount: write } });
      await writeEach(stores);
      const { mongo, asked } = await watched();
      const follower = await followChanges({ ...stores, mongo, onNote });
      await until(() => follower.lag().drained >= 8);
      // The payment above, and of `writeEach` a user, a payment, three entries of the ledger, a dispute and the counter.
      expect(follower.lag()).to.include({ drained: 8, failed: 0 });
      for (let write = 1; write <= 30; write += 1) {
        await copied(stores.mongo, 'fundsledgerentries', { amount: money('1'), currency: 'ETH' });
        await stores.mongo.collection('payments').updateOne({ _id: payment._id }, { $set: { amount: write } });
        if (write % 10 !== 5) continue;
        const before = asked.length;
        await gate.set('shut');
        await gate.set('open');
        await until(() => asked.length > before);
      }
      await brought(false, 'The last');
      await follower.close();
      const [row] = await sql`select amount::float8 from payments where mongo_id = ${String(payment._id)}`;
      expect(row).to.deep.equal({ amount: 30 });
      await bothAgree(stores);
      for (const { collection } of stores.mappings)
        expect(await waitingIn(stores.mongo, collection), `entries in ${collection}`).to.equal(0);
    });

    it('goes on when Postgres cannot be reached for a while, from what was not committed', async () => {
      const postgres = new URL(stores.databaseUrl);
      const before = await startTcpGate(postgres.hostname, Number(postgres.port));
      postgres.port = String(before.port);
      const sql = openMigrationDatabase(postgres.href, 2);
      try {
        const follower = await followChanges({ ...stores, sql, onNote });
        await before.set('gone');
        const email = `${new ObjectId()}@example.com`;
        const user = await copied(stores.mongo, 'users', { email, name: 'Meanwhile' });
        await until(() => notes.some((note) => note.includes('is opened again')));
        await before.set('open');
        await until(async () => (await stores.sql`select from users where mongo_id = ${String(user)}`).length === 1);
        await follower.close();
      } finally {
        await sql.end({ timeout: 1 });
        await before.close();
      }
    });

    /** More writes than the log of the server keeps. */
    async function useUpTheLog(): Promise<void> {
      const other = stores.mongo.client.db(`${stores.mongo.databaseName}_other`).collection('c');
      await other.insertMany(Array.from({ length: LOG + 10 }, () => ({})));
    }

    it('refuses to go on from where the log no longer reaches back to, and says what to do', async function () {
      if (store.kind !== 'embedded') {
        console.log('      skipped: how long the log of MONGODB_URI reaches back is not for this test to say');
        this.skip();
      }
      await (await followChanges(stores)).close();
      const missed = await copied(stores.mongo, 'users', { email: `${new ObjectId()}@example.com`, name: 'Missed' });
      await useUpTheLog();
      const error = await followChanges(stores).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ShadowError).with.property('message').that.includes('may be missing in Postgres');
      const ran = await runCommand(['drain', '--follow', '--source', 'changestream'], {
        MONGODB_URI: stores.mongoUri,
        MIGRATION_PG_URL: stores.databaseUrl,
      });
      expect(ran.status).to.equal(2);
      expect(ran.err).to.include('--restart, then shadowread verify --restart and shadowread repair --all');
      const follower = await followChanges({ ...stores, restart: true });
      await brought(false);
      await follower.close();
      // The outbox had it.
      expect(await stores.sql`select from users where mongo_id = ${String(missed)}`).to.have.length(1);
    });

    it('stops where it loses writes while it runs, and the lag is not said to be none', async function () {
      if (store.kind !== 'embedded') {
        console.log('      skipped: how long the log of MONGODB_URI reaches back is not for this test to say');
        this.skip();
      }
      const { mongo } = await watched();
      const follower = await followChanges({ ...stores, mongo, onNote });
      await gate.set('gone');
      await useUpTheLog();
      await gate.set('open');
      expect((await follower.lost).message).to.include('may be missing in Postgres');
      await follower.close();
      const [status] = await stores.sql`select error from drain_status where source = 'changestream'`;
      expect(status?.error).to.be.a('string');
    });

    it('goes on after its database was dropped, and names what was', async () => {
      const { mongo } = stores;
      const user = await first(mongo, 'users');
      const follower = await followChanges({ ...stores, onNote, restart: true });
      await mongo.dropDatabase();
      await until(() => notes.some((note) => /dropped or renamed: .*users/.test(note)));
      const { _outbox, ...rest } = user;
      const again = { ...rest, _id: new ObjectId(), email: 'again@example.com' };
      await mongo.collection('users').insertOne(again);
      await until(async () => (await stores.sql`select from users where mongo_id = ${String(again._id)}`).length === 1);
      await follower.close();
    });
  });
});
