import type { Doc, Value } from '../bson/values.ts';
import { arrayIndex, type Path } from './path.ts';

/**
 * The values under which an index or a sort finds a document at a path: each element of an array on the way or at the
 * end, null for what is missing, and `undefined` (which comes before null) for an array without elements.
 */
export interface PathKeys {
  readonly values: readonly (Value | undefined)[];
  /** Whether an array was met. */
  readonly multi: boolean;
}

export function pathKeys(document: Doc, path: Path): PathKeys {
  const values: (Value | undefined)[] = [];
  const multi = collect(document, path, 0, values, null);
  return { values, multi };
}

/** The values that are there, for `distinct`: what is missing gives nothing. */
export function pathValues(document: Doc, path: Path): Value[] {
  const values: (Value | undefined)[] = [];
  collect(document, path, 0, values, undefined);
  return values.filter((value) => value !== undefined);
}

type Absent = null | undefined;

function collect(document: Doc, path: Path, from: number, values: (Value | undefined)[], absent: Absent): boolean {
  let current = document;
  for (let at = from; at < path.length; at++) {
    const value = current.get(path[at] ?? '');
    if (Array.isArray(value)) {
      collectArray(value, path, at + 1, values, absent);
      return true;
    }
    if (at === path.length - 1) {
      values.push(value === undefined ? absent : value);
      return false;
    }
    if (!(value instanceof Map)) break;
    current = value;
  }
  values.push(absent);
  return false;
}

function collectArray(
  elements: readonly Value[],
  path: Path,
  next: number,
  values: (Value | undefined)[],
  absent: Absent,
): void {
  if (next === path.length) {
    if (elements.length === 0) values.push(undefined);
    else for (const element of elements) values.push(element);
    return;
  }
  const wanted = arrayIndex(path[next] ?? '');
  const chosen = wanted === undefined ? undefined : elements[wanted];
  if (chosen !== undefined) {
    if (next + 1 === path.length) {
      // At the end of the path the chosen element stands for itself, or for its elements.
      if (Array.isArray(chosen)) collectArray(chosen, path, next + 1, values, absent);
      else values.push(chosen);
    } else if (Array.isArray(chosen)) collectArray(chosen, path, next + 1, values, absent);
    else if (chosen instanceof Map) collect(chosen, path, next + 1, values, absent);
    else values.push(absent);
    return;
  }
  if (elements.length === 0) values.push(absent);
  for (const element of elements) {
    if (element instanceof Map) collect(element, path, next, values, absent);
    else values.push(absent);
  }
}
