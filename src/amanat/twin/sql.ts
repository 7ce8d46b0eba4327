/** Fragments that the handlers of every domain share. */
import type { Fragment, Row, RowList, Sql } from 'postgres';
import type { ParsedQuery } from './handler.ts';
import { CursorLeaf, explicitNull, IdLeaf, type TwinValue } from './values.ts';

/** The pieces joined by `and`; `true` where there are none. */
export function allOf(sql: Sql, conditions: readonly (Fragment | undefined)[]): Fragment {
  let joined: Fragment | undefined;
  for (const condition of conditions) {
    if (condition === undefined) continue;
    joined = joined === undefined ? condition : sql`${joined} and ${condition}`;
  }
  return joined ?? sql`true`;
}

/** `column = value`, nothing where the parameter is absent, and never true where its id is unknown. */
export function equals(sql: Sql, column: string, value: string | null | undefined): Fragment | undefined {
  if (value === undefined) return undefined;
  return value === null ? sql`false` : sql`${sql(column)} = ${value}`;
}

/** `from` included, `to` not. */
export function between(sql: Sql, column: string, from: Date | undefined, to: Date | undefined): Fragment | undefined {
  if (from === undefined && to === undefined) return undefined;
  return allOf(sql, [
    from === undefined ? undefined : sql`${sql(column)} >= ${from}`,
    to === undefined ? undefined : sql`${sql(column)} < ${to}`,
  ]);
}

/** `order by` the asked field, then the kept ObjectId in the same direction; nulls first ascending, as MongoDB does. */
export function orderBy(
  sql: Sql,
  sort: ParsedQuery['sort'],
  columns: Readonly<Record<string, string>>,
  idColumn = 'mongo_id',
): Fragment {
  const column = columns[sort.field];
  if (column === undefined) throw new Error(`no column is declared for the sort field ${sort.field}`);
  return sort.descending
    ? sql`order by ${sql(column)} desc nulls last, ${sql(idColumn)} desc`
    : sql`order by ${sql(column)} asc nulls first, ${sql(idColumn)} asc`;
}

/** What comes after a position in the order (column, mongo_id); the key of the cursor is an instant. */
export function beyond(
  sql: Sql,
  cursor: { readonly key: string; readonly mongoId: string } | undefined,
  column: string,
  direction: 'asc' | 'desc',
  idColumn = 'mongo_id',
): Fragment | undefined {
  if (cursor === undefined) return undefined;
  const key = new Date(cursor.key);
  return direction === 'asc'
    ? sql`(${sql(column)}, ${sql(idColumn)}) > (${key}::timestamptz, ${cursor.mongoId})`
    : sql`(${sql(column)}, ${sql(idColumn)}) < (${key}::timestamptz, ${cursor.mongoId})`;
}

/** The answer of a page list. */
export function pageOf(data: readonly TwinValue[], total: number, query: ParsedQuery): TwinValue {
  const { page, limit } = query;
  return { data, pagination: { page, limit, total, pages: Math.ceil(total / limit) } };
}

/** The answer of a cursor list, from one row more than the limit. */
export function cursorPage<T extends Row>(
  rows: RowList<T[]> | readonly T[],
  limit: number,
  show: (row: T) => TwinValue,
  position: (row: T) => { readonly key: Date; readonly uuid: string; readonly mongoId: string },
): TwinValue {
  const onPage = rows.slice(0, limit);
  const last = onPage.at(-1);
  const more = rows.length > limit && last !== undefined;
  let nextCursor: TwinValue = explicitNull();
  if (more) {
    const { key, uuid, mongoId } = position(last);
    nextCursor = new CursorLeaf(key.toISOString(), new IdLeaf(uuid, mongoId));
  }
  return { data: onPage.map(show), nextCursor };
}
