/** Brings tables of ours to the present version: numbered scripts, each applied once, by the first process that starts. */
import type { ISql, Sql } from 'postgres';
import { ShadowError } from '../errors.ts';

export interface SchemaVersions {
  /** What the tables are, for messages: `the journal`. */
  readonly what: string;
  /** Code of the error where the database was made by a later version. */
  readonly code: 'SHADOW_JOURNAL' | 'SHADOW_POSTGRES';
  /** Postgres schema that holds the tables and the table of versions. */
  readonly schema: string;
  /** Table of the applied versions, in that schema. */
  readonly table: string;
  /** Every version's SQL, in order; a version that was released is never edited. */
  readonly versions: readonly string[];
  /**
   * Oldest version of the program that may start on the present tables: it writes what they hold, and understands what it
   * reads. So a replica may start in the middle of a rolling update, and after its rollback.
   */
  readonly startsFrom: number;
  /** Key of the advisory lock that keeps two starting processes from migrating at once. */
  readonly lock: number;
}

/**
 * Safe to call from any number of processes at once; does nothing where the version is the present one.
 * @throws ShadowError where a later version of the program made the tables and does not name this one among `startsFrom`:
 * it would write what the tables do not hold any more.
 */
export async function bringUpToDate(sql: Sql, schema: SchemaVersions): Promise<void> {
  const { what, code, versions, table, lock, startsFrom } = schema;
  if ((await versionOf(sql, schema)) === versions.length) return;
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${lock})`;
    await tx`create schema if not exists ${tx(schema.schema)}`;
    await tx`set local search_path to ${tx(schema.schema)}`;
    await tx`create table if not exists ${tx(table)} (
      version int primary key, at timestamptz not null default clock_timestamp())`;
    await tx`alter table ${tx(table)} add column if not exists starts_from int`;
    const current = await versionOf(tx, schema);
    if (current > versions.length) {
      const [made] = await tx<
        { starts_from: number | null }[]
      >`select starts_from from ${tx(table)} where version = ${current}`;
      if (made?.starts_from != null && made.starts_from <= versions.length) return;
      throw new ShadowError(code, `${what} was made by a later version of shadowread`, {
        expected: `version ${versions.length} or before`,
        actual: `version ${current}`,
        exit: 2,
      });
    }
    for (let version = current; version < versions.length; version += 1) {
      await tx.unsafe(versions[version] ?? '');
      await tx`insert into ${tx(table)} (version, starts_from) values (${version + 1}, ${startsFrom})`;
    }
  });
}

/** The version in this database; 0 where there is none. */
export async function versionOf(sql: ISql, { schema, table }: SchemaVersions): Promise<number> {
  const name = `${schema}.${table}`;
  const [there] = await sql<{ there: boolean }[]>`select to_regclass(${name}) is not null as there`;
  if (there?.there !== true) return 0;
  const [row] = await sql<
    { version: number }[]
  >`select coalesce(max(version), 0)::int as version from ${sql(schema)}.${sql(table)}`;
  return row?.version ?? 0;
}
