import { compare, isNumeric } from '../bson/compare.ts';
import { toSafeInteger } from '../bson/convert.ts';
import { show } from '../bson/show.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { fieldPath } from './field-path.ts';
import { pathKeys } from './keys.ts';
import { arrayIndex, type Path } from './path.ts';

export interface SortPart {
  readonly name: string;
  readonly path: Path;
  readonly direction: 1 | -1;
}

/** Reads `{a: 1, 'b.c': -1}`. */
export function parseSort(spec: Doc): SortPart[] {
  if (spec.size > 32) throw new MongoError(13103, 'too many compound keys');
  return [...spec].map(([name, value]) => {
    if (isDoc(value)) {
      if (value.has('$meta')) throw notSupported('sorting by $meta');
      throw new MongoError(17312, '$meta is the only expression supported by $sort right now');
    }
    if (!isNumeric(value)) throw new MongoError(15974, `Illegal key in $sort specification: ${name}: ${show(value)}`);
    const direction = toSafeInteger(value);
    if (direction !== 1 && direction !== -1) {
      throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    if (name.startsWith('$')) {
      if (name === '$natural') throw notSupported('sorting by $natural');
    }
    return { name, path: fieldPath(name), direction };
  });
}

/**
 * The values a document is sorted by: of an array its smallest element ascending and its largest descending, nothing for
 * an empty array, null for a missing field. https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/#arrays
 */
export function sortKey(document: Doc, parts: readonly SortPart[]): (Value | undefined)[] {
  let arrays = 0;
  return parts.map(({ path, direction }) => {
    const first = path[0] ?? '';
    if (path.length === 1) {
      const value = document.get(first);
      if (!Array.isArray(value)) return value ?? null;
    }
    const { values, multi } = pathKeys(document, path);
    if (multi) arrays += 1;
    if (arrays > 1) throw new MongoError('BadValue', 'cannot sort with keys that are parallel arrays');
    return values.reduce((best, value) => (compare(value, best) * direction < 0 ? value : best));
  });
}

export function compareKeys(
  first: readonly (Value | undefined)[],
  second: readonly (Value | undefined)[],
  parts: readonly SortPart[],
): number {
  for (let index = 0; index < parts.length; index++) {
    const result = compare(first[index], second[index]);
    if (result !== 0) return parts[index]?.direction === -1 ? -result : result;
  }
  return 0;
}

/** Sorts items by their documents; items of equal keys keep their order. */
export function sortBy<T>(items: readonly T[], parts: readonly SortPart[], documentOf: (item: T) => Doc): T[] {
  return items
    .map((item) => ({ item, key: sortKey(documentOf(item), parts) }))
    .sort((first, second) => compareKeys(first.key, second.key, parts))
    .map(({ item }) => item);
}

/** Sorts elements of an array by fields of theirs: an array there is one value, and what has no such field is null. */
export function sortElements(values: readonly Value[], parts: readonly SortPart[]): Value[] {
  return values
    .map((value) => ({ value, key: parts.map(({ path }) => wholeAt(value, path)) }))
    .sort((first, second) => compareKeys(first.key, second.key, parts))
    .map(({ value }) => value);
}

function wholeAt(value: Value, path: Path): Value {
  let current: Value | undefined = value;
  for (const name of path) {
    if (isDoc(current)) current = current.get(name);
    else current = Array.isArray(current) ? current[arrayIndex(name) ?? -1] : undefined;
  }
  return current ?? null;
}
