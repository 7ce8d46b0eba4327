import type { Doc, Value } from './values.ts';

/** A copy whose documents and arrays may be changed; everything else is immutable and shared. */
export function clone<T extends Value>(value: T): T;
export function clone(value: Value): Value {
  if (value instanceof Map) return cloneDoc(value);
  return Array.isArray(value) ? value.map((element) => clone(element)) : value;
}

export function cloneDoc(document: Doc): Doc {
  const made: Doc = new Map();
  for (const [name, value] of document) made.set(name, clone(value));
  return made;
}
