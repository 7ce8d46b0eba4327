/** Objects with named fields, objects with free keys, and fields where absent and null mean the same. */
import { canonicalJson, isArray, isExactNumber, isObject, type JsonObject, own } from '../exact-number.ts';
import { describeMembers } from './describe-strict.ts';
import { addLeaf, type Describe, type Equal, type Json, type Meaning, type Node, node } from './node.ts';
import { into } from './path.ts';
import type { Run } from './run.ts';
import { strictEqual } from './strict.ts';

/** Mongoose's version key, which means nothing in any object that has rules. */
const VERSION_KEY = '__v';

/** Named fields by their rules; `__v` by none; every other member strictly. */
export function objectNode(fields: ReadonlyMap<string, Node>): Node {
  const names = [...fields.keys()];
  const nodes = [...fields.values()];
  const equals = nodes.map((each) => each.equal);
  const plain = nodes.map((each) => each.plain);
  const nullable = nodes.map((each) => each.nullable && each.plain);
  const known = new Set([...names, VERSION_KEY]);
  const allPlain = plain.every(Boolean);
  const seeingAbsent = names.flatMap((name, field) => (nodes[field]?.seesAbsent === true ? [{ name, field }] : []));
  // A populated reference that is missing as a whole is a reference that is wrong.
  const label = fields.get('_id')?.label === 'ref' ? 'ref' : 'object';
  const ofPrimary = new Layout(names);
  const ofTwin = new Layout(names);
  // The primary's values by field, while the twin's members are gone through: no lookup by name on the equal path. A
  // copy for each object: writing young values into an old array costs more than the copy.
  const nothing: Json[] = names.map(() => undefined);

  const equal: Equal = (primary, twin, run) => {
    if (primary === twin && allPlain) return true;
    if (typeof primary !== 'object' || primary === null || isArray(primary)) return strictEqual(primary, twin);
    if (typeof twin !== 'object' || twin === null || isArray(twin)) return false;
    return equalByLayout(primary, twin, run);
  };

  const equalByLayout = (primary: JsonObject, twin: JsonObject, run: Run): boolean => {
    const held = nothing.slice();
    let unnamed = 0;
    let open = 0;
    let place = 0;
    for (const key in primary) {
      if (ofPrimary.keys[place] !== key) place = ofPrimary.placeOf(key);
      const field = ofPrimary.fields[place++] ?? UNNAMED;
      if (field >= 0) {
        held[field] = primary[key];
        open++;
      } else if (field === UNNAMED) unnamed++;
    }
    place = 0;
    for (const key in twin) {
      if (ofTwin.keys[place] !== key) place = ofTwin.placeOf(key);
      const field = ofTwin.fields[place++] ?? UNNAMED;
      if (field < 0) {
        if (field === UNNAMED) unnamed++;
        continue;
      }
      const value = held[field];
      const other = twin[key];
      if (value !== undefined) {
        held[field] = undefined;
        open--;
      }
      if (value === other && plain[field] === true) continue;
      if (other === null && value === undefined && nullable[field] === true) continue;
      if (equals[field]?.(value, other, run, primary) !== true) return false;
    }
    // What the primary alone has: null where that means absent, or a rule that does not mind.
    for (let field = 0; open > 0 && field < held.length; field++) {
      const value = held[field];
      if (value !== undefined && equals[field]?.(value, undefined, run, primary) !== true) return false;
    }
    return (
      (unnamed === 0 || sameUnnamed(primary, twin)) && (seeingAbsent.length === 0 || absentHold(primary, twin, run))
    );
  };

  const absentHold = (primary: JsonObject, twin: JsonObject, run: Run): boolean =>
    seeingAbsent.every(
      ({ name, field }) =>
        Object.hasOwn(primary, name) ||
        Object.hasOwn(twin, name) ||
        equals[field]?.(undefined, undefined, run, primary) === true,
    );

  const sameUnnamed = (primary: JsonObject, twin: JsonObject): boolean => {
    if (isExactNumber(primary) || isExactNumber(twin)) return strictEqual(primary, twin);
    for (const key in primary) {
      if (!known.has(key) && !strictEqual(primary[key], own(twin, key))) return false;
    }
    for (const key in twin) if (!known.has(key) && !Object.hasOwn(primary, key)) return false;
    return true;
  };

  const describe: Describe = (primary, twin, run, _parent, at, out) => {
    if (!isObject(primary) || !isObject(twin)) {
      if (!strictEqual(primary, twin)) addLeaf(at, label, primary, twin, out);
      return;
    }
    run.meter.spend(fields.size);
    for (const [name, field] of fields) {
      field.describe(own(primary, name), own(twin, name), run, primary, into(at, name, 'field'), out);
    }
    describeMembers('strict', primary, twin, at, out, run, known);
  };

  const meaning: Meaning = (side, value, run) => {
    if (!isObject(value)) return canonicalJson(value);
    const parts = nodes.map((each, i) => each.meaning(side, own(value, names[i] ?? ''), run, value));
    const rest = Object.keys(value).filter((key) => !known.has(key));
    for (const key of rest.sort()) parts.push(`${JSON.stringify(key)}:${canonicalJson(own(value, key))}`);
    return JSON.stringify(parts);
  };

  const coarse = [...fields].filter(([, each]) => !each.exact);
  return node(label, {
    equal,
    describe,
    meaning,
    fields,
    plain: allPlain,
    exact: coarse.length === 0,
    tolerances: (value, _parent, out) =>
      !isObject(value) || coarse.every(([name, each]) => each.tolerances(own(value, name), value, out)),
  });
}

const UNNAMED = -1;
const VERSION = -2;
/** Keys of the data that a layout learns, so that a hostile body cannot make it grow. */
const LEARNED_KEYS = 64;

/** The order in which a side prints an object's keys: rows are alike, so the next key is nearly always the one expected. */
class Layout {
  readonly keys: string[] = [];
  /** Per place: the number of the field, UNNAMED or VERSION. */
  readonly fields: number[] = [];
  readonly #places = new Map<string, number>();
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.#numbers = new Map(names.map((name, i) => [name, i]));
  }

  /** The place of a key that was not the expected one; past the end for keys that are not learned. */
  placeOf(key: string): number {
    const place = this.#places.get(key);
    if (place !== undefined) return place;
    const field = this.#numbers.get(key) ?? (key === VERSION_KEY ? VERSION : UNNAMED);
    if (field === UNNAMED && this.keys.length - this.#numbers.size > LEARNED_KEYS) return this.keys.length;
    this.keys.push(key);
    this.fields.push(field);
    this.#places.set(key, this.keys.length - 1);
    return this.keys.length - 1;
  }
}

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

/** Absent and null mean the same, here and only here. */
export function nullableNode(of: Node): Node {
  const nothing = (value: Json): boolean => value === undefined || value === null;
  return node(of.label, {
    equal: (primary, twin, run, parent) => (nothing(primary) && nothing(twin)) || of.equal(primary, twin, run, parent),
    describe(primary, twin, run, parent, at, out) {
      if (!nothing(primary) || !nothing(twin)) of.describe(primary, twin, run, parent, at, out);
    },
    meaning: (side, value, run, parent) => (nothing(value) ? 'null' : of.meaning(side, value, run, parent)),
    plain: of.plain,
    exact: of.exact,
    nullable: true,
    fields: of.fields,
    tolerances: (value, parent, out) => nothing(value) || of.tolerances(value, parent, out),
  });
}
