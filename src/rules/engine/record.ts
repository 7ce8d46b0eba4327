/** Objects with free keys. */
import { canonicalJson, isObject, type JsonObject, own } from '../exact-number.ts';
import { addLeaf, type Describe, type Equal, type EqualText, type Json, type Node, node } from './node.ts';
import { into } from './path.ts';
import type { Run } from './run.ts';
import { sameMembers } from './same-text.ts';
import { strictEqual } from './strict.ts';
import { BRACE } from './text-cursor.ts';

/** Free keys, each value by the same rule; keys that are ids are paired like any other. */
export function recordNode(of: Node, keys: string | null): Node {
  const plain = of.plain && keys === null;
  /** The twin's members under the keys that the primary would use; null where a key has to be looked up first. */
  const translated = (primary: JsonObject, twin: JsonObject, run: Run): Map<string, string> | null => {
    if (keys !== null && run.relates(keys)) return relatedKeys(of, keys, primary, twin, run);
    const before = run.pendings;
    const names = new Map<string, string>();
    for (const key of Object.keys(twin)) names.set(keys === null ? key : run.entity('twin', keys, key), key);
    // Two keys for one entity: both must stay visible.
    if (names.size !== Object.keys(twin).length) for (const key of Object.keys(twin)) names.set(key, key);
    return run.pendings > before ? null : names;
  };
  const equal: Equal = (primary, twin, run) => {
    if (primary === twin && plain) return true;
    if (!isObject(primary) || !isObject(twin)) return strictEqual(primary, twin);
    const paired = keys !== null && run.twinForms;
    const names = paired ? translated(primary, twin, run) : null;
    if (paired && names === null) return visitValues(primary, twin, run);
    let others = 0;
    for (const key in primary) {
      const name = names === null ? key : (names.get(key) ?? key);
      const other = own(twin, name);
      if (other !== undefined) others++;
      if (!of.equal(primary[key], other, run, primary)) return false;
    }
    for (const _ in twin) others--;
    if (others === 0 && (names === null || names.size === Object.keys(twin).length)) return true;
    return extraKeys(primary, twin, names).every((key) => of.equal(undefined, own(twin, key), run, primary));
  };
  /** Where the members are not the same one by one, both objects are read and compared whole. */
  const equalText: EqualText = (primary, twin, run) => {
    const [mine, its] = [primary.mark(), twin.mark()];
    const isRecord = primary.peek() === BRACE && twin.peek() === BRACE && (keys === null || !run.twinForms);
    const from = run.supposed.length;
    const { at } = primary;
    if (isRecord && sameMembers(primary, twin, (one, other) => of.equalText(one, other, run, at))) return true;
    primary.back(mine);
    twin.back(its);
    run.supposed.length = from;
    return equal(primary.value(), twin.value(), run, null);
  };
  /** While keys are not looked up yet: visits the ids inside the values, so that all are looked up at once. */
  const visitValues = (primary: JsonObject, twin: JsonObject, run: Run): boolean => {
    for (const key of Object.keys(twin)) of.meaning('twin', own(twin, key), run, twin);
    for (const key of Object.keys(primary)) of.meaning('primary', own(primary, key), run, primary);
    return true;
  };
  const describe: Describe = (primary, twin, run, _parent, at, out) => {
    if (!isObject(primary) || !isObject(twin)) {
      if (!strictEqual(primary, twin)) addLeaf(at, 'record', primary, twin, out);
      return;
    }
    const paired = keys !== null && run.twinForms;
    const names = paired ? translated(primary, twin, run) : null;
    if (paired && names === null) {
      visitValues(primary, twin, run);
      return;
    }
    const describeKey = (key: string, mine: Json, its: Json): void => {
      run.meter.spend(1);
      if (!out.isFull) of.describe(mine, its, run, primary, into(at, key, 'key'), out);
      else if (!of.equal(mine, its, run, primary)) out.count++;
    };
    for (const key of Object.keys(primary)) {
      describeKey(key, own(primary, key), own(twin, names === null ? key : (names.get(key) ?? key)));
    }
    for (const key of extraKeys(primary, twin, names)) describeKey(key, undefined, own(twin, key));
  };
  return node('record', {
    equal,
    equalText,
    describe,
    plain,
    exact: of.exact,
    // Keys that are ids have another order on each side.
    tolerances: (value, _parent, out) =>
      of.exact ||
      (keys === null &&
        (!isObject(value) ||
          Object.keys(value)
            .sort()
            .every((key) => of.tolerances(own(value, key), value, out)))),
    meaning(side, value, run) {
      if (!isObject(value)) return canonicalJson(value);
      const entries = Object.keys(value).map((key) => {
        const name = keys === null ? key : run.entity(side, keys, key);
        return [name, of.meaning(side, own(value, key), run, value)];
      });
      return JSON.stringify(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
    },
  });
}

/** The twin's keys by the primary's where they are not looked up: known pairs first, then those whose values mean the same. */
function relatedKeys(of: Node, keys: string, primary: JsonObject, twin: JsonObject, run: Run): Map<string, string> {
  const names = new Map<string, string>();
  const { ids } = run.context;
  const unseen: string[] = [];
  // First: pairs that a rule gives are known from the primary's side.
  const mine = Object.keys(primary).filter((key) => ids.uuidOf(keys, key) === undefined);
  for (const key of Object.keys(twin)) {
    const owner = ids.objectIdOf(keys, key);
    if (typeof owner === 'string' && Object.hasOwn(primary, owner)) names.set(owner, key);
    else if (owner === undefined) unseen.push(key);
    else names.set(key, key);
  }
  const lone = mine.length === 1 && unseen.length === 1;
  for (const key of mine) {
    const from = run.supposed.length;
    const at = unseen.findIndex((other) => of.equal(own(primary, key), own(twin, other), run, primary));
    run.supposed.length = from;
    const [other] = at < 0 ? [] : unseen.splice(at, 1);
    if (other === undefined) continue;
    names.set(key, other);
    if (lone) run.pair(keys, key, other);
  }
  for (const key of unseen) names.set(key, key);
  return names;
}

function extraKeys(primary: JsonObject, twin: JsonObject, names: ReadonlyMap<string, string> | null): string[] {
  if (names === null) return Object.keys(twin).filter((key) => !Object.hasOwn(primary, key));
  const matched = new Set(Object.keys(primary).map((key) => names.get(key)));
  return Object.keys(twin).filter((key) => !matched.has(key));
}
