/** The whole proof: variations that must not be reported, mutants that must not be missed. */

import type { Random } from '../../src/amanat/demo/random.ts';
import type { IdPairs } from '../../src/rules/rule.ts';
import { type Cell, Coverage, MINIMUM_PAIRS } from './coverage.ts';
import { judge } from './judge.ts';
import { type KnownIds, mutants } from './mutants.ts';
import type { Pair, Raw } from './pair.ts';
import type { StoredResult } from './stored.ts';
import { OBJECT_ID, UUID } from './tree.ts';
import { type Operator, VARIATIONS } from './variations.ts';

export interface Tried {
  readonly tried: number;
  /** Variations reported, or mutants missed. */
  readonly wrong: number;
}

export interface Survivor {
  readonly kind: 'variation reported' | 'mutant missed';
  readonly operator: string;
  readonly route: string;
  readonly target: string;
  readonly representation: string;
  /** The smallest stretch of the twin's body that was changed, before and after. */
  readonly before: string;
  readonly after: string;
  readonly said: string;
}

export interface Proof {
  readonly pairs: number;
  readonly variations: { tried: number; reported: number };
  readonly mutants: { tried: number; missed: number; unseen: number };
  readonly byDomain: Record<
    string,
    { variations: { tried: number; reported: number }; mutants: { tried: number; missed: number } }
  >;
  readonly byOperator: Record<
    string,
    { kind: 'variation' | 'mutant'; tried: number; wrong: number; endpoints: number }
  >;
  readonly survivors: Survivor[];
  /** Every endpoint with every operator: the changed pairs that were tried, or why they are fewer than the minimum. */
  readonly coverage: readonly Cell[];
}

const SURVIVORS_KEPT = 50;

export function prove(
  pairs: readonly Pair[],
  ids: IdPairs,
  random: Random,
  perPair: number,
  onDone: () => void,
): Proof {
  const known = knownIds(pairs);
  const proof: Proof = {
    pairs: pairs.length,
    variations: { tried: 0, reported: 0 },
    mutants: { tried: 0, missed: 0, unseen: 0 },
    byDomain: {},
    byOperator: {},
    survivors: [],
    coverage: [],
  };
  const endpoints = new Map<string, Set<string>>();
  const coverage = new Coverage();
  const run = (pair: Pair, operator: Operator, kind: 'variation' | 'mutant', most: number): void => {
    for (const changed of operator.apply(pair, random, most)) {
      // A number past 2^53 plus one is the same number: nothing was changed.
      if (kind === 'mutant' && isSame(changed, pair.twin)) continue;
      if (!coverage.admits(pair, operator.name, changed)) continue;
      const found = judge(pair, changed, ids);
      const wrong = kind === 'variation' ? found.length > 0 : found.length === 0;
      count(proof, pair.route.domain, kind, wrong);
      const line = lineOf(proof, operator.name, kind);
      line.tried += 1;
      const seen = endpoints.get(operator.name) ?? new Set();
      endpoints.set(operator.name, seen.add(pair.route.key));
      line.endpoints = seen.size;
      if (!wrong) continue;
      line.wrong += 1;
      if (proof.survivors.length < SURVIVORS_KEPT)
        proof.survivors.push(survivor(pair, changed, operator.name, kind, found));
    }
  };
  const all = mutants(known);
  for (const pair of pairs) {
    // The unchanged pair must agree, else nothing that follows says anything.
    const unchanged = judge(pair, pair.twin, ids);
    count(proof, pair.route.domain, 'variation', unchanged.length > 0);
    if (unchanged.length > 0)
      proof.survivors.push(survivor(pair, pair.twin, 'nothing changed', 'variation', unchanged));
    for (const operator of VARIATIONS) run(pair, operator, 'variation', perPair);
    for (const operator of all) run(pair, operator, 'mutant', perPair);
    onDone();
  }
  const cells: Cell[] = [];
  for (const [endpoint, own] of Map.groupBy(pairs, (pair) => pair.route.key)) {
    for (const [kind, operators] of [['variation', VARIATIONS] as const, ['mutant', all] as const]) {
      for (const operator of operators) {
        for (let again = 0; again < AGAIN && coverage.isThin(endpoint, operator.name); again++)
          for (const pair of own) {
            if (coverage.isThin(endpoint, operator.name)) run(pair, operator, kind, MINIMUM_PAIRS);
          }
        cells.push(coverage.cell(endpoint, operator.name, own.length, operator.excused(endpoint)));
      }
    }
  }
  return { ...proof, coverage: cells };
}

