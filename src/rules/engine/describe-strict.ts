/** Describing values that no finer rule describes: deep-diff finds what differs in objects, arrays are lined up first. */
import deepDiff from 'deep-diff';
import type { JsonValue } from '../../types.ts';
import {
  canonicalJson,
  ExactNumber,
  isArray,
  isObject,
  type JsonArray,
  type JsonObject,
  own,
} from '../exact-number.ts';
import { alignArrays } from './align-arrays.ts';
import { extendedKey } from './extended-json.ts';
import type { Match } from './matching.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { DifferenceList, into, type Step } from './path.ts';
import type { Run } from './run.ts';
import { blobText, strictText } from './same-text.ts';
import { blobEqual, blobMeaning, strictEqual } from './strict.ts';

/** Values with more members are walked here: deep-diff looks keys up by scanning, and does not stop. */
const MANY = 500;

type IsEqual = (primary: Json, twin: Json) => boolean;

/** Adds what differs between two values, under the name of a rule; adds nothing where they are equal. */
export function describeStrict(
  label: string,
  primary: Json,
  twin: Json,
  at: Step | null,
  out: DifferenceList,
  run: Run,
  equal: IsEqual = strictEqual,
): void {
  new Describer(label, out, equal, run).describe(primary, twin, at);
}

/** Describes the members of two objects except the `known` ones, each as `describeStrict` does. */
export function describeMembers(
  label: string,
  primary: JsonObject,
  twin: JsonObject,
  at: Step | null,
  out: DifferenceList,
  run: Run,
  known: ReadonlySet<string>,
): void {
  new Describer(label, out, strictEqual, run).members(primary, twin, at, known);
}

const NONE: ReadonlySet<string> = new Set();

class Describer {
  readonly #label: string;
  readonly #out: DifferenceList;
  readonly #equal: IsEqual;
  readonly #run: Run;

  constructor(label: string, out: DifferenceList, equal: IsEqual, run: Run) {
    this.#label = label;
    this.#out = out;
    this.#equal = equal;
    this.#run = run;
  }

  describe(primary: Json, twin: Json, at: Step | null): void {
    this.#run.meter.spend(1);
    if (this.#out.isFull) {
      if (!this.#equal(primary, twin)) this.#out.count++;
    } else if (isArray(primary) && isArray(twin)) this.#arrays(primary, twin, at);
    else if (isObject(primary) && isObject(twin) && this.#haveMembers(primary, twin)) {
      // Two spellings of one value differ inside and mean the same.
      if (this.#equal === blobEqual && extendedKey(primary) !== null && blobEqual(primary, twin)) return;
      if (isAwkward(primary) || isAwkward(twin)) this.members(primary, twin, at, NONE);
      else this.#byDeepDiff(primary, twin, at);
    } else if (!this.#equal(primary, twin)) addLeaf(at, this.#label, primary, twin, this.#out);
  }

  /** False where one of the two stands for a single value, and the other does not in the same way. */
  #haveMembers(primary: JsonObject, twin: JsonObject): boolean {
    return this.#equal !== blobEqual || extendedKey(primary) === extendedKey(twin);
  }

  members(primary: JsonObject, twin: JsonObject, at: Step | null, known: ReadonlySet<string>): void {
    for (const key in primary) {
      if (!known.has(key)) this.describe(primary[key], own(twin, key), into(at, key, 'member'));
    }
    for (const key in twin) {
      if (!known.has(key) && !Object.hasOwn(primary, key)) {
        this.describe(undefined, twin[key], into(at, key, 'member'));
      }
    }
  }

  #arrays(primary: JsonArray, twin: JsonArray, at: Step | null): void {
    if (this.#equal(primary, twin)) return;
    this.#run.meter.spend(primary.length + twin.length);
    const { pairs, moved } = alignArrays(primary, twin, {
      meaning: this.#equal === blobEqual ? blobMeaning : canonicalJson,
      differing: (mine, its) => {
        const trial = new DifferenceList();
        new Describer(this.#label, trial, this.#equal, this.#run).describe(mine, its, null);
        return trial.count;
      },
      spend: (steps) => this.#run.meter.spend(steps),
    });
    for (const [i, j] of moved) {
      const measure = { of: 'moved', from: i, to: j } as const;
      this.#out.add(into(at, i, 'position'), 'order', this.#label, primary[i], twin[j], measure);
    }
    this.#elements(primary, twin, pairs, at);
  }

  #elements(primary: JsonArray, twin: JsonArray, pairs: readonly Match[], at: Step | null): void {
    const partners = new Map(pairs);
    const taken = new Set(partners.values());
    for (const [i, element] of primary.entries()) {
      const j = partners.get(i);
      this.describe(element, j === undefined ? undefined : twin[j], into(at, i, 'position'));
    }
    for (const [j, element] of twin.entries()) {
      if (!taken.has(j)) this.describe(undefined, element, into(at, j, 'position'));
    }
  }

  #byDeepDiff(primary: JsonObject, twin: JsonObject, at: Step | null): void {
    const arrays: (readonly [Step | null, JsonArray, JsonArray])[] = [];
    // What is equal by the rule is handed on as one value; so are arrays, which are lined up afterwards.
    const normalize = (
      path: readonly (string | number)[],
      key: string | number | undefined,
      mine: Json,
      its: Json,
    ): [JsonValue, JsonValue] | undefined => {
      if (mine === undefined || its === undefined) return undefined;
      if (isArray(mine) && isArray(its)) {
        const place = key === undefined ? path : [...path, key];
        arrays.push([stepThrough(place, at), mine, its]);
        return [null, null];
      }
      return this.#equal(mine, its) ? [null, null] : undefined;
    };
    const found = deepDiff<JsonValue, JsonValue>(primary, twin, { normalize }) ?? [];
    for (const change of found) {
      const place = stepThrough(change.path ?? [], at);
      switch (change.kind) {
        case 'D':
          addLeaf(place, this.#label, change.lhs, undefined, this.#out);
          break;
        case 'N':
          addLeaf(place, this.#label, undefined, change.rhs, this.#out);
          break;
        case 'E':
          addLeaf(place, this.#label, change.lhs, change.rhs, this.#out);
          break;
        case 'A':
          throw new RangeError('deep-diff was given an array');
      }
    }
    for (const [place, mine, its] of arrays) this.describe(mine, its, place);
  }
}

/** True where deep-diff would miss or mistake something, or take long: empty keys, exact or Extended JSON, very many keys. */
function isAwkward(value: JsonObject): boolean {
  let seen = 0;
  const look = (inner: Json): boolean => {
    if (inner instanceof ExactNumber || ++seen > MANY) return true;
    if (!isObject(inner)) return false;
    if (extendedKey(inner) !== null) return true;
    for (const key in inner) if (key === '' || key === '__proto__' || look(inner[key])) return true;
    return false;
  };
  return look(value);
}

/** deep-diff's path as steps; it never leads through an array. */
function stepThrough(path: readonly (string | number)[], at: Step | null): Step | null {
  return path.reduce<Step | null>((place, segment) => into(place, segment, 'member'), at);
}

export const strictNode: Node = node('strict', {
  equal: strictEqual,
  equalText: strictText,
  describe: (primary, twin, run, _parent, at, out) => describeStrict('strict', primary, twin, at, out, run),
  meaning: (_side, value) => canonicalJson(value),
});

export const jsonbNode: Node = node('jsonb', {
  equal: blobEqual,
  equalText: blobText,
  describe: (primary, twin, run, _parent, at, out) => describeStrict('jsonb', primary, twin, at, out, run, blobEqual),
  meaning: (_side, value) => blobMeaning(value),
});
