/** Matching the items of two lists whose order means nothing. */
import type { JsonArray } from '../exact-number.ts';
import { mostPairs } from './matching.ts';
import type { Node, Parent } from './node.ts';
import type { Run } from './run.ts';
import type { Tolerance } from './tolerance.ts';

/**
 * True where the items in [from, to) of both lists are the same multiset. Undecided ids count as equal, and are noted
 * in `run`. Every match is confirmed by the item's rule, so that ids are paired and collisions seen.
 */
export function sameMultiset(
  primary: JsonArray,
  twin: JsonArray,
  from: number,
  to: number,
  item: Node,
  run: Run,
  parent: Parent,
): boolean {
  const before = run.pendings;
  const buckets = new Map<string, { readonly mine: number[]; readonly its: number[] }>();
  const bucket = (meaning: string) => {
    run.meter.spend(1 + (meaning.length >> 4));
    let found = buckets.get(meaning);
    if (found === undefined) {
      found = { mine: [], its: [] };
      buckets.set(meaning, found);
    }
    return found;
  };
  for (let i = from; i < to; i++) bucket(item.meaning('primary', primary[i], run, parent)).mine.push(i);
  for (let i = from; i < to; i++) bucket(item.meaning('twin', twin[i], run, parent)).its.push(i);
  if (run.pendings > before) return true;
  for (const { mine, its } of buckets.values()) {
    if (mine.length !== its.length) return false;
    if (!isPerfect(mine, its, primary, twin, item, run, parent)) return false;
  }
  return true;
}

/** Is there a one-to-one assignment where every pair is equal? What has one exact meaning is, in any order. */
function isPerfect(
  mine: readonly number[],
  its: readonly number[],
  primary: JsonArray,
  twin: JsonArray,
  item: Node,
  run: Run,
  parent: Parent,
): boolean {
  const equal = (i: number, j: number): boolean => item.equal(primary[i], twin[j], run, parent);
  run.meter.spend(mine.length);
  if (item.exact && mine.every((i, n) => equal(i, its[n] ?? -1))) return true;
  return mostPairs({ mine, its, equal, ...tolerancesOf(primary, twin, item, run, parent) }).length === mine.length;
}

/** What `mostPairs` needs to know of the items of two lists. */
export function tolerancesOf(primary: JsonArray, twin: JsonArray, item: Node, run: Run, parent: Parent) {
  const of = (list: JsonArray, at: number): Tolerance[] | null => {
    const found: Tolerance[] = [];
    return item.tolerances(list[at], parent, found) ? found : null;
  };
  return {
    ofMine: (i: number) => of(primary, i),
    ofIts: (j: number) => of(twin, j),
    spend: (steps: number) => run.meter.spend(steps),
  };
}
