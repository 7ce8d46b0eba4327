/** Both stores of what moves or repairs data, with the tables brought to the present schema. */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import type { ApiModule } from '../api/module.ts';
import { inTime } from '../base/in-time.ts';
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import { openMigrationDatabase } from '../migration/db.ts';
import { requireColumns, requireSearchPath } from '../migration/schema/columns.ts';
import { prepareMigration } from '../migration/schema/migrate.ts';

/** A database that does not answer for longer is none, ms. */
const ANSWER_MS = 10_000;

export interface MigrationStores {
  readonly mappings: readonly ModelMapping[];
  readonly mongo: Db;
  readonly sql: Sql;
}

export interface OpenStores extends MigrationStores {
  close(): Promise<void>;
}

/** Makes the tables of the migration and those of the API, where they are not there. */
export async function prepared(api: ApiModule, databaseUrl: string): Promise<void> {
  const sql = openMigrationDatabase(databaseUrl, 1);
  try {
    // A door that opens and closes at once, such as a load balancer without a server behind it, is tried for ever by the driver.
    await inTime(sql, ANSWER_MS, sql`select 1`);
    await prepareMigration(sql);
    await requireSearchPath(sql);
  } catch (error) {
    if (error instanceof ShadowError) throw error;
    throw new ShadowError('SHADOW_POSTGRES', "the migration's tables cannot be made", {
      expected: 'a database in which MIGRATION_PG_URL may create tables',
      actual: messageOf(error),
      cause: error,
      // As for a journal that does not answer: nothing was decided.
      exit: EXIT.undecided,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
  await api.prepare?.(databaseUrl);
  const after = openMigrationDatabase(databaseUrl, 1);
  try {
    await requireColumns(after, api.mappings);
  } finally {
    await after.end({ timeout: 1 });
  }
}

/** @throws ShadowError SHADOW_POSTGRES, SHADOW_MONGO where one of them cannot be used. */
export async function openMigrationStores(
  api: ApiModule,
  urls: { readonly mongo: string; readonly postgres: string },
  connections = 4,
): Promise<OpenStores> {
  await prepared(api, urls.postgres);
  const { quietMongoClient } = await import('../migration/mongo-client.ts');
  const client = quietMongoClient(urls.mongo);
  const sql = openMigrationDatabase(urls.postgres, connections);
  const close = async (): Promise<void> => void (await Promise.all([client.close(), sql.end({ timeout: 5 })]));
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw new ShadowError('SHADOW_MONGO', 'MongoDB cannot be reached', {
      expected: 'a server that answers',
      actual: messageOf(error),
      example: 'MONGODB_URI=mongodb://127.0.0.1:27017/amanat',
      cause: error,
      exit: EXIT.undecided,
    });
  }
  return { mongo: client.db(), sql, mappings: api.mappings, close };
}
