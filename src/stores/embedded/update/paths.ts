import { show } from '../bson/show.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { arrayIndex, type Path } from '../query/path.ts';

/** Where a value may be changed: a field of a document or a position of an array. */
export interface Slot {
  get(): Value | undefined;
  set(value: Value): void;
  unset(): void;
  /** Set when the slot is a position of an array. */
  readonly inArray: boolean;
}

/** No document grows an array by more than this with one position. */
const MOST_PADDING = 1_500_000;

export function slotOf(parent: Doc | Value[], name: string): Slot {
  if (isDoc(parent)) {
    return {
      get: () => parent.get(name),
      set: (value) => void parent.set(name, value),
      unset: () => void parent.delete(name),
      inArray: false,
    };
  }
  const index = arrayIndex(name) ?? 0;
  return {
    get: () => parent[index],
    set: (value) => {
      if (index > parent.length + MOST_PADDING) throw new MongoError('BadValue', `cannot pad an array to ${index}`);
      while (parent.length < index) parent.push(null);
      parent[index] = value;
    },
    // A position keeps its place when its value goes.
    unset: () => {
      if (index < parent.length) parent[index] = null;
    },
    inArray: true,
  };
}

/**
 * The slot at a path without placeholders. With `create`, documents that are missing on the way are made when the slot is
 * set; without it, a path that leads nowhere gives `undefined`. Fails with PathNotViable when a value is in the way.
 */
export function resolveSlot(root: Doc, path: Path, create: boolean): Slot | undefined {
  let parent: Doc | Value[] = root;
  for (let at = 0; at < path.length - 1; at++) {
    const name = path[at] ?? '';
    if (Array.isArray(parent) && arrayIndex(name) === undefined) {
      if (create) throw notViable(path, at, path[at - 1] ?? '', parent);
      return undefined;
    }
    const next = slotOf(parent, name).get();
    if (next === undefined) return create ? lazySlot(parent, path, at) : undefined;
    if (!isDoc(next) && !Array.isArray(next)) {
      if (create) throw notViable(path, at + 1, name, next);
      return undefined;
    }
    parent = next;
  }
  const name = path[path.length - 1] ?? '';
  if (Array.isArray(parent) && arrayIndex(name) === undefined) {
    if (create) throw notViable(path, path.length - 1, path[path.length - 2] ?? '', parent);
    return undefined;
  }
  return slotOf(parent, name);
}

function notViable(path: Path, at: number, name: string, value: Value): MongoError {
  return new MongoError('PathNotViable', `Cannot create field '${path[at]}' in element {${name}: ${show(value)}}`);
}

function lazySlot(parent: Doc | Value[], path: Path, from: number): Slot {
  return {
    get: () => undefined,
    set: (value) => {
      let made: Value = value;
      for (let at = path.length - 1; at > from; at--) made = new Map([[path[at] ?? '', made]]);
      slotOf(parent, path[from] ?? '').set(made);
    },
    unset: () => undefined,
    inArray: Array.isArray(parent),
  };
}

/** What `$`, `$[]` and `$[name]` stand for in one update of one document. */
export interface Placeholders {
  /** The array position that the filter matched. */
  readonly position: number | undefined;
  readonly filters: ReadonlyMap<string, (element: Value) => boolean>;
}

/** `$`, `$[]` or `$[name]`; any other name that begins with `$` is a name. */
export function isPlaceholder(name: string): boolean {
  return name === '$' || (name.startsWith('$[') && name.endsWith(']'));
}

/** The paths that a path with placeholders stands for in this document. */
export function expandPath(root: Doc, path: Path, placeholders: Placeholders): Path[] {
  const at = path.findIndex(isPlaceholder);
  if (at < 0) return [path];
  const head = path.slice(0, at);
  const name = path[at] ?? '';
  const rest = path.slice(at + 1);
  if (name === '$') {
    if (placeholders.position === undefined) {
      throw new MongoError('BadValue', 'The positional operator did not find the match needed from the query.');
    }
    return expandPath(root, [...head, String(placeholders.position), ...rest], placeholders);
  }
  const elements = resolveSlot(root, head, false)?.get();
  if (elements === undefined) {
    throw new MongoError(
      'BadValue',
      `The path '${head.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  if (!Array.isArray(elements)) {
    throw new MongoError(
      'BadValue',
      `Cannot apply array updates to non-array element ${head[head.length - 1]}: ${show(elements)}`,
    );
  }
  const test = name === '$[]' ? () => true : placeholders.filters.get(name.slice(2, -1));
  if (test === undefined)
    throw new MongoError(
      'BadValue',
      `No array filter found for identifier '${name.slice(2, -1)}' in path '${path.join('.')}'`,
    );
  return elements.flatMap((element, index) =>
    test(element) ? expandPath(root, [...head, String(index), ...rest], placeholders) : [],
  );
}
