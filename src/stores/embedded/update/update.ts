import { cloneDoc } from '../bson/clone.ts';
import { compareStrings, equal } from '../bson/compare.ts';
import { show } from '../bson/show.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { arrayIndex, type Path, parsePath } from '../query/path.ts';
import type { Touched } from '../replica/operator-update.ts';
import { checkId } from '../storage/collection.ts';
import { parseArrayFilters } from './array-filters.ts';
import { type Apply, OPERATORS } from './operators.ts';
import { expandPath, isPlaceholder, type Placeholders, resolveSlot, slotOf } from './paths.ts';

export interface UpdateContext {
  /** The array position that the filter matched, for `$`. */
  readonly position: number | undefined;
  /** Whether the document is being inserted by an upsert: `$setOnInsert` counts. */
  readonly inserting: boolean;
  /** Gets the places that operators have worked at. */
  readonly touched?: Touched[];
}

export interface Update {
  /** A replacement is of whole documents: it may not be applied to many. */
  readonly form: 'operators' | 'replacement' | 'pipeline';
  /** Whether it needs to know which array element the filter matched. */
  readonly positional: boolean;
  /** The updated copy. */
  apply(document: Doc, context: UpdateContext): Doc;
}

interface Change {
  readonly path: Path;
  readonly creates: boolean;
  readonly onInsert: boolean;
  readonly appends: boolean;
  readonly run: (document: Doc, path: Path) => void;
}

/** Compiles an update document of operators, or a replacement. */
export function compileUpdate(update: Doc, arrayFilters: readonly Value[]): Update {
  const [first] = update.keys();
  if (first === undefined || !first.startsWith('$')) return replacement(update, arrayFilters);
  const changes = [...update].flatMap(([operator, fields]) => changesOf(operator, fields));
  changes.sort((one, two) => comparePaths(one.path, two.path));
  checkConflicts(changes);
  const filters = parseArrayFilters(
    arrayFilters,
    changes.map((change) => change.path),
  );
  return {
    form: 'operators',
    positional: changes.some((change) => change.path.includes('$')),
    apply(document, context) {
      const updated = cloneDoc(document);
      const placeholders: Placeholders = { position: context.position, filters };
      for (const change of changes) {
        if (change.onInsert && !context.inserting) continue;
        for (const path of expandPath(updated, change.path, placeholders)) {
          change.run(updated, path);
          context.touched?.push({ path, pattern: change.path, appends: change.appends });
        }
      }
      keepId(
        document,
        updated,
        context,
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      );
      return updated;
    },
  };
}

function replacement(update: Doc, arrayFilters: readonly Value[]): Update {
  for (const name of update.keys()) {
    if (name.startsWith('$')) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  if (arrayFilters.length > 0)
    throw new MongoError('FailedToParse', 'Cannot specify arrayFilters and a replacement-style update');
  return {
    form: 'replacement',
    positional: false,
    apply(document, context) {
      const updated: Doc = new Map();
      const id = update.get('_id') ?? document.get('_id');
      if (id !== undefined) updated.set('_id', id);
      for (const [name, value] of update) if (name !== '_id') updated.set(name, value);
      keepId(
        document,
        updated,
        context,
        `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(id)}`,
      );
      return updated;
    },
  };
}

function keepId(document: Doc, updated: Doc, context: UpdateContext, message: string): void {
  const before = document.get('_id');
  const after = updated.get('_id');
  if (context.inserting) {
    checkId(after);
    if (before === undefined) return;
  }
  if (after === undefined || !equal(before, after)) throw new MongoError('ImmutableField', message);
}

/** Modifiers of `$push` that may move what is there. */
const MOVES = ['$position', '$slice', '$sort'];

function changesOf(operator: string, fields: Value): Change[] {
  const known = OPERATORS.get(operator);
  if (known === undefined && operator !== '$rename') {
    if (operator === '$bit')
      throw new MongoError('CommandNotSupported', '$bit is not supported by the embedded server');
    throw new MongoError(
      'FailedToParse',
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDoc(fields)) {
    throw new MongoError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeof fields} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(fields)}}`,
    );
  }
  return [...fields].flatMap(([name, operand]) => {
    const path = checkedPath(name);
    if (known === undefined) return renames(name, path, operand);
    const apply = known.compile(name, operand);
    const { creates } = known;
    const appends = operator === '$push' && !(isDoc(operand) && MOVES.some((name) => operand.has(name)));
    return [{ path, creates, onInsert: operator === '$setOnInsert', appends, run: runner(apply, creates) }];
  });
}

function runner(apply: Apply, creates: boolean): (document: Doc, path: Path) => void {
  return (document, path) => {
    const slot = resolveSlot(document, path, creates);
    if (slot !== undefined) apply(slot, document);
  };
}

function checkedPath(name: string): Path {
  const path = parsePath(name);
  if (name === '') throw new MongoError('EmptyFieldName', 'An empty update path is not valid.');
  for (const part of path) {
    if (part === '')
      throw new MongoError(
        'EmptyFieldName',
        `The update path '${name}' contains an empty field name, which is not allowed.`,
      );
  }
  const [first = ''] = path;
  if (isPlaceholder(first))
    throw new MongoError(
      'BadValue',
      `Cannot have positional (i.e. '${first}') element in the first position in path '${name}'`,
    );
  if (first.startsWith('$'))
    throw new MongoError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${first}' in '${name}' is not allowed in the context of an update.`,
    );
  if (path.filter((part) => part === '$').length > 1)
    throw new MongoError('BadValue', `Too many positional (i.e. '$') elements found in path '${name}'`);
  return path;
}

