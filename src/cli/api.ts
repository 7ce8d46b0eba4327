/** The API a command works on. The one place that knows which APIs are built in. */
import type { LoadedApi } from '../api/load.ts';
import { ownModule } from '../base/own-module.ts';
import type { LoadedConfig } from '../config.ts';
import { ShadowError } from '../errors.ts';
import { type ApiLoader, apiLoader } from '../service/api-of.ts';

export const loadApiOf: ApiLoader = apiLoader({ amanat: ownModule('amanat/index').href });

/** The API of a command that works on data, for which one without mappings is of no use. */
export async function mappedApiOf(loaded: LoadedConfig): Promise<LoadedApi> {
  const api = await loadApiOf(loaded);
  if (api.mappings.length > 0) return api;
  throw new ShadowError('SHADOW_CONFIG', 'the API has no mappings from collections to tables', {
    expected: 'routes.table: the name, path or package of an API module that has mappings',
    actual: `routes.table: ${loaded.config.routes.table}`,
    example: 'routes: { table: amanat }',
  });
}
