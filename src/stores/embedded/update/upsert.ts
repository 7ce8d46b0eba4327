import { clone } from '../bson/clone.ts';
import { type Doc, isDoc, Regex, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { isOperators } from '../query/leaf.ts';
import { parsePath } from '../query/path.ts';
import { resolveSlot } from './paths.ts';

/**
 * The document an upsert begins with: the fields that the filter holds equal.
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.update/#upsert-behavior
 */
export function upsertDocument(filter: Doc): Doc {
  const made: Doc = new Map();
  const equalities = new Map<string, Value>();
  gather(filter, equalities);
  for (const [name, value] of equalities) {
    const path = parsePath(name);
    if (path.some((part) => part === '' || part.startsWith('$'))) {
      throw new MongoError('DollarPrefixedFieldName', `The field '${name}' of the filter cannot be inserted`);
    }
    for (const other of equalities.keys()) {
      if (other.startsWith(`${name}.`)) {
        throw new MongoError(
          'NotExactValueField',
          `cannot infer query fields to set, both paths '${name}' and '${other}' are matched`,
        );
      }
    }
    resolveSlot(made, path, true)?.set(clone(value));
  }
  return made;
}

function gather(filter: Doc, equalities: Map<string, Value>): void {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const branch of value) if (isDoc(branch)) gather(branch, equalities);
    } else if (name === '$or' && Array.isArray(value) && value.length === 1) {
      for (const branch of value) if (isDoc(branch)) gather(branch, equalities);
    } else if (!name.startsWith('$')) {
      const equal = equalOf(value);
      if (equal === undefined) continue;
      if (equalities.has(name))
        throw new MongoError('NotExactValueField', `cannot infer query fields to set, path '${name}' is matched twice`);
      equalities.set(name, equal);
    }
  }
}

function equalOf(value: Value): Value | undefined {
  if (value instanceof Regex) return undefined;
  if (!isOperators(value)) return value;
  const equal = value.get('$eq');
  if (equal !== undefined) return equal;
  const all = value.get('$all');
  const [only] = Array.isArray(all) && all.length === 1 ? all : [];
  if (only !== undefined && !isOperators(only) && !(only instanceof Regex)) return only;
  const list = value.get('$in');
  if (Array.isArray(list) && list.length === 1) throw notSupported('an upsert whose filter has $in of one value');
  return undefined;
}
