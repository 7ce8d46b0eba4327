/** Whether an answer depends on who asks: one target, two callers, two answers. */
import { fnv1a } from '../../base/hash.ts';
import { isArray, isObject, own } from '../../rules/exact-number.ts';
import type { JsonValue } from '../../types.ts';

const TARGETS = 300;
/** Parts of an answer that are told apart, and how deep they lie. */
const PARTS = 40;
const DEPTH = 5;
/** Combinations of differing parts that are counted by themselves; all others are one. */
const COMBINATIONS = 50;

/** A hash for each path of an answer, positions in lists folded into one. */
type Parts = ReadonlyMap<string, number>;

interface Held {
  readonly caller: string;
  readonly parts: Parts;
}

/** Is what stands here made anew for each answer? Names of fields, and `*` for the items of a list. */
export type IsNoise = (path: readonly string[]) => boolean;

export class CallerStats {
  /** Reads with credentials. */
  known = 0;
  /** Questions that two callers asked. */
  shared = 0;
  readonly #answers = new Map<string, Held>();
  /** By the paths that differed between the answers to two callers, as JSON. */
  readonly #different = new Map<string, number>();

  see(target: string, caller: string | null, body: JsonValue | undefined): void {
    if (caller === null) return;
    this.known += 1;
    const held = this.#answers.get(target);
    if (held === undefined && this.#answers.size >= TARGETS) return;
    const parts = partsOf(body);
    if (held !== undefined && held.caller !== caller) {
      this.shared += 1;
      this.#tell(differingIn(held.parts, parts), 1);
    }
    this.#answers.set(target, { caller, parts });
  }

  #tell(paths: string, times: number): void {
    if (paths === '[]') return;
    const bounded = this.#different.has(paths) || this.#different.size < COMBINATIONS ? paths : '[[]]';
    this.#different.set(bounded, (this.#different.get(bounded) ?? 0) + times);
  }

  /** Of the shared questions those that were answered differently, in more than what is new in every answer. */
  differentIn(isNoise: IsNoise): number {
    let different = 0;
    for (const [paths, times] of this.#different) if (!pathsIn(paths).every(isNoise)) different += times;
    return different;
  }

  /** Half of the questions that two callers asked were answered differently: more than writes in between explain. */
  perCaller(isNoise: IsNoise): boolean {
    const different = this.differentIn(isNoise);
    return different > 0 && different * 2 >= this.shared;
  }

  merge(other: CallerStats): void {
    this.known += other.known;
    this.shared += other.shared;
    for (const [paths, times] of other.#different) this.#tell(paths, times);
    for (const [target, held] of other.#answers) {
      if (this.#answers.size < TARGETS && !this.#answers.has(target)) this.#answers.set(target, held);
    }
  }
}

function pathsIn(text: string): readonly (readonly string[])[] {
  const paths: unknown = JSON.parse(text);
  return Array.isArray(paths) ? paths : [];
}

function partsOf(body: JsonValue | undefined): Parts {
  const parts = new Map<string, number>();
  const walk = (value: JsonValue | undefined, path: readonly string[]): void => {
    if (value === undefined) return;
    const isRoom = path.length < DEPTH && parts.size < PARTS;
    if (isRoom && isArray(value)) {
      for (const item of value) walk(item, [...path, '*']);
      return;
    }
    if (isRoom && isObject(value)) {
      for (const key of Object.keys(value)) walk(own(value, key), [...path, key]);
      return;
    }
    const at = JSON.stringify(path);
    parts.set(at, fnv1a(`${parts.get(at) ?? ''} ${JSON.stringify(value)}`));
  };
  walk(body, []);
  return parts;
}

/** The paths at which the two differ, as JSON. */
function differingIn(one: Parts, other: Parts): string {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return `[${[...paths]
    .filter((path) => one.get(path) !== other.get(path))
    .sort()
    .join()}]`;
}
