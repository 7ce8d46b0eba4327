/** Both stores of a command that moves data. */
import { type Db, MongoClient } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import type { ApiModule } from '../api/module.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { openMigrationDatabase } from '../migration/db.ts';
import { prepareMigration } from '../migration/schema/migrate.ts';
import { mappedApiOf } from './api.ts';
import { configOf, migrationUrl, mongoUrl, type Options } from './options.ts';

export interface Stores {
  readonly mappings: readonly ModelMapping[];
  readonly mongo: Db;
  readonly sql: Sql;
}

/** Makes the tables of the migration and those of the API, where they are not there. */
export async function prepared(api: ApiModule, databaseUrl: string): Promise<void> {
  const sql = openMigrationDatabase(databaseUrl, 1);
  try {
    await prepareMigration(sql);
  } catch (error) {
    if (error instanceof ShadowError) throw error;
    throw new ShadowError('SHADOW_POSTGRES', "the migration's tables cannot be made", {
      expected: 'a database in which MIGRATION_PG_URL may create tables',
      actual: messageOf(error),
      cause: error,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
  await api.prepare?.(databaseUrl);
}

/** Both stores, with the tables brought to the present schema, closed in the end. */
export async function withStores<T>(options: Options, work: (stores: Stores) => Promise<T>): Promise<T> {
  const loaded = configOf(options);
  const databaseUrl = migrationUrl(loaded.config);
  const mongoUri = mongoUrl(loaded.config);
  const api = await mappedApiOf(loaded);
  const { mappings } = api;
  await prepared(api, databaseUrl);
  const client = new MongoClient(mongoUri, { serverSelectionTimeoutMS: 5_000 });
  const sql = openMigrationDatabase(databaseUrl, 4);
  try {
    await client.connect().catch((error: unknown) => {
      throw new ShadowError('SHADOW_MONGO', 'MongoDB cannot be reached', {
        expected: 'a server that answers',
        actual: messageOf(error),
        example: 'MONGODB_URI=mongodb://127.0.0.1:27017/amanat',
        cause: error,
      });
    });
    return await work({ mongo: client.db(), sql, mappings });
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 5 })]);
  }
}
