/** Matching the items of two lists whose order means nothing. */
import type { JsonArray } from '../exact-number.ts';
import type { Node, Parent } from './node.ts';
import type { Run } from './run.ts';

/** Above this many items of one coarse meaning only the first fit is tried: augmenting would cost the square. */
const AUGMENTED = 1_000;

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
    const equal = (a: number, b: number): boolean =>
      item.equal(primary[mine[a] ?? -1], twin[its[b] ?? -1], run, parent);
    if (!perfectMatching(mine.length, equal)) return false;
  }
  return true;
}

/** Is there a one-to-one assignment of n to n where every pair is equal? First fit, then augmenting paths (Kuhn). */
function perfectMatching(n: number, equal: (a: number, b: number) => boolean): boolean {
  const takenBy = new Array<number>(n).fill(-1);
  const augment = (a: number, tried: Uint8Array): boolean => {
    for (let offset = 0; offset < n; offset++) {
      const b = (a + offset) % n;
      if (tried[b] === 1 || !equal(a, b)) continue;
      tried[b] = 1;
      const holder = takenBy[b] ?? -1;
      if (holder === -1 || (n <= AUGMENTED && augment(holder, tried))) {
        takenBy[b] = a;
        return true;
      }
    }
    return false;
  };
  for (let a = 0; a < n; a++) if (!augment(a, new Uint8Array(n))) return false;
  return true;
}
