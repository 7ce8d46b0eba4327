import { isNumeric } from '../bson/compare.ts';
import { toNumber, truthy } from '../bson/convert.ts';
import { type Doc, type Encodable, int32, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { isOperators } from '../query/leaf.ts';
import { compileFilter } from '../query/matcher.ts';
import { arrayIndex, parsePath } from '../query/path.ts';
import { typeName } from '../query/types.ts';
import { ID_INDEX } from '../storage/collection.ts';
import type { IndexSpec } from '../storage/index.ts';
import { type Context, flagOf } from './context.ts';
import { checkDocument } from './fields/check.ts';
import { INDEX_SPEC } from './fields/table.ts';

/** Reads one index of createIndexes. Fails by name on a kind of index or an option that is not supported. */
export function specOf(value: Value, context: Context): IndexSpec {
  const given: Doc = isDoc(value) ? new Map(value) : new Map();
  for (const field of value instanceof Map ? value.keys() : []) {
    if (INDEX_SPEC.has(field)) continue;
    if (!flagOf(context, 'ignoreUnknownIndexOptions'))
      throw new MongoError(
        'InvalidIndexSpecificationOption',
        `The field '${field}' is not valid for an index specification`,
      );
    given.delete(field);
  }
  checkDocument(given, INDEX_SPEC, 'createIndexes.indexes', context.command);
  const name = given.get('name');
  const pattern = given.get('key');
  if (!(pattern instanceof Map))
    throw new MongoError('FailedToParse', "The 'key' field is a required property of an index specification");
  if (pattern.size === 0) throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object');
  if (typeof name !== 'string')
    throw new MongoError('FailedToParse', "The 'name' field is a required property of an index specification");
  checkName(name, pattern);
  checkVersion(given.get('v'));
  const parts = [...pattern].map(([field, direction]) => partOf(field, direction));
  if (parts.length > 32) throw new MongoError(13103, 'too many compound keys');
  checkIdIndex(given, pattern);
  const collation = given.get('collation');
  if (isDoc(collation) && collation.size === 0)
    throw new MongoError('BadValue', 'An empty collation object is not valid for an index');
  if (truthy(given.get('sparse')) && isDoc(given.get('partialFilterExpression')))
    throw new MongoError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  if (truthy(given.get('hidden'))) throw notSupported('a hidden index');
  const seconds = toNumber(given.get('expireAfterSeconds'));
  const expireAfterSeconds = seconds === undefined ? undefined : Math.trunc(seconds);
  if (expireAfterSeconds !== undefined && !(expireAfterSeconds >= 0 && expireAfterSeconds <= 0x7fffffff)) {
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
  const description = new Map<string, Encodable>([
    ['v', int32(2)],
    ['key', pattern],
    ['name', name],
  ]);
  if (expireAfterSeconds !== undefined) description.set('expireAfterSeconds', int32(expireAfterSeconds));
  for (const option of ['unique', 'sparse', 'partialFilterExpression']) {
    const value = given.get(option);
    if (value !== undefined && value !== null && value !== false) description.set(option, value);
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

const KINDS = ['text', 'hashed', '2d', '2dsphere', 'wildcard', 'columnstore'];

function partOf(field: string, direction: Value): IndexSpec['parts'][number] {
  if (typeof direction === 'string') {
    if (!KINDS.includes(direction))
      throw new MongoError('CannotCreateIndex', `Unknown index plugin '${direction}' in an index key pattern`);
    throw notSupported(`an index of kind "${direction}"`);
  }
  const number = isNumeric(direction) ? toNumber(direction) : undefined;
  if (number === undefined)
    throw new MongoError(
      'CannotCreateIndex',
      `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    );
  if (number === 0 || Number.isNaN(number))
    throw new MongoError('CannotCreateIndex', 'Values in the index key pattern cannot be 0 or NaN.');
  const path = parsePath(field);
  if (path.includes('')) throw new MongoError('CannotCreateIndex', 'Index keys cannot contain an empty field.');
  if (field.endsWith('$**')) throw notSupported('a wildcard index');
  // A reference ({$ref, $id, $db}) may be indexed by its parts.
  if (path.some((name, at) => name.startsWith('$') && !(at > 0 && ['$id', '$ref', '$db'].includes(name))))
    throw new MongoError('CannotCreateIndex', "Index key contains an illegal field name: field name starts with '$'.");
  if (path.some((name) => arrayIndex(name) !== undefined)) throw notSupported('an index on a position of an array');
  return { name: field, path, direction: number > 0 ? 1 : -1 };
}

/** Every index here is of version 2, as MongoDB makes it unasked. */
function checkVersion(value: Value | undefined): void {
  const version = toNumber(value);
  if (version === 1) throw notSupported('an index of version 1');
  if (version !== undefined && version !== 2)
    throw new MongoError('CannotCreateIndex', `Invalid index specification: cannot create an index with v:${version}`);
}

function isIdPattern(pattern: Doc): boolean {
  const number = toNumber(pattern.get('_id'));
  return pattern.size === 1 && number !== undefined && Math.abs(Math.trunc(number)) === 1;
}

function checkName(name: string, pattern: Doc): void {
  if (name === '') throw new MongoError('CannotCreateIndex', 'index name cannot be empty');
  if (name === '*') throw new MongoError('BadValue', "The index name '*' is not valid.");
  if (name === ID_INDEX.name && !isIdPattern(pattern))
    throw new MongoError(
      'BadValue',
      "The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}",
    );
}

/** What may be said of the index on `_id`, which is there already. */
function checkIdIndex(given: Doc, pattern: Doc): void {
  if (!isIdPattern(pattern)) return;
  if (toNumber(pattern.get('_id')) !== 1)
    throw new MongoError('BadValue', "The field 'key' for an _id index must be {_id: 1}");
  for (const field of given.keys()) {
    if (!['key', 'name', 'ns', 'v', 'collation'].includes(field))
      throw new MongoError(
        'InvalidIndexSpecificationOption',
        `The field '${field}' is not valid for an _id index specification`,
      );
  }
}

const PARTIAL = ['$eq', '$gt', '$gte', '$lt', '$lte', '$exists', '$type', '$in'];

function partialOf(filter: Value | undefined): IndexSpec['partial'] {
  if (!(filter instanceof Map)) return undefined;
  const matches = compileFilter(filter);
  checkPartial(filter);
  return { filter, matches };
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
