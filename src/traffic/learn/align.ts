/**
 * Lines the items of two lists up without rules: by the paths whose values are the same multiset on both sides, then by
 * partners of ids that are known already, then by position. Where a row is lost, or others came in its place, by the paths
 * that tell each row of a side from the next, and what is left has no partner.
 */
import type { JsonValue } from '../../types.ts';
import { type FlatItem, flatten } from './flatten.ts';

/** The twin's text for the primary's id at this dotted path of an item, where it is known. */
export type PartnerAt = (path: string, primary: string) => string | undefined;

export interface Aligned {
  readonly primary: number;
  readonly twin: number;
  /** Chosen among several that look alike: says nothing of ids. */
  readonly guessed: boolean;
}

export interface Alignment {
  readonly pairs: readonly Aligned[];
  readonly flat: { readonly primary: readonly FlatItem[]; readonly twin: readonly FlatItem[] };
  /** Every matched item stands at the same place on both sides. */
  readonly inOrder: boolean;
}

export function alignLists(primary: readonly JsonValue[], twin: readonly JsonValue[], partnerAt: PartnerAt): Alignment {
  const flat = { primary: primary.map(flatten), twin: twin.map(flatten) };
  const paths = sharedPaths(flat.primary, flat.twin);
  const waiting = new Map<string, readonly number[]>(grouped(flat.twin, paths));
  const left: number[] = [];
  const pairs: Aligned[] = [];
  /** Rows that no other row of either side looks like. */
  let told = 0;
  for (const [key, mine] of grouped(flat.primary, paths)) {
    const its = waiting.get(key) ?? [];
    if (mine.length === 1 && its.length === 1) told += 1;
    const rest = matchGroup(mine, its, flat, partnerAt, pairs);
    left.push(...rest.mine);
    waiting.set(key, rest.its);
  }
  const voted = told < Math.min(primary.length, twin.length) ? byNames(flat.primary, flat.twin) : null;
  if (voted !== null) return { pairs: voted, flat, inOrder: isRising(voted) };
  // Rows that nothing tells apart but their place.
  const free = [...waiting.values()].flat().sort((a, b) => a - b);
  const lone = left.length === 1 && free.length === 1;
  left
    .sort((a, b) => a - b)
    .forEach((mine, n) => {
      const its = free[n];
      if (its !== undefined) pairs.push({ primary: mine, twin: its, guessed: !lone });
    });
  pairs.sort((a, b) => a.primary - b.primary);
  return { pairs, flat, inOrder: isRising(pairs) };
}

function isRising(pairs: readonly Aligned[]): boolean {
  return pairs.every(({ twin }, i) => i === 0 || twin > (pairs[i - 1]?.twin ?? -1));
}

/** Paths without ids whose values on the side with fewer items are all among those of the other. */
function sharedPaths(primary: readonly FlatItem[], twin: readonly FlatItem[]): readonly string[] {
  const [fewer, more] = primary.length <= twin.length ? [primary, twin] : [twin, primary];
  const ids = new Set([...primary, ...twin].flatMap((item) => [...item.ids]));
  return pathsOfBoth(primary, twin).filter((path) => {
    if (ids.has(path)) return false;
    const counts = new Map<string | undefined, number>();
    for (const item of more) counts.set(item.texts.get(path), (counts.get(item.texts.get(path)) ?? 0) + 1);
    return fewer.every((item) => {
      const text = item.texts.get(path);
      const n = counts.get(text) ?? 0;
      counts.set(text, n - 1);
      return n > 0;
    });
  });
}

/** Paths that items of both sides have: a field of one side alone tells nothing of who belongs to whom. */
function pathsOfBoth(primary: readonly FlatItem[], twin: readonly FlatItem[]): readonly string[] {
  const of = (items: readonly FlatItem[]) => new Set(items.flatMap((item) => [...item.texts.keys()]));
  const others = of(twin);
  return [...of(primary)].filter((path) => others.has(path));
}

