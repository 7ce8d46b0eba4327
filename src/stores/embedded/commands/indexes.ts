import { equal, isNumeric } from '../bson/compare.ts';
import { toSafeInteger, truthy } from '../bson/convert.ts';
import { encode } from '../bson/encode.ts';
import { type Doc, type Encodable, int32, isDoc, Raw, reply, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { isOperators } from '../query/leaf.ts';
import { compileFilter } from '../query/matcher.ts';
import { arrayIndex, parsePath } from '../query/path.ts';
import type { Collection } from '../storage/collection.ts';
import { ID_INDEX } from '../storage/collection.ts';
import type { IndexSpec } from '../storage/index.ts';
import { type Command, checkCollation, collectionName, countOf, documentOf, itemsOf } from './context.ts';

const FIELDS = [
  'key',
  'name',
  'unique',
  'sparse',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'background',
  'v',
  'hidden',
  'ns',
];

/** Reads one index of createIndexes. Fails by name on a kind of index or an option that is not supported. */
function specOf(given: Value): IndexSpec {
  if (!isDoc(given)) throw new MongoError('TypeMismatch', "The elements of the 'indexes' array must be objects");
  for (const field of given.keys()) {
    if (FIELDS.includes(field)) continue;
    throw ['weights', 'default_language', 'language_override', '2dsphereIndexVersion', 'wildcardProjection'].includes(
      field,
    )
      ? notSupported(`the index option ${field}`)
      : new MongoError(
          'InvalidIndexSpecificationOption',
          `The field '${field}' is not valid for an index specification`,
        );
  }
  const pattern = given.get('key');
  if (!(pattern instanceof Map) || pattern.size === 0)
    throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object');
  const name = given.get('name');
  if (typeof name !== 'string' || name === '') throw new MongoError('FailedToParse', 'The index name is missing');
  const parts = [...pattern].map(([field, direction]) => partOf(field, direction));
  checkCollation(given.get('collation'));
  if (truthy(given.get('hidden'))) throw notSupported('a hidden index');
  const seconds = given.get('expireAfterSeconds');
  const expireAfterSeconds = seconds === undefined ? undefined : toSafeInteger(seconds);
  if (
    seconds !== undefined &&
    (expireAfterSeconds === undefined || expireAfterSeconds < 0 || expireAfterSeconds > 0x7fffffff)
  ) {
    throw new MongoError(
      'CannotCreateIndex',
      "TTL index 'expireAfterSeconds' must be a number between 0 and 2147483647",
    );
  }
  if (expireAfterSeconds !== undefined && parts.length > 1)
    throw new MongoError(
      'CannotCreateIndex',
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    );
  if (expireAfterSeconds !== undefined && parts[0]?.name === '_id')
    throw new MongoError(
      'InvalidIndexSpecificationOption',
      "The field 'expireAfterSeconds' is not valid for an _id index specification",
    );
  const description = new Map<string, Encodable>([
    ['v', int32(2)],
    ['key', pattern],
    ['name', name],
  ]);
  for (const option of ['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression']) {
    const value = given.get(option);
    if (value !== undefined && value !== false) description.set(option, value);
  }
  return {
    name,
    pattern,
    parts,
    unique: truthy(given.get('unique')),
    sparse: truthy(given.get('sparse')),
    expireAfterSeconds,
    partial: partialOf(given.get('partialFilterExpression')),
    description,
  };
}

function partOf(field: string, direction: Value): IndexSpec['parts'][number] {
  if (typeof direction === 'string') throw notSupported(`an index of kind "${direction}"`);
  const number = isNumeric(direction) ? toSafeInteger(direction) : undefined;
  if (number === undefined || number === 0)
    throw new MongoError('CannotCreateIndex', 'Values in the index key pattern must be numbers other than 0');
  const path = parsePath(field);
  if (path.includes('')) throw new MongoError('CannotCreateIndex', 'Index keys cannot contain an empty field.');
  if (field.includes('$'))
    throw field.endsWith('$**')
      ? notSupported('a wildcard index')
      : new MongoError('CannotCreateIndex', "Index key contains an illegal field name: field name starts with '$'.");
  if (path.some((name) => arrayIndex(name) !== undefined)) throw notSupported('an index on a position of an array');
  return { name: field, path, direction: number > 0 ? 1 : -1 };
}

const PARTIAL = ['$eq', '$gt', '$gte', '$lt', '$lte', '$exists', '$type', '$in'];

function partialOf(filter: Value | undefined): IndexSpec['partial'] {
  if (filter === undefined) return undefined;
  if (!(filter instanceof Map)) throw new MongoError('TypeMismatch', 'partialFilterExpression must be an object');
  checkPartial(filter);
  return { filter, matches: compileFilter(filter) };
}

/** MongoDB takes only these operators in a partial index. */
function checkPartial(filter: Doc): void {
  for (const [name, value] of filter) {
    if ((name === '$and' || name === '$or') && Array.isArray(value)) {
      for (const branch of value) if (isDoc(branch)) checkPartial(branch);
    } else if (name.startsWith('$')) {
      throw new MongoError('CannotCreateIndex', `Expression not supported in partial index: ${name}`);
    } else if (isOperators(value)) {
      for (const [operator, operand] of value) {
        if (!PARTIAL.includes(operator) || (operator === '$exists' && !truthy(operand))) {
          throw new MongoError('CannotCreateIndex', `Expression not supported in partial index: ${operator}`);
        }
      }
    }
  }
}

/** Whether the index is there already; fails when one is there by that name or on those keys that is another. */
function isThere(collection: Collection, spec: IndexSpec): boolean {
  if (spec.pattern.size === 1 && spec.pattern.has('_id')) return true;
  for (const { spec: other } of collection.indexes.values()) {
    const sameKeys =
      [...other.pattern.keys()].join('\0') === [...spec.pattern.keys()].join('\0') &&
      equal(other.pattern, spec.pattern);
    if (other.name === spec.name) {
      if (!sameKeys)
        throw new MongoError(
          'IndexKeySpecsConflict',
          `An existing index has the same name as the requested index. Requested index: ${spec.name}, existing index: ${other.name}`,
        );
      if (!sameOptions(other, spec))
        throw new MongoError(
          'IndexOptionsConflict',
          `An equivalent index already exists with the same name but different options. Requested index: ${spec.name}`,
        );
      return true;
    }
    if (sameKeys && sameFilter(other, spec)) {
      throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${other.name}`);
    }
  }
  return false;
}

/** Options that make another index of the same keys. */
function sameOptions(one: IndexSpec, two: IndexSpec): boolean {
  const plain = one.unique === two.unique && one.sparse === two.sparse;
  return plain && one.expireAfterSeconds === two.expireAfterSeconds && sameFilter(one, two);
}

function sameFilter(one: IndexSpec, two: IndexSpec): boolean {
  return equal(one.partial?.filter, two.partial?.filter);
}

export const createIndexes: Command = {
  fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
  run(context) {
    const specs = itemsOf(context, 'indexes').map(specOf);
    if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
    const name = collectionName(context);
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
  },
};

const ID_DESCRIPTION = reply({ v: int32(2), key: ID_INDEX.pattern, name: ID_INDEX.name });

export const listIndexes: Command = {
  fields: ['cursor'],
  run(context) {
    const name = collectionName(context);
    const collection = context.catalog.find(context.database, name);
    if (collection === undefined)
      throw new MongoError('NamespaceNotFound', `ns does not exist: ${context.database}.${name}`);
    const cursor = documentOf(context, 'cursor');
    const size = cursor === undefined ? undefined : countOf({ ...context, command: cursor }, 'batchSize');
    const found = [ID_DESCRIPTION, ...[...collection.indexes.values()].map((index) => index.spec.description)].map(
      (description) => new Raw(encode(description)),
    );
    return context.cursors.open(`${context.database}.${name}`, found, size);
  },
};

export const dropIndexes: Command = {
  fields: ['index'],
  run(context) {
    const name = collectionName(context);
    const collection = context.catalog.find(context.database, name);
    if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns not found ${context.database}.${name}`);
    const before = collection.indexes.size + 1;
    const wanted = context.command.get('index') ?? null;
    if (wanted === '*') collection.indexes.clear();
    else
      for (const one of Array.isArray(wanted) ? wanted : [wanted])
        collection.indexes.delete(indexName(collection, one));
    return reply({ nIndexesWas: int32(before), ok: 1 });
  },
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
