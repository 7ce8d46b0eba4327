/**
 * The sums that an API declares, in both stores: the exact sums of `numeric` in Postgres against the exact sums over the
 * documents. It only reads, so it can run at any time.
 */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../../api/mapping.ts';
import { valueAt } from '../../api/rows/convert.ts';
import { type DeclaredSum, declaredSums } from '../../api/sums.ts';
import { ShadowError } from '../../errors.ts';
import { readDrainLag } from '../lag.ts';
import { type ComparedSum, compareEntries } from './entries.ts';
import { columnsOf, type Group, groupKey, groupOfDocument, groupOfRow, groupWords, joins } from './groups.ts';
import { unitsOf } from './units.ts';

export interface ReconcileOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** How long an entry may be on its way to Postgres, ms, in addition to the drain's lag. */
  readonly settleMs?: number;
  /** Documents of the collection that were read so far. */
  readonly onProgress?: (collection: string, documents: number) => void;
}

/** A sum that differs. */
export interface DriftingSum extends ComparedSum {
  readonly collection: string;
  /** Path of the amount. */
  readonly amount: string;
  /** The values that the sum is of, by path: `{ account: '65f0…', currency: 'EUR' }`. */
  readonly of: Readonly<Record<string, string>>;
}

/** What was compared for one declaration. */
export interface ReconciledSums {
  readonly collection: string;
  readonly amount: string;
  readonly by: readonly string[];
  /** Combinations of values. */
  readonly sums: number;
  readonly documents: number;
}

export interface ReconcileReport {
  /** In the order of the mappings. */
  readonly declared: readonly ReconciledSums[];
  readonly drift: readonly DriftingSum[];
  readonly seconds: number;
}

interface Sum {
  readonly group: Group;
  /** In units of 10^-18; null where Postgres holds what is no number. */
  total: bigint | null;
  count: number;
}

const SETTLE_MS = 5_000;
/** Between two looks at a sum that differs, ms: doubled each time, from the first to the longest. */
const PAUSE_MS = { first: 100, longest: 1_000 };

/** @throws ShadowError SHADOW_CONFIG where no mapping declares a sum. */
export function requireSums({ mappings }: { readonly mappings: readonly ModelMapping[] }): readonly DeclaredSum[] {
  const declared = declaredSums(mappings);
  if (declared.length > 0) return declared;
  throw new ShadowError('SHADOW_CONFIG', 'the API declares no sums, so there is nothing to reconcile', {
    expected: 'sums in a mapping, which name an amount and the fields that it is grouped by',
    actual: `none in the mappings of ${mappings.map(({ collection }) => collection).join(', ')}`,
    example: 'mappings: [{ collection: books, …, sums: [{ amount: price, by: [author] }] }]',
  });
}

/** Rejects where a store cannot be asked, and with SHADOW_CONFIG where no mapping declares a sum. */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const began = performance.now();
  const declared: ReconciledSums[] = [];
  const drift: DriftingSum[] = [];
  for (const sum of requireSums(options)) declared.push(await reconcileSum(options, sum, drift));
  return { declared, drift, seconds: (performance.now() - began) / 1_000 };
}

/** Adds the sums that differ to `drift`. */
async function reconcileSum(
  options: ReconcileOptions,
  sum: DeclaredSum,
  drift: DriftingSum[],
): Promise<ReconciledSums> {
  const documents = await sumDocuments(options, sum);
  const rows = await sumRows(options.sql, sum);
  const all = new Map([...rows, ...documents.sums]);
  const lagMs = (await readDrainLag(options.sql)) ?? 0;
  const until = performance.now() + (options.settleMs ?? SETTLE_MS) + lagMs * 1.5;
  const { collection } = sum.mapping;
  const amount = sum.amount.path;
  for (const [key, { group }] of all) {
    const [mine, its] = [documents.sums.get(key), rows.get(key)];
    if (mine?.total === its?.total && mine?.count === its?.count) continue;
    const found = await examine(options, sum, group, until);
    if (found !== null) drift.push({ collection, amount, of: groupWords(sum, group), ...found });
  }
  return {
    collection,
    amount,
    by: sum.by.map(({ path }) => path),
    sums: all.size,
    documents: documents.count,
  };
}

async function sumDocuments(
  { mongo, onProgress }: ReconcileOptions,
  sum: DeclaredSum,
): Promise<{ readonly sums: ReadonlyMap<string, Sum>; readonly count: number }> {
  const sums = new Map<string, Sum>();
  let count = 0;
  const { collection } = sum.mapping;
  const paths = [sum.amount, ...sum.by].map(({ path }) => path);
  const projection = Object.fromEntries(paths.map((path) => [path, 1]));
  for await (const doc of mongo.collection(collection).find({}, { projection }).batchSize(1_000)) {
    const group = groupOfDocument(sum, doc);
    const key = groupKey(group);
    const held = sums.get(key) ?? { group, total: 0n, count: 0 };
    sums.set(key, held);
    // What is no number adds nothing; the count reveals it when the sum is examined.
    held.total = (held.total ?? 0n) + (unitsOf(valueAt(doc, sum.amount.path)) ?? 0n);
    held.count += 1;
    count += 1;
    if (count % 10_000 === 0) onProgress?.(collection, count);
  }
  return { sums, count };
}

async function sumRows(sql: Sql, sum: DeclaredSum): Promise<ReadonlyMap<string, Sum>> {
  const rows = await sql<{ of: (string | null)[]; total: string | null; count: number }[]>`
    select array[${columnsOf(sql, sum)}] as of, sum(e.${sql(sum.amount.column)}::numeric)::text as total, count(*)::float8 as count
    from ${sql(sum.mapping.table)} e ${joins(sql, sum)} group by 1`;
  return new Map(
    rows.map(({ of, total, count }): [string, Sum] => {
      const group = groupOfRow(sum, of);
      // Of nothing but NULL the sum is NULL; a document without an amount adds nothing either.
      return [groupKey(group), { group, total: total === null ? 0n : unitsOf(total), count }];
    }),
  );
}

/** Compares entry by entry until they agree or what differs can no longer be on its way; null where they agree. */
async function examine(
  options: ReconcileOptions,
  sum: DeclaredSum,
  group: Group,
  until: number,
): Promise<ComparedSum | null> {
  for (let pause = PAUSE_MS.first; ; pause = Math.min(PAUSE_MS.longest, pause * 2)) {
    const found = await compareEntries(options, sum, group);
    if (found.entries.length === 0) return null;
    if (performance.now() >= until) return found;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
