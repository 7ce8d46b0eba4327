/** Pairs of ids that a query of the user's own gives: `SELECT old, new FROM …`, of any types, in any Postgres. */
import type { Sql } from 'postgres';
import { messageOf, ShadowError } from '../../errors.ts';

export interface IdQuery {
  /** Its first two columns are the primary's id and the twin's. */
  readonly query: string;
  /** Where it is asked; null: `MIGRATION_PG_URL`. */
  readonly url: string | null;
}

/** Ids in one statement at most. */
const AT_ONCE = 2_000;

export class QueryIds {
  readonly #queries: ReadonlyMap<string, IdQuery>;
  readonly #defaultUrl: string | null;
  readonly #pools = new Map<string, Promise<Sql>>();

  constructor(queries: ReadonlyMap<string, IdQuery>, defaultUrl: string | null) {
    this.#queries = queries;
    this.#defaultUrl = defaultUrl;
  }

  /** The primary's id of each of the twin's that has one. @throws ShadowError SHADOW_POSTGRES */
  async ownersOf(collection: string, twins: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const query = this.#queries.get(collection);
    const found = new Map<string, string>();
    if (query === undefined) return found;
    const sql = await this.#poolOf(query, collection);
    // The whole query as a table of its own: a semicolon at its end would end ours.
    const text = `select q.old::text as old, q.new::text as new from (${query.query.replace(/;\s*$/, '')}) as q (old, new) where q.new::text = any ($1::text[])`;
    try {
      for (let at = 0; at < twins.length; at += AT_ONCE) {
        const rows = await sql.unsafe<{ old: string; new: string }[]>(text, [twins.slice(at, at + AT_ONCE)]);
        for (const row of rows) found.set(row.new, row.old);
      }
    } catch (error) {
      throw new ShadowError('SHADOW_POSTGRES', `the query of ids.${collection} cannot be asked`, {
        expected: 'a query whose first two columns are the old id and the new',
        actual: messageOf(error),
        example: 'ids: { users: { by: query, query: "SELECT legacy_id, id FROM users" } }',
        cause: error,
      });
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(async (sql) => (await sql).end({ timeout: 1 })));
  }

  #poolOf({ url }: IdQuery, collection: string): Promise<Sql> {
    const address = url ?? this.#defaultUrl;
    if (address === null) {
      throw new ShadowError('SHADOW_POSTGRES', `no database is configured for the query of ids.${collection}`, {
        expected: `ids.${collection}.url, or MIGRATION_PG_URL`,
        actual: 'neither',
      });
    }
    const known = this.#pools.get(address);
    if (known !== undefined) return known;
    const sql = open(address);
    this.#pools.set(address, sql);
    return sql;
  }
}

/** The driver is loaded here: most workers have no such query. */
async function open(address: string): Promise<Sql> {
  const { openPostgresPool } = await import('../../base/postgres.ts');
  return openPostgresPool(address, {
    name: 'shadowread-ids',
    max: 2,
    statementMs: 5_000,
    readOnly: true,
    idleSeconds: 30,
  });
}
