import { connect } from 'node:net';
import { expect } from 'chai';
import { type Db, MongoServerError } from 'mongodb';
import { type Fields, type MongoFixture, mongoFixture } from '../support/mongo-case.ts';
import { sharedMongo } from '../support/stores.ts';

interface RefusedCommand {
  readonly name: string;
  readonly command: Fields;
  readonly code: number;
  readonly words: string;
}

const find = (filter: Fields, more: Fields = {}): Fields => ({ find: 'c', filter, ...more });
const aggregate = (...pipeline: Fields[]): Fields => ({ aggregate: 'c', pipeline, cursor: {} });

/** What MongoDB refuses too, with its own codes: true of the embedded server and of a real one. */
const MISTAKES: readonly RefusedCommand[] = [
  { name: 'a command that does not exist', command: { frobnicate: 1 }, code: 59, words: 'frobnicate' },
  { name: 'a query operator that does not exist', command: find({ a: { $gtt: 1 } }), code: 2, words: '$gtt' },
  { name: 'a top-level operator that does not exist', command: find({ $xor: [] }), code: 2, words: '$xor' },
  { name: '$in without an array', command: find({ a: { $in: 1 } }), code: 2, words: '$in needs an array' },
  { name: 'an empty $or', command: find({ $or: [] }), code: 2, words: 'nonempty array' },
  {
    name: 'a stage that does not exist',
    command: aggregate({ $frob: {} }),
    code: 40324,
    words: "Unrecognized pipeline stage name: '$frob'",
  },
  { name: 'two stages in one', command: aggregate({ $match: {}, $limit: 1 }), code: 40323, words: 'exactly one field' },
  {
    name: 'an accumulator that does not exist',
    command: aggregate({ $group: { _id: null, a: { $frob: 1 } } }),
    code: 15952,
    words: '$frob',
  },
  { name: '$group without an id', command: aggregate({ $group: { a: { $sum: 1 } } }), code: 15955, words: '_id' },
  {
    name: 'a variable that is not there',
    command: aggregate({ $project: { a: '$$nope' } }),
    code: 17276,
    words: 'nope',
  },
  {
    name: 'inclusion mixed with exclusion',
    command: find({}, { projection: { a: 1, b: 0 } }),
    code: 31254,
    words: 'exclusion on field b',
  },
  { name: 'an unknown option of find', command: find({}, { frob: 1 }), code: 40415, words: 'frob' },
  { name: '$limit 0', command: aggregate({ $limit: 0 }), code: 15958, words: 'the limit must be positive' },
  {
    name: 'indexes of a collection that is not there',
    command: { listIndexes: 'nothing' },
    code: 26,
    words: 'ns does not exist',
  },
];

/** What the embedded server does not do: refused by name. */
const UNSUPPORTED: readonly RefusedCommand[] = [
  { name: '$where', command: find({ $where: 'true' }), code: 115, words: '$where' },
  { name: '$text', command: find({ $text: { $search: 'x' } }), code: 115, words: '$text' },
  { name: '$near', command: find({ a: { $near: [0, 0] } }), code: 115, words: '$near' },
  { name: '$bitsAllSet', command: find({ a: { $bitsAllSet: 1 } }), code: 115, words: '$bitsAllSet' },
  { name: 'a collation', command: find({}, { collation: { locale: 'fr' } }), code: 115, words: 'collation' },
  { name: 'a tailable cursor', command: find({}, { tailable: true }), code: 115, words: 'tailable' },
  { name: '$meta', command: find({}, { projection: { a: { $meta: 'textScore' } } }), code: 115, words: '$meta' },
  {
    name: 'a look-behind that only PCRE has',
    command: find({ a: { $regex: '(?>x)' } }),
    code: 115,
    words: 'regular expression',
  },
  { name: '$out', command: aggregate({ $out: 'x' }), code: 115, words: '$out' },
  { name: '$merge', command: aggregate({ $merge: { into: 'x' } }), code: 115, words: '$merge' },
  {
    name: '$bucketAuto',
    command: aggregate({ $bucketAuto: { groupBy: '$a', buckets: 2 } }),
    code: 115,
    words: '$bucketAuto',
  },
  {
    name: '$median',
    command: aggregate({ $group: { _id: null, m: { $median: { input: '$a', method: 'approximate' } } } }),
    code: 115,
    words: '$median',
  },
  { name: '$stdDevPop', command: aggregate({ $project: { a: { $stdDevPop: '$b' } } }), code: 115, words: '$stdDevPop' },
  { name: '$function', command: aggregate({ $project: { a: { $function: {} } } }), code: 115, words: '$function' },
  {
    name: 'a text index',
    command: { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'a_text' }] },
    code: 115,
    words: 'text',
  },
  {
    name: 'a hashed index',
    command: { createIndexes: 'c', indexes: [{ key: { a: 'hashed' }, name: 'h' }] },
    code: 115,
    words: 'hashed',
  },
  { name: 'a capped collection', command: { create: 'capped', capped: true, size: 1000 }, code: 115, words: 'capped' },
  { name: 'a validator', command: { create: 'checked', validator: { a: 1 } }, code: 115, words: 'validator' },
  { name: 'renameCollection', command: { renameCollection: 'a.b', to: 'a.c' }, code: 115, words: 'renameCollection' },
  {
    name: 'readConcern snapshot',
    command: find({}, { readConcern: { level: 'snapshot' } }),
    code: 115,
    words: 'snapshot',
  },
];

