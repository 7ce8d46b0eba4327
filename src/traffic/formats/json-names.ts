/**
 * The members of a logged object by their plain names: without case, dots, dashes and underscores, since each logger spells
 * them in its own way.
 */
import type { JsonValue } from '../../types.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** Objects that an object holds under a plain name. */
export function objectsAt(value: JsonObject, name: string): JsonObject[] {
  return Object.entries(value).flatMap(([key, held]) => (plain(key) === name && isObject(held) ? [held] : []));
}

const plain = (name: string): string => name.toLowerCase().replace(/[.\-_:@()]/g, '');

const DEEPEST = 3;

/** What lies deeper, by its whole way: `{http: {request: {method}}}` is `http.request.method`, as Elastic's schema has it. */
function deep(object: JsonObject, way: string, depth: number): [string, JsonValue][] {
  return Object.entries(object).flatMap(([key, value]): [string, JsonValue][] => {
    const name = way === '' ? key : `${way}.${key}`;
    if (!isObject(value)) return way === '' ? [] : [[name, value]];
    return depth < DEEPEST ? deep(value, name, depth + 1) : [];
  });
}

/** The members of several objects under their plain names; the first object goes before the next. */
export class Names {
  readonly #objects: readonly JsonObject[];
  readonly #values = new Map<string, JsonValue>();

  constructor(objects: readonly JsonObject[]) {
    this.#objects = objects;
    for (const [name, value] of [...this.entries(), ...objects.slice(0, 1).flatMap((one) => deep(one, '', 0))]) {
      if (!this.#values.has(plain(name))) this.#values.set(plain(name), value);
    }
  }

  entries(): [string, JsonValue][] {
    return this.#objects.flatMap((object) => Object.entries(object));
  }

  has(names: readonly string[]): boolean {
    return names.some((name) => this.#values.has(name));
  }

  value(names: readonly string[]): JsonValue | undefined {
    for (const name of names) if (this.#values.has(name)) return this.#values.get(name);
    return undefined;
  }

  text(names: readonly string[]): string | null {
    for (const name of names) {
      const value = this.#values.get(name);
      if (typeof value === 'string') return value;
    }
    return null;
  }
}
