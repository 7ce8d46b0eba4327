/** Objects with named fields, compared as their texts stand. */
import { KeyOrder, Keys, START } from './key-order.ts';
import type { Equal, EqualText, Node } from './node.ts';
import type { Run } from './run.ts';
import { strictText } from './same-text.ts';
import { BRACE, BRACE_END, type TextReader, unsure } from './text-reader.ts';

/** What is known of a field, instead of the place of the primary's value, which was passed over. */
const UNMET = 0;
const MET = -1;
/** The twin has null, and absent means the same. */
const NULL = -2;

/** Member by member in the twin's order; the primary's members that stand elsewhere are passed over until they are asked for. */
export function objectText(names: readonly string[], nodes: readonly Node[], equal: Equal): EqualText {
  const keys = new Keys(names);
  const [ofPrimary, ofTwin] = [new KeyOrder(keys), new KeyOrder(keys)];
  const plain = nodes.map((each) => each.plain);
  const nullable = nodes.map((each) => each.nullable);
  /** What is ignored is read, and nothing more. */
  const ignored = new Set([keys.version, ...nodes.flatMap(({ label }, i) => (label === 'ignored' ? [i] : []))]);
  const isIgnored = keys.quoted.map((_, i) => ignored.has(i));
  const seeingAbsent = nodes.flatMap((each, i) => (each.seesAbsent ? [i] : []));
  // A copy for each object: writing young values into an old array costs more than the copy.
  const nothing: number[] = keys.quoted.map(() => UNMET);

  const same = (number: number, primary: TextReader, twin: TextReader, run: Run, self: number): boolean => {
    const node = nodes[number];
    if (node === undefined) return strictText(primary, twin);
    return (plain[number] === true && primary.takesSame(twin)) || node.equalText(primary, twin, run, self);
  };

  /** Passes over a value of the primary's: the twin has it elsewhere, or not at all. False where the two differ. */
  const passOver = (number: number, held: number[], primary: TextReader): boolean => {
    const state = held[number] ?? UNMET;
    if (isIgnored[number] === true) primary.value();
    else if (state === NULL) {
      if (!primary.takesNull()) return false;
      held[number] = MET;
    } else if (state === UNMET) {
      primary.peek();
      held[number] = primary.at;
      primary.skip();
    } else unsure();
    return true;
  };

  /** What the twin does not have, by the rules that see it; and what neither has. */
  const restHolds = (held: readonly number[], primary: TextReader, run: Run): boolean => {
    for (let number = 0; number < held.length; number++) {
      const state = held[number] ?? UNMET;
      if (state > 0 && nodes[number]?.equal(primary.valueAt(state), undefined, run, null) !== true) return false;
    }
    return seeingAbsent.every(
      (number) => (held[number] ?? UNMET) !== UNMET || nodes[number]?.equal(undefined, undefined, run, null) === true,
    );
  };

  return (primary, twin, run) => {
    if (primary.peek() !== BRACE || twin.peek() !== BRACE) return equal(primary.value(), twin.value(), run, null);
    const self = primary.at;
    const held = nothing.slice();
    let left = primary.opens(BRACE_END);
    const { room } = primary;
    let mine = START;
    let its = START;
    for (let more = twin.opens(BRACE_END); more; more = twin.goesOn(BRACE_END)) {
      its = ofTwin.take(twin, its);
      if (isIgnored[its] === true) {
        twin.value();
        continue;
      }
      const state = held[its] ?? UNMET;
      if (state > 0) {
        const { at, room: after } = primary;
        primary.moveTo(state, room);
        if (!same(its, primary, twin, run, self)) return false;
        primary.moveTo(at, after);
        held[its] = MET;
        continue;
      }
      // Of two members of one name the last one counts.
      if (state !== UNMET) unsure();
      let found = left && keys.takes(its, primary);
      if (found) mine = its;
      else if (nullable[its] === true && twin.takesNull()) {
        held[its] = NULL;
        continue;
      }
      while (left && !found) {
        mine = ofPrimary.take(primary, mine);
        found = mine === its;
        if (found) break;
        if (!passOver(mine, held, primary)) return false;
        left = primary.goesOn(BRACE_END);
      }
      held[its] = MET;
      if (!found) {
        if (nodes[its]?.equal(undefined, twin.value(), run, null) !== true) return false;
        continue;
      }
      if (!same(its, primary, twin, run, self)) return false;
      left = primary.goesOn(BRACE_END);
    }
    while (left) {
      mine = ofPrimary.take(primary, mine);
      if (!passOver(mine, held, primary)) return false;
      left = primary.goesOn(BRACE_END);
    }
    return restHolds(held, primary, run);
  };
}
