import { equal } from '../bson/compare.ts';
import { encode } from '../bson/encode.ts';
import { int32, isDoc, Raw, reply, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { checkWritable } from '../storage/catalog.ts';
import { type Collection, ID_INDEX } from '../storage/collection.ts';
import type { IndexSpec } from '../storage/index.ts';
import { batchSizeOf, type Command, collectionName, listOf } from './context.ts';
import { specOf } from './index-spec.ts';

/** Whether the index is there already; fails when one is there by that name or on those keys that is another. */
function isThere(collection: Collection, spec: IndexSpec): boolean {
  if (spec.pattern.size === 1 && spec.pattern.has('_id')) return true;
  for (const { spec: other } of collection.indexes.values()) {
    const same = isSame(other, spec);
    if (other.name === spec.name) {
      if (!same)
        throw new MongoError(
          'IndexKeySpecsConflict',
          `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${spec.name}, existing index: ${other.name}`,
        );
      if (other.expireAfterSeconds !== spec.expireAfterSeconds)
        throw new MongoError(
          'IndexOptionsConflict',
          `An equivalent index already exists with the same name but different options. Requested index: ${spec.name}`,
        );
      return true;
    }
    if (same) throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${other.name}`);
  }
  return false;
}

/** Whether two are one index: by their keys, and by the options that make another index of the same keys. */
function isSame(one: IndexSpec, two: IndexSpec): boolean {
  return (
    [...one.pattern.keys()].join('\0') === [...two.pattern.keys()].join('\0') &&
    equal(one.pattern, two.pattern) &&
    one.unique === two.unique &&
    one.sparse === two.sparse &&
    equal(one.partial?.filter, two.partial?.filter)
  );
}

export const createIndexes: Command = (context) => {
  const name = collectionName(context);
  const specs = listOf(context, 'indexes').map((index) => specOf(index, context));
  if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
  checkWritable(context.database, name);
  const isNew = context.catalog.find(context.database, name) === undefined;
  const collection = context.catalog.ensure(context.database, name);
  const before = collection.indexes.size + 1;
  for (const spec of specs) if (!isThere(collection, spec)) collection.createIndex(spec);
  return reply({
    numIndexesBefore: int32(before),
    numIndexesAfter: int32(collection.indexes.size + 1),
    createdCollectionAutomatically: isNew,
    ok: 1,
  });
};

const ID_DESCRIPTION = reply({ v: int32(2), key: ID_INDEX.pattern, name: ID_INDEX.name });

export const listIndexes: Command = (context) => {
  const name = collectionName(context);
  const collection = context.catalog.find(context.database, name);
  if (collection === undefined)
    throw new MongoError('NamespaceNotFound', `ns does not exist: ${context.database}.${name}`);
  const found = [ID_DESCRIPTION, ...[...collection.indexes.values()].map((index) => index.spec.description)].map(
    (description) => new Raw(encode(description)),
  );
  return context.cursors.open(`${context.database}.${name}`, found, batchSizeOf(context));
};

export const dropIndexes: Command = (context) => {
  const name = collectionName(context);
  const collection = context.catalog.find(context.database, name);
  if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns not found ${context.database}.${name}`);
  const before = collection.indexes.size + 1;
  const wanted = context.command.get('index') ?? null;
  if (wanted === '*') collection.indexes.clear();
  else
    for (const one of Array.isArray(wanted) ? wanted : [wanted]) collection.indexes.delete(indexName(collection, one));
  return reply({ nIndexesWas: int32(before), ok: 1 });
};

function indexName(collection: Collection, wanted: Value): string {
  if (wanted === ID_INDEX.name || (isDoc(wanted) && wanted.size === 1 && wanted.has('_id'))) {
    throw new MongoError('InvalidOptions', 'cannot drop _id index');
  }
  for (const { spec } of collection.indexes.values()) {
    if (typeof wanted === 'string' ? spec.name === wanted : equal(spec.pattern, wanted)) return spec.name;
  }
  throw new MongoError(
    'IndexNotFound',
    typeof wanted === 'string' ? `index not found with name [${wanted}]` : "can't find index with key",
  );
}
