import type { Doc, Value } from '../bson/values.ts';

/**
 * How a dotted path finds values for a query. Arrays on the way are looked through, both at their elements that are
 * documents and, where the next name is a number, at that position. At the end of the path an array gives each of its
 * elements and then itself. `index` is the position in the outermost array that was looked through: what `$` means.
 */
export type Visit = (value: Value | undefined, index: number | undefined) => boolean;

export type Path = readonly string[];

export function parsePath(path: string): Path {
  return path.split('.');
}

/** Calls `visit` with each value until it returns true; whether it did. */
export function visitPath(document: Doc, path: Path, throughLast: boolean, visit: Visit): boolean {
  return visitDoc(document, path, 0, throughLast, undefined, visit);
}

function visitDoc(
  document: Doc,
  path: Path,
  from: number,
  throughLast: boolean,
  index: number | undefined,
  visit: Visit,
): boolean {
  let current: Doc = document;
  for (let at = from; at < path.length; at++) {
    const value = current.get(path[at] ?? '');
    if (Array.isArray(value)) return visitArray(value, path, at + 1, throughLast, index, visit);
    if (at === path.length - 1) return visit(value, index);
    if (!(value instanceof Map)) return visit(undefined, index);
    current = value;
  }
  return visit(current, index);
}

function visitArray(
  values: readonly Value[],
  path: Path,
  next: number,
  throughLast: boolean,
  index: number | undefined,
  visit: Visit,
): boolean {
  if (next === path.length) {
    if (throughLast) {
      for (let position = 0; position < values.length; position++) {
        if (visit(values[position], index ?? position)) return true;
      }
    }
    return visit(values, index);
  }
  const wanted = arrayIndex(path[next] ?? '');
  for (let position = 0; position < values.length; position++) {
    const element = values[position];
    if (element instanceof Map && visitDoc(element, path, next, throughLast, index ?? position, visit)) return true;
    if (position !== wanted) continue;
    if (next + 1 === path.length) {
      if (visit(element, index)) return true;
    } else if (Array.isArray(element)) {
      if (visitArray(element, path, next + 1, throughLast, index, visit)) return true;
    } else if (element instanceof Map) {
      if (visitDoc(element, path, next + 1, throughLast, index, visit)) return true;
    }
  }
  return false;
}

/** The position that a path's name denotes in an array, if any: "0", "12", never "01". */
export function arrayIndex(name: string): number | undefined {
  return /^(0|[1-9]\d*)$/.test(name) ? Number(name) : undefined;
}
