/**
 * Describing two lists that differ: lined up first, so that one lost row is one `missing`, and a moved row one `order`,
 * instead of a difference in every row after it.
 */
import type { Side } from '../../types.ts';
import { isArray, isObject, type JsonArray, own } from '../exact-number.ts';
import { strictNode } from './describe-strict.ts';
import { addLeaf, type Json, NO_MEASURE, type Node, type Parent } from './node.ts';
import { Findings, into, type Step } from './path.ts';
import type { Run } from './run.ts';
import type { KeyText } from './sort-keys.ts';

export interface ListRule {
  readonly of: Node;
  readonly identity: string | null;
  /** Free: order means nothing. Else sorted by `key`, or where that is null in total order. */
  readonly ordering: { readonly free: boolean; readonly key: KeyText | null };
}

/** Rows left over on both sides are tried against each other up to this many. */
const TRIED = 40;

export function describeList(
  primary: Json,
  twin: Json,
  rule: ListRule,
  run: Run,
  parent: Parent,
  at: Step | null,
  out: Findings,
): void {
  if (!isArray(primary) || !isArray(twin)) {
    if (primary !== twin) addLeaf(at, 'list', primary, twin, out);
    return;
  }
  const before = run.pendings;
  const mine = namesOf('primary', primary, rule, run, parent);
  const its = namesOf('twin', twin, rule, run, parent);
  // The ids that tell the rows apart are not known yet: the answer is `needs_ids` whatever is found here.
  if (run.pendings > before) return;
  const matched = matchByName(mine, its, (i, j) => rule.of.equal(primary[i], twin[j], run, parent));
  if (!rule.ordering.free) addMoves(primary, twin, matched, rule.ordering.key, run, at, out);
  const pairs = [...matched, ...matchLeftovers(primary, twin, matched, rule, run, parent)];
  const [seen, taken] = [new Set<number>(), new Set<number>()];
  for (const [i, j] of pairs) {
    seen.add(i);
    taken.add(j);
    rule.of.describe(primary[i], twin[j], run, parent, into(at, i, 'position'), out);
  }
  primary.forEach((row, i) => {
    if (!seen.has(i)) out.add(into(at, i, 'position'), 'missing', rowRule(rule), row, undefined, NO_MEASURE);
  });
  twin.forEach((row, j) => {
    if (!taken.has(j)) out.add(into(at, j, 'position'), 'extra', rowRule(rule), undefined, row, NO_MEASURE);
  });
}

/** A lost row of entities is a reference lost. */
function rowRule(rule: ListRule): string {
  const name = rule.identity === null ? null : rule.of.fields?.get(rule.identity);
  return name?.label === 'ref' || rule.of.label === 'ref' ? 'ref' : 'list';
}

/** What tells each row apart: its identity field by that field's rule, else all that it means. */
function namesOf(side: Side, rows: JsonArray, rule: ListRule, run: Run, parent: Parent): string[] {
  return rows.map((row) => {
    // All of the row is visited in any case, so that all ids are asked for at once.
    const meaning = rule.of.meaning(side, row, run, parent);
    const { identity } = rule;
    if (identity === null || !isObject(row) || !Object.hasOwn(row, identity)) return meaning;
    const name = rule.of.fields?.get(identity) ?? strictNode;
    return `#${name.meaning(side, own(row, identity), run, row)}`;
  });
}

type Match = readonly [primary: number, twin: number];

/** Rows of one name, in their order; among several the equal one first. */
function matchByName(
  mine: readonly string[],
  its: readonly string[],
  equal: (i: number, j: number) => boolean,
): Match[] {
  const waiting = new Map<string, number[]>();
  its.forEach((name, j) => {
    const queue = waiting.get(name);
    if (queue === undefined) waiting.set(name, [j]);
    else queue.push(j);
  });
  const matches: Match[] = [];
  mine.forEach((name, i) => {
    const queue = waiting.get(name);
    if (queue === undefined || queue.length === 0) return;
    const fit = queue.length === 1 ? 0 : queue.slice(0, TRIED).findIndex((j) => equal(i, j));
    const [j] = queue.splice(Math.max(fit, 0), 1);
    if (j !== undefined) matches.push([i, j]);
  });
  return matches;
}

/**
 * Rows without a namesake: a row whose name alone is wrong is one difference at its name and not a lost and a found
 * row; rows that have no identity field are paired by the fewest differences.
 */
function matchLeftovers(
  primary: JsonArray,
  twin: JsonArray,
  matched: readonly Match[],
  rule: ListRule,
  run: Run,
  parent: Parent,
): Match[] {
  const seen = new Set(matched.map(([i]) => i));
  const taken = new Set(matched.map(([, j]) => j));
  const mine = [...primary.keys()].filter((i) => !seen.has(i)).slice(0, TRIED);
  const its = [...twin.keys()].filter((j) => !taken.has(j)).slice(0, TRIED);
  const costs: { readonly i: number; readonly j: number; readonly cost: number }[] = [];
  for (const [a, i] of mine.entries()) {
    for (const [b, j] of its.entries()) {
      const trial = new Findings();
      rule.of.describe(primary[i], twin[j], run, parent, null, trial);
      if (rule.identity === null || trial.count <= 1)
        costs.push({ i, j, cost: trial.count + Math.abs(a - b) / (TRIED * 2) });
    }
  }
  const pairs: Match[] = [];
  const used = { mine: new Set<number>(), its: new Set<number>() };
  for (const { i, j } of costs.sort((a, b) => a.cost - b.cost)) {
    if (used.mine.has(i) || used.its.has(j)) continue;
    used.mine.add(i);
    used.its.add(j);
    pairs.push([i, j]);
  }
  return pairs;
}

/** One `order` for each matched row that must move for the twin's rows to stand in the primary's order. */
function addMoves(
  primary: JsonArray,
  twin: JsonArray,
  matched: readonly Match[],
  key: KeyText | null,
  run: Run,
  at: Step | null,
  out: Findings,
): void {
  const places = runNumbers(primary, key, run);
  const inTwinOrder = [...matched].sort((a, b) => a[1] - b[1]);
  const staying = longestRising(inTwinOrder.map(([i]) => places[i] ?? i));
  inTwinOrder.forEach(([i, j], n) => {
    if (staying.has(n)) return;
    out.add(into(at, i, 'position'), 'order', 'list', primary[i], twin[j], { of: 'moved', from: i, to: j });
  });
}

/** The number of each row's run of equal sort keys; in total order every row is its own. */
function runNumbers(primary: JsonArray, key: KeyText | null, run: Run): number[] {
  if (key === null) return [...primary.keys()];
  let number = 0;
  let last: string | null = null;
  return primary.map((row) => {
    const text = key('primary', row, run);
    if (last !== null && text !== last) number++;
    last = text;
    return number;
  });
}

/** Positions of a longest non-decreasing subsequence (patience sorting). */
function longestRising(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before: number[] = [];
  values.forEach((value, n) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    before[n] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = n;
  });
  const chosen = new Set<number>();
  for (let n = tails.at(-1) ?? -1; n >= 0; n = before[n] ?? -1) chosen.add(n);
  return chosen;
}
