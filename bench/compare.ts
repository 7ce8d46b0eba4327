/**
 * The compare kernel: from two bodies' bytes to "equal", against `JSON.parse` of both bodies alone, in one run and in
 * alternating rounds; deep-diff, and normalize then deep-diff, as contenders.
 *
 * A comparer is given bytes, so all of them begin with bytes: the baseline is `JSON.parse(buffer.toString())` of both.
 * The kernel checks more than that on the way (UTF-8 strictly, depth, numbers that a double cannot hold). What the
 * parse alone takes, of text that is decoded already, is a row of its own.
 */
import deepDiff from 'deep-diff';
import { compare, compareText, compileComparator } from '../src/rules/compile.ts';
import { PARSE_LIMITS, parseJson } from '../src/rules/parse.ts';
import type { CompareContext, IdPairs } from '../src/rules/rule.ts';
import { textMeaningOf } from '../src/rules/text-meaning.ts';
import { unreadJson } from '../src/rules/unread.ts';
import { type BenchPair, paymentPage, payments } from './compare-data.ts';
import { atMost, type Budget, type Row, rowOf } from './row.ts';

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
  /** Ours against the parse, without contenders. */
  readonly alone?: boolean;
}

/** The part `compare` of the bench. */
export function benchCompare(options: CompareBenchOptions = {}): Row[] {
  return SIZES.flatMap((size) => benchSize(size, options));
}

/** Times in microseconds; contenders have no budget. */
function benchSize(size: Size, { rounds = 15, roundMs = 25, alone = false }: CompareBenchOptions): Row[] {
  const pair = paymentPage(size.rows, size.names);
  const texts = [pair.primary.toString('utf8'), pair.twin.toString('utf8')] as const;
  const judged = { parse: () => [read(pair.primary), read(pair.twin)], ours: kernel(pair) };
  const others = {
    'JSON.parse of both without their toString (for information)': () => [JSON.parse(texts[0]), JSON.parse(texts[1])],
    'ours with what the answer says (for information)': kernel(pair, true),
    'ours with the values of both (for information)': byValue(pair),
    'deep-diff on parsed bodies (contender)': () => deepDiff(read(pair.primary), read(pair.twin)),
    'normalize, then deep-diff (contender)': () =>
      deepDiff(normalize(read(pair.primary), pair.ids), normalize(read(pair.twin), pair.ids)),
  };
  const times = measure(alone ? judged : { ...judged, ...others }, rounds, roundMs);
  const parse = times.get('parse') ?? [];
  const row = (name: string, contender: string, budget: Budget | null): Row =>
    rowOf(`compare ${size.name}: ${name}`, times.get(contender) ?? [], parse, { budget });
  return [
    row('decode, parse and compare / toString and JSON.parse of both', 'ours', atMost(size.budget)),
    ...(alone ? [] : Object.keys(others).map((name) => row(name, name, null))),
  ];
}

const read = (body: Buffer): unknown => JSON.parse(body.toString('utf8'));

/** What the verifier does with two decoded bodies of equal meaning: they are compared as they stand. `says`: and tells
 * what is hashed as the answer.
 */
function kernel(pair: BenchPair, says = false): () => void {
  const compiled = compileComparator(payments);
  const meaning = textMeaningOf(payments.body);
  const context: CompareContext = { params: {}, query: new Map(), representation: 'twin', ids: pair.ids };
  return () => {
    const primary = unreadJson(pair.primary, PARSE_LIMITS);
    const twin = unreadJson(pair.twin, PARSE_LIMITS);
    if (primary === null || twin === null) throw new Error('the bench made a body that cannot be read');
    const told = compareText(compiled, primary, twin, context);
    if (told?.outcome !== 'equal') throw new Error(`the bench made a pair whose text is not equal: ${told?.outcome}`);
    if (says && meaning?.(primary, context.query) == null) throw new Error('the bench made a page that says nothing');
  };
}

/** What the verifier does where the text does not tell, beside the look at it. */
function byValue(pair: BenchPair): () => void {
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

/** Rounds before those that count, and the least that each of them takes: on a busy machine the optimizing compiler is late. */
const WARM_UP = 8;
const WARM_UP_MS = 60;

/**
 * Microseconds of CPU of each contender, round by round; every round takes all in turn, so that a slow moment hits all
 * alike. Of the processor and not of the clock, which on a busy machine says how long others had it.
 */
function measure(
  contenders: Readonly<Record<string, () => unknown>>,
  rounds: number,
  roundMs: number,
): ReadonlyMap<string, number[]> {
  const samples = new Map<string, number[]>();
  for (let n = -WARM_UP; n < rounds; n++) {
    for (const [name, run] of Object.entries(contenders)) {
      const began = process.threadCpuUsage();
      const until = performance.now() + (n < 0 && rounds > 1 ? Math.max(roundMs, WARM_UP_MS) : roundMs);
      let times = 0;
      do {
        run();
        times++;
      } while (performance.now() < until);
      const { user, system } = process.threadCpuUsage(began);
      const taken = (user + system) / times;
      if (n >= 0) samples.set(name, [...(samples.get(name) ?? []), taken]);
    }
  }
  return samples;
}
