import { equal } from '../bson/compare.ts';
import { Binary, type Doc, int32, reply, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { compileFilter } from '../query/matcher.ts';
import { checkWritable } from '../storage/catalog.ts';
import { type Collection, ID_INDEX } from '../storage/collection.ts';
import { batchSizeOf, type Command, type Context, collectionName, documentOf, flagOf } from './context.ts';
import { sizeOf } from './stats.ts';

/** Kinds of collections that are not here. */
const KINDS = [
  'capped',
  'validator',
  'viewOn',
  'timeseries',
  'clusteredIndex',
  'encryptedFields',
  'expireAfterSeconds',
  'changeStreamPreAndPostImages',
  'recordPreImages',
  'storageEngine',
];

const create: Command = (context) => {
  const { command } = context;
  const name = collectionName(context);
  checkWritable(context.database, name);
  if (!flagOf(context, 'capped') && (command.has('size') || command.has('max')))
    throw new MongoError(
      'InvalidOptions',
      "the 'capped' field needs to be true when either the 'size' or 'max' fields are present",
    );
  if (command.has('pipeline') && !command.has('viewOn'))
    throw new MongoError('InvalidOptions', "'pipeline' requires 'viewOn' to also be specified");
  for (const kind of KINDS) {
    if ((command.get(kind) ?? null) !== null && command.get(kind) !== false) throw notSupported(`create with ${kind}`);
  }
  const idKey = documentOf(context, 'idIndex')?.get('key');
  if (idKey !== undefined && !equal(idKey, ID_INDEX.pattern))
    throw new MongoError('BadValue', "The field 'key' for an _id index must be {_id: 1}");
  // Creating again what is there with the same options is no error.
  context.catalog.ensure(context.database, name);
  return reply({ ok: 1 });
};

const drop: Command = (context) => {
  const name = collectionName(context);
  const collection = context.catalog.find(context.database, name);
  context.catalog.drop(context.database, name);
  if (collection === undefined) return reply({ ok: 1 });
  return reply({ nIndexesWas: int32(collection.indexes.size + 1), ns: `${context.database}.${name}`, ok: 1 });
};

const dropDatabase: Command = (context) => {
  return reply(context.catalog.dropDatabase(context.database) ? { dropped: context.database, ok: 1 } : { ok: 1 });
};

/** A filter over descriptions, as listCollections and listDatabases take one. */
function filtered(context: Context, descriptions: readonly Doc[]): Doc[] {
  const filter = documentOf(context, 'filter');
  if (filter === undefined) return [...descriptions];
  const matches = compileFilter(filter);
  return descriptions.filter((description) => matches(description));
}

/** A collection as listCollections describes it. */
function described(name: string, collection: Collection): Doc {
  return new Map<string, Value>([
    ['name', name],
    ['type', 'collection'],
    ['options', new Map()],
    [
      'info',
      new Map<string, Value>([
        ['readOnly', false],
        ['uuid', new Binary(4, collection.uuid)],
      ]),
    ],
    [
      'idIndex',
      new Map<string, Value>([
        ['v', int32(2)],
        ['key', ID_INDEX.pattern],
        ['name', ID_INDEX.name],
      ]),
    ],
  ]);
}

const listCollections: Command = (context) => {
  const collections = [...(context.catalog.databases.get(context.database) ?? [])];
  const all = filtered(
    context,
    collections.map(([name, collection]) => described(name, collection)),
  );
  const listed = flagOf(context, 'nameOnly') ? all.map((one) => only(one, ['name', 'type'])) : all;
  return context.cursors.open(`${context.database}.$cmd.listCollections`, listed, batchSizeOf(context));
};

function only(description: Doc, names: readonly string[]): Doc {
  return new Map([...description].filter(([name]) => names.includes(name)));
}

const listDatabases: Command = (context) => {
  if (context.database !== 'admin')
    throw new MongoError('Unauthorized', 'listDatabases may only be run against the admin database.');
  const all = [...context.catalog.databases].map(
    ([name, collections]): Doc =>
      new Map<string, Value>([
        ['name', name],
        ['sizeOnDisk', BigInt(sizeOf(collections.values()))],
        ['empty', false],
      ]),
  );
  const found = filtered(context, all);
  if (flagOf(context, 'nameOnly')) return reply({ databases: found.map((one) => only(one, ['name'])), ok: 1 });
  let total = 0n;
  for (const one of found) {
    const size = one.get('sizeOnDisk');
    if (typeof size === 'bigint') total += size;
  }
  return reply({ databases: found, totalSize: total, totalSizeMb: total / 1_048_576n, ok: 1 });
};

export const COLLECTION_COMMANDS: readonly (readonly [string, Command])[] = [
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
];
