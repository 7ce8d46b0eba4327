/** The API that a config names: a built-in one by its name, a module or package, routes written in the config, or all together. */
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AUTO } from '../api/auto-routes.ts';
import { type ApiSource, type LoadedApi, loadApi } from '../api/load.ts';
import { shapeOfPattern } from '../api/pattern.ts';
import { mistakeInTwinPath } from '../api/twin-path.ts';
import { nearest } from '../base/nearest.ts';
import { type Config, ConfigError, type ConfigMistake, type LoadedConfig } from '../config.ts';
import { messageOf } from '../errors.ts';
import { loadCredentials } from '../verifier/credentials.ts';
import { compileRoute } from '../verifier/engine.ts';

/** Loads the API of a config. @throws ConfigError for names that no route has, ShadowError for what cannot be loaded. */
export type ApiLoader = (loaded: Pick<LoadedConfig, 'config' | 'file' | 'lineOf'>) => Promise<LoadedApi>;

/** `builtIn`: addresses of the API modules that come with the product, by name. */
export function apiLoader(builtIn: Readonly<Record<string, string>>): ApiLoader {
  return async ({ config, file, lineOf }) => {
    const source = sourceOf(config, file, builtIn);
    const told = (path: readonly PropertyKey[], message: string): ConfigMistake => ({
      line: lineOf(path),
      path: path.map(String).join('.'),
      message,
    });
    const unloadable = await unloadableEntries(source, told);
    if (unloadable.length > 0) throw new ConfigError(file, unloadable);
    const api = await loadApi(source);
    const mistakes = [...unknownNames(config, api, told), ...unusable(api, config.routes.entries.length, told)];
    if (mistakes.length > 0) throw new ConfigError(file, mistakes);
    // Else the workers would find out, one after the other.
    if (config.twin.credentials !== undefined) await loadCredentials(config.twin.credentials);
    return api;
  };
}

type Told = (path: readonly PropertyKey[], message: string) => ConfigMistake;

/** Entries whose module or named comparator is not to be had. The API module itself is loaded first: without it none is. */
async function unloadableEntries(source: ApiSource, told: Told): Promise<ConfigMistake[]> {
  await loadApi({ ...source, entries: [] });
  const found = await Promise.all(
    source.entries.map(async (entry, i) => {
      try {
        await loadApi({ ...source, entries: [entry] });
        return [];
      } catch (error) {
        const named = typeof entry === 'object' && entry !== null && 'module' in entry ? 'module' : 'comparator';
        return [told(['routes', 'entries', i, named], messageOf(error))];
      }
    }),
  );
  return found.flat();
}

/** What a proxy or a worker would refuse at its start: patterns that never match, rules that do not compile. */
function unusable({ routes }: LoadedApi, entries: number, told: Told): ConfigMistake[] {
  const first = routes.length - entries;
  const shapes = new Map<string, string>();
  return routes.flatMap(({ key, method, pattern, comparator, twinPath }, i) => {
    const path = i < first ? ['routes', 'table'] : ['routes', 'entries', i - first];
    try {
      const shape = `${method} ${shapeOfPattern(pattern)}`;
      const same = shapes.get(shape);
      shapes.set(shape, key);
      if (same !== undefined)
        return [told(path, `expected a pattern of its own; ${key} has the same shape as ${same}`)];
      compileRoute(comparator, NOWHERE);
      const wrong = twinPath === undefined ? null : mistakeInTwinPath(pattern, twinPath);
      return wrong === null ? [] : [told(path, `${key}: twinPath: ${wrong}`)];
    } catch (error) {
      return [told(path, `${key}: ${messageOf(error)}`)];
    }
  });
}

/** Rules compile alike for any origins. */
const NOWHERE = Object.freeze({ primary: 'http://127.0.0.1', twin: 'http://127.0.0.1' });

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

function unknownNames(config: Config, api: LoadedApi, told: Told): ConfigMistake[] {
  const keys = api.routes.map((route) => route.key);
  const domains = [...new Set(api.routes.map((route) => route.domain))];
  return [
    ...Object.keys(config.routes.overrides)
      .filter((key) => !keys.includes(key))
      .map((key) =>
        told(
          ['routes', 'overrides', key],
          `SHADOW_ROUTE: expected a route of the table, such as "GET /api/payments/:id"; found one that matches nothing${meant(key, keys)}`,
        ),
      ),
    ...Object.keys(config.domains)
      .filter((domain) => !domains.includes(domain))
      .map((domain) =>
        told(
          ['domains', domain],
          `SHADOW_DOMAIN: expected ${domains.length === 0 ? 'no domain where no route is configured' : `one of ${domains.join(', ')}`}; found ${domain}${meant(domain, domains)}`,
        ),
      ),
  ];
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? '' : `; did you mean ${near}?`;
}

const mistake = (path: string, message: string): ConfigMistake => ({ line: null, path, message });
