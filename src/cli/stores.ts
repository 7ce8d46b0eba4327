/** Both stores of a command that moves data. */
import type { ApiModule } from '../api/module.ts';
import { type MigrationStores, openMigrationStores } from '../service/migration-stores.ts';
import { mappedApiOf } from './api.ts';
import { configOf, migrationUrl, mongoUrl, type Options } from './options.ts';

export type Stores = MigrationStores;

/**
 * Both stores, with the tables brought to the present schema, closed in the end. `check` throws for an API with which the
 * command can do nothing, before a store is asked.
 */
export async function withStores<T>(
  options: Options,
  work: (stores: Stores) => Promise<T>,
  check?: (api: ApiModule) => void,
): Promise<T> {
  const loaded = configOf(options);
  const urls = { postgres: migrationUrl(loaded.config), mongo: mongoUrl(loaded.config) };
  const api = await mappedApiOf(loaded);
  check?.(api);
  const { close, ...stores } = await openMigrationStores(api, urls);
  try {
    return await work(stores);
  } finally {
    await close();
  }
}
