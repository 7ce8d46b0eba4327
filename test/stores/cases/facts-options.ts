import { Binary, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';
import type { Fields } from '../../support/mongo-case.ts';
import { type Fact, refused } from './fact.ts';

/** One value of each BSON type but null, which stands for a field that is left out. */
const VALUES: Readonly<Record<string, unknown>> = {
  double: new Double(3.5),
  string: 'x',
  object: { x: 1 },
  array: [1],
  binData: new Binary(Buffer.from('x')),
  objectId: new ObjectId('64b0c0ffee64b0c0ffee64b0'),
  bool: true,
  date: new Date(0),
  regex: /x/,
  javascript: new Code('x'),
  javascriptWithScope: new Code('x', { a: 1 }),
  int: new Int32(1),
  timestamp: new Timestamp({ t: 1, i: 1 }),
  long: Long.fromNumber(1),
  decimal: Decimal128.fromString('1'),
  minKey: new MinKey(),
  maxKey: new MaxKey(),
};
const NUMBERS = ['double', 'int', 'long', 'decimal'];

/** The types that a field takes, and the code for any other. */
const KINDS = {
  bool: [['bool'], 14],
  safeBool: [['bool', ...NUMBERS], 14],
  number: [NUMBERS, 14],
  string: [['string'], 14],
  object: [['object'], 14],
  array: [['array'], 14],
  long: [['long'], 14],
  hint: [['string', 'object'], 9],
  modification: [['object', 'array'], 9],
  name: [['string'], 73],
} as const;
type Kind = keyof typeof KINDS;

interface Shape {
  /** The command with all that it must have. */
  readonly base: (name: string) => Fields;
  readonly fields: Readonly<Record<string, Kind>>;
  /** Where in the command the fields stand, if not at its first level. */
  readonly into?: (command: Fields, field: Fields) => Fields;
}

const indexes = [{ key: { a: 1 }, name: 'a_1' }];

const SHAPES: Readonly<Record<string, Shape>> = {
  find: {
    base: (name) => ({ find: name }),
    fields: {
      find: 'name',
      filter: 'object',
      sort: 'object',
      projection: 'object',
      collation: 'object',
      let: 'object',
      hint: 'hint',
      skip: 'number',
      limit: 'number',
      batchSize: 'number',
      singleBatch: 'bool',
      allowDiskUse: 'bool',
      noCursorTimeout: 'bool',
      allowPartialResults: 'bool',
    },
  },
  aggregate: {
    base: (name) => ({ aggregate: name, pipeline: [], cursor: {} }),
    fields: {
      pipeline: 'array',
      cursor: 'object',
      collation: 'object',
      let: 'object',
      hint: 'hint',
      allowDiskUse: 'bool',
      bypassDocumentValidation: 'safeBool',
    },
  },
  'aggregate.cursor': {
    base: (name) => ({ aggregate: name, pipeline: [] }),
    into: (command, cursor) => ({ ...command, cursor }),
    fields: { batchSize: 'number' },
  },
  count: {
    base: (name) => ({ count: name }),
    fields: { count: 'name', query: 'object', collation: 'object', hint: 'hint', skip: 'number' },
  },
  distinct: {
    base: (name) => ({ distinct: name, key: 'a' }),
    fields: { distinct: 'name', key: 'string', query: 'object', collation: 'object' },
  },
  insert: {
    base: (name) => ({ insert: name, documents: [{ a: 1 }] }),
    fields: { insert: 'name', ordered: 'bool', bypassDocumentValidation: 'safeBool' },
  },
  update: {
    base: (name) => ({ update: name, updates: [{ q: {}, u: { $set: { a: 1 } } }] }),
    fields: { update: 'name', ordered: 'bool', bypassDocumentValidation: 'safeBool', let: 'object' },
  },
  'update.updates': {
    base: (name) => ({ update: name, updates: [] }),
    into: (command, field) => ({ ...command, updates: [{ q: {}, u: { $set: { a: 1 } }, ...field }] }),
    fields: {
      q: 'object',
      u: 'modification',
      multi: 'bool',
      upsert: 'bool',
      arrayFilters: 'array',
      collation: 'object',
      hint: 'hint',
    },
  },
  delete: {
    base: (name) => ({ delete: name, deletes: [{ q: {}, limit: 1 }] }),
    fields: { delete: 'name', ordered: 'bool', let: 'object' },
  },
  'delete.deletes': {
    base: (name) => ({ delete: name, deletes: [] }),
    into: (command, field) => ({ ...command, deletes: [{ q: {}, limit: 1, ...field }] }),
    fields: { q: 'object', collation: 'object', hint: 'hint' },
  },
  findAndModify: {
    base: (name) => ({ findAndModify: name, update: { $set: { a: 1 } } }),
    fields: {
      findAndModify: 'name',
      query: 'object',
      sort: 'object',
      fields: 'object',
      update: 'modification',
      collation: 'object',
      arrayFilters: 'array',
      let: 'object',
      hint: 'hint',
      remove: 'safeBool',
      new: 'safeBool',
      upsert: 'safeBool',
      bypassDocumentValidation: 'safeBool',
    },
  },
  create: {
    base: (name) => ({ create: name }),
    fields: {
      create: 'name',
      capped: 'safeBool',
      validator: 'object',
      viewOn: 'string',
      collation: 'object',
      timeseries: 'object',
    },
  },
  createIndexes: {
    base: (name) => ({ createIndexes: name, indexes }),
    fields: { createIndexes: 'name', indexes: 'array' },
  },
  'createIndexes.indexes': {
    base: (name) => ({ createIndexes: name }),
    into: (command, field) => ({ ...command, indexes: [{ key: { a: 1 }, name: 'a', ...field }] }),
    fields: {
      key: 'object',
      name: 'string',
      unique: 'safeBool',
      sparse: 'safeBool',
      partialFilterExpression: 'object',
      expireAfterSeconds: 'number',
      collation: 'object',
    },
  },
  listCollections: {
    base: () => ({ listCollections: 1 }),
    fields: { filter: 'object', cursor: 'object', nameOnly: 'safeBool' },
  },
  listIndexes: { base: (name) => ({ listIndexes: name }), fields: { listIndexes: 'name', cursor: 'object' } },
  killCursors: { base: (name) => ({ killCursors: name, cursors: [] }), fields: { cursors: 'array' } },
  getMore: {
    base: (name) => ({ getMore: Long.fromNumber(1), collection: name }),
    fields: { getMore: 'long', collection: 'string', batchSize: 'number' },
  },
  dbStats: { base: () => ({ dbStats: 1 }), fields: { scale: 'number' } },
};

/** Each field with a value of each type that it does not take, and one field that does not exist. */
function* typeFacts(): Generator<Fact> {
  for (const [name, { base, fields, into }] of Object.entries(SHAPES)) {
    for (const [field, kind] of Object.entries(fields)) {
      const [types, code] = KINDS[kind];
      for (const [type, value] of Object.entries(VALUES)) {
        if (types.some((one) => one === type)) continue;
        yield refused(
          `${name}.${field} of the type ${type}`,
          (c, db) => {
            const command = base(c.collectionName);
            return db.command(into === undefined ? { ...command, [field]: value } : into(command, { [field]: value }));
          },
          [code],
        );
      }
    }
    yield refused(
      `${name} with a field that does not exist`,
      (c, db) => {
        const command = base(c.collectionName);
        return db.command(into === undefined ? { ...command, frob: 1 } : into(command, { frob: 1 }));
      },
      name === 'createIndexes.indexes' ? [197] : [40415],
    );
  }
}

/** Options that every command has. */
const COMMANDS: readonly ((name: string) => Fields)[] = [
  (name) => ({ find: name }),
  (name) => ({ aggregate: name, pipeline: [], cursor: {} }),
  (name) => ({ count: name }),
  (name) => ({ distinct: name, key: 'a' }),
  (name) => ({ insert: name, documents: [{ a: 1 }] }),
  (name) => ({ update: name, updates: [{ q: {}, u: { $set: { a: 1 } } }] }),
  (name) => ({ delete: name, deletes: [{ q: {}, limit: 1 }] }),
  (name) => ({ findAndModify: name, update: { $set: { a: 1 } } }),
];
const WRITES = COMMANDS.slice(4);

const of = (
  commands: readonly ((name: string) => Fields)[],
  what: string,
  option: Fields,
  codes: readonly number[],
): Fact[] =>
  commands.map((base) => {
    const [name] = Object.keys(base(''));
    return refused(`${name} with ${what}`, (c, db) => db.command({ ...base(c.collectionName), ...option }), codes);
  });

function* wrong(option: string, types: readonly string[]): Generator<[string, unknown]> {
  for (const [type, value] of Object.entries(VALUES)) {
    if (!types.includes(type)) yield [`${option} of the type ${type}`, value];
  }
}

/** Before version 8.0 each of these three was 2. */
const TIME: readonly (readonly [string, unknown, readonly number[]])[] = [
  ['a negative maxTimeMS', -1, [2]],
  ['a maxTimeMS beyond an int', Long.fromNumber(2 ** 31), [2]],
  ['a maxTimeMS with a fraction', 0.5, [9, 2]],
  ['a maxTimeMS that is not a number', Number.NaN, [9, 2]],
];

const CONCERNS: readonly (readonly [string, Fields, readonly number[]])[] = [
  ['a field of writeConcern that does not exist', { w: 1, frob: 1 }, [40415]],
  ['w: -1', { w: -1 }, [9]],
  ['w: 51', { w: 51 }, [9]],
  ['a w that is not a number', { w: Number.NaN }, [9]],
  ['w: true', { w: true }, [9]],
  ['w: a list', { w: [1] }, [9]],
  ['w: a document of no tags', { w: {} }, [9]],
  ['w: a document of texts', { w: { dc: 'x' } }, [9]],
  ['j: a text', { j: 'yes' }, [14]],
  ['j: a document', { j: {} }, [14]],
  ['j and fsync', { j: true, fsync: true }, [9]],
  ['a wtimeout beyond an int', { w: 1, wtimeout: Long.fromNumber(2 ** 31) }, [9]],
];

const LEVELS: readonly (readonly [string, unknown, readonly number[]])[] = [
  ['a level that does not exist', { level: 'strong' }, [2]],
  ['a level in capitals', { level: 'LOCAL' }, [2]],
  ['a level that is a number', { level: 1 }, [14]],
  ['a level that is a list', { level: ['local'] }, [14]],
  ['a field of readConcern that does not exist', { level: 'local', frob: 1 }, [40415]],
];

const COLLATIONS: readonly (readonly [string, Fields, readonly number[]])[] = [
  ['a collation without a locale', { strength: 1 }, [40414]],
  ['a locale that is null', { locale: null }, [40414]],
  ['a locale that is a number', { locale: 1 }, [14]],
  ['a locale that is empty', { locale: '' }, [2]],
  ['a locale that does not exist', { locale: 'xx_nowhere' }, [2]],
  ['a strength of 0', { locale: 'en', strength: 0 }, [2]],
  ['a strength of 6', { locale: 'en', strength: 6 }, [2, 51024]],
  ['a strength that is a text', { locale: 'en', strength: 'x' }, [14]],
  ['a caseLevel that is a number', { locale: 'en', caseLevel: 1 }, [14]],
  ['a caseFirst that does not exist', { locale: 'en', caseFirst: 'Upper' }, [2]],
  ['an alternate that does not exist', { locale: 'en', alternate: 'x' }, [2]],
  ['backwards: null', { locale: 'en', backwards: null }, [14]],
  ['a field of collation that does not exist', { locale: 'en', frob: 1 }, [40415]],
];

const VERSIONS: readonly (readonly [string, Fields, readonly number[]])[] = [
  ['apiVersion 2', { apiVersion: '2' }, [322]],
  ['an apiVersion that is a number', { apiVersion: 1 }, [14]],
  ['an apiStrict that is a number', { apiVersion: '1', apiStrict: 1 }, [14]],
  ['an apiDeprecationErrors that is a text', { apiVersion: '1', apiDeprecationErrors: 'x' }, [14]],
  ['apiStrict without a version', { apiStrict: true }, [4886600]],
];
const STRICT = { apiVersion: '1', apiStrict: true };

const STRICTLY: readonly (readonly [string, (name: string) => Fields])[] = [
  ['distinct', (name) => ({ distinct: name, key: '_id' })],
  ['collStats', (name) => ({ collStats: name })],
  ['dbStats', () => ({ dbStats: 1 })],
  ['buildInfo', () => ({ buildInfo: 1 })],
  ['connectionStatus', () => ({ connectionStatus: 1 })],
  ['find with a tailable cursor', (name) => ({ find: name, tailable: false })],
  ['find with min', (name) => ({ find: name, min: {} })],
  ['find with showRecordId', (name) => ({ find: name, showRecordId: false })],
  ['find with noCursorTimeout', (name) => ({ find: name, noCursorTimeout: false })],
  ['a sparse index', (name) => ({ createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a', sparse: true }] })],
  ['$indexStats', (name) => ({ aggregate: name, pipeline: [{ $indexStats: {} }], cursor: {} })],
];

const VALUES_OUT_OF_RANGE: readonly Fact[] = [
  ...['skip', 'limit', 'batchSize'].map((field) =>
    refused(`find with a negative ${field}`, (c, db) => db.command({ find: c.collectionName, [field]: -1 }), [51024]),
  ),
  refused(
    'aggregate with a negative batchSize',
    (c, db) => db.command({ aggregate: c.collectionName, pipeline: [], cursor: { batchSize: -1 } }),
    [51024],
  ),
  refused('count with a limit that is a text', (c, db) => db.command({ count: c.collectionName, limit: 'x' }), [2]),
  refused('count with a limit with a fraction', (c, db) => db.command({ count: c.collectionName, limit: 1.5 }), [9]),
  refused('dbStats with a scale of 0', (_, db) => db.command({ dbStats: 1, scale: 0 }), [51024, 2]),
  refused('find with a hint of null', (c, db) => db.command({ find: c.collectionName, hint: null }), [9]),
  ...['filter', 'sort', 'projection'].map((field) =>
    refused(`find with a ${field} of null`, (c, db) => db.command({ find: c.collectionName, [field]: null }), [14]),
  ),
  refused(
    'aggregate with a cursor of null',
    (c, db) => db.command({ aggregate: c.collectionName, pipeline: [], cursor: null }),
    [14],
  ),
  refused('aggregate without a cursor', (c, db) => db.command({ aggregate: c.collectionName, pipeline: [] }), [9]),
  refused('aggregate without a pipeline', (c, db) => db.command({ aggregate: c.collectionName, cursor: {} }), [40414]),
  refused('aggregate on the number 2', (_, db) => db.command({ aggregate: 2, pipeline: [], cursor: {} }), [2, 9]),
  refused(
    'a pipeline of a number',
    (c, db) => db.command({ aggregate: c.collectionName, pipeline: [1], cursor: {} }),
    [14],
  ),
  refused('distinct without a key', (c, db) => db.command({ distinct: c.collectionName }), [40414]),
  refused('insert without documents', (c, db) => db.command({ insert: c.collectionName }), [40414]),
  refused('insert of no documents', (c, db) => db.command({ insert: c.collectionName, documents: [] }), [16]),
  refused('insert of a number', (c, db) => db.command({ insert: c.collectionName, documents: [1] }), [14]),
  refused('an update without q', (c, db) => db.command({ update: c.collectionName, updates: [{ u: {} }] }), [40414]),
  refused('an update without u', (c, db) => db.command({ update: c.collectionName, updates: [{ q: {} }] }), [40414]),
  refused(
    'an array filter that is a number',
    (c, db) =>
      db.command({ update: c.collectionName, updates: [{ q: {}, u: { $set: { 'a.$[e]': 1 } }, arrayFilters: [1] }] }),
    [14],
  ),
  refused('a delete without limit', (c, db) => db.command({ delete: c.collectionName, deletes: [{ q: {} }] }), [40414]),
  refused(
    'a delete with the limit 2',
    (c, db) => db.command({ delete: c.collectionName, deletes: [{ q: {}, limit: 2 }] }),
    [9],
  ),
  refused(
    'getMore with maxTimeMS',
    (c, db) => db.command({ getMore: Long.fromNumber(1), collection: c.collectionName, maxTimeMS: 5 }),
    [2, 43],
  ),
  refused('an empty collection name', (_, db) => db.command({ find: '' }), [73]),
  refused('a collection name that begins with a dot', (_, db) => db.command({ find: '.a' }), [73]),
  refused('listDatabases on another database', (_, db) => db.command({ listDatabases: 1 }), [13]),
  refused(
    'a write concern for a read',
    (c, db) => db.command({ find: c.collectionName, writeConcern: { w: 1 } }),
    [72],
  ),
  refused(
    'readConcern majority for create',
    (c, db) => db.command({ create: c.collectionName, readConcern: { level: 'majority' } }),
    [72],
  ),
  refused('a hint of an index that is not there', (c) => c.find({}, { hint: 'x_1' }).toArray(), [2], {
    given: [{ _id: 1 }],
  }),
  refused('a hint in another direction', (c) => c.find({}, { hint: { x: -1 } }).toArray(), [2], {
    given: [{ _id: 1 }],
    before: (c) => c.createIndex({ x: 1 }),
  }),
  refused('a hint of $natural: 2', (c) => c.find({}, { hint: { $natural: 2 } as never }).toArray(), [2], {
    given: [{ _id: 1 }],
  }),
  refused(
    'distinct with a hint of an index that is not there',
    (c, db) => db.command({ distinct: c.collectionName, key: 'a', hint: 'x_1' }),
    [2],
    { given: [{ _id: 1 }] },
  ),
];

/** What MongoDB says of options of a wrong type, of a wrong value, and that do not exist. */
export const OPTIONS: readonly Fact[] = [
  ...typeFacts(),
  ...[...wrong('maxTimeMS', NUMBERS)].flatMap(([what, maxTimeMS]) => of(COMMANDS, what, { maxTimeMS }, [14, 2])),
  ...TIME.flatMap(([what, maxTimeMS, codes]) => of(COMMANDS, what, { maxTimeMS }, codes)),
  ...[...wrong('readConcern', ['object'])].flatMap(([what, readConcern]) =>
    of(COMMANDS.slice(0, 4), what, { readConcern }, [14]),
  ),
  ...LEVELS.flatMap(([what, readConcern, codes]) => of(COMMANDS.slice(0, 4), what, { readConcern }, codes)),
  ...[...wrong('writeConcern', ['object'])].flatMap(([what, writeConcern]) => of(WRITES, what, { writeConcern }, [14])),
  ...CONCERNS.flatMap(([what, writeConcern, codes]) => of(WRITES, what, { writeConcern }, codes)),
  ...COLLATIONS.flatMap(([what, collation, codes]) =>
    of([...COMMANDS.slice(0, 4), ...COMMANDS.slice(7)], what, { collation }, codes),
  ),
  ...VERSIONS.flatMap(([what, version, codes]) => of(COMMANDS.slice(0, 2), what, version, codes)),
  ...STRICTLY.map(([what, base]) =>
    refused(
      `${what} under a strict API version`,
      (c, db) => db.command({ ...base(c.collectionName), ...STRICT }),
      [323],
    ),
  ),
  ...VALUES_OUT_OF_RANGE,
];