/** A rename takes the value from one place, then puts it in the other; no array may be on either way. */
function renames(name: string, from: Path, target: Value): Change[] {
  if (typeof target !== 'string')
    throw new MongoError('BadValue', `The 'to' field for $rename must be a string: ${name}: ${show(target)}`);
  const to = checkedPath(target);
  if ([...from, ...to].some(isPlaceholder)) {
    throw new MongoError('BadValue', `The source and target field for $rename may not be dynamic: ${name}`);
  }
  if (name === target)
    throw new MongoError('BadValue', `The source and target field for $rename must differ: ${name}: "${target}"`);
  const run = (document: Doc): void => {
    const [fromDoc, toDoc] = [parentDoc(document, from, name), parentDoc(document, to, target)];
    checkTraversed(document, from);
    if (fromDoc === undefined) return;
    const last = from[from.length - 1] ?? '';
    const value = fromDoc.get(last);
    if (value === undefined) return;
    const slot = toDoc === undefined ? resolveSlot(document, to, true) : slotOf(toDoc, to[to.length - 1] ?? '');
    fromDoc.delete(last);
    slot?.set(value);
  };
  const nothing = (): void => undefined;
  return [
    { path: from, creates: false, onInsert: false, appends: false, run: nothing },
    { path: to, creates: true, onInsert: false, appends: false, run },
  ];
}

function parentDoc(document: Doc, path: Path, name: string): Doc | undefined {
  let current: Doc = document;
  for (const part of path.slice(0, -1)) {
    const next = current.get(part);
    if (Array.isArray(next))
      throw new MongoError('BadValue', `The field '${name}' of $rename cannot be an array element`);
    if (!isDoc(next)) return undefined;
    current = next;
  }
  return current;
}

/** A path through what has no fields leads nowhere by mistake; through what is missing, by right. */
function checkTraversed(document: Doc, path: Path): void {
  let current: Value | undefined = document;
  for (const [at, name] of path.entries()) {
    if (current === undefined) return;
    if (!isDoc(current))
      throw new MongoError(
        'PathNotViable',
        `cannot use the part (${path[at - 1]} of ${path.join('.')}) to traverse the element ({${path[at - 1]}: ${show(current)}})`,
      );
    current = current.get(name);
  }
}

/** The order in which MongoDB applies changes and adds fields: by name, positions by number. */
function comparePaths(first: Path, second: Path): number {
  for (let at = 0; at < Math.min(first.length, second.length); at++) {
    const one = first[at] ?? '';
    const two = second[at] ?? '';
    const [oneIndex, twoIndex] = [arrayIndex(one), arrayIndex(two)];
    const result = oneIndex !== undefined && twoIndex !== undefined ? oneIndex - twoIndex : compareStrings(one, two);
    if (result !== 0) return result;
  }
  return first.length - second.length;
}

function checkConflicts(changes: readonly Change[]): void {
  for (const [at, { path }] of changes.entries()) {
    const next = changes[at + 1]?.path;
    if (next === undefined || next.length < path.length) continue;
    if (path.every((name, index) => name === next[index])) {
      throw new MongoError(
        'ConflictingUpdateOperators',
        `Updating the path '${next.join('.')}' would create a conflict at '${path.join('.')}'`,
      );
    }
  }
}
