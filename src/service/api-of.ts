/** The API that a config names: a built-in one by its name, a module or package, routes written in the config, or all together. */
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AUTO } from '../api/auto-routes.ts';
import { type ApiSource, type LoadedApi, loadApi } from '../api/load.ts';
import { type Config, ConfigError, type ConfigMistake, type LoadedConfig } from '../config.ts';
import { messageOf } from '../errors.ts';

/** Loads the API of a config. @throws ConfigError for names that no route has, ShadowError for what cannot be loaded. */
export type ApiLoader = (loaded: Pick<LoadedConfig, 'config' | 'file'>) => Promise<LoadedApi>;

/** `builtIn`: addresses of the API modules that come with the product, by name. */
export function apiLoader(builtIn: Readonly<Record<string, string>>): ApiLoader {
  return async ({ config, file }) => {
    const source = sourceOf(config, file, builtIn);
    const written = withoutComparator(config);
    if (written.length > 0) throw new ConfigError(file, written);
    const api = await loadApi(source);
    const unknown = unknownNames(config, api);
    if (unknown.length > 0) throw new ConfigError(file, unknown);
    return api;
  };
}

function sourceOf(config: Config, file: string | null, builtIn: Readonly<Record<string, string>>): ApiSource {
  const { table, entries } = config.routes;
  return {
    module: addressOf(table, file, builtIn),
    library: Object.values(builtIn),
    entries,
    auto: table === AUTO,
    currencies: config.currencies,
  };
}

function addressOf(
  table: string | undefined,
  file: string | null,
  builtIn: Readonly<Record<string, string>>,
): string | null {
  if (table === undefined || table === 'none' || table === AUTO) return null;
  const known = builtIn[table];
  if (known !== undefined) return known;
  if (/^[a-z]+:\/\//i.test(table)) return table;
  // As for the comparators' modules: from where the process was started.
  if (table.startsWith('.') || isAbsolute(table)) return pathToFileURL(resolve(table)).href;
  try {
    return pathToFileURL(createRequire(resolve('package.json')).resolve(table)).href;
  } catch (error) {
    const expected = `none, ${AUTO}, ${Object.keys(builtIn).join(', ')}, the path of an API module, or an installed package`;
    throw new ConfigError(file, [
      mistake('routes.table', `SHADOW_ROUTE: expected ${expected}; found ${table}: ${messageOf(error).split('\n')[0]}`),
    ]);
  }
}

function unknownNames(config: Config, api: LoadedApi): ConfigMistake[] {
  const keys = new Set(api.routes.map((route) => route.key));
  const domains = new Set(api.routes.map((route) => route.domain));
  return [
    ...Object.keys(config.routes.overrides)
      .filter((key) => !keys.has(key))
      .map((key) =>
        mistake(
          `routes.overrides.${key}`,
          'SHADOW_ROUTE: expected a route of the table, such as "GET /api/payments/:id"; found one that matches nothing',
        ),
      ),
    ...Object.keys(config.domains)
      .filter((domain) => !domains.has(domain))
      .map((domain) =>
        mistake(
          `domains.${domain}`,
          `SHADOW_DOMAIN: expected ${domains.size === 0 ? 'no domain where no route is configured' : `one of ${[...domains].join(', ')}`}; found ${domain}`,
        ),
      ),
  ];
}

function withoutComparator(config: Config): ConfigMistake[] {
  return config.routes.entries.flatMap((entry, index) => {
    const given = [entry.comparator, entry.module, entry.rules].filter((value) => value !== undefined).length;
    return given === 1
      ? []
      : [mistake(`routes.entries.${index}`, `expected one of comparator, module and rules; found ${given} of them`)];
  });
}

const mistake = (path: string, message: string): ConfigMistake => ({ line: null, path, message });
