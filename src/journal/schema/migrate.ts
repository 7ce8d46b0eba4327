import type postgres from 'postgres';
import { ShadowError } from '../../errors.ts';
import { v1 } from './v1.ts';
import { v2 } from './v2.ts';

/** Every version's SQL, in order; a version that was released is never edited. */
const VERSIONS: readonly string[] = [v1, v2];

/** The key of the advisory lock that keeps two starting replicas from migrating at once. */
const LOCK = 0x5ad0_0001;

/**
 * Creates or brings up to date the schema `shadowread`; safe to call from any number of replicas at once. Refuses a
 * journal of a later version, since an older program would write what it does not understand.
 */
export async function migrate(sql: postgres.Sql): Promise<void> {
  if ((await versionOf(sql)) === VERSIONS.length) return;
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    await tx`create schema if not exists shadowread`;
    await tx`create table if not exists shadowread.schema_version (
      version int primary key, at timestamptz not null default clock_timestamp())`;
    const current = await versionOf(tx);
    if (current > VERSIONS.length) {
      throw new ShadowError('SHADOW_JOURNAL', 'the journal was made by a later version of shadowread', {
        expected: `a journal of version ${VERSIONS.length} or before`,
        actual: `version ${current}`,
        exit: 2,
      });
    }
    await tx`set local search_path to shadowread`;
    for (let version = current; version < VERSIONS.length; version += 1) {
      await tx.unsafe(VERSIONS[version] ?? '');
      await tx`insert into shadowread.schema_version (version) values (${version + 1})`;
    }
  });
}

/** The version of the journal in this database; 0 where there is none. */
export async function versionOf(sql: postgres.ISql): Promise<number> {
  const [there] = await sql<{ there: boolean }[]>`select to_regclass('shadowread.schema_version') is not null as there`;
  if (there?.there !== true) return 0;
  const [row] = await sql<
    { version: number }[]
  >`select coalesce(max(version), 0)::int as version from shadowread.schema_version`;
  return row?.version ?? 0;
}
