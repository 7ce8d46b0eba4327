/** Writes converted documents as rows, and finds the one that Postgres refuses. */
import type { TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping, ownColumn } from '../api/mapping.ts';
import type { Converted } from '../api/rows/convert.ts';
import { type Queryable, quoted } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import type { ApplyOptions, Refusal } from './apply.ts';

/**
 * What is a row's fault: a value that its type or a constraint refuses (22, 23, 44), one that is too long for an index (54),
 * and what a trigger of the table raises (P0). Anything else is not about this row.
 */
const OF_THE_ROW = /^(?:22|23|44|54|P0)/;

/** Writes all at once; if Postgres refuses, halves the batch until it has found the refused row. */
export async function writeOrHalve(
  tx: TransactionSql,
  mapping: ModelMapping,
  items: readonly { id: string; converted: Converted }[],
  options: ApplyOptions,
  refused: Refusal[],
): Promise<number> {
  const [first] = items;
  if (first === undefined) return 0;
  try {
    return await tx.savepoint(async (inner) => {
      await checkAtOnce(inner);
      return writeRows(
        inner,
        mapping,
        items.map(({ converted }) => converted),
        options,
      );
    });
  } catch (error) {
    const code = sqlState(error);
    if (code === null || !OF_THE_ROW.test(code)) throw error;
    if (items.length === 1) {
      refused.push({
        id: first.id,
        rejects: [{ path: constraintOf(error), reason: messageOf(error) }],
        waits: code === '23503',
        mayPass: code === '23503' || code === '23505',
      });
      return 0;
    }
    const half = items.length >> 1;
    return (
      (await writeOrHalve(tx, mapping, items.slice(0, half), options, refused)) +
      (await writeOrHalve(tx, mapping, items.slice(half), options, refused))
    );
  }
}

/** A constraint that is checked at the end of the transaction would take all of it back, and name no row. */
export async function checkAtOnce(tx: TransactionSql): Promise<void> {
  await tx`set constraints all immediate`;
}

async function writeRows(
  tx: Queryable,
  mapping: ModelMapping,
  converted: readonly Converted[],
  { overwrite }: ApplyOptions,
): Promise<number> {
  // The conflict is the document's: the row's own id may be Postgres's to give.
  const unique = mapping.identity === 'column' ? keyColumn(mapping) : 'id';
  const columns = [
    unique,
    ...(mapping.identity === 'objectId' ? ['mongo_id'] : []),
    'mongo_rev',
    ...mapping.fields.map((field) => field.column),
  ];
  const rows = converted.map(({ row }) => row);
  const written = await insert(tx, mapping.table, columns, rows, {
    own: ownColumn(mapping),
    unique,
    conflict: mapping.appendOnly
      ? 'do nothing'
      : `do update set ${columns.filter((name) => name !== unique).map((name) => `${quoted(name)} = excluded.${quoted(name)}`)}
         where held.mongo_rev ${overwrite === 'older' ? '<' : '<='} excluded.mongo_rev`,
  });
  for (const child of mapping.children) {
    // An embedded array is replaced as a whole, as it is in the document.
    if (written.size > 0) {
      await tx`delete from ${tx(child.table)} where ${tx(child.parentColumn)} = any(${[...written]}::uuid[])`;
    }
    const childColumns = ['id', 'mongo_id', 'mongo_rev', child.parentColumn, child.positionColumn];
    const childRows = converted
      .filter(({ row }) => written.has(String(row.id)))
      .flatMap(({ children }) => children.find((candidate) => candidate.mapping === child)?.rows ?? []);
    await insert(tx, child.table, [...childColumns, ...child.fields.map((field) => field.column)], childRows, {
      own: 'id',
      unique: 'id',
      conflict: null,
    });
  }
  return written.size;
}

/** One statement however many rows: Postgres reads them out of one JSON text by the types of the table. */

export async function insert(
  tx: Queryable,
  table: string,
  columns: readonly string[],
  rows: readonly Record<string, unknown>[],
  { own, unique, conflict }: { readonly own: string; readonly unique: string; readonly conflict: string | null },
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const names = columns.map(quoted).join(', ');
  const onConflict = conflict === null ? '' : `on conflict (${quoted(unique)}) ${conflict}`;
  const written = await tx.unsafe<{ id: string }[]>(
    `insert into ${quoted(table)} as held (${names})
     select ${names} from json_populate_recordset(null::${quoted(table)}, $1::text::json)
     ${onConflict} returning held.${quoted(own)}::text as id`,
    [JSON.stringify(rows)],
    { prepare: true },
  );
  return new Set(written.map(({ id }) => id));
}

export function sqlState(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

function constraintOf(error: unknown): string {
  for (const key of ['column_name', 'constraint_name'] as const) {
    const value = typeof error === 'object' && error !== null ? Object.getOwnPropertyDescriptor(error, key)?.value : '';
    if (typeof value === 'string' && value !== '') return value;
  }
  return '#row';
}
