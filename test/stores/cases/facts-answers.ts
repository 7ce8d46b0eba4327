import { Binary, Code, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';
import type { Fact } from './fact.ts';

const one = { _id: 1 };
/** An update as it is sent, whatever the driver's types say of the fields of a collection. */
const sent = (update: Fields): Fields => update;
const iso = (text: string): Date => new Date(text);

/** Questions that MongoDB answers, with its answer. */
export const ANSWERS: readonly Fact[] = [
  ...[
    ['an int', new Int32(5), new Int32(0)],
    ['a long', Long.fromNumber(5), Long.fromNumber(0)],
    ['a double', new Double(2.5), new Double(0)],
  ].map(
    ([what, factor, product]): Fact => ({
      name: `$mul of a missing field by ${what} is zero of that type`,
      given: [one],
      asked: async (c) => {
        await c.updateOne({ _id: 1 }, sent({ $mul: { n: factor } }));
        return c.findOne({}, { promoteValues: false });
      },
      answer: { _id: new Int32(1), n: product },
    }),
  ),
  {
    name: 'a statement of an update that fails is not counted in n',
    before: async (c) => {
      await c.createIndex({ x: 1 }, { unique: true });
      await c.insertMany([
        { _id: 1, x: 1 },
        { _id: 2, x: 2 },
      ]);
    },
    asked: async (c, db) => {
      const update = await db.command({
        update: c.collectionName,
        updates: [
          { q: { _id: 1 }, u: { $set: { x: 2 } } },
          { q: { _id: 2 }, u: { $set: { y: 1 } } },
        ],
        ordered: false,
      });
      return [update.n, update.nModified, update.writeErrors.length];
    },
    answer: [1, 1, 1],
  },
  {
    name: 'an update of many that fails on the way counts for nothing',
    before: async (c) => {
      await c.createIndex({ x: 1 }, { unique: true });
      await c.insertMany([
        { _id: 1, x: 1 },
        { _id: 2, x: 2 },
      ]);
    },
    asked: async (c, db) =>
      (await db.command({ update: c.collectionName, updates: [{ q: {}, u: { $set: { x: 3 } }, multi: true }] })).n,
    answer: 0,
  },
  {
    name: 'a projected $elemMatch comes after the other fields',
    given: [{ _id: 1, arr: [1, 2], z: 1 }],
    asked: async (c) =>
      Object.keys((await c.findOne({}, { projection: { z: 1, arr: { $elemMatch: { $gt: 1 } } } })) ?? {}),
    answer: ['_id', 'z', 'arr'],
  },
  {
    name: 'a projected $elemMatch that nothing matches leaves its field out',
    given: [{ _id: 1, arr: [1, 2], z: 1 }],
    asked: (c) => c.findOne({}, { projection: { arr: { $elemMatch: { $gt: 5 } } } }),
    answer: { _id: 1 },
  },
  {
    name: '$slice beside _id: 1 shows those two alone',
    given: [{ _id: 1, d: { colors: [1, 2, 3], size: 'L' } }],
    asked: (c) => c.findOne({}, { projection: { _id: 1, 'd.colors': { $slice: 2 } } }),
    answer: { _id: 1, d: { colors: [1, 2] } },
  },
  {
    name: '$slice alone shows all fields',
    given: [{ _id: 1, d: { colors: [1, 2, 3], size: 'L' }, x: 1 }],
    asked: (c) => c.findOne({}, { projection: { 'd.colors': { $slice: [1, 1] } } }),
    answer: { _id: 1, d: { colors: [2], size: 'L' }, x: 1 },
  },
  {
    name: '$slice beside an inclusion shows those, in the order of the document',
    given: [{ _id: 1, a: [1, 2, 3], b: 2, c: 3 }],
    asked: async (c) => Object.entries((await c.findOne({}, { projection: { b: 1, a: { $slice: -1 } } })) ?? {}),
    answer: [
      ['_id', 1],
      ['a', [3]],
      ['b', 2],
    ],
  },
  {
    name: '$slice beside an exclusion',
    given: [{ _id: 1, a: [1, 2, 3], b: 2, c: 3 }],
    asked: (c) => c.findOne({}, { projection: { b: 0, a: { $slice: 1 } } }),
    answer: { _id: 1, a: [1], c: 3 },
  },
  {
    name: '$slice of what is no array keeps it',
    given: [{ _id: 1, a: 'text' }],
    asked: (c) => c.findOne({}, { projection: { a: { $slice: 1 } } }),
    answer: { _id: 1, a: 'text' },
  },
  ...(['$a.b', '$$ROOT.a.b', { $map: { input: ['$a'], in: '$$this.b' } }] as const).map(
    (path): Fact => ({
      name: `the path ${JSON.stringify(path)} does not go into an array in an array`,
      given: [{ _id: 1, a: [[{ b: 1 }]] }],
      asked: (c) => c.aggregate([{ $project: { v: path } }]).toArray(),
      answer: [{ _id: 1, v: typeof path === 'string' ? [] : [[]] }],
    }),
  ),
  {
    name: 'a path in an expression goes through arrays of documents, one in another',
    given: [{ _id: 1, a: [{ b: [{ c: 1 }, { c: 2 }] }, { b: { c: 3 } }, 4] }],
    asked: (c) => c.aggregate([{ $project: { v: '$a.b.c' } }]).toArray(),
    answer: [{ _id: 1, v: [[1, 2], 3] }],
  },
  {
    name: '$sortArray compares arrays and does not look into them',
    given: [{ _id: 1, l: [{ a: [3, 1] }, { a: [2] }] }],
    asked: (c) => c.aggregate([{ $project: { l: { $sortArray: { input: '$l', sortBy: { a: 1 } } } } }]).toArray(),
    answer: [{ _id: 1, l: [{ a: [2] }, { a: [3, 1] }] }],
  },
  {
    name: '$push with $sort compares arrays and does not look into them',
    given: [{ _id: 1, l: [{ a: [3, 1] }] }],
    asked: async (c) => {
      await c.updateOne({}, sent({ $push: { l: { $each: [{ a: [2] }], $sort: { a: 1 } } } }));
      return c.findOne({});
    },
    answer: { _id: 1, l: [{ a: [2] }, { a: [3, 1] }] },
  },
  {
    name: '$lookup: a position beyond the foreign array is not null',
    given: [one],
    before: (_, db) => db.collection<{ _id: number }>('beyond').insertOne({ _id: 10, ff: ['a', 'b'] } as never),
    asked: (c) =>
      c.aggregate([{ $lookup: { from: 'beyond', localField: 'lf', foreignField: 'ff.5', as: 'j' } }]).toArray(),
    answer: [{ _id: 1, j: [] }],
  },
  ...(['$inc', '$mul'] as const).map(
    (operator): Fact => ({
      name: `${operator} that changes nothing leaves -0.0 as it is`,
      given: [{ _id: 1, n: new Double(-0) }],
      asked: async (c) => {
        const { modifiedCount } = await c.updateOne(
          {},
          operator === '$inc' ? { $inc: { n: new Double(0) } } : { $mul: { n: new Double(-1) } },
        );
        return [modifiedCount, Object.is((await c.findOne({}))?.n, -0)];
      },
      answer: [0, true],
    }),
  ),
  {
    name: 'dbStats counts with whole numbers',
    given: [one],
    asked: async (_, db) => {
      const stats = await db.command({ dbStats: 1 }, { promoteValues: false });
      return ['objects', 'collections', 'indexes'].map((name) => stats[name]._bsontype);
    },
    answer: ['Long', 'Long', 'Long'],
  },
  {
    name: 'dbStats and collStats heed scale',
    given: [{ _id: 1, t: 'x'.repeat(4000) }],
    asked: async (c, db) => {
      const stats = [
        await db.command({ dbStats: 1, scale: 1024 }),
        await db.command({ collStats: c.collectionName, scale: 1024 }),
      ];
      return stats.map(({ dataSize, size, scaleFactor }) => [(dataSize ?? size) < 100, scaleFactor]);
    },
    answer: [
      [true, 1024],
      [true, 1024],
    ],
  },
  {
    name: 'listDatabases gives totalSize, but not with the names alone',
    given: [one],
    asked: async (_, db) => {
      const admin = db.admin();
      return [await admin.listDatabases(), await admin.listDatabases({ nameOnly: true })].map(
        (list) => 'totalSize' in list,
      );
    },
    answer: [true, false],
  },
  {
    name: 'listCollections gives the uuid of a collection, the same each time',
    given: [one],
    asked: async (c, db) => {
      const ask = async (): Promise<unknown> =>
        (await db.listCollections({ name: c.collectionName }, { nameOnly: false }).next())?.info?.uuid;
      const [first, second] = [await ask(), await ask()];
      return first instanceof Binary && second instanceof Binary
        ? [first.sub_type, first.position, first.toString('hex') === second.toString('hex')]
        : 'no uuid';
    },
    answer: [4, 16, true],
  },
  {
    name: 'a $-prefixed field at the first level of an inserted document',
    given: [{ _id: 1, $price: 1 }],
    asked: (c) => c.aggregate([{ $project: { p: { $getField: { $literal: '$price' } } } }]).toArray(),
    answer: [{ _id: 1, p: 1 }],
  },
  {
    name: '$set of a $-prefixed field below the first level',
    given: [{ _id: 1, a: {} }],
    asked: async (c) => {
      await c.updateOne({ _id: 1 }, { $set: { 'a.$b': 1, 'a.c.$d': 2 } });
      return c.findOne({});
    },
    answer: { _id: 1, a: { $b: 1, c: { $d: 2 } } },
  },
  {
    name: '$pull by $or, $and and $nor tests the elements that are documents',
    given: [{ _id: 1, a: [{ x: 1 }, { x: 2 }, 3], b: [{ x: 1 }, { x: 2 }], c: [{ x: 1 }, { x: 2 }, 3] }],
    asked: async (c) => {
      await c.updateOne(
        {},
        sent({
          $pull: {
            a: { $or: [{ x: 1 }] },
            b: { $and: [{ x: { $gt: 0 } }, { x: { $lt: 2 } }] },
            c: { $nor: [{ x: 1 }] },
          },
        }),
      );
      return c.findOne({});
    },
    answer: { _id: 1, a: [{ x: 2 }, 3], b: [{ x: 2 }], c: [{ x: 1 }, 3] },
  },
  ...(
    [
      ['$or', { $or: [{ e: 1 }, { e: 2 }] }, [9, 9, 3]],
      ['$and', { $and: [{ e: { $gt: 1 } }, { e: { $lt: 3 } }] }, [1, 9, 3]],
      ['$nor', { $nor: [{ e: 1 }] }, [1, 9, 9]],
    ] as const
  ).map(
    ([name, filter, after]): Fact => ({
      name: `an array filter by ${name}`,
      given: [{ _id: 1, a: [1, 2, 3] }],
      asked: async (c) => {
        await c.updateOne({ _id: 1 }, { $set: { 'a.$[e]': 9 } }, { arrayFilters: [filter] });
        return (await c.findOne({}))?.a;
      },
      answer: after,
    }),
  ),
  {
    name: '$elemMatch on the parts of a reference',
    given: [
      { _id: 1, m: [{ $ref: 'x', $id: new ObjectId('64b0c0ffee64b0c0ffee64b0') }] },
      { _id: 2, m: [{ $ref: 'x', $id: new ObjectId('64b0c0ffee64b0c0ffee64b1') }] },
    ],
    asked: async (c) => {
      const id = new ObjectId('64b0c0ffee64b0c0ffee64b0');
      const found = await Promise.all(
        [{ $id: id }, { $ref: 'x', $id: id }].map((wanted) => c.find({ m: { $elemMatch: wanted } }).toArray()),
      );
      return found.map((documents) => documents.map(({ _id }) => _id));
    },
    answer: [[1], [1]],
  },
  {
    name: '$addToSet of a document with $each in second place adds it',
    given: [one],
    asked: async (c) => {
      await c.updateOne({ _id: 1 }, { $addToSet: { v: { key: 2, $each: [1] } } });
      return c.findOne({});
    },
    answer: { _id: 1, v: [{ key: 2, $each: [1] }] },
  },
  {
    name: 'the parts of a date of a timestamp and of an id',
    given: [{ _id: 1, t: new Timestamp({ t: 86_400, i: 1 }), o: new ObjectId('00015180aaaaaaaaaaaaaaaa') }],
    asked: (c) =>
      c
        .aggregate([
          {
            $project: {
              y: { $year: '$t' },
              d: { $dayOfMonth: '$o' },
              s: { $dateToString: { date: '$t', format: '%Y-%m-%d' } },
              u: { $dateDiff: { startDate: '$o', endDate: new Date(2 * 86_400_000), unit: 'day' } },
              c: { $toDate: '$t' },
            },
          },
        ])
        .toArray(),
    answer: [{ _id: 1, y: 1970, d: 2, s: '1970-01-02', u: 1, c: iso('1970-01-02T00:00:00Z') }],
  },
  {
    name: '$dateToParts, by the calendar, in a zone and by ISO weeks',
    given: [{ _id: 1, d: iso('2017-01-01T12:29:09.123Z') }],
    asked: (c) =>
      c
        .aggregate([
          {
            $project: {
              p: { $dateToParts: { date: '$d' } },
              z: { $dateToParts: { date: '$d', timezone: 'America/New_York' } },
              i: { $dateToParts: { date: '$d', iso8601: true } },
              n: { $dateToParts: { date: '$nothing' } },
            },
          },
        ])
        .toArray(),
    answer: [
      {
        _id: 1,
        p: { year: 2017, month: 1, day: 1, hour: 12, minute: 29, second: 9, millisecond: 123 },
        z: { year: 2017, month: 1, day: 1, hour: 7, minute: 29, second: 9, millisecond: 123 },
        i: { isoWeekYear: 2016, isoWeek: 52, isoDayOfWeek: 7, hour: 12, minute: 29, second: 9, millisecond: 123 },
        n: null,
      },
    ],
  },
  {
    name: 'a second index on the same keys that is unique, and a third that is sparse',
    asked: async (c) => {
      await c.createIndex({ a: 1 });
      await c.createIndex({ a: 1 }, { unique: true, name: 'u' });
      await c.createIndex({ a: 1 }, { sparse: true, name: 's' });
      return (await c.indexes()).map(({ name }) => name);
    },
    answer: ['_id_', 'a_1', 'u', 's'],
  },
  {
    name: 'count with a negative limit counts as many',
    given: [1, 2, 3, 4].map((_id) => ({ _id })),
    asked: async (c, db) => (await db.command({ count: c.collectionName, limit: -3 })).n,
    answer: 3,
  },
  {
    name: 'a hint on a collection that is not there',
    asked: async (c, db) => [
      await c.aggregate([], { hint: 'x_1' }).toArray(),
      await c.find({}, { hint: { y: 1 } }).toArray(),
      (await db.command({ count: c.collectionName, hint: 'x_1' })).n,
    ],
    answer: [[], [], 0],
  },
  {
    name: 'code with scope finds itself and nothing else',
    given: [
      { _id: 1, a: new Code('x', { y: 1 }) },
      { _id: 2, a: new Code('x') },
      { _id: 3, a: new Code('x', { y: 2 }) },
    ],
    asked: async (c) => (await c.find({ a: new Code('x', { y: 1 }) }).toArray()).map(({ _id }) => _id),
    answer: [1],
  },
  {
    name: 'the x flag of a regular expression',
    given: [
      { _id: 1, a: 'ab' },
      { _id: 2, a: 'a b' },
      { _id: 3, a: 'a#' },
    ],
    asked: (c) =>
      Promise.all(
        ['a b', 'a\\ b', 'a[ ]b', 'a # a comment\n b', 'a\\#'].map(async (pattern) =>
          (await c.find({ a: { $regex: pattern, $options: 'x' } }).toArray()).map(({ _id }) => _id),
        ),
      ),
    answer: [[1], [2], [2], [1], [3]],
  },
  {
    name: 'an option that is null is one that is left out',
    given: [one],
    asked: async (c, db) => {
      const answers = await Promise.all([
        db.command({ find: c.collectionName, limit: null, let: null, readConcern: null, maxTimeMS: null }),
        db.command({ count: c.collectionName, query: null, collation: null }),
        db.command({ insert: c.collectionName, documents: [{ _id: 9 }], ordered: null, writeConcern: null }),
      ]);
      return answers.map(({ ok }) => ok);
    },
    answer: [1, 1, 1],
  },
  {
    name: 'findAndModify takes numbers for its flags, and a delete takes any limit that is 0 or 1',
    given: [one, { _id: 2 }],
    asked: async (c, db) => [
      (await db.command({ findAndModify: c.collectionName, query: { _id: 2 }, update: { $set: { x: 1 } }, new: 1.5 }))
        .value,
      (await db.command({ delete: c.collectionName, deletes: [{ q: { _id: 1 }, limit: 1.7 }] })).n,
    ],
    answer: [{ _id: 2, x: 1 }, 1],
  },
  {
    name: 'a write concern and a time limit in all the forms they may have',
    asked: async (c, db) => {
      const concerns = [{}, { w: 1.5 }, { w: 'majority' }, { w: { a: 1 } }, { j: 1 }, { j: null }, { wtimeout: -5 }];
      const answers = [];
      for (const [_id, writeConcern] of concerns.entries())
        answers.push(
          await db.command({ insert: c.collectionName, documents: [{ _id }], writeConcern, maxTimeMS: 5e3 }),
        );
      return answers.map(({ ok }) => ok);
    },
    answer: [1, 1, 1, 1, 1, 1, 1],
  },
];
