/** Lists: in total order, in keyed order with free ties, or in no order (multisets). */
import { canonicalJson, isArray, type JsonArray } from '../exact-number.ts';
import type { Order } from '../rule.ts';
import { describeList } from './align.ts';
import { sameMultiset } from './multiset.ts';
import { type Equal, joined, type Node, node, type Parent } from './node.ts';
import type { Run } from './run.ts';
import { type KeyText, sortKeysOf } from './sort-keys.ts';
import { strictEqual } from './strict.ts';

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
  const sameItems = (primary: JsonArray, twin: JsonArray, run: Run, parent: Parent): boolean => {
    let key: KeyText | null = null;
    for (let i = 0; i < primary.length; i++) {
      if (of.equal(primary[i], twin[i], run, parent)) continue;
      if (order.kind === 'total') return false;
      if (keysOf !== null && key === null) key = keysOf(primary, twin, run);
      const end = runEnd(primary, i, key, run);
      if (!sameMultiset(primary, twin, i, end, of, run, parent)) return false;
      i = end - 1;
    }
    return true;
  };
  const equal: Equal = (primary, twin, run, parent) => {
    if (!isArray(primary) || !isArray(twin)) return strictEqual(primary, twin);
    return primary.length === twin.length && sameItems(primary, twin, run, parent);
  };
  return node('list', {
    equal,
    describe(primary, twin, run, parent, at, out) {
      const ordering = {
        free: order.kind === 'free',
        key: keysOf === null || !isArray(primary) || !isArray(twin) ? null : keysOf(primary, twin, run),
      };
      describeList(primary, twin, { of, identity, ordering }, run, parent, at, out);
    },
    exact: of.exact,
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
