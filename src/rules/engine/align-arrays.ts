/**
 * Lining up two arrays that no list rule describes, where order counts: by identity where all elements have one, else by
 * least change, so that one lost element is one `missing` and not a difference in every element after it.
 */
import { append } from '../../base/append.ts';
import { isArray, isObject, type JsonArray, own } from '../exact-number.ts';
import { longestRising } from './longest-rising.ts';
import type { Match } from './matching.ts';
import type { Json } from './node.ts';

export interface Alignment {
  /** Elements that stand for each other, in the primary's order. */
  readonly pairs: readonly Match[];
  /** Of these, the ones that stand at another place among the others. */
  readonly moved: readonly Match[];
}

export interface Aligning {
  /** One text per meaning. */
  meaning(value: Json): string;
  /** How many leaves of the two differ. */
  differing(primary: Json, twin: Json): number;
  /** @throws where it takes too many steps */
  spend(steps: number): void;
}

/** Fields that tell elements apart, the first that all of them have. */
const IDENTITIES = ['_id', 'id'];
/** Most elements of a side for which a stretch without a common element is aligned pair by pair. */
const TRIED = 40;

export function alignArrays(primary: JsonArray, twin: JsonArray, by: Aligning): Alignment {
  for (const field of IDENTITIES) {
    const found = byIdentity(primary, twin, field, by);
    if (found !== null) return found;
  }
  return { pairs: byLeastChange(primary, twin, by), moved: [] };
}

/** Null where some element has no identity of its own, or the two sides have none in common. */
function byIdentity(primary: JsonArray, twin: JsonArray, field: string, by: Aligning): Alignment | null {
  const mine = namesOf(primary, field, by);
  const its = mine === null ? null : namesOf(twin, field, by);
  if (mine === null || its === null) return null;
  const pairs: Match[] = [];
  for (const [name, i] of mine) {
    const j = its.get(name);
    if (j !== undefined) pairs.push([i, j]);
  }
  if (pairs.length === 0) return null;
  const staying = longestRising(pairs.map(([, j]) => j));
  return { pairs, moved: pairs.filter((_, n) => !staying.has(n)) };
}

function namesOf(elements: JsonArray, field: string, by: Aligning): Map<string, number> | null {
  by.spend(elements.length);
  const names = new Map<string, number>();
  for (const [i, element] of elements.entries()) {
    const id = isObject(element) ? own(element, field) : undefined;
    if (id === undefined || id === null || id === '') return null;
    names.set(by.meaning(id), i);
  }
  return names.size === elements.length ? names : null;
}

/** Common elements keep their order; between them elements are paired where that changes less than losing and adding. */
function byLeastChange(primary: JsonArray, twin: JsonArray, by: Aligning): Match[] {
  const meaning = (value: Json): string => {
    const text = by.meaning(value);
    by.spend(1 + (text.length >> 4));
    return text;
  };
  const mine = primary.map(meaning);
  const its = twin.map(meaning);
  const shortest = Math.min(mine.length, its.length);
  let head = 0;
  while (head < shortest && mine[head] === its[head]) head++;
  let tail = 0;
  while (tail < shortest - head && mine[mine.length - 1 - tail] === its[its.length - 1 - tail]) tail++;
  const [mineEnd, itsEnd] = [mine.length - tail, its.length - tail];
  const pairs: Match[] = Array.from({ length: head }, (_, n): Match => [n, n]);
  const middle = pairs.length;
  let [i, j] = [head, head];
  for (const [nextI, nextJ] of [...anchors(mine, its, head, mineEnd, itsEnd), [mineEnd, itsEnd] as const]) {
    append(pairs, stretch(primary, twin, [i, nextI], [j, nextJ], by));
    if (nextI < mineEnd) pairs.push([nextI, nextJ]);
    [i, j] = [nextI + 1, nextJ + 1];
  }
  if (mine.length === its.length && isNoLess(mine, its, pairs.slice(middle), head, mineEnd)) {
    return mine.map((_, n): Match => [n, n]);
  }
  for (let n = 0; n < tail; n++) pairs.push([mineEnd + n, itsEnd + n]);
  return pairs;
}

/** Do the pairs lose and change as many elements as comparing place by place changes? */
function isNoLess(
  mine: readonly string[],
  its: readonly string[],
  pairs: readonly Match[],
  from: number,
  to: number,
): boolean {
  const changed = pairs.filter(([i, j]) => mine[i] !== its[j]).length;
  const lostAndAdded = 2 * (to - from - pairs.length);
  let here = 0;
  for (let n = from; n < to; n++) if (mine[n] !== its[n]) here++;
  return changed + lostAndAdded >= here;
}

