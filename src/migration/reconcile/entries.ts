/** The entries of one sum, document by document: which of them make the two stores differ. */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import { keyColumn, ownColumn } from '../../api/mapping.ts';
import { valueAt } from '../../api/rows/convert.ts';
import { idText } from '../../api/rows/document-id.ts';
import { ofDocuments } from '../../api/rows/row-name.ts';
import type { DeclaredSum } from '../../api/sums.ts';
import { documentsOf, type Group, groupKey, groupOfDocument, joins, rowsOf } from './groups.ts';
import { unitsOf, unitsText } from './units.ts';

export interface DriftingEntry {
  readonly mongoId: string;
  readonly kind: 'missing' | 'extra' | 'amount' | 'moved' | 'unreadable';
  /** Decimal text, null where the store has no such entry. */
  readonly mongo: string | null;
  readonly postgres: string | null;
  /** Why it is known: a reject of the backfill or an open gap. Money that is missing for a known reason is missing. */
  readonly reason: string | null;
}

/** What one sum is in each store, decimal text, and the entries that differ. */
export interface ComparedSum {
  readonly mongo: string;
  readonly postgres: string;
  readonly entries: readonly DriftingEntry[];
}

interface Entry {
  /** In units of 10^-18; null for what no row can hold. */
  readonly amount: bigint | null;
  readonly text: string;
}

/** What is no number is no amount, even where both stores hold it; what neither holds adds nothing. */
const isSame = (mine: Entry, its: Entry): boolean =>
  mine.amount === its.amount && (mine.amount !== null || (mine.text === ABSENT && its.text === ABSENT));

const ABSENT = 'null';

/** Rejects where a store cannot be asked. */
export async function compareEntries(
  { mongo, sql }: { readonly mongo: Db; readonly sql: Sql },
  sum: DeclaredSum,
  group: Group,
): Promise<ComparedSum> {
  const docs = await entriesOfDocuments(mongo, sum, group);
  const rows = await entriesOfRows(sql, sum, group);
  const differing = [...new Set([...docs.keys(), ...rows.keys()])].filter((id) => {
    const [mine, its] = [docs.get(id), rows.get(id)];
    return mine === undefined || its === undefined || !isSame(mine, its);
  });
  const reasons = await reasonsOf(sql, sum, differing);
  const there = await withRows(sql, sum, differing);
  const entries = differing.sort().map((mongoId): DriftingEntry => {
    const [mine, its] = [docs.get(mongoId), rows.get(mongoId)];
    return {
      mongoId,
      kind: kindOf(mine, its, there.has(mongoId)),
      mongo: mine?.text ?? null,
      postgres: its === undefined ? null : its.amount === null ? its.text : unitsText(its.amount),
      reason: reasons.get(mongoId) ?? null,
    };
  });
  return { mongo: unitsText(totalOf(docs)), postgres: unitsText(totalOf(rows)), entries };
}

async function entriesOfDocuments(mongo: Db, sum: DeclaredSum, group: Group): Promise<ReadonlyMap<string, Entry>> {
  const { mapping, amount } = sum;
  const key = groupKey(group);
  const entries = new Map<string, Entry>();
  for await (const doc of mongo.collection(mapping.collection).find(documentsOf(sum, group))) {
    // An array that holds the value is found as well, and belongs to another sum.
    if (groupKey(groupOfDocument(sum, doc)) !== key) continue;
    const held = valueAt(doc, amount.path) ?? ABSENT;
    entries.set(idText(doc, mapping), { amount: unitsOf(held), text: String(held) });
  }
  return entries;
}

async function entriesOfRows(sql: Sql, sum: DeclaredSum, group: Group): Promise<ReadonlyMap<string, Entry>> {
  const { mapping, amount } = sum;
  const condition = rowsOf(sql, sum, group);
  if (condition === null) return new Map();
  const key = sql`e.${sql(keyColumn(mapping))}::text`;
  // A row that keeps no document's id is called by its own.
  const name = mapping.identity === 'column' ? sql`coalesce(${key}, e.${sql(ownColumn(mapping))}::text)` : key;
  const rows = await sql<{ id: string; amount: string | null }[]>`
    select ${name} as id, e.${sql(amount.column)}::numeric::text as amount
    from ${sql(mapping.table)} e ${joins(sql, sum)} where ${condition}`;
  return new Map(rows.map(({ id, amount }) => [id, { amount: unitsOf(amount), text: amount ?? ABSENT }]));
}

/** Those of the ids that have a row, in whatever sum. */
async function withRows(sql: Sql, { mapping }: DeclaredSum, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await sql<{ id: string }[]>`
    select ${sql(keyColumn(mapping))}::text as id from ${sql(mapping.table)} where ${ofDocuments(sql, mapping, ids)}`;
  return new Set(rows.map(({ id }) => id));
}

/** `moved`: the row is there, in another sum. */
function kindOf(mine: Entry | undefined, its: Entry | undefined, there: boolean): DriftingEntry['kind'] {
  if (mine === undefined) return 'extra';
  if (mine.amount === null && mine.text !== ABSENT) return 'unreadable';
  if (its !== undefined) return 'amount';
  return there ? 'moved' : 'missing';
}

async function reasonsOf(
  sql: Sql,
  { mapping: { collection } }: DeclaredSum,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; reason: string }[]>`
    select mongo_id as id, 'rejected: ' || path || ': ' || reason as reason from backfill_rejects
    where collection = ${collection} and mongo_id = any(${[...ids]})
    union all
    select mongo_id, 'known gap: ' || error from pg_dualwrite_gaps
    where collection = ${collection} and mongo_id = any(${[...ids]}) and repaired_at is null`;
  return new Map(rows.map(({ id, reason }) => [id, reason]));
}

const totalOf = (entries: ReadonlyMap<string, Entry>): bigint =>
  [...entries.values()].reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
