/** Amanat's API module: the built-in example, found by its name `amanat`. */
import { defineApi } from '../api/module.ts';
import { fieldOf } from '../base/fields.ts';
import { amanatRoutes } from '../routes/index.ts';
import { amanatMappings } from './mappings/index.ts';

export const api = defineApi({
  name: 'amanat',
  routes: amanatRoutes,
  mappings: amanatMappings,
  // The admin's figures are counts and sums over payments, disputes, users and requests.
  spanning: ['admin'],
  callerOf(rawHeaders) {
    const id = /^Bearer ([0-9a-f]{24})$/i.exec(fieldOf(rawHeaders, 'authorization') ?? '')?.[1];
    return id === undefined ? null : { collection: 'users', id };
  },
  // Loaded only where tables are to be made: the migrator's many modules take a second and 200 MB.
  prepare: async (databaseUrl) => (await import('./twin/migrate.ts')).migrate(databaseUrl),
});
