/**
 * The ledger's sums in both stores: the exact sums of `numeric` in Postgres against the exact sums over the
 * documents. It only reads, so it can run at any time.
 */
import { type Db, type Document, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';
import { areObjectIds, isObjectId } from '../api/rows/bson-type.ts';
import { decimalText } from '../api/rows/decimal-text.ts';
import { exactText } from '../api/rows/document-id.ts';
import { readDrainLag } from './lag.ts';

export interface ReconcileOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  /** How long an entry may be on its way to Postgres, ms, in addition to the drain's lag. */
  readonly settleMs?: number;
  readonly onProgress?: (entries: number) => void;
}

export interface DriftingEntry {
  readonly mongoId: string;
  readonly kind: 'missing' | 'extra' | 'amount' | 'moved' | 'unreadable';
  /** Decimal text, null where the store has no such entry. */
  readonly mongo: string | null;
  readonly postgres: string | null;
  /** Why it is known: a reject of the backfill or an open gap. Money that is missing for a known reason is missing. */
  readonly reason: string | null;
}

export interface DriftingSum {
  /** ObjectId of the user. */
  readonly account: string;
  readonly bucket: string;
  readonly currency: string;
  readonly mongo: string;
  readonly postgres: string;
  readonly entries: readonly DriftingEntry[];
}

export interface ReconcileReport {
  readonly accounts: number;
  /** Sums of one account, bucket and currency that were compared. */
  readonly sums: number;
  readonly entries: number;
  readonly drift: readonly DriftingSum[];
  readonly seconds: number;
}

/** What one sum is of, as the documents have it: of any type, or null where it is absent. */
interface Group {
  readonly account: unknown;
  readonly bucket: unknown;
  readonly currency: unknown;
}

interface Sum {
  readonly of: Group;
  /** Null where Postgres holds what is no number. */
  total: bigint | null;
  count: number;
}

interface Entry {
  readonly amount: bigint | null;
  readonly text: string;
}

const COLLECTION = 'fundsledgerentries';
const SCALE = 18n;
const SETTLE_MS = 5_000;

/** Rejects where a store cannot be asked. */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const began = performance.now();
  const { sums: documents, entries } = await sumDocuments(options);
  const rows = await sumRows(options.sql);
  const keys = new Set([...documents.keys(), ...rows.keys()]);
  const suspects = [...keys].filter((key) => {
    const [mine, its] = [documents.get(key), rows.get(key)];
    return mine?.total !== its?.total || mine?.count !== its?.count;
  });
  const lagMs = (await readDrainLag(options.sql)) ?? 0;
  const until = performance.now() + (options.settleMs ?? SETTLE_MS) + lagMs * 1.5;
  const drift: DriftingSum[] = [];
  for (const key of suspects) {
    const of = (documents.get(key) ?? rows.get(key))?.of;
    const found = of === undefined ? null : await examine(options, of, until);
    if (found !== null) drift.push(found);
  }
  return {
    accounts: new Set([...documents.values(), ...rows.values()].map(({ of }) => typed(of.account))).size,
    sums: keys.size,
    entries,
    drift,
    seconds: (performance.now() - began) / 1_000,
  };
}

/** Values of two types are two values: an account that is text is not the user whose ObjectId has these digits. */
const typed = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : exactText(value));

const keyOf = ({ account, bucket, currency }: Group): string =>
  JSON.stringify([typed(account), typed(bucket), typed(currency)]);

const shown = (value: unknown): string =>
  value === null ? '(none)' : typeof value === 'string' ? value : exactText(value);

async function sumDocuments({
  mongo,
  onProgress,
}: ReconcileOptions): Promise<{ readonly sums: ReadonlyMap<string, Sum>; readonly entries: number }> {
  const sums = new Map<string, Sum>();
  let entries = 0;
  const cursor = mongo
    .collection(COLLECTION)
    .find({}, { projection: { account: 1, bucket: 1, currency: 1, amount: 1 } })
    .batchSize(1_000);
  for await (const doc of cursor) {
    const of = { account: doc.account ?? null, bucket: doc.bucket ?? null, currency: doc.currency ?? null };
    const key = keyOf(of);
    const sum = sums.get(key) ?? { of, total: 0n, count: 0 };
    sums.set(key, sum);
    // What is no number adds nothing; the count reveals it when the sum is examined.
    sum.total = (sum.total ?? 0n) + (unitsOf(doc.amount) ?? 0n);
    sum.count += 1;
    entries += 1;
    if (entries % 10_000 === 0) onProgress?.(entries);
  }
  return { sums, entries };
}

