/** Describing values that no finer rule describes: deep-diff finds what differs, member by member. */
import deepDiff from 'deep-diff';
import type { JsonValue } from '../../types.ts';
import { canonicalJson, ExactNumber, isArray, isObject, own } from '../exact-number.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { type Findings, into, type Step } from './path.ts';
import { blobEqual, blobMeaning, strictEqual } from './strict.ts';

/** Objects with more keys are walked here: deep-diff looks each key up by scanning. */
const MANY_KEYS = 500;

/** Adds what differs between two values, in the name of a rule; nothing where they are equal. */
export function describeStrict(
  label: string,
  primary: Json,
  twin: Json,
  at: Step | null,
  out: Findings,
  equal: (primary: Json, twin: Json) => boolean = strictEqual,
): void {
  new Describer(label, out, equal).describe(primary, twin, at);
}

class Describer {
  readonly #label: string;
  readonly #out: Findings;
  readonly #equal: (primary: Json, twin: Json) => boolean;

  constructor(label: string, out: Findings, equal: (primary: Json, twin: Json) => boolean) {
    this.#label = label;
    this.#out = out;
    this.#equal = equal;
  }

  describe(primary: Json, twin: Json, at: Step | null): void {
    if (this.#equal(primary, twin)) return;
    const containers = (isArray(primary) && isArray(twin)) || (isObject(primary) && isObject(twin));
    if (!containers) addLeaf(at, this.#label, primary, twin, this.#out);
    else if (isAwkward(primary) || isAwkward(twin)) this.#byMember(primary, twin, at);
    else this.#byDeepDiff(primary, twin, at);
  }

  #byMember(primary: JsonValue, twin: JsonValue, at: Step | null): void {
    if (isArray(primary) && isArray(twin)) {
      const longest = Math.max(primary.length, twin.length);
      for (let i = 0; i < longest; i++) this.describe(primary[i], twin[i], into(at, i, 'position'));
    } else if (isObject(primary) && isObject(twin)) {
      for (const key of Object.keys(primary)) this.describe(own(primary, key), own(twin, key), into(at, key, 'member'));
      for (const key of Object.keys(twin)) {
        if (!Object.hasOwn(primary, key)) this.describe(undefined, own(twin, key), into(at, key, 'member'));
      }
    }
  }

  #byDeepDiff(primary: JsonValue, twin: JsonValue, at: Step | null): void {
    const normalize = (_path: unknown, _key: unknown, mine: Json, its: Json): [JsonValue, JsonValue] | undefined =>
      mine !== undefined && its !== undefined && this.#equal(mine, its) ? [mine, mine] : undefined;
    const found = deepDiff<JsonValue, JsonValue>(primary, twin, { normalize }) ?? [];
    for (const change of found) {
      const place = stepThrough(primary, twin, change.path ?? [], at);
      switch (change.kind) {
        case 'A': {
          const item = into(place, change.index, 'position');
          if (change.item.kind === 'D') addLeaf(item, this.#label, change.item.lhs, undefined, this.#out);
          else if (change.item.kind === 'N') addLeaf(item, this.#label, undefined, change.item.rhs, this.#out);
          break;
        }
        case 'D':
          addLeaf(place, this.#label, change.lhs, undefined, this.#out);
          break;
        case 'N':
          addLeaf(place, this.#label, undefined, change.rhs, this.#out);
          break;
        case 'E':
          addLeaf(place, this.#label, change.lhs, change.rhs, this.#out);
      }
    }
  }
}

/** True where deep-diff would miss or mistake something: an empty key, an exact number, very many keys. */
function isAwkward(value: Json): boolean {
  if (isArray(value)) return value.some(isAwkward);
  if (value instanceof ExactNumber) return true;
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length > MANY_KEYS || keys.some((key) => key === '' || key === '__proto__' || isAwkward(own(value, key)));
}

/** deep-diff's path as steps: a number is a position only where there is an array. */
function stepThrough(
  primary: JsonValue,
  twin: JsonValue,
  path: readonly (string | number)[],
  at: Step | null,
): Step | null {
  let mine: Json = primary;
  let its: Json = twin;
  let place = at;
  for (const segment of path) {
    place = into(place, segment, isArray(mine) || isArray(its) ? 'position' : 'member');
    mine = memberOf(mine, segment);
    its = memberOf(its, segment);
  }
  return place;
}

function memberOf(value: Json, segment: string | number): Json {
  if (isArray(value)) return value[Number(segment)];
  return isObject(value) ? own(value, String(segment)) : undefined;
}

export const strictNode: Node = node('strict', {
  equal: strictEqual,
  describe: (primary, twin, _run, _parent, at, out) => describeStrict('strict', primary, twin, at, out),
  meaning: (_side, value) => canonicalJson(value),
});

export const jsonbNode: Node = node('jsonb', {
  equal: blobEqual,
  describe: (primary, twin, _run, _parent, at, out) => describeStrict('jsonb', primary, twin, at, out, blobEqual),
  meaning: (_side, value) => blobMeaning(value),
});
