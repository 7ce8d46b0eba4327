/** Change streams of the embedded server as a replica set of one; of `MONGODB_URI` where that is a replica set. */
import { expect } from 'chai';
import {
  type ChangeStream,
  type ChangeStreamOptions,
  type Collection,
  type Db,
  type Document,
  Long,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
  Timestamp,
} from 'mongodb';
import { type MongoStore, openMongo, withMongoDatabase } from '../../src/stores/mongo.ts';
import { startTcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

interface Doc extends Document {
  _id: number;
}

/** Changes that the log of the embedded server keeps here. */
const LOG = 2_000;

describe('stores/embedded change streams', () => {
  let store: MongoStore;
  let client: MongoClient;
  let db: Db;
  let collections = 0;
  const streams: ChangeStream[] = [];

  before(async function () {
    store = await openMongo({ replicaSet: true, logEntries: LOG });
    if (!store.replicaSet) {
      console.log('      skipped: the server of MONGODB_URI is no replica set');
      this.skip();
    }
    client = await MongoClient.connect(withMongoDatabase(store.uri, `streams_${Date.now()}`));
    db = client.db();
  });
  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.close()));
  });
  after(async () => {
    await db?.dropDatabase();
    await client?.close();
    await store.close();
  });

  function fresh(): Collection<Doc> {
    collections += 1;
    return db.collection<Doc>(`c${collections}`);
  }

  /** The moment after all that was written so far. */
  async function now(): Promise<Timestamp> {
    const { operationTime } = await db.command({ ping: 1 });
    return new Timestamp({ t: operationTime.t, i: operationTime.i + 1 });
  }

  /** A stream of all that is written from now on. It would wait for longer than a test may take. */
  async function watching(
    on: { watch(stages: Document[], options: ChangeStreamOptions): ChangeStream },
    stages: Document[] = [],
    options: ChangeStreamOptions = {},
  ): Promise<ChangeStream> {
    const begins = options.resumeAfter ?? options.startAfter ?? options.startAtOperationTime;
    const from = begins === undefined ? { startAtOperationTime: await now() } : {};
    const stream = on.watch(stages, { maxAwaitTimeMS: 60_000, ...from, ...options });
    streams.push(stream);
    return stream;
  }

  async function next(stream: ChangeStream, count: number): Promise<Document[]> {
    const events: Document[] = [];
    while (events.length < count) events.push(await stream.next());
    return events;
  }

  async function codeOf(refused: Promise<unknown>): Promise<unknown> {
    const error = await refused.then(
      () => 'it was answered',
      (thrown: unknown) => thrown,
    );
    return error instanceof MongoServerError ? error.code : error;
  }

  it('is the primary of a set that a driver finds by its name, with sessions that have seen what they wrote', async () => {
    const hello = await db.admin().command({ hello: 1 });
    expect(hello.isWritablePrimary).to.equal(true);
    expect(hello.hosts).to.include(hello.primary);
    expect(hello.setName).to.be.a('string');
    expect(hello.$clusterTime.clusterTime.t).to.be.greaterThan(0);
    const c = fresh();
    await client.withSession(async (session) => {
      await c.insertOne({ _id: 1 }, { session });
      expect(await c.findOne({ _id: 1 }, { session })).to.deep.equal({ _id: 1 });
    });
  });

  it('does a write once that comes twice, since its answer was lost', async () => {
    const c = fresh();
    await c.insertOne({ _id: 1, n: 0 });
    // The driver counts by itself in the sessions of a client that it writes by.
    const own = await MongoClient.connect(withMongoDatabase(store.uri, db.databaseName));
    try {
      await own.withSession(async (session) => {
        const statement = { q: { _id: 1 }, u: { $inc: { n: 1 } } };
        const write = (number: number, more: Document = {}): Promise<Document> =>
          own
            .db()
            .command(
              { update: c.collectionName, updates: [{ ...statement, ...more }], txnNumber: Long.fromNumber(number) },
              { session },
            );
        expect(await write(5)).to.include({ n: 1, nModified: 1 });
        expect(await write(5)).to.include({ n: 1, nModified: 1 });
        expect(await c.findOne()).to.deep.equal({ _id: 1, n: 1 });
        expect(await codeOf(write(4))).to.equal(225);
        expect(await codeOf(write(6, { multi: true }))).to.equal(72);
      });
    } finally {
      await own.close();
    }
  });

  it('shows each kind of write with its document, time and place', async () => {
    const c = fresh();
    const stream = await watching(c);
    await c.insertOne({ _id: 1, a: 1 });
    await c.updateOne({ _id: 1 }, { $set: { a: 2 } });
    await c.updateOne({ _id: 1 }, { $set: { a: 2 } });
    await c.replaceOne({ _id: 1 }, { b: 1 });
    await c.findOneAndUpdate({ _id: 2 }, { $set: { a: 1 } }, { upsert: true });
    await c.deleteOne({ _id: 1 });
    const events = await next(stream, 5);
    const ns = { db: db.databaseName, coll: c.collectionName };
    for (const event of events) {
      expect(event._id._data).to.be.a('string');
      expect(event.clusterTime.t).to.be.greaterThan(0);
      expect(event.wallTime).to.be.instanceOf(Date);
      expect(event.ns).to.deep.equal(ns);
    }
    const described = { updatedFields: { a: 2 }, removedFields: [], truncatedArrays: [] };
    expect(events.map(({ _id, clusterTime, wallTime, ns: _, ...rest }) => rest)).to.deep.equal([
      { operationType: 'insert', fullDocument: { _id: 1, a: 1 }, documentKey: { _id: 1 } },
      { operationType: 'update', documentKey: { _id: 1 }, updateDescription: described },
      { operationType: 'replace', fullDocument: { _id: 1, b: 1 }, documentKey: { _id: 1 } },
      { operationType: 'insert', fullDocument: { _id: 2, a: 1 }, documentKey: { _id: 2 } },
      { operationType: 'delete', documentKey: { _id: 1 } },
    ]);
    const tokens = events.map(({ _id }) => _id._data);
    expect(tokens).to.deep.equal(tokens.toSorted());
  });

  type Described = readonly [update: Document | Document[], set: Document, removed?: string[], cut?: Document[]];
  const OLD = {
    _id: 1,
    d: { x: 1, y: 2 },
    l: [1, 2],
    m: [{ n: 1 }, { n: 2 }],
    t: 'x'.repeat(200),
    e: [],
    w: ['one', 'two', 'three', 'four'],
  };
  const DESCRIBED: readonly Described[] = [
    [{ $set: { 'd.x': 5, new: 1 }, $unset: { 'd.y': '', t: '' } }, { new: 1, 'd.x': 5 }, ['d.y', 't']],
    [{ $set: { d: { x: 1, y: 3 } } }, { d: { x: 1, y: 3 } }],
    [{ $set: { 'n.o.p': 1 } }, { n: { o: { p: 1 } } }],
    [{ $push: { l: 3 } }, { 'l.2': 3 }],
    [
      { $push: { l: { $each: [3, 4] } }, $inc: { 'd.x': 1 } },
      { 'd.x': 2, 'l.2': 3, 'l.3': 4 },
    ],
    [{ $push: { l: { $each: [0], $position: 0 } } }, { l: [0, 1, 2] }],
    [{ $push: { e: 1 } }, { e: [1] }],
    [{ $pull: { l: 1 } }, { l: [2] }],
    [{ $set: { 'm.$[].n': 7 } }, { m: [{ n: 7 }, { n: 7 }] }],
    [{ $set: { 'm.1.n': 7 } }, { 'm.1.n': 7 }],
    [{ $rename: { t: 'u' } }, { u: 'x'.repeat(200) }, ['t']],
    [[{ $set: { 'd.x': 5 } }, { $unset: 'e' }], { 'd.x': 5 }, ['e']],
    [[{ $set: { w: { $slice: ['$w', 3] } } }], {}, [], [{ field: 'w', newSize: 3 }]],
    [[{ $set: { l: { $slice: ['$l', 1] } } }], { l: [1] }],
  ];
  it('describes an update by the paths that it changed', async () => {
    const c = fresh();
    const stream = await watching(c, [{ $match: { operationType: 'update' } }]);
    for (const [at, [update]] of DESCRIBED.entries()) {
      await c.insertOne({ ...OLD, _id: at });
      await c.updateOne({ _id: at }, update);
    }
    for (const [update, updatedFields, removedFields = [], truncatedArrays = []] of DESCRIBED) {
      const { updateDescription } = await stream.next().then((event): Document => event);
      expect(updateDescription, JSON.stringify(update)).to.deep.equal({
        updatedFields,
        removedFields,
        truncatedArrays,
      });
      expect(Object.keys(updateDescription.updatedFields)).to.deep.equal(Object.keys(updatedFields));
    }
  });

  it('takes a small document that a pipeline changed as replaced', async () => {
    const c = fresh();
    await c.insertOne({ _id: 1, a: 1 });
    const stream = await watching(c);
    await c.updateOne({ _id: 1 }, [{ $set: { a: 2 } }]);
    expect(await stream.next()).to.deep.include({ operationType: 'replace', fullDocument: { _id: 1, a: 2 } });
  });

  it('gives the document of an update as asked: of now, of then where it is kept, or not', async () => {
    const c = fresh();
    await c.insertMany([{ _id: 1 }, { _id: 2 }]);
    const from = { startAtOperationTime: await now() };
    await c.updateMany({}, { $set: { a: 1 } });
    await c.updateOne({ _id: 1 }, { $set: { a: 2 } });
    await c.deleteOne({ _id: 2 });
    const full = async (fullDocument: string): Promise<unknown[]> =>
      (await next(await watching(c, [], { ...from, fullDocument }), 3)).map((event) => event.fullDocument);
    expect(await full('updateLookup')).to.deep.equal([{ _id: 1, a: 2 }, null, { _id: 1, a: 2 }]);
    expect(await full('whenAvailable')).to.deep.equal([null, null, null]);
    expect(await full('default')).to.deep.equal([undefined, undefined, undefined]);
    const kept = { ...from, fullDocument: 'required' };
    expect(await codeOf((await watching(c, [], kept)).next())).to.equal(47);
    const older = { ...from, fullDocumentBeforeChange: 'required' };
    expect(await codeOf((await watching(c, [], older)).next())).to.equal(47);
    const maybe = await watching(c, [], { ...from, fullDocumentBeforeChange: 'whenAvailable' });
    expect(await maybe.next()).to.have.property('fullDocumentBeforeChange', null);
  });

  it('shows a database and the whole server theirs, through the stages that follow', async () => {
    const [one, two] = [fresh(), fresh()];
    const other = client.db(`${db.databaseName}_other`).collection<Doc>('c');
    const kinds = [{ $match: { 'ns.coll': { $ne: one.collectionName } } }, { $project: { operationType: 1, ns: 1 } }];
    const ofDb = await watching(db, kinds);
    const ofAll = await watching(client, [{ $match: { 'ns.db': { $regex: `^${db.databaseName}` } } }, ...kinds]);
    for (const c of [one, other, two]) await c.insertOne({ _id: 1 });
    expect(await ofDb.next()).to.deep.include({ ns: { db: db.databaseName, coll: two.collectionName } });
    const seen = await next(ofAll, 2);
    expect(seen.map(({ ns }) => ns.db)).to.deep.equal([other.dbName, db.databaseName]);
    expect(Object.keys(seen[0] ?? {})).to.deep.equal(['_id', 'operationType', 'ns']);
    const ofOther = await watching(client.db(other.dbName));
    await client.db(other.dbName).dropDatabase();
    const ends = await next(ofOther, 3);
    expect(ends.map(({ operationType }) => operationType)).to.deep.equal(['drop', 'dropDatabase', 'invalidate']);
    expect(ends[1]?.ns).to.deep.equal({ db: other.dbName });
  });

  it('ends with its collection, and can be started after that but not resumed', async () => {
    const c = fresh();
    await c.insertOne({ _id: 1 });
    const stream = await watching(c);
    await c.drop();
    const [drop, invalidate] = await next(stream, 2);
    expect(drop).to.include({ operationType: 'drop' });
    expect(invalidate).to.include({ operationType: 'invalidate' }).and.not.to.have.property('ns');
    await c.insertOne({ _id: 2 });
    const resumed = await watching(c, [], { resumeAfter: drop?._id });
    expect(await resumed.next()).to.include({ operationType: 'invalidate' });
    expect(await codeOf((await watching(c, [], { resumeAfter: invalidate?._id })).next())).to.equal(260);
    const started = await watching(c, [], { startAfter: invalidate?._id });
    expect(await started.next()).to.deep.include({ operationType: 'insert', documentKey: { _id: 2 } });
  });

  it('goes on after an event, after what was looked at without one, and from a time', async () => {
    const c = fresh();
    const from = await now();
    await c.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    const ids = async (options: ChangeStreamOptions, count: number): Promise<unknown[]> =>
      (await next(await watching(c, [], options), count)).map(({ documentKey }) => documentKey._id);
    expect(await ids({ startAtOperationTime: from }, 3)).to.deep.equal([1, 2, 3]);
    const first = await (await watching(c, [], { startAtOperationTime: from, batchSize: 1 })).next();
    expect(await ids({ resumeAfter: first._id }, 2)).to.deep.equal([2, 3]);
    const nothing = await watching(c, [], { maxAwaitTimeMS: 1 });
    expect(await nothing.tryNext()).to.equal(null);
    await c.insertOne({ _id: 4 });
    expect(await ids({ resumeAfter: nothing.resumeToken }, 1)).to.deep.equal([4]);
    const elsewhere = await watching(fresh(), [], { resumeAfter: first._id });
    await db.collection<Doc>(`c${collections}`).insertOne({ _id: 1 });
    expect(await codeOf(elsewhere.next())).to.equal(280);
  });

  /** A client that notes what it sends, and the cursors that it gets. */
  async function noting(
    uri: string,
    options: MongoClientOptions = {},
  ): Promise<{ client: MongoClient; commands: string[]; cursors: Long[] }> {
    const noted = await MongoClient.connect(withMongoDatabase(uri, db.databaseName), {
      monitorCommands: true,
      ...options,
    });
    const commands: string[] = [];
    const cursors: Long[] = [];
    noted.on('commandStarted', ({ commandName }) => void commands.push(commandName));
    noted.on('commandSucceeded', ({ commandName, reply }) => {
      if (commandName === 'aggregate') cursors.push(Long.fromValue((reply as Document).cursor.id));
    });
    return { client: noted, commands, cursors };
  }

  it('asks once and waits, is told at once, and goes on by itself when its cursor is killed', async () => {
    const c = fresh();
    const noted = await noting(store.uri);
    try {
      const stream = await watching(noted.client.db().collection<Doc>(c.collectionName));
      const waiting = stream.next();
      await until(() => noted.commands.includes('getMore'));
      await c.insertOne({ _id: 1 });
      expect(await waiting).to.deep.include({ documentKey: { _id: 1 } });
      expect(noted.commands.filter((name) => name === 'getMore')).to.have.length(1);
      await db.command({ killCursors: c.collectionName, cursors: noted.cursors });
      await c.insertOne({ _id: 2 });
      expect(await stream.next()).to.deep.include({ documentKey: { _id: 2 } });
      expect(noted.cursors).to.have.length(2);
      const asking = codeOf(stream.next());
      await until(() => noted.commands.filter((name) => name === 'getMore').length > 2);
      await db.command({ killCursors: c.collectionName, cursors: noted.cursors });
      expect(await asking).to.equal(237);
    } finally {
      await noted.client.close();
    }
  });

  it('goes on by itself when its connection breaks, with nothing lost or twice', async () => {
    const c = fresh();
    const [host = ''] = new URL(store.uri.replace('mongodb:', 'http:')).host.split(',');
    const [name = '', port = ''] = host.split(':');
    const gate = await startTcpGate(name, Number(port));
    const noted = await noting(`mongodb://127.0.0.1:${gate.port}/?directConnection=true`);
    try {
      const stream = await watching(noted.client.db().collection<Doc>(c.collectionName));
      const came: unknown[] = [];
      const events = (async () => {
        while (came.length < 30) came.push(...(await next(stream, 1)).map(({ documentKey }) => documentKey._id));
      })();
      await until(() => noted.commands.includes('getMore'));
      for (let id = 0; id < 30; id += 1) {
        await c.insertOne({ _id: id });
        if (id % 10 !== 5) continue;
        // The driver waits for an answer: a question that it is just writing when the connection breaks it does not resume.
        await until(() => came.length > id && noted.commands.at(-1) === 'getMore');
        const asked = noted.commands.length;
        await gate.set('shut');
        await gate.set('open');
        await until(() => noted.commands.slice(asked).includes('getMore'));
      }
      await events;
      expect(came).to.deep.equal([...Array(30).keys()]);
      await stream.close();
    } finally {
      await noted.client.close();
      await gate.close();
    }
  });

  it('says so where the log no longer has what comes next', async function () {
    if (store.kind !== 'embedded') {
      console.log('      skipped: how long the log of MONGODB_URI reaches back is not for this test to say');
      this.skip();
    }
    const c = fresh();
    const stream = await watching(c);
    await c.insertOne({ _id: 1 });
    const { _id } = await stream.next();
    await fresh().insertMany(Array.from({ length: LOG + 1 }, (_, id) => ({ _id: id })));
    const error = await (await watching(c, [], { resumeAfter: _id })).next().catch((thrown: unknown) => thrown);
    if (!(error instanceof MongoServerError)) throw new Error('it was resumed');
    expect(error).to.include({ code: 286, codeName: 'ChangeStreamHistoryLost' });
    expect(error.hasErrorLabel('NonResumableChangeStreamError')).to.equal(true);
    const old = { startAtOperationTime: new Timestamp({ t: 1, i: 1 }) };
    expect(await codeOf((await watching(c, [], old)).next())).to.equal(286);
  });

  const REFUSED: readonly [what: string, pipeline: Document[], code: number, on?: string | 1, database?: string][] = [
    ['it is not the first stage', [{ $match: {} }, { $changeStream: {} }], 40602],
    ['a stage that needs more than one event follows', [{ $changeStream: {} }, { $group: { _id: 1 } }], 20],
    ['it is inside of $facet', [{ $facet: { a: [{ $changeStream: {} }] } }], 40600],
    ['it is no document', [{ $changeStream: 1 }], 50808],
    ['a field is not known', [{ $changeStream: { nope: 1 } }], 40415],
    ['fullDocument is another word', [{ $changeStream: { fullDocument: 'all' } }], 2],
    ['the token is no token', [{ $changeStream: { resumeAfter: { a: 1 } } }], 40647],
    ['the token is no hex', [{ $changeStream: { resumeAfter: { _data: 'zz' } } }], 9],
    ['two beginnings', [{ $changeStream: { resumeAfter: { _data: '82' }, startAfter: { _data: '82' } } }], 50865],
    ['the database is internal', [{ $changeStream: {} }], 73, 'c', 'config'],
    ['the collection is internal', [{ $changeStream: {} }], 73, 'system.x'],
    ['all of the server is asked elsewhere', [{ $changeStream: { allChangesForCluster: true } }], 72],
    ['a whole database is not a stream', [{ $match: {} }], 115, 1],
    ["MongoDB's own log", [{ $match: {} }], 115, 'oplog.rs', 'local'],
    ['events that only newer servers show', [{ $changeStream: { showExpandedEvents: true } }], 115],
  ];
  it('refuses by code what MongoDB refuses, and by name what is not here', async () => {
    for (const [what, pipeline, code, on = 'c', database = db.databaseName] of REFUSED) {
      if (code === 115 && store.kind !== 'embedded') continue;
      const command = { aggregate: on, pipeline, cursor: {} };
      expect(await codeOf(client.db(database).command(command)), what).to.equal(code);
    }
    const changesId = await watching(fresh(), [{ $project: { _id: 0 } }]);
    await db.collection<Doc>(`c${collections}`).insertOne({ _id: 1 });
    expect(await codeOf(changesId.next())).to.equal(280);
    if (store.kind !== 'embedded') return;
    const session = client.startSession();
    session.startTransaction();
    expect(await codeOf(fresh().findOne({}, { session }))).to.equal(115);
    await session.abortTransaction().catch(() => undefined);
    await session.endSession();
  });
});
