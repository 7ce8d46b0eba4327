/**
 * Describing two lists that differ: lined up first, so that one lost row is one `missing`, and a moved row one `order`,
 * instead of a difference in every row after it.
 */
import { append } from '../../base/append.ts';
import type { Side } from '../../types.ts';
import { isArray, isObject, type JsonArray, own } from '../exact-number.ts';
import { strictNode } from './describe-strict.ts';
import { longestRising } from './longest-rising.ts';
import { type Match, mostPairs } from './matching.ts';
import { tolerancesOf } from './multiset.ts';
import { addLeaf, type Json, NO_MEASURE, type Node, type Parent } from './node.ts';
import { DifferenceList, into, type Step } from './path.ts';
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
  out: DifferenceList,
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
  const matched = matchByName(mine, its, primary, twin, rule, run, parent);
  if (!rule.ordering.free) addMoves(primary, twin, matched, rule.ordering.key, run, at, out);
  const pairs = [...matched, ...matchLeftovers(primary, twin, matched, rule, run, parent)];
  run.meter.spend(primary.length + twin.length);
  const [seen, taken] = [new Set<number>(), new Set<number>()];
  for (const [i, j] of pairs) {
    seen.add(i);
    taken.add(j);
    if (!out.isFull) rule.of.describe(primary[i], twin[j], run, parent, into(at, i, 'position'), out);
    else if (!rule.of.equal(primary[i], twin[j], run, parent)) out.count++;
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

/** What identifies a row: its identity field by the field's rule, or else its whole meaning; and its whole meaning. */
interface Name {
  readonly name: string;
  readonly meaning: string;
}

function namesOf(side: Side, rows: JsonArray, rule: ListRule, run: Run, parent: Parent): Name[] {
  return rows.map((row) => {
    // All of the row is visited in any case, so that all ids are asked for at once.
    const meaning = rule.of.meaning(side, row, run, parent);
    run.meter.spend(1 + (meaning.length >> 4));
    const { identity } = rule;
    if (identity === null || !isObject(row) || !Object.hasOwn(row, identity)) return { name: meaning, meaning };
    const name = rule.of.fields?.get(identity) ?? strictNode;
    return { name: `#${name.meaning(side, own(row, identity), run, row)}`, meaning };
  });
}

/** Rows of the same name: first as many equal ones as possible, then the rest in their order. */
function matchByName(
  mine: readonly Name[],
  its: readonly Name[],
  primary: JsonArray,
  twin: JsonArray,
  rule: ListRule,
  run: Run,
  parent: Parent,
): Match[] {
  const groups = new Map<string, { readonly mine: number[]; readonly its: number[] }>();
  mine.forEach(({ name }, i) => {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { mine: [i], its: [] });
    else group.mine.push(i);
  });
  for (const [j, { name }] of its.entries()) groups.get(name)?.its.push(j);
  const matches: Match[] = [];
  for (const group of groups.values()) {
    if (group.mine.length === 1 && group.its.length === 1) matches.push([group.mine[0] ?? -1, group.its[0] ?? -1]);
    else if (group.its.length > 0) append(matches, matchGroup(group.mine, group.its));
  }
  return matches.sort((a, b) => a[0] - b[0]);

  function matchGroup(own: readonly number[], others: readonly number[]): Match[] {
    const equal = (i: number, j: number): boolean => rule.of.equal(primary[i], twin[j], run, parent);
    const tolerances = tolerancesOf(primary, twin, rule.of, run, parent);
    const waiting = Map.groupBy(others, (j) => its[j]?.meaning ?? '');
    const found: Match[] = [];
    for (const [meaning, alike] of Map.groupBy(own, (i) => mine[i]?.meaning ?? '')) {
      const candidates = waiting.get(meaning) ?? [];
      if (rule.of.exact)
        append(
          found,
          alike.slice(0, candidates.length).map((i, n): Match => [i, candidates[n] ?? -1]),
        );
      else if (candidates.length > 0) {
        append(found, mostPairs({ mine: alike, its: candidates, equal, ...tolerances }));
      }
    }
    const [seen, taken] = [new Set(found.map(([i]) => i)), new Set(found.map(([, j]) => j))];
    const left = others.filter((j) => !taken.has(j));
    const rest = own.filter((i) => !seen.has(i)).slice(0, left.length);
    return [...found, ...rest.map((i, n): Match => [i, left[n] ?? -1])];
  }
}

/**
 * Rows whose name only one side has. If only the name is wrong, that is one difference at the name, not one lost and
 * one added row. Rows without an identity field are paired by the fewest differences.
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
      run.meter.spend(1);
      const trial = new DifferenceList();
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
  out: DifferenceList,
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
