/** The most pairs between two groups of items that differ only in values within a tolerance. */
import { byValue, type Tolerance, type Tolerances } from './tolerance.ts';

export type Match = readonly [primary: number, twin: number];

/** Two groups of places; what is asked of them. */
export interface Groups {
  readonly mine: readonly number[];
  readonly its: readonly number[];
  equal(i: number, j: number): boolean;
  ofMine(i: number): Tolerances;
  ofIts(j: number): Tolerances;
  /** Steps that are about to be taken. @throws where there are too many */
  spend(steps: number): void;
}

/**
 * A largest set of equal pairs. With one value an item the ranges of what it accepts move along with it, so both sides
 * are sorted and walked through once: n log n. With several values the first one bounds what is tried, and a largest
 * matching is found among that (Hopcroft and Karp, 1973). Items that cannot be sorted are tried against everything.
 */
export function mostPairs(groups: Groups): Match[] {
  const { mine, its } = groups;
  const [i = -1, j = -1] = [mine[0], its[0]];
  if (mine.length === 1 && its.length === 1) return groups.equal(i, j) ? [[i, j]] : [];
  groups.spend(mine.length + its.length);
  const [first, second] = [ranked(mine, groups.ofMine), ranked(its, groups.ofIts)];
  if (first === null || second === null || !areAlike([...first, ...second])) return byMatching(groups, null);
  return first[0]?.values === 1 && second[0]?.values === 1
    ? walked(first, second, groups)
    : byMatching(groups, [first, second]);
}

interface Ranked {
  readonly at: number;
  readonly first: Tolerance;
  readonly values: number;
}

/** Sorted by the first value; null where some item has none. */
function ranked(places: readonly number[], of: (at: number) => Tolerances): Ranked[] | null {
  const found: Ranked[] = [];
  for (const at of places) {
    const values = of(at);
    const first = values?.[0];
    if (values === null || first === undefined) return null;
    found.push({ at, first, values: values.length });
  }
  return found.sort((a, b) => byValue(a.first, b.first));
}

function areAlike(items: readonly Ranked[]): boolean {
  return items.every(({ first, values }) => first.kind === items[0]?.first.kind && values === items[0].values);
}

/** Where the two in front do not fit, nothing that is left fits the smaller one. */
function walked(mine: readonly Ranked[], its: readonly Ranked[], groups: Groups): Match[] {
  const pairs: Match[] = [];
  groups.spend(mine.length + its.length);
  let [i, j] = [0, 0];
  for (let a = mine[i], b = its[j]; a !== undefined && b !== undefined; a = mine[i], b = its[j]) {
    if (groups.equal(a.at, b.at)) {
      pairs.push([a.at, b.at]);
      i++;
      j++;
    } else if (byValue(a.first, b.first) < 0) i++;
    else j++;
  }
  return pairs;
}

function byMatching(groups: Groups, sorted: readonly [readonly Ranked[], readonly Ranked[]] | null): Match[] {
  const { mine, its } = groups;
  const lefts = sorted === null ? mine : sorted[0].map(({ at }) => at);
  const rights = sorted === null ? its : sorted[1].map(({ at }) => at);
  const edges = sorted === null ? lefts.map(() => [0, rights.length] as const) : rangesOf(...sorted, groups);
  const fitting = lefts.map((i, a) => {
    const [from, to] = edges[a] ?? [0, 0];
    groups.spend(to - from);
    const fits: number[] = [];
    for (let b = from; b < to; b++) if (groups.equal(i, rights[b] ?? -1)) fits.push(b);
    return fits;
  });
  const partner = largestMatching(fitting, rights.length, (steps) => groups.spend(steps));
  return lefts.flatMap((i, a): Match[] => {
    const j = rights[partner[a] ?? -1];
    return j === undefined ? [] : [[i, j]];
  });
}

/** For each of the first, which of the second its first value accepts: [from, to), both rising. */
function rangesOf(mine: readonly Ranked[], its: readonly Ranked[], groups: Groups): (readonly [number, number])[] {
  groups.spend(mine.length + its.length);
  let [from, to] = [0, 0];
  return mine.map(({ first }) => {
    const accepts = (at: number): boolean => {
      const other = its[at]?.first;
      return other !== undefined && first.accepts(other.value);
    };
    const isBelow = (at: number): boolean => {
      const other = its[at]?.first;
      return other !== undefined && byValue(other, first) < 0 && !first.accepts(other.value);
    };
    while (isBelow(from)) from++;
    to = Math.max(to, from);
    while (accepts(to)) to++;
    return [from, to];
  });
}

/** For each left place the right one it is matched with, or -1; `edges[left]` are the right places that fit. */
export function largestMatching(
  edges: readonly (readonly number[])[],
  rights: number,
  spend: (steps: number) => void,
): Int32Array {
  const ofLeft = new Int32Array(edges.length).fill(-1);
  const ofRight = new Int32Array(rights).fill(-1);
  for (;;) {
    spend(edges.length);
    const layer = layersOf(edges, ofLeft, ofRight, spend);
    if (layer === null) return ofLeft;
    const next = new Int32Array(edges.length);
    for (let left = 0; left < edges.length; left++) {
      if (ofLeft[left] === -1) augment(left, edges, layer, next, ofLeft, ofRight, spend);
    }
  }
}

/** Distance of each left place from the free ones; null where no free right place can be reached. */
function layersOf(
  edges: readonly (readonly number[])[],
  ofLeft: Int32Array,
  ofRight: Int32Array,
  spend: (steps: number) => void,
): Int32Array | null {
  const layer = new Int32Array(edges.length).fill(-1);
  const queue: number[] = [];
  for (let left = 0; left < edges.length; left++) {
    if (ofLeft[left] !== -1) continue;
    layer[left] = 0;
    queue.push(left);
  }
  let reached = false;
  for (const left of queue) {
    const fits = edges[left] ?? [];
    spend(fits.length);
    for (const right of fits) {
      const holder = ofRight[right] ?? -1;
      if (holder === -1) reached = true;
      else if (layer[holder] === -1) {
        layer[holder] = (layer[left] ?? 0) + 1;
        queue.push(holder);
      }
    }
  }
  return reached ? layer : null;
}

/** Looks for a free right place along the layers, with a stack of its own: a path may be as long as the list. */
function augment(
  start: number,
  edges: readonly (readonly number[])[],
  layer: Int32Array,
  next: Int32Array,
  ofLeft: Int32Array,
  ofRight: Int32Array,
  spend: (steps: number) => void,
): void {
  const path = [start];
  for (let left = path.at(-1); left !== undefined; left = path.at(-1)) {
    const right = edges[left]?.[next[left] ?? 0];
    if (right === undefined) {
      path.pop();
      continue;
    }
    spend(1);
    next[left] = (next[left] ?? 0) + 1;
    const holder = ofRight[right] ?? -1;
    if (holder !== -1) {
      if (layer[holder] === (layer[left] ?? 0) + 1) path.push(holder);
      continue;
    }
    for (const each of path) {
      const taken = edges[each]?.[(next[each] ?? 1) - 1] ?? -1;
      ofLeft[each] = taken;
      ofRight[taken] = each;
    }
    return;
  }
}
