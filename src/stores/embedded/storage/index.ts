import { compare } from '../bson/compare.ts';
import { show } from '../bson/show.ts';
import type { Doc, Encodable, Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { pathKeys } from '../query/keys.ts';
import type { Matcher } from '../query/matcher.ts';
import type { SortPart } from '../query/sort.ts';
import { Ordered } from './ordered.ts';
import type { Record } from './record.ts';

export type Key = readonly (Value | undefined)[];

export interface Entry {
  readonly key: Key;
  readonly record: Record;
}

export interface IndexSpec {
  readonly name: string;
  /** As it was declared: `{a: 1, b: -1}`. */
  readonly pattern: Doc;
  readonly parts: readonly SortPart[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly expireAfterSeconds: number | undefined;
  readonly partial: { readonly filter: Doc; readonly matches: Matcher } | undefined;
  /** What listIndexes gives back. */
  readonly description: ReadonlyMap<string, Encodable>;
}

/** An ordered index over the fields it declares; an array has an entry for each of its elements. */
export class Index {
  readonly spec: IndexSpec;
  readonly entries: Ordered<Entry>;
  /** Whether any document had an array in it: then one document may lie at many places. */
  multi = false;

  constructor(spec: IndexSpec) {
    this.spec = spec;
    const { parts } = spec;
    this.entries = new Ordered(
      (first, second) => compareKey(first.key, second.key, parts) || first.record.id - second.record.id,
    );
  }

  /** Whether every document of the collection is in it. */
  get complete(): boolean {
    return !this.spec.sparse && this.spec.partial === undefined;
  }

  keysOf(document: Doc): Key[] {
    const { parts, sparse, partial } = this.spec;
    if (partial !== undefined && !partial.matches(document)) return [];
    const found = parts.map((part) => pathKeys(document, part.path));
    const arrays = found.filter((keys) => keys.multi);
    if (arrays.length > 1) {
      const roots = new Set(parts.filter((_, at) => found[at]?.multi).map((part) => part.path[0]));
      // MongoDB pairs the fields of each element; entries of one field each would not find the same documents.
      if (roots.size === 1) throw notSupported('a compound index over several fields of one array');
      throw new MongoError(
        'CannotIndexParallelArrays',
        `cannot index parallel arrays [${parts.map((part) => part.name).join('] [')}]`,
      );
    }
    if (sparse && found.every((keys) => keys.values.every((value) => value === null)) && this.#lacksAll(document))
      return [];
    if (arrays.length === 0) return [found.map((keys) => keys.values[0])];
    this.multi = true;
    const spread = found.findIndex((keys) => keys.multi);
    const keys = (found[spread]?.values ?? []).map((value) =>
      found.map((other, position) => (position === spread ? value : other.values[0])),
    );
    return keys.filter((key, position) => keys.findIndex((other) => compareKey(key, other, parts) === 0) === position);
  }

  /** A field that is null is there; a sparse index leaves out only what lacks all of its fields. */
  #lacksAll(document: Doc): boolean {
    return this.spec.parts.every(({ path }) => {
      let current: Value | undefined = document;
      for (const name of path) {
        if (Array.isArray(current)) return !current.some((element) => element instanceof Map && element.has(name));
        if (!(current instanceof Map)) return true;
        current = current.get(name);
      }
      return current === undefined;
    });
  }

  /** Fails with DuplicateKey when another document has one of the keys. */
  check(keys: readonly Key[], self: Record | undefined, namespace: string): void {
    if (!this.spec.unique) return;
    for (const key of keys) {
      for (const entry of this.entries.from((other) => compareKey(other.key, key, this.spec.parts))) {
        if (compareKey(entry.key, key, this.spec.parts) !== 0) break;
        if (entry.record !== self) throw duplicateKey(namespace, this.spec, key);
      }
    }
  }

  add(keys: readonly Key[], record: Record): void {
    for (const key of keys) this.entries.add({ key, record });
  }

  remove(keys: readonly Key[], record: Record): void {
    for (const key of keys) this.entries.remove({ key, record });
  }
}

function compareKey(first: Key, second: Key, parts: readonly SortPart[]): number {
  for (let index = 0; index < parts.length; index++) {
    const result = compare(first[index], second[index]);
    if (result !== 0) return parts[index]?.direction === -1 ? -result : result;
  }
  return 0;
}

export function duplicateKey(
  namespace: string,
  spec: Pick<IndexSpec, 'name' | 'pattern' | 'parts'>,
  key: Key,
): MongoError {
  const value: Doc = new Map(spec.parts.map((part, index) => [part.name, key[index] ?? null]));
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: ${show(value)}`,
    new Map<string, Value>([
      ['keyPattern', spec.pattern],
      ['keyValue', value],
    ]),
  );
}
