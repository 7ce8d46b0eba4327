/** The API a command works on. The one place that knows which APIs are built in. */
import type { LoadedApi } from '../api/load.ts';
import { ownModule } from '../base/own-module.ts';
import type { LoadedConfig } from '../config.ts';
import { ShadowError } from '../errors.ts';
import { type ApiLoader, apiLoader } from '../service/api-of.ts';
import { noteDefault } from './default-notes.ts';

/** The API that a command takes where none is configured. */
const EXAMPLE = 'amanat';

export const loadApiOf: ApiLoader = apiLoader({ [EXAMPLE]: ownModule('amanat/index').href });

/**
 * The API of a command that looks at data or decisions. If the config names none, it is the built-in example, and a line on
 * stderr says so, terminal or not: a gate that passes for another API than the one meant is worse than none.
 */
export async function apiOrExample(loaded: LoadedConfig): Promise<LoadedApi> {
  const { routes, mappings } = loaded.config;
  if (routes.table !== undefined || routes.entries.length > 0 || mappings.length > 0) return loadApiOf(loaded);
  const from = loaded.file === null ? 'no config file is given' : `${loaded.file} names no API`;
  noteDefault(
    `${from}: the API is the built-in example ${EXAMPLE} (routes.table, --routes or SHADOWREAD_ROUTES names another)`,
  );
  return loadApiOf({ ...loaded, config: { ...loaded.config, routes: { ...routes, table: EXAMPLE } } });
}

/** The API of a command that moves data, for which one without mappings is of no use. */
export async function mappedApiOf(loaded: LoadedConfig): Promise<LoadedApi> {
  const api = await apiOrExample(loaded);
  if (api.mappings.length > 0) return api;
  throw new ShadowError('SHADOW_CONFIG', 'the API has no mappings from collections to tables', {
    expected: 'mappings in the config, or routes.table: the name, path or package of an API module that has some',
    actual: `routes.table: ${loaded.config.routes.table ?? 'not set'}`,
    example: 'mappings: [{ collection: books, table: books, key: old_id, fields: { title: text } }]',
  });
}