/** Equal elements in both orders: each taken for its next namesake, and of these a longest rising row. */
function anchors(
  mine: readonly string[],
  its: readonly string[],
  from: number,
  mineEnd: number,
  itsEnd: number,
): Match[] {
  const places = new Map<string, number[]>();
  for (let j = itsEnd - 1; j >= from; j--) {
    const name = its[j] ?? '';
    const known = places.get(name);
    if (known === undefined) places.set(name, [j]);
    else known.push(j);
  }
  const found: Match[] = [];
  for (let i = from; i < mineEnd; i++) {
    const j = places.get(mine[i] ?? '')?.pop();
    if (j !== undefined) found.push([i, j]);
  }
  const rising = longestRising(found.map(([, j]) => j));
  return found.filter((_, n) => rising.has(n));
}

type Range = readonly [from: number, to: number];

/** Pairs within a stretch that has no equal elements in order; what is not paired is lost or added. */
function stretch(primary: JsonArray, twin: JsonArray, mine: Range, its: Range, by: Aligning): Match[] {
  const [rows, columns] = [mine[1] - mine[0], its[1] - its[0]];
  if (rows === 0 || columns === 0) return [];
  // Of equal length, or too long to try: one by one from the front.
  if (rows === columns || rows > TRIED || columns > TRIED) {
    return Array.from({ length: Math.min(rows, columns) }, (_, n): Match => [mine[0] + n, its[0] + n]);
  }
  return cheapest(rows, columns, (a, b) => change(primary[mine[0] + a], twin[its[0] + b], by)).map(
    ([a, b]): Match => [mine[0] + a, its[0] + b],
  );
}

/**
 * Lines up two rows of things that are not JSON: `change(i, j)` is the share of them that differs, 0 where they are equal.
 * What stands in front and behind alike is paired; the rest by least change.
 */
export function alignByChange(mine: number, its: number, change: (i: number, j: number) => number): Match[] {
  const shortest = Math.min(mine, its);
  let head = 0;
  while (head < shortest && change(head, head) === 0) head++;
  let tail = 0;
  while (tail < shortest - head && change(mine - 1 - tail, its - 1 - tail) === 0) tail++;
  const [rows, columns] = [mine - tail - head, its - tail - head];
  const middle =
    rows === columns || rows > TRIED || columns > TRIED
      ? Array.from({ length: Math.min(rows, columns) }, (_, n): Match => [n, n])
      : cheapest(rows, columns, (a, b) => 1.9 * change(head + a, head + b));
  return [
    ...Array.from({ length: head }, (_, n): Match => [n, n]),
    ...middle.map(([a, b]): Match => [head + a, head + b]),
    ...Array.from({ length: tail }, (_, n): Match => [mine - tail + n, its - tail + n]),
  ];
}

/** Losing one and adding one is 2; two elements that have nothing in common are just below, so that they are paired. */
function change(primary: Json, twin: Json, by: Aligning): number {
  const leaves = Math.max(1, countLeaves(primary), countLeaves(twin));
  by.spend(leaves);
  return 1.9 * Math.min(1, by.differing(primary, twin) / leaves);
}

/** Wagner and Fischer's table: the pairs of a cheapest way from the one row of elements to the other. */
function cheapest(rows: number, columns: number, cost: (a: number, b: number) => number): Match[] {
  const width = columns + 1;
  const table = new Float64Array((rows + 1) * width);
  const costs = new Float64Array(rows * columns);
  for (let a = rows; a >= 0; a--) {
    for (let b = columns; b >= 0; b--) {
      if (a === rows || b === columns) {
        table[a * width + b] = rows - a + (columns - b);
        continue;
      }
      const paired = cost(a, b);
      costs[a * columns + b] = paired;
      table[a * width + b] = Math.min(
        paired + (table[(a + 1) * width + b + 1] ?? 0),
        1 + (table[(a + 1) * width + b] ?? 0),
        1 + (table[a * width + b + 1] ?? 0),
      );
    }
  }
  const pairs: Match[] = [];
  let [a, b] = [0, 0];
  while (a < rows && b < columns) {
    const here = table[a * width + b] ?? 0;
    if (here === (costs[a * columns + b] ?? 0) + (table[(a + 1) * width + b + 1] ?? 0)) pairs.push([a++, b++]);
    else if (here === 1 + (table[(a + 1) * width + b] ?? 0)) a++;
    else b++;
  }
  return pairs;
}

function countLeaves(value: Json): number {
  if (isArray(value)) return value.reduce((sum: number, item) => sum + countLeaves(item), 0);
  if (!isObject(value)) return 1;
  let sum = 0;
  for (const key in value) sum += countLeaves(value[key]);
  return sum;
}