async function sumRows(sql: Sql): Promise<ReadonlyMap<string, Sum>> {
  const rows = await sql<{ account: string; bucket: string; currency: string; total: string; count: number }[]>`
    select u.mongo_id as account, e.bucket, e.currency, sum(e.amount)::text as total, count(*)::int as count
    from funds_ledger_entries e join users u on u.id = e.account_id group by 1, 2, 3`;
  return new Map(
    rows.map(({ account, bucket, currency, total, count }): [string, Sum] => {
      const of = { account: new ObjectId(account), bucket, currency };
      return [keyOf(of), { of, total: unitsOf(total), count }];
    }),
  );
}

/** Compares entry by entry until they agree or what differs can no longer be on its way; null where they agree. */
async function examine(options: ReconcileOptions, of: Group, until: number): Promise<DriftingSum | null> {
  for (let pause = 100; ; pause = Math.min(1_000, pause * 2)) {
    const found = await compareEntries(options, of);
    if (found.entries.length === 0) return null;
    if (performance.now() >= until) {
      return { account: shown(of.account), bucket: shown(of.bucket), currency: shown(of.currency), ...found };
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function compareEntries(
  { mongo, sql }: ReconcileOptions,
  { account, bucket, currency }: Group,
): Promise<Pick<DriftingSum, 'mongo' | 'postgres' | 'entries'>> {
  const docs = new Map<string, Entry>();
  // Null finds what is absent too.
  const filter: Document = { account: { $eq: account }, bucket: { $eq: bucket }, currency: { $eq: currency } };
  for await (const doc of mongo.collection(COLLECTION).find(filter)) {
    docs.set(exactText(doc._id), { amount: unitsOf(doc.amount), text: String(doc.amount) });
  }
  const hasRows = isObjectId(account) && typeof bucket === 'string' && typeof currency === 'string';
  const found = !hasRows
    ? []
    : await sql<{ id: string; amount: string }[]>`
    select e.mongo_id as id, e.amount::text as amount from funds_ledger_entries e join users u on u.id = e.account_id
    where u.mongo_id = ${account.toString()} and e.bucket = ${bucket} and e.currency = ${currency}`;
  const rows = new Map(found.map(({ id, amount }) => [id, { amount: unitsOf(amount), text: amount }]));
  const differing = [...new Set([...docs.keys(), ...rows.keys()])].filter((id) => {
    const [mine, its] = [docs.get(id), rows.get(id)];
    return mine === undefined || its === undefined || mine.amount === null || mine.amount !== its.amount;
  });
  const reasons = await reasonsOf(sql, differing);
  const elsewhere = await sql<{ id: string }[]>`
    select mongo_id as id from funds_ledger_entries where mongo_id = any(${areObjectIds(differing)}::char(24)[])`;
  const there = new Set(elsewhere.map(({ id }) => id));
  const entries = differing.sort().map((mongoId): DriftingEntry => {
    const [mine, its] = [docs.get(mongoId), rows.get(mongoId)];
    return {
      mongoId,
      kind: kindOf(mine, its, there.has(mongoId)),
      mongo: mine?.text ?? null,
      postgres: its === undefined ? null : its.amount === null ? its.text : textOf(its.amount),
      reason: reasons.get(mongoId) ?? null,
    };
  });
  return { mongo: textOf(totalOf(docs)), postgres: textOf(totalOf(rows)), entries };
}

/** `moved`: the row is there, under another account, bucket or currency. */
function kindOf(mine: Entry | undefined, its: Entry | undefined, there: boolean): DriftingEntry['kind'] {
  if (mine === undefined) return 'extra';
  if (mine.amount === null) return 'unreadable';
  if (its !== undefined) return 'amount';
  return there ? 'moved' : 'missing';
}

async function reasonsOf(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; reason: string }[]>`
    select mongo_id as id, 'rejected: ' || path || ': ' || reason as reason from backfill_rejects
    where collection = ${COLLECTION} and mongo_id = any(${ids})
    union all
    select mongo_id, 'known gap: ' || error from pg_dualwrite_gaps
    where collection = ${COLLECTION} and mongo_id = any(${ids}) and repaired_at is null`;
  return new Map(rows.map(({ id, reason }) => [id, reason]));
}

const totalOf = (entries: ReadonlyMap<string, Entry>): bigint =>
  [...entries.values()].reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);

/** A number, Decimal128 or decimal text in units of 10^-18; null where it is no number that the ledger can hold. */
function unitsOf(value: unknown): bigint | null {
  const decimal = decimalText(String(value));
  // A sum may have more digits than one entry can.
  const text = decimal.ok ? decimal.text : typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : null;
  if (text === null) return null;
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.slice(0, Number(SCALE)).padEnd(Number(SCALE), '0'));
  return negative ? -units : units;
}

function textOf(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(Number(SCALE) + 1, '0');
  const fraction = digits.slice(-Number(SCALE)).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -Number(SCALE))}${fraction === '' ? '' : `.${fraction}`}`;
}
