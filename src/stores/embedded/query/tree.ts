import type { Environment, Expression } from '../aggregate/expression.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { ArrayEdit } from './array-edits.ts';
import { fieldPath } from './field-path.ts';

/** What becomes of one path of a projection. `edit` changes what is an array and keeps anything else. */
export type Leaf =
  | { readonly kind: 'keep' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'edit'; readonly edit: ArrayEdit }
  | { readonly kind: 'compute'; readonly expression: Expression };

export interface Tree {
  readonly fields: Map<string, Leaf | Tree>;
}

export function insertPath(tree: Tree, path: string, leaf: Leaf): void {
  const names = fieldPath(path);
  let current = tree;
  for (const name of names.slice(0, -1)) {
    let next = current.fields.get(name);
    if (next === undefined) {
      next = { fields: new Map() };
      current.fields.set(name, next);
    }
    if (!('fields' in next)) throw collision(31249, path);
    current = next;
  }
  const last = names[names.length - 1] ?? '';
  if (current.fields.has(last)) throw collision(31250, path);
  current.fields.set(last, leaf);
}

function collision(code: number, path: string): MongoError {
  return new MongoError(code, `Path collision at ${path}`);
}

/** Projects a document: with `keeps` only what the tree names, else all but what it drops; computed fields are set. */
export function applyTree(document: Doc, tree: Tree, keeps: boolean, environment: Environment): Doc {
  const result: Doc = new Map();
  for (const [name, value] of document) {
    const next = projected(value, tree.fields.get(name), keeps, environment);
    if (next !== undefined) result.set(name, next);
  }
  for (const [name, node] of tree.fields) {
    if ('fields' in node) {
      // Computed fields inside of what is not there make the document they are in.
      if (!document.has(name) && hasComputed(node)) result.set(name, applyTree(new Map(), node, keeps, environment));
    } else if (node.kind === 'compute' && (keeps || !document.has(name))) {
      const value = node.expression(environment);
      if (value !== undefined) result.set(name, value);
    }
  }
  return result;
}

/** What stays of one field of a document. A field that is computed keeps its place only where all fields stay. */
function projected(
  value: Value,
  node: Leaf | Tree | undefined,
  keeps: boolean,
  environment: Environment,
): Value | undefined {
  if (node === undefined) return keeps ? undefined : value;
  if ('fields' in node) return applyInside(value, node, keeps, environment);
  switch (node.kind) {
    case 'keep':
      return value;
    case 'drop':
      return undefined;
    case 'edit':
      return Array.isArray(value) ? node.edit(value) : value;
    case 'compute':
      return keeps ? undefined : node.expression(environment);
  }
}

function hasComputed(tree: Tree): boolean {
  return [...tree.fields.values()].some((node) => ('fields' in node ? hasComputed(node) : node.kind === 'compute'));
}

function applyInside(value: Value, tree: Tree, keeps: boolean, environment: Environment): Value | undefined {
  if (isDoc(value)) return applyTree(value, tree, keeps, environment);
  if (Array.isArray(value)) {
    const inner = value.map((element) => applyInside(element, tree, keeps, environment));
    return inner.filter((element) => element !== undefined);
  }
  if (hasComputed(tree)) return applyTree(new Map(), tree, keeps, environment);
  // A value that has no fields is left out where fields are chosen, and stays where fields are dropped.
  return keeps ? undefined : value;
}
