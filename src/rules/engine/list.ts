/** Lists: in total order, in keyed order with free ties, or in no order (multisets). */
import { append } from '../../base/append.ts';
import { canonicalJson, isArray, type JsonArray } from '../exact-number.ts';
import type { Order } from '../rule.ts';
import { describeList } from './align.ts';
import { sameMultiset } from './multiset.ts';
import { type Equal, type EqualText, joined, type Node, node, type Parent, parentAt } from './node.ts';
import type { Run } from './run.ts';
import { type KeyText, sortKeysOf } from './sort-keys.ts';
import { strictEqual } from './strict.ts';
import { BRACKET, BRACKET_END } from './text-cursor.ts';
import type { TextReader } from './text-reader.ts';

export function listNode(of: Node, order: Order, identity: string | null): Node {
  const keysOf = order.kind === 'keyed' ? sortKeysOf(of, order) : null;
  /** Where the free run that begins at `from` ends, by the primary's keys. */
  const runEnd = (primary: JsonArray, from: number, key: KeyText | null, run: Run): number => {
    if (order.kind === 'total') return from;
    if (key === null) return primary.length;
    const first = key('primary', primary[from], run);
    let end = from + 1;
    while (end < primary.length && key('primary', primary[end], run) === first) end++;
    return end;
  };
  /**
   * Where it begins. Within a tolerance, items that agree at their places may have to give each other up so that all
   * can be matched.
   */
  const runBegin = (primary: JsonArray, from: number, key: KeyText | null, run: Run): number => {
    if (key === null) return 0;
    const first = key('primary', primary[from], run);
    let begin = from;
    while (begin > 0 && key('primary', primary[begin - 1], run) === first) begin--;
    return begin;
  };
  const sameItems = (primary: JsonArray, twin: JsonArray, run: Run, parent: Parent): boolean => {
    let key: KeyText | null = null;
    const met: Met[] = [];
    run.meter.spend(primary.length);
    for (let i = 0; i < primary.length; i++) {
      const from = run.supposed.length;
      if (of.equal(primary[i], twin[i], run, parent)) {
        if (run.supposed.length > from) met.push({ item: i, from, to: run.supposed.length });
        continue;
      }
      if (order.kind === 'total') return false;
      run.supposed.length = from;
      if (keysOf !== null && key === null) key = keysOf(primary, twin, run);
      const end = runEnd(primary, i, key, run);
      const begin = of.exact ? i : runBegin(primary, i, key, run);
      if (!sameMultiset(primary, twin, begin, end, of, run, parent)) return false;
      // Which of them belong together is only guessed.
      run.supposed.length = from;
      i = end - 1;
    }
    if (order.kind !== 'total' && met.length > 0) forgetGuesses(primary, of, met, run, parent);
    return true;
  };
  const equal: Equal = (primary, twin, run, parent) => {
    if (primary === twin && of.plain) return true;
    if (!isArray(primary) || !isArray(twin)) return strictEqual(primary, twin);
    return primary.length === twin.length && sameItems(primary, twin, run, parent);
  };
  /** Item by item; where two do not agree at their places, both lists are read and compared whole. */
  const equalText: EqualText = (primary, twin, run, parent) => {
    if (primary.peek() !== BRACKET || twin.peek() !== BRACKET)
      return equal(primary.value(), twin.value(), run, parentAt(primary, parent, of));
    const [mine, its] = [primary.mark(), twin.mark()];
    const from = run.supposed.length;
    const met = sameInText(primary, twin, run, parent);
    if (met === null) {
      if (order.kind === 'total') return false;
      primary.back(mine);
      twin.back(its);
      run.supposed.length = from;
      return equal(primary.value(), twin.value(), run, parentAt(primary, parent, of));
    }
    if (order.kind === 'total' || met.length === 0) return true;
    const list = primary.valueAt(mine.at);
    if (!isArray(list)) return false;
    forgetGuesses(list, of, met, run, parentAt(primary, parent, of));
    return true;
  };
  /** Null where some item differs, or one side has more. */
  const sameInText = (primary: TextReader, twin: TextReader, run: Run, parent: number): Met[] | null => {
    const met: Met[] = [];
    let more = primary.opens(BRACKET_END);
    if (twin.opens(BRACKET_END) !== more) return null;
    for (let item = 0; more; item++) {
      const from = run.supposed.length;
      run.meter.spend(1);
      if (!of.equalText(primary, twin, run, parent)) return null;
      if (run.supposed.length > from) met.push({ item, from, to: run.supposed.length });
      more = primary.goesOn(BRACKET_END);
      if (twin.goesOn(BRACKET_END) !== more) return null;
    }
    return met;
  };
  return node('list', {
    equal,
    equalText,
    describe(primary, twin, run, parent, at, out) {
      const ordering = {
        free: order.kind === 'free',
        key: keysOf === null || !isArray(primary) || !isArray(twin) ? null : keysOf(primary, twin, run),
      };
      describeList(primary, twin, { of, identity, ordering }, run, parent, at, out);
    },
    plain: of.plain,
    asksParent: of.asksParent,
    exact: of.exact,
    // In a free order it is unknown which value of one list belongs to which of the other.
    tolerances: (value, parent, out) =>
      of.exact ||
      (order.kind === 'total' && (!isArray(value) || value.every((item) => of.tolerances(item, parent, out)))),
    meaning(side, value, run, parent) {
      if (!isArray(value)) return canonicalJson(value);
      const items = value.map((item) => of.meaning(side, item, run, parent));
      if (order.kind === 'total') return joined(items);
      if (keysOf === null) return joined(items.sort());
      const key = keysOf(value, value, run);
      return joined(
        sortedInRuns(
          items,
          value.map((item) => key(side, item, run)),
        ).map(joined),
      );
    },
  });
}

/** Ids that one item of a list brought up for the first time, as a range of the run's suppositions. */
interface Met {
  readonly item: number;
  readonly from: number;
  readonly to: number;
}

/** Forgets pairs of ids from items that differ only in unknown ids: their positions prove no pair. */
function forgetGuesses(list: JsonArray, of: Node, met: readonly Met[], run: Run, parent: Parent): void {
  const blind = run.blind();
  const times = new Map<string, number>();
  const meanings = list.map((item) => of.meaning('primary', item, blind, parent));
  for (const meaning of meanings) times.set(meaning, (times.get(meaning) ?? 0) + 1);
  const sure = met.filter(({ item }) => times.get(meanings[item] ?? '') === 1);
  const first = met[0]?.from ?? run.supposed.length;
  const kept = sure.flatMap(({ from, to }) => run.supposed.slice(from, to));
  run.supposed.length = first;
  append(run.supposed, kept);
}

/** Items of equal neighbouring keys in sorted order: their own order means nothing. */
function sortedInRuns(items: readonly string[], keys: readonly string[]): string[][] {
  const runs: string[][] = [];
  items.forEach((item, i) => {
    const last = runs.at(-1);
    if (last !== undefined && i > 0 && keys[i] === keys[i - 1]) last.push(item);
    else runs.push([item]);
  });
  for (const run of runs) run.sort();
  return runs;
}