/**
 * Pairs by the paths whose texts are another for each row, and mostly the same ones on both sides: titles, numbers of orders.
 * Null where there are none, or nothing is missing in them.
 */
function byNames(primary: readonly FlatItem[], twin: readonly FlatItem[]): readonly Aligned[] | null {
  const names = pathsOfBoth(primary, twin).flatMap((path) => {
    // Of plain values the differing one may be a number that is rounded.
    if (path === '') return [];
    const [mine, its] = [placesOf(primary, path), placesOf(twin, path)];
    if (mine === null || its === null) return [];
    const shared = [...mine.keys()].filter((text) => its.has(text)).length;
    const fewer = Math.min(primary.length, twin.length);
    return shared >= 2 && shared * 5 >= fewer * 3 ? [{ path, its, isWhole: shared === fewer }] : [];
  });
  if (names.length === 0 || names.some(({ isWhole }) => isWhole)) return null;
  const taken = new Set<number>();
  return primary.flatMap((item, i): Aligned[] => {
    const votes = new Map<number, number>();
    for (const { path, its } of names) {
      const j = its.get(item.texts.get(path) ?? '');
      if (j !== undefined) votes.set(j, (votes.get(j) ?? 0) + 1);
    }
    const [best] = [...votes].sort((a, b) => b[1] - a[1]);
    if (best === undefined || best[1] * 2 <= names.length || taken.has(best[0])) return [];
    taken.add(best[0]);
    return [{ primary: i, twin: best[0], guessed: false }];
  });
}

/** The item at which each text of this path stands; null where one has none, or two have the same. */
function placesOf(items: readonly FlatItem[], path: string): ReadonlyMap<string, number> | null {
  const places = new Map<string, number>();
  for (const [i, { texts }] of items.entries()) {
    const text = texts.get(path);
    if (text === undefined || places.has(text)) return null;
    places.set(text, i);
  }
  return places;
}

function grouped(items: readonly FlatItem[], paths: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  items.forEach((item, i) => {
    const key = JSON.stringify(paths.map((path) => item.texts.get(path) ?? null));
    const held = groups.get(key);
    if (held === undefined) groups.set(key, [i]);
    else held.push(i);
  });
  return groups;
}

/** Matches items that look alike; gives back those that found nobody. */
function matchGroup(
  mine: readonly number[],
  its: readonly number[],
  flat: Alignment['flat'],
  partnerAt: PartnerAt,
  pairs: Aligned[],
): { readonly mine: readonly number[]; readonly its: readonly number[] } {
  const [first] = mine;
  const [other] = its;
  if (mine.length === 1 && its.length === 1 && first !== undefined && other !== undefined) {
    pairs.push({ primary: first, twin: other, guessed: false });
    return { mine: [], its: [] };
  }
  const free = new Set(its);
  const unknown = mine.filter((i) => {
    const found = [...free].find((j) => arePartners(flat.primary[i], flat.twin[j], partnerAt));
    if (found === undefined) return true;
    free.delete(found);
    pairs.push({ primary: i, twin: found, guessed: false });
    return false;
  });
  const lone = unknown.length === 1 && free.size === 1;
  const rest = unknown.filter((i) => {
    // The same place first: a list that is in order stays so.
    const found = free.has(i) ? i : [...free][0];
    if (found === undefined) return true;
    free.delete(found);
    pairs.push({ primary: i, twin: found, guessed: !lone });
    return false;
  });
  return { mine: rest, its: [...free] };
}

function arePartners(mine: FlatItem | undefined, its: FlatItem | undefined, partnerAt: PartnerAt): boolean {
  if (mine === undefined || its === undefined) return false;
  let known = false;
  for (const path of mine.ids) {
    const partner = partnerAt(path, mine.texts.get(path) ?? '');
    if (partner === undefined) continue;
    if (its.texts.get(path) !== partner) return false;
    known = true;
  }
  return known;
}
