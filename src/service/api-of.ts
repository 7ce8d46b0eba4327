/** The API that a config names: a built-in one by its name, a module or package, routes written in the config, or all together. */
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AUTO } from '../api/auto-routes.ts';
import { type ApiSource, type LoadedApi, loadApi } from '../api/load.ts';
import { shapeOfPattern } from '../api/pattern.ts';
import { mistakeInTwinPath } from '../api/twin-path.ts';
import { mappingsFrom } from '../api/written-mapping.ts';
import { nearest } from '../base/nearest.ts';
import {
  type Config,
  type ConfigDraft,
  ConfigError,
  type ConfigMistake,
  type LoadedConfig,
  type YamlRoute,
} from '../config.ts';
import { messageOf, ShadowError } from '../errors.ts';
import type { Route } from '../types.ts';
import { loadCredentials } from '../verifier/credentials.ts';
import { compileRoute } from '../verifier/engine.ts';

/** Loads the API of a config. */
export interface ApiLoader {
  /** @throws ConfigError with all that cannot be loaded, names that no route has, and rules that do not compile. */
  (loaded: Pick<LoadedConfig, 'config' | 'file' | 'lineOf'>): Promise<LoadedApi>;
  /** What cannot be loaded of a config that has other mistakes, so that all of them are reported at once. */
  readonly unloadableOf: (draft: ConfigDraft) => Promise<readonly ConfigMistake[]>;
}

/** `builtIn`: addresses of the API modules that come with the product, by name. */
export function apiLoader(builtIn: Readonly<Record<string, string>>): ApiLoader {
  const load = async ({ config, file, lineOf }: Parameters<ApiLoader>[0]): Promise<LoadedApi> => {
    const told = tellerOf(lineOf);
    const { table, entries } = config.routes;
    const wanted = { table, entries, credentials: config.twin.credentials, currencies: config.currencies };
    const { base, mistakes } = await loadable(wanted, builtIn, told);
    if (base === null) throw new ConfigError(file, mistakes);
    mistakes.push(...mistakesInMappings(config, told));
    mistakes.push(...unknownNames(config, [...base.routes, ...entries.map(routeOf)], told));
    if (mistakes.length > 0) throw new ConfigError(file, mistakes);
    const { mappings } = config;
    const api = await loadApi({ ...base.source, entries, mappings });
    mistakes.push(...unusable(api, entries.length, told));
    if (mistakes.length > 0) throw new ConfigError(file, mistakes);
    return api;
  };
  const unloadableOf = async ({ raw, lineOf }: ConfigDraft): Promise<readonly ConfigMistake[]> =>
    (await loadable(modulesIn(raw), builtIn, tellerOf(lineOf))).mistakes;
  return Object.assign(load, { unloadableOf });
}

type Told = (path: readonly PropertyKey[], message: string) => ConfigMistake;

function tellerOf(lineOf: LoadedConfig['lineOf']): Told {
  return (path, message) => ({ line: lineOf(path), path: path.map(String).join('.'), message });
}

/** What a config names that has to be loaded. */
interface Wanted {
  readonly table: string | undefined;
  readonly entries: readonly unknown[];
  readonly credentials: string | undefined;
  readonly currencies: Readonly<Record<string, number>>;
}

/** Of a wrong config only the parts that name a module: mistakes in rules are already reported. */
function modulesIn(raw: ConfigDraft['raw']): Wanted {
  const [routes, twin] = [treeIn(raw, 'routes'), treeIn(raw, 'twin')];
  const entries = Array.isArray(routes.entries) ? routes.entries : [];
  return {
    table: typeof routes.table === 'string' ? routes.table : undefined,
    entries: entries.map((entry) => {
      const { module, comparator, rules } = isTree(entry) ? entry : {};
      // With two comparators it is unclear which one is meant.
      if ([module, comparator, rules].filter((given) => given !== undefined).length !== 1) return null;
      if (typeof module === 'string') return { pattern: '/', domain: 'a', module };
      return typeof comparator === 'string' ? { pattern: '/', domain: 'a', comparator } : null;
    }),
    credentials: typeof twin.credentials === 'string' ? twin.credentials : undefined,
    currencies: {},
  };
}

/** The API module, and everything that cannot be loaded: the module, modules or comparators of entries, credentials. */
async function loadable(
  { table, entries, credentials, currencies }: Wanted,
  builtIn: Readonly<Record<string, string>>,
  told: Told,
): Promise<{ readonly base: LoadedApi | null; readonly mistakes: ConfigMistake[] }> {
  const mistakes: ConfigMistake[] = [];
  const library = Object.values(builtIn);
  const without: ApiSource = { module: null, library, entries: [], auto: table === AUTO, currencies };
  let base: LoadedApi | null = null;
  try {
    base = await loadApi({ ...without, module: addressOf(table, builtIn) });
  } catch (error) {
    mistakes.push(told(['routes', 'table'], messageOf(error)));
  }
  // Without the API module the names of its comparators are unknown.
  const source = base?.source ?? without;
  for (const [i, entry] of entries.entries()) {
    const named = isTree(entry) && 'module' in entry ? 'module' : 'comparator';
    if (entry === null || (base === null && named === 'comparator')) continue;
    try {
      await loadApi({ ...source, entries: [entry] });
    } catch (error) {
      mistakes.push(told(['routes', 'entries', i, named], messageOf(error)));
    }
  }
  // Loaded here, because else each worker would fail at it.
  if (credentials !== undefined) {
    await loadCredentials(credentials).catch((error: unknown) => {
      mistakes.push(told(['twin', 'credentials'], messageOf(error)));
    });
  }
  return { base, mistakes };
}

function mistakesInMappings({ mappings }: Config, told: Told): ConfigMistake[] {
  try {
    mappingsFrom(mappings);
    return [];
  } catch (error) {
    return [told(['mappings'], messageOf(error))];
  }
}

const routeOf = ({ method, pattern, domain }: YamlRoute): Pick<Route, 'key' | 'domain'> => ({
  key: `${method} ${pattern}`,
  domain,
});

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

/** @throws ShadowError SHADOW_ROUTE for a package that is not installed */
function addressOf(table: string | undefined, builtIn: Readonly<Record<string, string>>): string | null {
  if (table === undefined || table === 'none' || table === AUTO) return null;
  // A table called `constructor` is none of ours.
  const known = Object.hasOwn(builtIn, table) ? builtIn[table] : undefined;
  if (known !== undefined) return known;
  if (/^[a-z]+:\/\//i.test(table)) return table;
  // As for the comparators' modules: from where the process was started.
  if (table.startsWith('.') || isAbsolute(table)) return pathToFileURL(resolve(table)).href;
  try {
    return pathToFileURL(createRequire(resolve('package.json')).resolve(table)).href;
  } catch (error) {
    throw new ShadowError('SHADOW_ROUTE', 'there is no such API', {
      expected: `none, ${AUTO}, ${Object.keys(builtIn).join(', ')}, the path of an API module, or an installed package`,
      actual: `${table}${meant(table, ['none', AUTO, ...Object.keys(builtIn)])}: ${messageOf(error).split('\n')[0]}`,
    });
  }
}

function unknownNames(config: Config, routes: readonly Pick<Route, 'key' | 'domain'>[], told: Told): ConfigMistake[] {
  const keys = routes.map((route) => route.key);
  const domains = [...new Set(routes.map((route) => route.domain))];
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

function treeIn(raw: ConfigDraft['raw'], key: string): ConfigDraft['raw'] {
  const held = raw[key];
  return isTree(held) ? held : {};
}

function isTree(value: unknown): value is ConfigDraft['raw'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
