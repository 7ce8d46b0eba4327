import { type Doc, int32, isDoc, reply, type Value } from '../bson/values.ts';
import { notSupported } from '../mongo-error.ts';
import { compileFilter } from '../query/matcher.ts';
import { type Command, type Context, collectionName, countOf, documentOf, flagOf } from './context.ts';

const create: Command = {
  fields: [
    'capped',
    'autoIndexId',
    'idIndex',
    'size',
    'max',
    'storageEngine',
    'validator',
    'validationLevel',
    'validationAction',
    'indexOptionDefaults',
    'viewOn',
    'pipeline',
    'collation',
    'timeseries',
    'clusteredIndex',
    'expireAfterSeconds',
    'changeStreamPreAndPostImages',
    'encryptedFields',
  ],
  run(context) {
    const name = collectionName(context);
    for (const option of [
      'capped',
      'validator',
      'viewOn',
      'timeseries',
      'clusteredIndex',
      'encryptedFields',
      'expireAfterSeconds',
      'changeStreamPreAndPostImages',
      'storageEngine',
    ]) {
      if (context.command.has(option) && context.command.get(option) !== false)
        throw notSupported(`create with ${option}`);
    }
    const collation = context.command.get('collation');
    if (isDoc(collation ?? null) && collation instanceof Map && collation.get('locale') !== 'simple')
      throw notSupported('create with a collation');
    // Creating again what is there with the same options is no error.
    if (context.catalog.find(context.database, name) === undefined) context.catalog.create(context.database, name);
    return reply({ ok: 1 });
  },
};

const drop: Command = {
  fields: [],
  run(context) {
    const name = collectionName(context);
    const collection = context.catalog.find(context.database, name);
    context.catalog.drop(context.database, name);
    if (collection === undefined) return reply({ ok: 1 });
    return reply({ nIndexesWas: int32(collection.indexes.size + 1), ns: `${context.database}.${name}`, ok: 1 });
  },
};

const dropDatabase: Command = {
  fields: [],
  run(context) {
    const names = [...(context.catalog.databases.get(context.database)?.keys() ?? [])];
    for (const name of names) context.catalog.drop(context.database, name);
    return reply(names.length === 0 ? { ok: 1 } : { dropped: context.database, ok: 1 });
  },
};

/** A filter over descriptions, as listCollections and listDatabases take one. */
function filtered(context: Context, descriptions: readonly Doc[]): Doc[] {
  const filter = documentOf(context, 'filter');
  if (filter === undefined) return [...descriptions];
  const matches = compileFilter(filter);
  return descriptions.filter((description) => matches(description));
}

const listCollections: Command = {
  fields: ['filter', 'cursor', 'nameOnly', 'authorizedCollections'],
  run(context) {
    const key: Value = new Map([['_id', int32(1)]]);
    const all = [...(context.catalog.databases.get(context.database)?.keys() ?? [])].map((name): Doc => {
      const description: Doc = new Map<string, Value>([
        ['name', name],
        ['type', 'collection'],
      ]);
      if (flagOf(context, 'nameOnly')) return description;
      description.set('options', new Map());
      description.set('info', new Map([['readOnly', false]]));
      description.set(
        'idIndex',
        new Map<string, Value>([
          ['v', int32(2)],
          ['key', key],
          ['name', '_id_'],
        ]),
      );
      return description;
    });
    const cursor = documentOf(context, 'cursor');
    const size = cursor === undefined ? undefined : countOf({ ...context, command: cursor }, 'batchSize');
    return context.cursors.open(`${context.database}.$cmd.listCollections`, filtered(context, all), size);
  },
};

const listDatabases: Command = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run(context) {
    const all = [...context.catalog.databases].map(([name, collections]): Doc => {
      if (flagOf(context, 'nameOnly')) return new Map([['name', name]]);
      let size = 0;
      for (const collection of collections.values())
        for (const record of collection.records.values()) size += record.bytes.length;
      return new Map<string, Value>([
        ['name', name],
        ['sizeOnDisk', BigInt(size)],
        ['empty', false],
      ]);
    });
    return reply({ databases: filtered(context, all), ok: 1 });
  },
};

const collStats: Command = {
  fields: ['scale'],
  run(context) {
    if (context.command.has('scale')) throw notSupported('collStats with scale');
    const name = collectionName(context);
    const collection = context.catalog.find(context.database, name);
    let size = 0;
    for (const record of collection?.records.values() ?? []) size += record.bytes.length;
    const number = collection?.records.size ?? 0;
    return reply({
      ns: `${context.database}.${name}`,
      size: int32(size),
      count: int32(number),
      avgObjSize: number === 0 ? undefined : int32(Math.floor(size / number)),
      storageSize: int32(size),
      capped: false,
      nindexes: int32(collection === undefined ? 0 : collection.indexes.size + 1),
      ok: 1,
    });
  },
};

const dbStats: Command = {
  fields: ['scale'],
  run(context) {
    let [objects, size, indexes, collections] = [0, 0, 0, 0];
    for (const collection of context.catalog.databases.get(context.database)?.values() ?? []) {
      collections += 1;
      indexes += collection.indexes.size + 1;
      objects += collection.records.size;
      for (const record of collection.records.values()) size += record.bytes.length;
    }
    return reply({
      db: context.database,
      collections,
      views: 0,
      objects,
      dataSize: size,
      storageSize: size,
      indexes,
      ok: 1,
    });
  },
};

export const COLLECTION_COMMANDS: readonly (readonly [string, Command])[] = [
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
  ['collStats', collStats],
  ['dbStats', dbStats],
];
