import type { Sql } from 'postgres';
import { bringUpToDate, type SchemaVersions } from '../../base/schema-versions.ts';
import { v1 } from './v1.ts';

/** In the schema of the API's own tables, which the contract of the migration names without one. */
const MIGRATION_SCHEMA: SchemaVersions = {
  what: "the migration's tables",
  code: 'SHADOW_POSTGRES',
  schema: 'public',
  table: 'shadowread_migration_version',
  versions: [v1],
  startsFrom: 1,
  lock: 0x5ad0_0002,
};

/** Makes `id_map`, `pg_dualwrite_gaps` and what the commands keep of their progress; does nothing where they are. */
export const prepareMigration = (sql: Sql): Promise<void> => bringUpToDate(sql, MIGRATION_SCHEMA);