async function refused(db: Db, { command, code, words }: RefusedCommand): Promise<void> {
  try {
    await db.command(command);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    expect(error.message).to.include(words);
    expect(error.code).to.equal(code);
    expect(error.codeName).to.be.a('string');
    return;
  }
  throw new Error('it was not refused');
}

describe('stores/embedded refuses', () => {
  let mongo: MongoFixture;
  let embedded = false;
  before(async () => {
    mongo = await mongoFixture();
    embedded = (await sharedMongo()).kind === 'embedded';
  });
  after(() => mongo.close());

  describe('as MongoDB does', () => {
    for (const one of MISTAKES) it(one.name, () => refused(mongo.db, one));

    it('w: 2 where nothing is replicated', async function () {
      if (!embedded) this.skip();
      await refused(mongo.db, {
        name: '',
        command: { insert: 'c', documents: [{ a: 1 }], writeConcern: { w: 2 } },
        code: 2,
        words: "cannot use 'w' > 1",
      });
    });
  });

  describe('by name what it does not do', () => {
    before(function () {
      if (!embedded) this.skip();
    });
    for (const one of UNSUPPORTED) it(one.name, () => refused(mongo.db, one));

    it('transactions, with the words of a server that is no replica set', async () => {
      const session = mongo.client.startSession();
      session.startTransaction();
      const error = await mongo.db
        .collection('c')
        .findOne({}, { session })
        .catch((thrown: unknown) => thrown);
      await session.abortTransaction().catch(() => undefined);
      await session.endSession();
      if (!(error instanceof MongoServerError)) throw new Error('it was not refused');
      expect(error.code).to.equal(20);
      expect(error.message).to.equal('Transaction numbers are only allowed on a replica set member or mongos');
    });

    it('change streams, with the words of a server that is no replica set', async () => {
      const stream = mongo.db.collection('c').watch();
      const error = await stream.next().catch((thrown: unknown) => thrown);
      await stream.close();
      if (!(error instanceof MongoServerError)) throw new Error('it was not refused');
      expect(error.code).to.equal(40573);
    });
  });

  describe('bytes that are no message', () => {
    before(function () {
      if (!embedded) this.skip();
    });
    const header = (length: number, opcode: number, rest: Buffer = Buffer.alloc(0)): Buffer => {
      const bytes = Buffer.alloc(16);
      bytes.writeInt32LE(length, 0);
      bytes.writeInt32LE(opcode, 12);
      return Buffer.concat([bytes, rest]);
    };
    const GARBAGE: readonly [name: string, bytes: Buffer][] = [
      ['text', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
      ['a length of zero', header(0, 2013)],
      ['a length of two gigabytes', header(0x7fffffff, 2013)],
      ['an opcode that does not exist', header(16, 4242)],
      ['a message without sections', header(20, 2013, Buffer.alloc(4))],
      [
        'a document longer than its message',
        header(29, 2013, Buffer.from([0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0])),
      ],
      ['a wrong checksum', header(30, 2013, Buffer.from([1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4]))],
    ];
    for (const [name, bytes] of GARBAGE) {
      it(`${name} closes that connection and no other`, async () => {
        const { hostname, port } = new URL((await sharedMongo()).uri.replace('mongodb:', 'http:'));
        const socket = connect(Number(port), hostname);
        socket.write(bytes);
        await new Promise((resolve) => socket.once('close', resolve).resume());
        expect((await mongo.db.command({ ping: 1 })).ok).to.equal(1);
      });
    }
  });
});
