import { compileExpression, type Variables } from '../aggregate/expression.ts';
import { isNumeric } from '../bson/compare.ts';
import { toSafeInteger, truthy } from '../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { isOperators } from './leaf.ts';
import { compileElement } from './matcher.ts';
import { applyTree, insertPath, type Tree } from './tree.ts';

export type Project = (document: Doc, position?: number) => Doc;

/** What becomes of an array; without a value the field goes. */
type ArrayEdit = (values: readonly Value[]) => Value[] | undefined;

/**
 * The projection of `find` and `findAndModify`.
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection
 */
export function compileProjection(spec: Doc, variables: Variables): Project {
  return compile(spec, variables, true);
}

/** The projection of the `$project` stage, which has no operators on arrays of its own. */
export function compileProjectStage(spec: Doc, variables: Variables): Project {
  if (spec.size === 0) throw new MongoError(51272, 'projection specification must have at least one field');
  return compile(spec, variables, false);
}

function compile(spec: Doc, variables: Variables, ofFind: boolean): Project {
  const tree: Tree = { fields: new Map() };
  const edits: [path: string, edit: ArrayEdit][] = [];
  let including: boolean | undefined;
  let positional: string | undefined;
  let idShown: boolean | undefined;
  const decide = (include: boolean, name: string): void => {
    if (including !== undefined && including !== include) {
      const [what, other] = include ? ['inclusion', 'exclusion'] : ['exclusion', 'inclusion'];
      throw new MongoError(include ? 31253 : 31254, `Cannot do ${what} on field ${name} in ${other} projection`);
    }
    including = include;
  };
  for (const [name, value] of flatten(spec, '')) {
    if (ofFind && name.endsWith('.$')) {
      if (positional !== undefined)
        throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
      positional = name.slice(0, -2);
      decide(true, name);
      insertPath(tree, positional, { kind: 'keep' });
    } else if (ofFind && isOperators(value) && value.has('$slice') && isSlice(value.get('$slice'))) {
      edits.push([name, slice(value.get('$slice'))]);
      if (including !== true) continue;
      insertPath(tree, name, { kind: 'keep' });
    } else if (ofFind && isOperators(value) && value.has('$elemMatch')) {
      decide(true, name);
      edits.push([name, elementMatching(name, value.get('$elemMatch'))]);
      insertPath(tree, name, { kind: 'array' });
    } else if (isOperators(value) && value.has('$meta')) {
      throw notSupported('$meta in a projection');
    } else if (isNumeric(value) || typeof value === 'boolean') {
      const include = truthy(value);
      if (name === '_id') {
        idShown = include;
        if (include) insertPath(tree, name, { kind: 'keep' });
        continue;
      }
      decide(include, name);
      insertPath(tree, name, { kind: include ? 'keep' : 'drop' });
    } else {
      decide(true, name);
      insertPath(tree, name, { kind: 'compute', expression: compileExpression(value, new Set(variables.keys())) });
    }
  }
  if (including === undefined) including = idShown === true && edits.length === 0;
  // A slice that came before the first included field belongs to it.
  if (including) for (const [name] of edits) if (!hasPath(tree, name)) insertPath(tree, name, { kind: 'keep' });
  if (including && idShown !== false && !tree.fields.has('_id')) insertPath(tree, '_id', { kind: 'keep' });
  if (!including && idShown === false) insertPath(tree, '_id', { kind: 'drop' });
  const keeps = including;
  return (document, position) => {
    let source = document;
    if (positional !== undefined) source = onlyPosition(document, positional.split('.'), position);
    let result = applyTree(source, tree, keeps, { root: document, variables });
    for (const [path, edit] of edits) result = editArray(result, path.split('.'), edit);
    return result;
  };
}

/** Nested specifications say the same as dotted names. */
function* flatten(spec: Doc, prefix: string): Generator<[string, Value]> {
  for (const [name, value] of spec) {
    const path = prefix + name;
    if (name.startsWith('$')) throw new MongoError(31324, `unexpected operator ${name} in a projection`);
    if (!isDoc(value) || value.keys().next().value?.startsWith('$')) {
      yield [path, value];
      continue;
    }
    if (value.size === 0) {
      throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${path}`);
    }
    yield* flatten(value, `${path}.`);
  }
}

function hasPath(tree: Tree, path: string): boolean {
  let current: Tree | undefined = tree;
  for (const name of path.split('.')) {
    const node: Tree | { readonly kind: string } | undefined = current?.fields.get(name);
    if (node === undefined) return false;
    current = 'fields' in node ? node : undefined;
    if (current === undefined) return true;
  }
  return true;
}

/** Two or one numbers; with an array or an expression it is the aggregation operator. */
function isSlice(value: Value | undefined): boolean {
  if (isNumeric(value)) return true;
  return Array.isArray(value) && value.length === 2 && value.every(isNumeric);
}

function slice(value: Value | undefined): ArrayEdit {
  const [first, second] = Array.isArray(value) ? value.map(toSafeInteger) : [toSafeInteger(value), undefined];
  if (first === undefined) throw new MongoError(28667, '$slice takes whole numbers');
  if (!Array.isArray(value)) return (values) => (first < 0 ? values.slice(first) : values.slice(0, first));
  if (second === undefined || second <= 0) throw new MongoError(28724, 'First argument to $slice must be positive');
  return (values) => {
    const start = first < 0 ? Math.max(0, values.length + first) : first;
    return values.slice(start, start + second);
  };
}

function elementMatching(name: string, spec: Value | undefined): ArrayEdit {
  if (name.includes('.'))
    throw new MongoError(31275, `Cannot use $elemMatch projection on a nested field, found "${name}"`);
  if (!(spec instanceof Map))
    throw new MongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeof spec}`);
  const test = compileElement(spec);
  return (values) => {
    const found = values.find(test);
    return found === undefined ? undefined : [found];
  };
}

/** The document with the array at the path cut to the element that the filter matched. */
function onlyPosition(document: Doc, path: readonly string[], position: number | undefined): Doc {
  if (position === undefined) {
    throw new MongoError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  return editArray(document, path, (values) => values.slice(position, position + 1));
}

/** A copy with the array at the path edited; documents in arrays on the way are each edited. */
function editArray(document: Doc, path: readonly string[], edit: ArrayEdit): Doc {
  const [name = '', ...rest] = path;
  const value = document.get(name);
  if (value === undefined) return document;
  let edited: Value | undefined;
  if (rest.length === 0) {
    if (!Array.isArray(value)) return document;
    edited = edit(value);
  } else if (isDoc(value)) edited = editArray(value, rest, edit);
  else if (Array.isArray(value))
    edited = value.map((element) => (isDoc(element) ? editArray(element, rest, edit) : element));
  else return document;
  const copy: Doc = new Map(document);
  if (edited === undefined) copy.delete(name);
  else copy.set(name, edited);
  return copy;
}
