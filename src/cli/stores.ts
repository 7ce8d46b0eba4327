/** Both stores of a command that moves data. */
import { type MigrationStores, openMigrationStores } from '../service/migration-stores.ts';
import { mappedApiOf } from './api.ts';
import { configOf, migrationUrl, mongoUrl, type Options } from './options.ts';

export type Stores = MigrationStores;

/** Both stores, with the tables brought to the present schema, closed in the end. */
export async function withStores<T>(options: Options, work: (stores: Stores) => Promise<T>): Promise<T> {
  const loaded = configOf(options);
  const urls = { postgres: migrationUrl(loaded.config), mongo: mongoUrl(loaded.config) };
  const { close, ...stores } = await openMigrationStores(await mappedApiOf(loaded), urls);
  try {
    return await work(stores);
  } finally {
    await close();
  }
}