/** Rounds over an endpoint's pairs to bring a thin operator to the minimum: the draws are random, so one may miss. */
const AGAIN = 3;

const isSame = (one: Raw, other: Raw): boolean =>
  one.status === other.status && one.text === other.text && one.headers.join('|') === other.headers.join('|');

/** Adds what was changed in the stores. */
export function addStored(proof: Proof, results: readonly StoredResult[]): void {
  for (const { operator, domain, outcome, detail } of results) {
    if (outcome === 'unseen') {
      proof.mutants.unseen += 1;
      continue;
    }
    count(proof, domain, 'mutant', outcome === 'missed');
    const line = lineOf(proof, operator, 'mutant');
    line.tried += 1;
    if (outcome === 'missed') {
      line.wrong += 1;
      proof.survivors.push({
        kind: 'mutant missed',
        operator,
        route: '',
        target: detail,
        representation: '',
        before: '',
        after: '',
        said: '',
      });
    }
  }
}

function lineOf(proof: Proof, operator: string, kind: 'variation' | 'mutant'): Proof['byOperator'][string] {
  const line = proof.byOperator[operator] ?? { kind, tried: 0, wrong: 0, endpoints: 0 };
  proof.byOperator[operator] = line;
  return line;
}

function count(proof: Proof, domain: string, kind: 'variation' | 'mutant', wrong: boolean): void {
  const mine = proof.byDomain[domain] ?? { variations: { tried: 0, reported: 0 }, mutants: { tried: 0, missed: 0 } };
  proof.byDomain[domain] = mine;
  if (kind === 'variation') {
    for (const sum of [proof.variations, mine.variations]) {
      sum.tried += 1;
      if (wrong) sum.reported += 1;
    }
  } else {
    for (const sum of [proof.mutants, mine.mutants]) {
      sum.tried += 1;
      if (wrong) sum.missed += 1;
    }
  }
}

function knownIds(pairs: readonly Pair[]): KnownIds {
  const collect = (representation: string, form: RegExp): string[] => {
    const found = new Set<string>();
    for (const pair of pairs) {
      if (pair.representation !== representation) continue;
      for (const [, text = ''] of pair.twin.text.matchAll(/"([0-9a-f-]{24,36})"/g))
        if (form.test(text)) found.add(text);
      if (found.size > 500) break;
    }
    return [...found];
  };
  return { twin: collect('twin', UUID), primary: collect('primary', OBJECT_ID) };
}

function survivor(
  pair: Pair,
  changed: Raw,
  operator: string,
  kind: 'variation' | 'mutant',
  said: readonly { path: string; kind: string; rule: string }[],
): Survivor {
  const [before, after] = smallest(
    `${pair.twin.status} ${pair.twin.headers.join('|')} ${pair.twin.text}`,
    `${changed.status} ${changed.headers.join('|')} ${changed.text}`,
  );
  return {
    kind: kind === 'variation' ? 'variation reported' : 'mutant missed',
    operator,
    route: pair.route.key,
    target: pair.target,
    representation: pair.representation,
    before,
    after,
    said: said
      .slice(0, 3)
      .map(({ path, kind: what, rule }) => `${path} ${what} by ${rule}`)
      .join('; '),
  };
}

/** What is left of two texts without their common beginning and end, with a little around it. */
function smallest(one: string, other: string): [string, string] {
  let head = 0;
  while (head < one.length && one[head] === other[head]) head++;
  let tail = 0;
  while (
    tail < one.length - head &&
    tail < other.length - head &&
    one[one.length - 1 - tail] === other[other.length - 1 - tail]
  )
    tail++;
  const around = (text: string): string => text.slice(Math.max(0, head - 40), text.length - tail + 20).slice(0, 240);
  return [around(one), around(other)];
}
