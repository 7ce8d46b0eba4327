/** Rows of embedded arrays: they are in separate tables, by parent and position. */

import type { Queryable } from '../../base/postgres.ts';
import type { ModelMapping } from '../mapping.ts';
import type { StoredRow } from './document-row.ts';

/** The child rows of one row by their table's name, in order of position; empty lists for no row. */
export type ChildRowsOf = (row: StoredRow | null) => Readonly<Record<string, readonly StoredRow[]>>;

/** Reads the child rows of many rows at once. */
export async function readChildRows(
  sql: Queryable,
  mapping: ModelMapping,
  rows: readonly StoredRow[],
): Promise<ChildRowsOf> {
  const tables = new Map(mapping.children.map((child) => [child.table, new Map<string, StoredRow[]>()]));
  const parents = rows.map((row) => String(row.id));
  for (const child of parents.length === 0 ? [] : mapping.children) {
    const parts = await sql<StoredRow[]>`
      select * from ${sql(child.table)} where ${sql(child.parentColumn)} = any(${parents}::uuid[])
      order by ${sql(child.parentColumn)}, ${sql(child.positionColumn)}`;
    const byParent = tables.get(child.table);
    for (const part of parts) {
      const parent = String(part[child.parentColumn]);
      const list = byParent?.get(parent);
      if (list === undefined) byParent?.set(parent, [part]);
      else list.push(part);
    }
  }
  return (row) =>
    Object.fromEntries([...tables].map(([table, byParent]) => [table, byParent.get(String(row?.id)) ?? []]));
}
