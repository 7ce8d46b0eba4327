/** Brings tables of ours to the present version: numbered scripts, each applied once, by the first process that starts. */
import type { ISql, Sql, TransactionSql } from 'postgres';
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import { codeOf } from './postgres.ts';

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
  /** The encoding that the database must have when the tables are made; any where not given. */
  readonly encoding?: 'UTF8';
  /** Key of the advisory lock that keeps two starting processes from migrating at once. */
  readonly lock: number;
}

/**
 * Safe to call from any number of processes at once; does nothing where the version is the present one.
 * @throws ShadowError where a later version of the program made the tables and does not name this one among `startsFrom`:
 * it would write what the tables do not hold any more.
 */
export async function bringUpToDate(sql: Sql, schema: SchemaVersions): Promise<void> {
  const { what, code, versions } = schema;
  if ((await versionOf(sql, schema)) === versions.length) return;
  try {
    await sql.begin((tx) => bring(tx, schema));
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    throw new ShadowError(code, `${what} cannot be made or brought to version ${versions.length} by this role`, {
      expected: `the role that owns the schema ${schema.schema}, or one that may create it, for the first start of a version`,
      actual: messageOf(error),
      exit: EXIT.undecided,
      cause: error,
    });
  }
}

async function bring(tx: TransactionSql, schema: SchemaVersions): Promise<void> {
  const { what, code, versions, table, lock, startsFrom } = schema;
  await tx`select pg_advisory_xact_lock(${lock})`;
  const current = await versionOf(tx, schema);
  if (current === versions.length) return;
  if (current > versions.length) {
    const [made] = await tx<{ starts_from: number | null }[]>`
      select starts_from from ${tx(schema.schema)}.${tx(table)} where version = ${current}`;
    if (made?.starts_from != null && made.starts_from <= versions.length) return;
    throw new ShadowError(code, `${what} was made by a later version of shadowread`, {
      expected: `version ${versions.length} or before`,
      actual: `version ${current}`,
      exit: EXIT.undecided,
    });
  }
  if (current === 0) await requireEncoding(tx, schema);
  // Where the schema is there, as its administrator made it for this role, `if not exists` would still ask for more rights.
  const there = await tx`select from pg_namespace where nspname = ${schema.schema}`;
  if (there.length === 0) await tx`create schema ${tx(schema.schema)}`;
  await tx`set local search_path to ${tx(schema.schema)}`;
  await tx`create table if not exists ${tx(table)} (
    version int primary key, at timestamptz not null default clock_timestamp())`;
  await tx`alter table ${tx(table)} add column if not exists starts_from int`;
  for (let version = current; version < versions.length; version += 1) {
    await tx.unsafe(versions[version] ?? '');
    await tx`insert into ${tx(table)} (version, starts_from) values (${version + 1}, ${startsFrom})`;
  }
}

/** In another encoding one character that it does not have would stop every later batch. */
async function requireEncoding(tx: TransactionSql, { what, code, encoding }: SchemaVersions): Promise<void> {
  if (encoding === undefined) return;
  const [found] = await tx<{ encoding: string }[]>`select current_setting('server_encoding') as encoding`;
  if (found?.encoding === encoding) return;
  throw new ShadowError(code, `${what} needs a database that holds every character`, {
    expected: `a database of encoding ${encoding}`,
    actual: `one of encoding ${found?.encoding}`,
    example: `create database shadowread encoding '${encoding}' template template0`,
    exit: EXIT.undecided,
  });
}

/** The version in this database; 0 where there is none. */
export async function versionOf(sql: ISql, { schema, table }: SchemaVersions): Promise<number> {
  // to_regclass may still say no after the lock was waited for: it remembers what it did not find.
  const there = await sql`
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${schema} and c.relname = ${table}`;
  if (there.length === 0) return 0;
  const [row] = await sql<
    { version: number }[]
  >`select coalesce(max(version), 0)::int as version from ${sql(schema)}.${sql(table)}`;
  return row?.version ?? 0;
}
