/**
 * The compare kernel: from two bodies' bytes to "equal", against `JSON.parse` of both bodies alone, in one run and in
 * alternating rounds; deep-diff, and normalize then deep-diff, as contenders. `node bench/compare.ts [--json]`.
 *
 * A comparer is given bytes, so all of them begin with bytes: the baseline is `JSON.parse(buffer.toString())` of both.
 * The kernel checks more than that on the way (UTF-8 strictly, depth, numbers that a double cannot hold). What the
 * parse alone takes, of text that is decoded already, is a row of its own.
 */
import { pathToFileURL } from 'node:url';
import deepDiff from 'deep-diff';
import { compare, compileComparator } from '../src/rules/compile.ts';
import { parseJson } from '../src/rules/parse.ts';
import type { CompareContext, IdPairs } from '../src/rules/rule.ts';
import { type BenchPair, paymentPage, payments } from './compare-data.ts';

/** Times in microseconds, medians over the rounds; contenders have no budget. */
export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  readonly budget: string | null;
  readonly holds: boolean | null;
}

interface Size {
  readonly name: string;
  readonly rows: number;
  readonly names: 'latin' | 'mixed';
  /** Most that our time may be, as a multiple of JSON.parse's. */
  readonly budget: number;
}

const SIZES: readonly Size[] = [
  { name: '2 KB', rows: 2, names: 'latin', budget: 1.25 },
  { name: '20 KB', rows: 18, names: 'latin', budget: 1.25 },
  { name: '80 KB', rows: 72, names: 'latin', budget: 1.25 },
  { name: '1.5 MB', rows: 1_350, names: 'latin', budget: 1.4 },
  { name: '20 KB, several scripts', rows: 17, names: 'mixed', budget: 1.25 },
  { name: '80 KB, several scripts', rows: 69, names: 'mixed', budget: 1.25 },
];

export interface CompareBenchOptions {
  /** Alternating rounds whose medians are taken. */
  readonly rounds?: number;
  /** Milliseconds of work a round and contender. */
  readonly roundMs?: number;
}

/** The part `compare` of the bench. */
export function benchCompare(options: CompareBenchOptions = {}): BenchRow[] {
  return SIZES.flatMap((size) => benchSize(size, options.rounds ?? 15, options.roundMs ?? 25));
}

function benchSize(size: Size, rounds: number, roundMs: number): BenchRow[] {
  const pair = paymentPage(size.rows, size.names);
  const texts = [pair.primary.toString('utf8'), pair.twin.toString('utf8')] as const;
  const contenders = {
    parse: () => [read(pair.primary), read(pair.twin)],
    ours: kernel(pair),
    decoded: () => [JSON.parse(texts[0]), JSON.parse(texts[1])],
    deepDiff: () => deepDiff(read(pair.primary), read(pair.twin)),
    normalized: () => deepDiff(normalize(read(pair.primary), pair.ids), normalize(read(pair.twin), pair.ids)),
  };
  const times = measure(contenders, rounds, roundMs);
  const row = (name: string, ours: number, budget: number | null): BenchRow => {
    const ratio = round(ours / times.parse, 3);
    return {
      name: `compare ${size.name}: ${name}`,
      ours: round(ours, 1),
      other: round(times.parse, 1),
      ratio,
      budget: budget === null ? null : `<= ${budget}`,
      holds: budget === null ? null : ratio <= budget,
    };
  };
  return [
    row('decode, parse and compare / toString and JSON.parse of both', times.ours, size.budget),
    row('JSON.parse of both without their toString (for information)', times.decoded, null),
    row('deep-diff on parsed bodies (contender)', times.deepDiff, null),
    row('normalize, then deep-diff (contender)', times.normalized, null),
  ];
}

const read = (body: Buffer): unknown => JSON.parse(body.toString('utf8'));

/** What the verifier does with two decoded bodies of equal meaning. */
function kernel(pair: BenchPair): () => void {
  const compiled = compileComparator(payments);
  const context: CompareContext = { params: {}, query: new Map(), representation: 'twin', ids: pair.ids };
  return () => {
    const primary = parseJson(pair.primary);
    const twin = parseJson(pair.twin);
    if (!primary.ok || !twin.ok) throw new Error('the bench made a body that cannot be read');
    const { outcome } = compare(compiled, primary.value, twin.value, context);
    if (outcome !== 'equal') throw new Error(`the bench made a pair that is not equal: ${outcome}`);
  };
}

/** What shadowing is often made of: both bodies brought to one form, then a generic diff. */
function normalize(value: unknown, ids: IdPairs): unknown {
  if (Array.isArray(value)) return value.map((item) => normalize(item, ids));
  if (typeof value === 'string') {
    if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
    if (!/^[0-9a-f]{8}-/.test(value)) return value;
    for (const collection of ['payments', 'users', 'selleroffers', 'purchaserequests']) {
      const mapped = ids.objectIdOf(collection, value);
      if (typeof mapped === 'string') return mapped;
    }
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, item]) => key !== '__v' && item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, normalize(item, ids)]));
}

/** Rounds before those that count: on a busy machine the optimizing compiler is late. */
const WARM_UP = 8;

/** Median microseconds of each contender; every round takes all of them in turn, so that a slow moment hits all alike. */
function measure<K extends string>(
  contenders: Record<K, () => unknown>,
  rounds: number,
  roundMs: number,
): Record<K, number> {
  const samples = new Map<string, number[]>();
  const entries: [string, () => unknown][] = Object.entries(contenders);
  for (let n = -WARM_UP; n < rounds; n++) {
    for (const [name, run] of entries) {
      const began = performance.now();
      let times = 0;
      do {
        run();
        times++;
      } while (performance.now() - began < roundMs);
      const taken = ((performance.now() - began) * 1_000) / times;
      if (n >= 0) samples.set(name, [...(samples.get(name) ?? []), taken]);
    }
  }
  const medians: Record<string, number> = {};
  for (const [name, taken] of samples) medians[name] = median(taken);
  return medians;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = benchCompare();
  if (process.argv.includes('--json')) console.log(JSON.stringify({ rows }));
  else console.table(rows);
  process.exitCode = rows.every((row) => row.holds !== false) ? 0 : 1;
}
