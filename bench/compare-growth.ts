/**
 * How comparing grows: dear pairs of answers at a size and at twice that size, in steps (which never depend on the
 * machine; `test/rules/growth.test.ts` holds them) and in time of the processor.
 */
import { type CompiledRule, compare, compileRule, stepsOf } from '../src/rules/compile.ts';
import * as kit from '../src/rules/kit.ts';
import type { CompareContext } from '../src/rules/rule.ts';
import type { JsonValue } from '../src/types.ts';
import { seeded } from './compare-data.ts';

export interface DearPair {
  readonly name: string;
  /** Of the smaller of the two. */
  readonly size: number;
  readonly rule: CompiledRule;
  make(size: number): readonly [primary: JsonValue, twin: JsonValue];
}

const row = kit.object({
  _id: kit.text(),
  name: kit.text(),
  price: kit.money({ currency: 'USD' }),
  tags: kit.set(kit.text()),
  at: kit.instant(),
});
const rows = (size: number): { readonly [key: string]: JsonValue }[] =>
  Array.from({ length: size }, (_, i) => ({
    _id: String(i),
    name: `name ${i}`,
    price: i * 1.5,
    tags: ['a', 'b', String(i)],
    at: new Date(i * 1e6).toISOString(),
  }));
const numbers = (size: number, from: number): number[] => Array.from({ length: size }, (_, i) => from + i);
const keyed = (size: number, from: number): JsonValue =>
  Object.fromEntries(numbers(size, from).map((n, i) => [`k${i}`, n]));

/** The same order on every run. */
function shuffled<T>(items: readonly T[]): T[] {
  const random = seeded(7);
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [one, other] = [mixed[i], mixed[j]];
    if (one !== undefined && other !== undefined) [mixed[i], mixed[j]] = [other, one];
  }
  return mixed;
}

const twoRatios = kit.object({ a: kit.ratio(), b: kit.ratio() });

export const DEAR_PAIRS: readonly DearPair[] = [
  {
    name: 'shuffled rows of a set',
    size: 10_000,
    rule: compileRule(kit.set(row, '_id')),
    make: (size) => [rows(size), shuffled(rows(size))],
  },
  {
    name: 'shuffled rows of a list',
    size: 10_000,
    rule: compileRule(kit.list(row, '_id')),
    make: (size) => [rows(size), shuffled(rows(size))],
  },
  {
    name: 'shuffled rows of a list without identity',
    size: 10_000,
    rule: compileRule(kit.list(row)),
    make: (size) => [rows(size), shuffled(rows(size))],
  },
  {
    name: 'rows that all differ',
    size: 10_000,
    rule: compileRule(kit.list(row)),
    make: (size) => [rows(size), rows(size).map((each) => ({ ...each, name: 'other' }))],
  },
  {
    name: 'keys that all differ, strictly',
    size: 150_000,
    rule: compileRule(kit.strict()),
    make: (size) => [keyed(size, 0), keyed(size, 1)],
  },
  {
    name: 'keys that all differ, of a record',
    size: 150_000,
    rule: compileRule(kit.record(kit.number())),
    make: (size) => [keyed(size, 0), keyed(size, 1)],
  },
  {
    name: 'an array that differs everywhere, strictly',
    size: 100_000,
    rule: compileRule(kit.strict()),
    make: (size) => [numbers(size, 0), numbers(size, size)],
  },
  {
    name: 'an array that has lost its first element',
    size: 100_000,
    rule: compileRule(kit.jsonb()),
    make: (size) => [numbers(size, 0), numbers(size, 0).slice(1)],
  },
  {
    name: 'a set of ratios',
    size: 10_000,
    rule: compileRule(kit.set(kit.ratio())),
    make: (size) => [numbers(size, 1), shuffled(numbers(size, 1)).map((n) => n * (1 + 1e-10))],
  },
  {
    name: 'a set of ratios that all lie close',
    size: 10_000,
    rule: compileRule(kit.set(kit.ratio())),
    make: (size) => [numbers(size, 1).map((n) => 1 + n * 1e-14), shuffled(numbers(size, 1)).map((n) => 1 + n * 1e-14)],
  },
  {
    name: 'a set of ratios, one of which is wrong',
    size: 10_000,
    rule: compileRule(kit.set(kit.ratio())),
    make: (size) => [numbers(size, 1), shuffled([...numbers(size, 1).slice(1), size * 2])],
  },
  {
    name: 'a set of pairs of ratios',
    size: 5_000,
    rule: compileRule(kit.set(twoRatios)),
    make: (size) => {
      const pairs = numbers(size, 1).map((n) => ({ a: n, b: 2 * n }));
      return [pairs, shuffled(pairs)];
    },
  },
];

const CONTEXT: CompareContext = Object.freeze({
  params: {},
  query: new Map<string, string>(),
  representation: 'primary',
  ids: { uuidOf: () => null, objectIdOf: () => null },
  steps: Number.MAX_SAFE_INTEGER,
});

/** Steps of both passes together. */
export function stepsAt({ rule, make }: DearPair, size: number): number {
  const { comparing, describing } = stepsOf(rule, ...make(size), CONTEXT);
  return comparing + describing;
}

export interface GrowthRow {
  readonly name: string;
  /** Milliseconds of the processor at twice the size, and at the size. */
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  readonly budget: string;
  readonly holds: boolean;
  readonly remark: string;
}

/** Twice the size: n log n is 2.1 to 2.2 times the steps. */
export const GROWTH = 2.4;

export function benchCompareGrowth(): GrowthRow[] {
  return DEAR_PAIRS.map((pair) => {
    const { name, size } = pair;
    const [half, whole] = [msOf(pair, size), msOf(pair, 2 * size)];
    const steps = stepsAt(pair, 2 * size) / stepsAt(pair, size);
    return {
      name: `compare ${(2 * size).toLocaleString('en')} / ${size.toLocaleString('en')}: ${name}, ms`,
      ours: Number(whole.toFixed(1)),
      other: Number(half.toFixed(1)),
      ratio: Number((whole / half).toFixed(2)),
      budget: `steps <= ${GROWTH} x`,
      holds: steps <= GROWTH,
      remark: `steps ${steps.toFixed(2)} x`,
    };
  });
}

/** The least of five runs. */
function msOf({ rule, make }: DearPair, size: number): number {
  const [primary, twin] = make(size);
  const times = Array.from({ length: 5 }, () => {
    const began = process.cpuUsage();
    compare(rule, primary, twin, CONTEXT);
    return process.cpuUsage(began).user / 1_000;
  });
  return Math.min(...times);
}
