/** Objects with named fields, compared as their texts stand. */
import { type ObjectKey, ObjectKeys } from './key-order.ts';
import type { Equal, EqualText, Node } from './node.ts';
import type { Run } from './run.ts';
import { strictText } from './same-text.ts';
import { BRACE, BRACE_END, unsure } from './text-cursor.ts';
import { takesSame } from './text-pair.ts';
import type { TextReader } from './text-reader.ts';

/** What is known of a field, instead of the place of the primary's value, which was passed over. */
const UNMET = 0;
const MET = -1;
/** The twin has null, and absent means the same. */
const NULL = -2;

/** Member by member in the twin's order; the primary's members that stand elsewhere are passed over until they are asked for. */
export function objectText(fields: ReadonlyMap<string, Node>, equal: Equal): EqualText {
  const keys = new ObjectKeys(fields);
  const seeingAbsent = keys.all.filter(({ node }) => node?.seesAbsent === true);
  // A copy for each object: writing young values into an old array costs more than the copy.
  const nothing: number[] = keys.all.map(() => UNMET);

  const same = (key: ObjectKey, primary: TextReader, twin: TextReader, run: Run, self: number): boolean => {
    if (key.node === null) return strictText(primary, twin);
    return (key.isPlain && takesSame(primary, twin)) || key.node.equalText(primary, twin, run, self);
  };

  /** Passes over a value of the primary's: the twin has it elsewhere, or not at all. False where the two differ. */
  const passOver = (key: ObjectKey, held: number[], primary: TextReader): boolean => {
    const state = held[key.number] ?? UNMET;
    if (key.isIgnored) primary.value();
    else if (state === NULL) {
      if (!primary.takesNull()) return false;
      held[key.number] = MET;
    } else if (state === UNMET) {
      primary.peek();
      held[key.number] = primary.at;
      primary.skip();
    } else unsure();
    return true;
  };

  /** What the twin does not have, by the rules that see it; and what neither has. */
  const restHolds = (held: readonly number[], primary: TextReader, run: Run): boolean => {
    for (let number = 0; number < held.length; number++) {
      const state = held[number] ?? UNMET;
      if (state <= 0) continue;
      if (keys.all[number]?.node?.equal(primary.valueAt(state), undefined, run, null) !== true) return false;
    }
    for (const { number, node } of seeingAbsent) {
      if ((held[number] ?? UNMET) === UNMET && node?.equal(undefined, undefined, run, null) !== true) return false;
    }
    return true;
  };

  return (primary, twin, run) => {
    if (primary.peek() !== BRACE || twin.peek() !== BRACE) return equal(primary.value(), twin.value(), run, null);
    const self = primary.at;
    const held = nothing.slice();
    let left = primary.opens(BRACE_END);
    const { room } = primary;
    let mine = keys.ofPrimary;
    let its = keys.ofTwin;
    for (let more = twin.opens(BRACE_END); more; more = twin.goesOn(BRACE_END)) {
      const key = keys.take(twin, its);
      its = key.ofTwin;
      if (key.isIgnored) {
        twin.value();
        continue;
      }
      const state = held[key.number] ?? UNMET;
      if (state > 0) {
        const { at, room: after } = primary;
        primary.moveTo(state, room);
        if (!same(key, primary, twin, run, self)) return false;
        primary.moveTo(at, after);
        held[key.number] = MET;
        continue;
      }
      // Of two members of one name the last one counts.
      if (state !== UNMET) unsure();
      let found = left && primary.takesKey(key.quoted);
      if (!found && key.isNullable && twin.takesNull()) {
        held[key.number] = NULL;
        continue;
      }
      while (left && !found) {
        const other = keys.take(primary, mine);
        mine = other.ofPrimary;
        found = other === key;
        if (found) break;
        if (!passOver(other, held, primary)) return false;
        left = primary.goesOn(BRACE_END);
      }
      held[key.number] = MET;
      if (!found) {
        if (key.node?.equal(undefined, twin.value(), run, null) !== true) return false;
        continue;
      }
      if (!same(key, primary, twin, run, self)) return false;
      mine = key.ofPrimary;
      left = primary.goesOn(BRACE_END);
    }
    while (left) {
      const other = keys.take(primary, mine);
      mine = other.ofPrimary;
      if (!passOver(other, held, primary)) return false;
      left = primary.goesOn(BRACE_END);
    }
    return restHolds(held, primary, run);
  };
}
