/** Several queries as one statement, so that they take one round trip together. */
import type postgres from 'postgres';
import type { Sql } from './rows.ts';

type RowsOf<Query> = Query extends PromiseLike<readonly (infer Row)[]> ? readonly Row[] : never;
type RowsOfEach<Queries> = { readonly [Name in keyof Queries]: RowsOf<Queries[Name]> };

/**
 * The rows of each query, in its order. They come as JSON: counts and instants must be float8, a bigint must be text. The
 * queries must not have been awaited.
 */
export async function together<Queries extends Readonly<Record<string, postgres.Fragment>>>(
  sql: Sql,
  queries: Queries,
): Promise<RowsOfEach<Queries>> {
  const list = Object.entries(queries)
    .map(([name, query]) => sql`(select coalesce(json_agg(q), '[]') from (${query}) q) as ${sql(name)}`)
    .reduce((all, part) => sql`${all}, ${part}`);
  const [row] = await sql<[RowsOfEach<Queries>]>`select ${list}`;
  return row;
}
