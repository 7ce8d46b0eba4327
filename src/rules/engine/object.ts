/** Objects with named fields, and fields where absent and null mean the same. */
import { canonicalJson, isArray, isExactNumber, isObject, type JsonObject, own } from '../exact-number.ts';
import { describeMembers } from './describe-strict.ts';
import { VERSION_KEY } from './key-order.ts';
import { Layout, UNNAMED } from './layout.ts';
import { addLeaf, type Describe, type Equal, type Json, type Meaning, type Node, node } from './node.ts';
import { objectText } from './object-text.ts';
import { into } from './path.ts';
import type { Run } from './run.ts';
import { strictEqual } from './strict.ts';
import { takesSame } from './text-pair.ts';

/** Named fields by their rules; `__v` by none; every other member strictly. */
export function objectNode(fields: ReadonlyMap<string, Node>): Node {
  const names = [...fields.keys()];
  const nodes = [...fields.values()];
  const equals = nodes.map((each) => each.equal);
  const plain = nodes.map((each) => each.plain);
  const nullable = nodes.map((each) => each.nullable && each.plain);
  const known = new Set([...names, VERSION_KEY]);
  const allPlain = plain.every(Boolean);
  const seesAbsent = nodes.map((each) => each.seesAbsent);
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

  /** Fills in the values of the named fields. Gives the number of the others. */
  const hold = (primary: JsonObject, held: Json[]): number => {
    let unnamed = 0;
    let place = 0;
    for (const key in primary) {
      if (ofPrimary.keys[place] !== key) place = ofPrimary.placeOf(key);
      const field = ofPrimary.fields[place++] ?? UNNAMED;
      if (field >= 0) held[field] = primary[key];
      else if (field === UNNAMED) unnamed++;
    }
    return unnamed;
  };

  const equalByLayout = (primary: JsonObject, twin: JsonObject, run: Run): boolean => {
    const held = nothing.slice();
    let unnamed = hold(primary, held);
    let place = 0;
    for (const key in twin) {
      if (ofTwin.keys[place] !== key) place = ofTwin.placeOf(key);
      const field = ofTwin.fields[place++] ?? UNNAMED;
      if (field < 0) {
        if (field === UNNAMED) unnamed++;
        continue;
      }
      const value = held[field];
      const other = twin[key];
      held[field] = MET;
      if (value === other && plain[field] === true) continue;
      if (other === null && value === undefined && nullable[field] === true) continue;
      if (equals[field]?.(value, other, run, primary) !== true) return false;
    }
    return restHolds(held, primary, run) && (unnamed === 0 || sameUnnamed(primary, twin));
  };

  /**
   * What the primary alone has: null where that means absent, or a rule that does not mind. And what neither has, where a
   * rule asks for that.
   */
  const restHolds = (held: readonly Json[], primary: JsonObject, run: Run): boolean => {
    for (let field = 0; field < held.length; field++) {
      const value = held[field];
      if (value === MET || (value === undefined && seesAbsent[field] !== true)) continue;
      if (equals[field]?.(value, undefined, run, primary) !== true) return false;
    }
    return true;
  };

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
    equalText: objectText(fields, equal),
    describe,
    meaning,
    fields,
    plain: allPlain,
    exact: coarse.length === 0,
    tolerances: (value, _parent, out) =>
      !isObject(value) || coarse.every(([name, each]) => each.tolerances(own(value, name), value, out)),
  });
}

/** Stands for a value that both sides have. */
const MET: Json = Object.freeze({});

/** The first letter of null. */
const SMALL_N = 110;

/** Absent and null mean the same, here and only here. */
export function nullableNode(of: Node): Node {
  const nothing = (value: Json): boolean => value === undefined || value === null;
  return node(of.label, {
    equal: (primary, twin, run, parent) => (nothing(primary) && nothing(twin)) || of.equal(primary, twin, run, parent),
    // Absent beside null is the object's to see; elsewhere there is nothing absent.
    equalText: (primary, twin, run, parent) =>
      (primary.peek() === SMALL_N && twin.peek() === SMALL_N && takesSame(primary, twin)) ||
      of.equalText(primary, twin, run, parent),
    describe(primary, twin, run, parent, at, out) {
      if (!nothing(primary) || !nothing(twin)) of.describe(primary, twin, run, parent, at, out);
    },
    meaning: (side, value, run, parent) => (nothing(value) ? 'null' : of.meaning(side, value, run, parent)),
    plain: of.plain,
    asksParent: of.asksParent,
    exact: of.exact,
    nullable: true,
    fields: of.fields,
    tolerances: (value, parent, out) => nothing(value) || of.tolerances(value, parent, out),
  });
}
