import { expect } from 'chai';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { type Fields, type MongoFixture, mongoFixture, typed } from '../support/mongo-case.ts';

interface Refusal {
  readonly code?: number;
  readonly keyPattern?: unknown;
  readonly keyValue?: unknown;
  readonly message: string;
}

async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was refused');
}

describe('stores/embedded', () => {
  let mongo: MongoFixture;
  before(async () => {
    mongo = await mongoFixture();
  });
  after(() => mongo.close());

  describe('BSON types', () => {
    const VALUES: Fields = {
      int: new Int32(5),
      long: Long.fromString('9007199254740993'),
      double: new Double(5),
      negativeZero: new Double(-0),
      notANumber: new Double(Number.NaN),
      infinity: new Double(Number.POSITIVE_INFINITY),
      decimal: Decimal128.fromString('10.500'),
      decimalSmall: Decimal128.fromString('1E-6176'),
      decimalNan: Decimal128.fromString('NaN'),
      decimalNegativeZero: Decimal128.fromString('-0.00'),
      id: new ObjectId('64b0c0ffee64b0c0ffee64b0'),
      date: new Date(-1),
      binary: new Binary(Buffer.from([0, 255, 1]), 4),
      null: null,
      text: 'متن Ёж 🙂 e\u0301 \u0000 end',
      regex: new BSONRegExp('^a', 'im'),
      timestamp: new Timestamp({ t: 7, i: 9 }),
      code: new Code('return 1'),
      min: new MinKey(),
      max: new MaxKey(),
      empty: {},
      none: [],
      nested: { array: [{ deep: [new Int32(1), new Double(1)] }] },
    };

    it('come back as they went in, each in its own type', async () => {
      const collection = await mongo.with([{ _id: 1, ...VALUES }]);
      const raw = await mongo.exact(collection).findOne({ _id: 1 });
      expect(typed(raw)).to.deep.equal(typed({ _id: 1, ...VALUES }));
    });

    it('come back so through an update and through an aggregation', async () => {
      const collection = await mongo.with([{ _id: 1 }]);
      await collection.updateOne({ _id: 1 }, { $set: VALUES });
      const [row] = await mongo
        .exact(collection)
        .aggregate([{ $addFields: { more: 1 } }, { $unset: 'more' }])
        .toArray();
      expect(typed(row)).to.deep.equal(typed({ _id: 1, ...VALUES }));
    });

    it('are kept with their fields in order, names that are numbers too', async () => {
      const collection = await mongo.with([{ _id: 1 }]);
      await collection.updateOne(
        { _id: 1 },
        {
          $set: {
            blob: new Map([
              ['z', 1],
              ['a', 2],
            ]),
          },
        },
      );
      const found = await collection.findOne({ _id: 1 }, { raw: true });
      const text = Buffer.from(Object.values(found ?? {}).map(Number)).toString('latin1');
      expect(text.indexOf('z')).to.be.lessThan(text.indexOf('a\0'));
    });

    it('missing, null and undefined are told apart', async () => {
      const collection = await mongo.with([{ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: undefined }]);
      expect(await collection.countDocuments({ a: null })).to.equal(3);
      expect(await collection.countDocuments({ a: { $exists: false } })).to.equal(1);
      expect(await collection.countDocuments({ a: { $type: 'null' } })).to.equal(2);
    });
  });

  describe('numbers', () => {
    it('of all four types order exactly', async () => {
      const documents = [
        { _id: 1, n: Decimal128.fromString('9007199254740992.5') },
        { _id: 2, n: Long.fromString('9007199254740993') },
        { _id: 3, n: 2 ** 53 },
        { _id: 4, n: Decimal128.fromString('0.1') },
        { _id: 5, n: 0.1 },
        { _id: 6, n: new Double(Number.NaN) },
        { _id: 7, n: Decimal128.fromString('-Infinity') },
      ];
      const collection = await mongo.with(documents);
      const sorted = await collection.find().sort({ n: 1 }).toArray();
      // 0.1 as a double is a little more than a tenth.
      expect(sorted.map((document) => Number(document._id))).to.deep.equal([6, 7, 4, 5, 3, 1, 2]);
      expect(await collection.countDocuments({ n: { $gt: Decimal128.fromString('9007199254740992') } })).to.equal(2);
      expect(await collection.countDocuments({ n: { $lt: 0 } })).to.equal(1);
    });

    const SUMS: readonly [name: string, values: readonly unknown[], sum: unknown, average: unknown][] = [
      ['ints stay an int', [new Int32(1), new Int32(2)], new Int32(3), new Double(1.5)],
      [
        'ints that overflow are a long',
        [new Int32(2147483647), new Int32(1)],
        Long.fromString('2147483648'),
        new Double(1073741824),
      ],
      ['an int and a long are a long', [new Int32(1), Long.fromNumber(2)], Long.fromNumber(3), new Double(1.5)],
      ['longs that overflow are a double', [Long.MAX_VALUE, Long.MAX_VALUE], new Double(2 ** 64), new Double(2 ** 63)],
      ['an int and a double are a double', [new Int32(1), new Double(2)], new Double(3), new Double(1.5)],
      [
        'a double and a decimal are a decimal',
        [new Double(0.5), Decimal128.fromString('10.25')],
        Decimal128.fromString('10.75'),
        Decimal128.fromString('5.375'),
      ],
      [
        'decimals are added as decimals',
        [Decimal128.fromString('0.1'), Decimal128.fromString('0.2')],
        Decimal128.fromString('0.3'),
        Decimal128.fromString('0.15'),
      ],
      [
        'ten tenths are one: doubles are compensated',
        Array.from({ length: 10 }, () => new Double(0.1)),
        new Double(1),
        new Double(0.1),
      ],
      [
        'decimals of eighteen places lose none',
        [Decimal128.fromString('1.000000000000000001'), Decimal128.fromString('2.000000000000000002')],
        Decimal128.fromString('3.000000000000000003'),
        Decimal128.fromString('1.5000000000000000015'),
      ],
      ['what is no number is passed over', [new Int32(1), 'x', null], new Int32(1), new Double(1)],
      ['nothing sums to an int 0', ['x'], new Int32(0), null],
    ];
    for (const [name, values, sum, average] of SUMS) {
      it(`$sum and $avg: ${name}`, async () => {
        const collection = await mongo.with(values.map((n, _id) => ({ _id, n })));
        const rows = await mongo
          .exact(collection)
          .aggregate([{ $group: { _id: null, sum: { $sum: '$n' }, average: { $avg: '$n' } } }])
          .toArray();
        expect(typed(rows)).to.deep.equal(typed([{ _id: null, sum, average }]));
      });
    }

    it('$inc keeps the wider type and refuses what is no number', async () => {
      const collection = await mongo.with([
        { _id: 1, i: new Int32(2147483647), d: Decimal128.fromString('1.10'), s: 'x' },
      ]);
      await collection.updateOne({ _id: 1 }, { $inc: { i: new Int32(1), d: new Int32(1), fresh: new Double(0.5) } });
      expect(typed(await mongo.exact(collection).findOne({ _id: 1 }))).to.deep.equal(
        typed({
          _id: 1,
          i: Long.fromString('2147483648'),
          d: Decimal128.fromString('2.10'),
          s: 'x',
          fresh: new Double(0.5),
        }),
      );
      const refused = await refusal(collection.updateOne({ _id: 1 }, { $inc: { s: 1 } }));
      expect(refused.code).to.equal(14);
      expect(refused.message).to.include("has the field 's' of non-numeric type string");
    });
  });

  describe('writes', () => {
    it('one hundred callers of an upserting $inc get one hundred values', async () => {
      const collection = await mongo.with([]);
      const counters = await Promise.all(
        Array.from({ length: 100 }, () =>
          collection.findOneAndUpdate(
            { _id: 'index' },
            { $inc: { seq: 1 }, $setOnInsert: { kind: 'counter' } },
            { upsert: true, returnDocument: 'after' },
          ),
        ),
      );
      const values = counters.map((counter) => Number(counter?.seq)).sort((a, b) => a - b);
      expect(values).to.deep.equal(Array.from({ length: 100 }, (_, at) => at + 1));
      expect(typed(await mongo.exact(collection).find().toArray())).to.deep.equal(
        typed([{ _id: 'index', seq: 100, kind: 'counter' }]),
      );
    });

    it('a duplicate of a unique key is error 11000 with the key, and the rest of an unordered batch is written', async () => {
      const collection = await mongo.with([{ _id: 1, email: 'a' }]);
      await collection.createIndex({ email: 1 }, { unique: true });
      const refused = await refusal(collection.insertOne({ _id: 2, email: 'a' }));
      expect(refused).to.include({ code: 11000 });
      expect(typed(refused.keyPattern)).to.deep.equal(typed({ email: 1 }));
      expect(typed(refused.keyValue)).to.deep.equal({ email: 'a' });
      expect(refused.message)
        .to.include('E11000 duplicate key error collection')
        .and.include('email_1 dup key: { email: "a" }');
      await refusal(
        collection.insertMany([{ _id: 3, email: 'b' }, { _id: 1 }, { _id: 4, email: 'c' }], { ordered: false }),
      );
      expect(await collection.countDocuments({})).to.equal(3);
      expect((await refusal(collection.updateOne({ _id: 3 }, { $set: { email: 'a' } }))).code).to.equal(11000);
      expect((await collection.findOne({ _id: 3 }))?.email).to.equal('b');
    });

    it('a unique index that is sparse or partial binds only what it holds', async () => {
      const sparse = await mongo.with([{ _id: 1 }, { _id: 2 }]);
      await sparse.createIndex({ a: 1 }, { unique: true, sparse: true });
      await sparse.insertOne({ _id: 3, a: null });
      expect((await refusal(sparse.insertOne({ _id: 4, a: null }))).code).to.equal(11000);
      const partial = await mongo.with([
        { _id: 1, a: 1, active: false },
        { _id: 2, a: 1, active: true },
      ]);
      await partial.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { active: true } });
      await partial.insertOne({ _id: 3, a: 1, active: false });
      expect((await refusal(partial.insertOne({ _id: 4, a: 1, active: true }))).code).to.equal(11000);
    });

    it('an ordered batch ends at its first error', async () => {
      const collection = await mongo.with([{ _id: 1 }]);
      await refusal(collection.insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }]));
      expect(await collection.countDocuments({})).to.equal(2);
    });

    it('matched and modified are counted apart', async () => {
      const collection = await mongo.with([
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ]);
      const result = await collection.updateMany({}, { $set: { a: 1 } });
      expect([result.matchedCount, result.modifiedCount]).to.deep.equal([2, 1]);
    });

    it('findOneAndUpdate gives the document before or after, sorted and projected', async () => {
      const collection = await mongo.with([
        { _id: 1, n: 1 },
        { _id: 2, n: 5 },
      ]);
      const before = await mongo
        .exact(collection)
        .findOneAndUpdate({}, { $inc: { n: 1 } }, { sort: { n: -1 }, projection: { _id: 0 } });
      expect(typed(before)).to.deep.equal(typed({ n: 5 }));
      const removed = await mongo.exact(collection).findOneAndDelete({ n: 6 });
      expect(typed(removed)).to.deep.equal(typed({ _id: 2, n: 6 }));
      expect(await collection.findOneAndReplace({ _id: 9 }, { n: 9 })).to.equal(null);
    });

    it('a replacement keeps the id, and an id may not change', async () => {
      const collection = await mongo.with([{ _id: 1, a: 1 }]);
      await collection.replaceOne({ a: 1 }, { b: 2 });
      expect(typed(await mongo.exact(collection).findOne({}))).to.deep.equal(typed({ _id: 1, b: 2 }));
      expect((await refusal(collection.updateOne({ _id: 1 }, { $set: { _id: 2 } }))).code).to.equal(66);
    });

    const REFUSED: readonly [name: string, update: Fields, code: number, words: string][] = [
      [
        'two changes of one path',
        { $set: { a: 1 }, $inc: { a: 1 } },
        40,
        "Updating the path 'a' would create a conflict at 'a'",
      ],
      ['a change within a change', { $set: { a: 1, 'a.b': 2 } }, 40, 'would create a conflict'],
      ['an operator that does not exist', { $foo: { a: 1 } }, 9, 'Unknown modifier: $foo'],
      ['a field within a number', { $set: { 'n.x': 1 } }, 28, "Cannot create field 'x' in element {n: 5}"],
      ['$push to what is no array', { $push: { n: 1 } }, 2, "The field 'n' must be an array but is of type int"],
      [
        '$ without a match',
        { $set: { 'list.$': 1 } },
        2,
        'The positional operator did not find the match needed from the query',
      ],
      ['$bit, by name', { $bit: { n: { and: 1 } } }, 115, '$bit'],
    ];
    for (const [name, update, code, words] of REFUSED) {
      it(`refuse ${name}`, async () => {
        const collection = await mongo.with([{ _id: 1, n: 5, list: [1] }]);
        const refused = await refusal(collection.updateOne({ _id: 1 }, update));
        expect(refused.message).to.include(words);
        expect(refused.code).to.equal(code);
      });
    }

    it('refuse a document over 16 MB', async () => {
      const collection = await mongo.with([{ _id: 1, text: 'x'.repeat(9_000_000) }]);
      const refused = await refusal(
        collection.updateOne({ _id: 1 }, [{ $set: { more: { $concat: ['$text', '$text'] } } }]),
      );
      expect(refused.code).to.equal(10334);
    });
  });

  describe('cursors', () => {
    it('give every document once, in batches of the size that was asked', async () => {
      const collection = await mongo.with(Array.from({ length: 1000 }, (_, _id) => ({ _id, n: _id % 7 })));
      const seen: number[] = [];
      for await (const document of collection.find({}, { batchSize: 13 }).sort({ _id: -1 }))
        seen.push(Number(document._id));
      expect(seen).to.deep.equal(Array.from({ length: 1000 }, (_, at) => 999 - at));
      const rows = await collection.aggregate([{ $match: { n: 3 } }], { batchSize: 10 }).toArray();
      expect(rows).to.have.length(143);
    });

    it('miss nothing of an index while documents come and go', async () => {
      const collection = await mongo.with(Array.from({ length: 2000 }, (_, at) => ({ _id: at * 2, at })));
      await collection.createIndex({ at: 1 });
      const seen = new Set<number>();
      const added: Promise<unknown>[] = [];
      for await (const document of collection.find({}, { batchSize: 50 }).sort({ at: 1 })) {
        seen.add(Number(document._id));
        if (added.length < 500) added.push(collection.insertOne({ _id: added.length * 2 + 1, at: added.length / 3 }));
      }
      await Promise.all(added);
      expect([...seen].filter((id) => id % 2 === 0)).to.have.length(2000);
    });

    it('are cut at 16 MB a batch', async () => {
      const collection = await mongo.with([]);
      for (let _id = 0; _id < 5; _id++) await collection.insertOne({ _id, text: 'y'.repeat(5_000_000) });
      expect(await collection.find().toArray()).to.have.length(5);
    });

    it('end when killed, and skip and limit hold', async () => {
      const collection = await mongo.with(Array.from({ length: 300 }, (_, _id) => ({ _id })));
      const cursor = collection.find({}, { batchSize: 2 });
      await cursor.next();
      await cursor.close();
      const page = await collection.find().sort({ _id: 1 }).skip(10).limit(5).toArray();
      expect(page.map((document) => Number(document._id))).to.deep.equal([10, 11, 12, 13, 14]);
      expect(await collection.countDocuments({}, { skip: 290, limit: 50 })).to.equal(10);
    });

    it('an unknown cursor is error 43', async () => {
      const refused = await refusal(mongo.db.command({ getMore: Long.fromNumber(4711), collection: 'x' }));
      expect(refused.code).to.equal(43);
    });
  });

  describe('indexes', () => {
    const documents = Array.from({ length: 1000 }, (_, _id) => ({
      _id,
      user: _id % 50,
      at: new Date(_id * 1000),
      tags: [`t${_id % 10}`, `u${_id % 3}`],
    }));

    async function examined(
      filter: Fields,
      sort: Record<string, 1 | -1> = {},
      limit = 0,
    ): Promise<{ keys: number; documents: number; found: number }> {
      const collection = await mongo.with(documents);
      await collection.createIndexes([{ key: { user: 1, at: -1 } }, { key: { tags: 1 } }]);
      const plan = await collection.find(filter).sort(sort).limit(limit).explain('executionStats');
      const { totalKeysExamined, totalDocsExamined, nReturned } = plan.executionStats;
      return { keys: Number(totalKeysExamined), documents: Number(totalDocsExamined), found: Number(nReturned) };
    }

    it('an id is looked up', async () => {
      expect((await examined({ _id: 500 })).documents).to.equal(1);
      expect((await examined({ _id: { $in: [1, 2, 3, 5000] } })).documents).to.equal(3);
    });

    it('equality looks at what it finds, and at nothing else', async () => {
      expect(await examined({ user: 7 })).to.deep.equal({ keys: 20, documents: 20, found: 20 });
      expect((await examined({ user: { $in: [7, 8] } })).documents).to.equal(40);
      expect((await examined({ tags: 't3' })).documents).to.equal(100);
      expect((await examined({ tags: { $all: ['t3', 'u0'] } })).documents).to.equal(100);
    });

    it('a range after equality, and a sort that the index gives, stop where they may', async () => {
      expect((await examined({ user: 7, at: { $gte: new Date(900_000) } })).documents).to.equal(2);
      expect((await examined({ user: 7 }, { at: -1 }, 5)).documents).to.be.within(5, 6);
      expect((await examined({ user: 7 }, { at: 1 }, 5)).documents).to.be.within(5, 6);
    });

    it('give the same answers as a walk through all', async () => {
      const walked = await mongo.with(documents);
      const indexed = await mongo.with(documents);
      await indexed.createIndexes([{ key: { user: 1, at: -1 } }, { key: { tags: 1 } }, { key: { at: 1 } }]);
      const filters: Fields[] = [
        { user: { $gte: 48 } },
        { user: { $gt: 10, $lt: 12 } },
        { user: { $in: [1, 1, 2] }, at: { $lt: new Date(500_000) } },
        { tags: { $in: ['t1', 'u1'] } },
        { tags: { $gt: 't8', $lt: 'u0' } },
        { user: null },
        { user: { $ne: 3 } },
        { $or: [{ user: 1 }, { tags: 't2' }] },
        { user: new Double(7) },
        { user: '7' },
        { at: { $gte: new Date(10_000), $lte: new Date(10_000) } },
      ];
      for (const filter of filters) {
        const ids = async (from: typeof walked): Promise<number[]> =>
          (await from.find(filter).sort({ _id: 1 }).toArray()).map((document) => Number(document._id));
        expect(await ids(indexed), JSON.stringify(filter)).to.deep.equal(await ids(walked));
      }
    });

    it('are listed, dropped and made again', async () => {
      const collection = await mongo.with([{ _id: 1 }]);
      await collection.createIndex({ a: 1, b: -1 }, { unique: true });
      expect((await collection.indexes()).map((index) => index.name)).to.deep.equal(['_id_', 'a_1_b_-1']);
      await collection.dropIndex('a_1_b_-1');
      expect(await collection.indexes()).to.have.length(1);
      expect((await refusal(collection.dropIndex('nope'))).code).to.equal(27);
    });

    it('delete what has outlived its time', async () => {
      const collection = await mongo.with([
        { _id: 1, until: new Date(Date.now() - 5000) },
        { _id: 2, until: new Date(Date.now() + 3_600_000) },
        { _id: 3, until: 'never' },
      ]);
      await collection.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
      while ((await collection.countDocuments({})) === 3) await new Promise((resolve) => setTimeout(resolve, 50));
      const left = await collection.find().sort({ _id: 1 }).toArray();
      expect(left.map((document) => Number(document._id))).to.deep.equal([2, 3]);
    });
  });

  // As jstests/aggregation/sources/lookup/lookup_equijoin_semantics_lib.js of MongoDB has it.
  describe('$lookup', () => {
    const JOINS: readonly [name: string, local: unknown, path: string, found: readonly number[]][] = [
      ['an empty array finds null and missing', { b: [] }, 'b', [2, 10, 11, 12]],
      ['an array finds each of its elements', { b: [1, 2] }, 'b', [20, 21, 22]],
      [
        'a path through arrays finds what any of them has',
        { b: [{ x: 1 }, { x: [2] }, { no: 1 }] },
        'b.x',
        [20, 21, 22],
      ],
      ['a path that leads nowhere finds null and missing', { b: [{ no: 1 }, 5] }, 'b.x', [2, 10, 11, 12]],
      ['an array in an array finds it whole', { b: [[1, 2]] }, 'b', [22]],
    ];
    for (const [name, local, path, found] of JOINS) {
      it(name, async () => {
        const collection = await mongo.with([{ _id: 0, ...Object(local) }]);
        const foreign = await mongo.with([
          { _id: 2, a: [[], null] },
          { _id: 3, a: [] },
          { _id: 10 },
          { _id: 11, a: null },
          { _id: 12, a: [null] },
          { _id: 20, a: 1 },
          { _id: 21, a: [2, 3] },
          { _id: 22, a: [1, 2] },
        ]);
        for (const indexed of [false, true]) {
          if (indexed) await foreign.createIndex({ a: 1 });
          const stage = { from: foreign.collectionName, localField: path, foreignField: 'a', as: 'found' };
          const [row] = await collection.aggregate([{ $lookup: stage }]).toArray();
          expect(
            row?.found.map((document: { _id: number }) => document._id).sort((a: number, b: number) => a - b),
          ).to.deep.equal(found);
        }
      });
    }
  });

  describe('collections', () => {
    it('are listed, dropped, and gone with their database', async () => {
      const collection = await mongo.with([{ _id: 1 }], 'listed');
      const names = (await mongo.db.listCollections({ name: 'listed' }).toArray()).map((found) => found.name);
      expect(names).to.deep.equal(['listed']);
      expect((await mongo.client.db().admin().listDatabases()).databases.map((database) => database.name)).to.include(
        mongo.db.databaseName,
      );
      expect(await collection.drop()).to.equal(true);
      expect(await mongo.db.listCollections({ name: 'listed' }).toArray()).to.deep.equal([]);
    });

    it('distinct values, of arrays too', async () => {
      const collection = await mongo.with([{ _id: 1, tags: ['a', 'b'] }, { _id: 2, tags: 'b' }, { _id: 3 }]);
      expect((await collection.distinct('tags')).sort()).to.deep.equal(['a', 'b']);
      expect(await collection.distinct('tags', { _id: 2 })).to.deep.equal(['b']);
    });
  });
});
