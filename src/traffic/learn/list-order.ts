/** In which order the items of one list stand: never moved, sorted by keys whose ties are free, or in no order. */
import { sortKeysIn } from '../../rules/engine/sort-param.ts';
import type { Alignment } from './align.ts';
import type { FlatItem } from './flatten.ts';

/** Names under which requests usually say how to sort. */
export const SORT_PARAMS: readonly string[] = [
  'sort',
  'sortBy',
  'sort_by',
  'order',
  'orderBy',
  'order_by',
  'ordering',
  '$orderby',
];

interface Candidate {
  ascending: boolean;
  descending: boolean;
  /** Places where one run of equal keys ends and the next begins: the more, the fewer ties. */
  steps: number;
  /** Every item that moved stayed among items of its own key. */
  holds: boolean;
}

const CANDIDATES = 60;

export class ListOrder {
  /** Pairs of lists with two items or more. */
  lists = 0;
  /** Of them, those whose items stood in another order. */
  moved = 0;
  lengths = 0;
  readonly #byParam = new Map<string, { lists: number; broken: number; readonly keys: Map<string, number> }>();
  #candidates: Map<string, Candidate> | null = null;

  see(alignment: Alignment, query: ReadonlyMap<string, string>): void {
    const { primary } = alignment.flat;
    if (primary.length < 2) return;
    this.lists += 1;
    if (!alignment.inOrder) this.moved += 1;
    const param = SORT_PARAMS.find((name) => writtenSort(query, name) !== null);
    if (param === undefined) this.#seeDefault(alignment);
    else this.#seeSorted(alignment, param, query);
  }

  #seeSorted(alignment: Alignment, param: string, query: ReadonlyMap<string, string>): void {
    const paths = sortKeysIn(query, param);
    const visible = paths.every((path) => alignment.flat.primary.some((item) => item.texts.has(path)));
    const held = this.#byParam.get(param) ?? { lists: 0, broken: 0, keys: new Map<string, number>() };
    held.lists += 1;
    if (!alignment.inOrder && !(visible && paths.length > 0 && staysWithin(alignment, paths))) held.broken += 1;
    const [path] = paths;
    if (visible && path !== undefined && held.keys.size < CANDIDATES) {
      const first = `${DESCENDING.test(writtenSort(query, param) ?? '') ? '-' : ''}${path}`;
      held.keys.set(first, (held.keys.get(first) ?? 0) + 1);
    }
    this.#byParam.set(param, held);
  }

  #seeDefault(alignment: Alignment): void {
    const { primary } = alignment.flat;
    this.#candidates ??= new Map(
      [...new Set(primary.flatMap((item) => [...item.texts.keys()]))]
        .filter((path) => path !== '' && path.split('.').length <= 3)
        .slice(0, CANDIDATES)
        .map((path) => [path, { ascending: true, descending: true, steps: 0, holds: true }]),
    );
    for (const [path, candidate] of this.#candidates) {
      for (let i = 1; i < primary.length; i++) {
        const way = compareTexts(primary[i - 1]?.texts.get(path), primary[i]?.texts.get(path));
        if (way > 0) candidate.ascending = false;
        if (way < 0) candidate.descending = false;
        if (way !== 0) candidate.steps += 1;
      }
      if (!alignment.inOrder && !staysWithin(alignment, [path])) candidate.holds = false;
    }
  }

  /** The sort parameter whose keys every list that was asked for with it obeyed. */
  get sortParam(): string | null {
    for (const [param, { broken }] of this.#byParam) if (broken === 0) return param;
    return null;
  }

  /** Every list that a parameter sorted is explained by it. */
  get paramsHold(): boolean {
    return [...this.#byParam.values()].every(({ broken }) => broken === 0);
  }

  /** The key of unsorted requests, `-` before it for descending; null where none explains what was seen. */
  get defaultKey(): string | null {
    if (this.#candidates === null) return this.#mostFrequentKey();
    let best: { readonly key: string; readonly steps: number } | null = null;
    for (const [path, { ascending, descending, steps, holds }] of this.#candidates) {
      if (!holds || steps === 0 || ascending === descending) continue;
      if (best === null || steps > best.steps) best = { key: descending ? `-${path}` : path, steps };
    }
    return best?.key ?? null;
  }

  #mostFrequentKey(): string | null {
    const keys = [...this.#byParam.values()].flatMap((held) => [...held.keys]);
    return keys.sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  }

  merge(other: ListOrder): void {
    this.lists += other.lists;
    this.moved += other.moved;
    this.lengths += other.lengths;
    for (const [param, held] of other.#byParam) {
      const mine = this.#byParam.get(param);
      if (mine === undefined) this.#byParam.set(param, { ...held, keys: new Map(held.keys) });
      else {
        mine.lists += held.lists;
        mine.broken += held.broken;
        for (const [key, n] of held.keys) mine.keys.set(key, (mine.keys.get(key) ?? 0) + n);
      }
    }
    if (other.#candidates === null) return;
    if (this.#candidates === null) {
      this.#candidates = new Map([...other.#candidates].map(([path, candidate]) => [path, { ...candidate }]));
      return;
    }
    for (const [path, mine] of this.#candidates) {
      const its = other.#candidates.get(path);
      if (its === undefined) continue;
      mine.ascending &&= its.ascending;
      mine.descending &&= its.descending;
      mine.holds &&= its.holds;
      mine.steps += its.steps;
    }
  }
}

/** What the parameter says, also in parts (`sort[price]=-1`); null where it is not given. */
function writtenSort(query: ReadonlyMap<string, string>, param: string): string | null {
  const [, part = null] = [...query].find(([name]) => name.startsWith(`${param}[`)) ?? [];
  return query.get(param) ?? part;
}

/** Of the first key. */
const DESCENDING = /^\s*[-!]|^[^,;]*(?:\bdesc|[:"\s]-1)/i;

/** Does every item that moved share its place's key? */
function staysWithin(alignment: Alignment, paths: readonly string[]): boolean {
  const { primary } = alignment.flat;
  const keyOf = (item: FlatItem | undefined): string =>
    JSON.stringify(paths.map((path) => item?.texts.get(path) ?? null));
  return alignment.pairs.every(({ primary: i, twin: j }) => i === j || keyOf(primary[i]) === keyOf(primary[j]));
}

const NUMERIC = /^@?(-?\d+(?:\.\d+)?)$/;

/** Absent first, numbers and instants by value, texts by code unit. */
function compareTexts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const [x, y] = [NUMERIC.exec(a)?.[1], NUMERIC.exec(b)?.[1]];
  if (x !== undefined && y !== undefined) return Number(x) - Number(y);
  return a < b ? -1 : 1;
}
