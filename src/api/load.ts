/**
 * Loads an API: a module's value and the routes that a config writes, together. The source is plain data and the load
 * needs nothing else, so that a worker thread, which can be handed no functions, comes to the same value by itself.
 */
import { nearest } from '../base/nearest.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { checkComparator } from '../rules/compile.ts';
import { hasFunctions } from '../rules/digest.ts';
import type { Comparator } from '../rules/rule.ts';
import { AUTO } from './auto-routes.ts';
import type { ModelMapping } from './mapping.ts';
import { type ApiModule, defineApi } from './module.ts';
import { codeDigest } from './module-code.ts';
import { offerOwnPackage } from './own-package.ts';
import type { RouteEntry } from './route.ts';
import type { WrittenMapping } from './written-mapping.ts';

/** Where an API comes from. */
export interface ApiSource {
  /** Address of a module that exports the API module as `api` or by default; null: only `entries`. */
  readonly module: string | null;
  /** Addresses of further modules whose comparators entries may name. */
  readonly library: readonly string[];
  /** Routes as a config has them: pattern, domain, and one of `comparator`, `module`, `rules`. */
  readonly entries: readonly unknown[];
  /** Mappings of the config, in addition to those of the module. */
  readonly mappings?: readonly WrittenMapping[];
  /** Reads of no route get one by the shape of their path, see auto-routes.ts. */
  readonly auto?: boolean;
  /** Decimals of currencies in addition to those of ISO 4217, by code, for all routes. */
  readonly currencies?: Readonly<Record<string, number>>;
}

/** An API with where it came from. */
export interface LoadedApi extends ApiModule {
  readonly source: ApiSource;
}

export const NO_API: ApiSource = Object.freeze({ module: null, library: [], entries: [] });

/** @throws ShadowError SHADOW_ROUTE or SHADOW_RULE for what cannot be loaded, with what was expected. */
export async function loadApi(source: ApiSource): Promise<LoadedApi> {
  const given = source.module === null ? null : await moduleAt(source.module);
  const base = given === null ? null : { ...given, routes: withCode(given.routes, source) };
  const known = async (name: string): Promise<Comparator> => named(name, base, source.library);
  const own = await writtenRoutes(source.entries, known);
  const api = defineApi({
    name: base?.name ?? 'yours',
    routes: [...(base?.routes ?? []), ...own].map((route) => withCurrencies(route, source.currencies ?? {})),
    mappings: [...(base?.mappings ?? []), ...(await writtenMappings(source.mappings ?? []))],
    spanning: base?.spanning ?? [],
    ...(base?.callerOf == null ? {} : { callerOf: base.callerOf }),
    ...(base?.prepare == null ? {} : { prepare: base.prepare }),
  });
  const domains = source.auto === true ? [...new Set([...api.domains, AUTO])] : api.domains;
  return Object.freeze({ ...api, domains, source });
}

/**
 * What reads a config's routes and mappings needs a validator of a hundred modules, which every worker would load: only where
 * a config writes some.
 */
async function writtenRoutes(
  entries: readonly unknown[],
  known: (name: string) => Promise<Comparator>,
): Promise<readonly RouteEntry[]> {
  if (entries.length === 0) return [];
  const { writtenEntry } = await import('./written-entry.ts');
  return Promise.all(entries.map((entry) => writtenEntry(entry, known)));
}

async function writtenMappings(given: readonly WrittenMapping[]): Promise<readonly ModelMapping[]> {
  if (given.length === 0) return [];
  const { mappingsFrom } = await import('./written-mapping.ts');
  return mappingsFrom(given);
}

/** Functions in the comparators of a module of the user's own count by its code; those of a built-in one by their version. */
function withCode(routes: readonly RouteEntry[], { module, library }: ApiSource): readonly RouteEntry[] {
  if (module === null || library.includes(module)) return routes;
  if (!routes.some(({ comparator }) => hasFunctions(comparator))) return routes;
  const code = codeDigest(module);
  return routes.map((route) =>
    hasFunctions(route.comparator) ? Object.freeze({ ...route, comparator: { code, ...route.comparator } }) : route,
  );
}

/** @throws ShadowError SHADOW_CONFIG where its comparator names an unknown currency */
function withCurrencies(route: RouteEntry, currencies: Readonly<Record<string, number>>): RouteEntry {
  const { comparator } = route;
  if (Object.keys(currencies).length === 0) {
    checkComparator(comparator, route.key);
    return route;
  }
  const own = Object.freeze({ ...comparator, currencies: { ...currencies, ...comparator.currencies } });
  checkComparator(own, route.key);
  return Object.freeze({ ...route, comparator: own });
}

async function moduleAt(address: string): Promise<ApiModule> {
  let exports: Record<string, unknown>;
  offerOwnPackage();
  try {
    exports = await import(address);
  } catch (error) {
    throw new ShadowError('SHADOW_ROUTE', 'the API module cannot be loaded', {
      expected: 'a module that exports `api`, made by defineApi',
      actual: `${address}: ${messageOf(error)}`,
      cause: error,
    });
  }
  const api = exports.api ?? exports.default;
  if (isApi(api)) return api;
  throw new ShadowError('SHADOW_ROUTE', 'a module has no API', {
    expected: 'an export `api`: { name, routes, mappings, spanning }',
    actual: `${address} exports ${Object.keys(exports).join(', ') || 'nothing'}`,
    example: "export const api = defineApi({ name: 'orders', routes: [get('orders', '/orders/:id', { comparator })] })",
  });
}

/** A comparator of the API's own routes, or of a library's. */
async function named(name: string, base: ApiModule | null, library: readonly string[]): Promise<Comparator> {
  const apis = [...(base === null ? [] : [base]), ...(await Promise.all(library.map(moduleAt)))];
  const comparators = apis.flatMap(({ routes }) => routes.map(({ comparator }) => comparator));
  const found = comparators.find((comparator) => comparator.name === name);
  if (found !== undefined) return found;
  const names = comparators.map((comparator) => comparator.name);
  const near = nearest(name, names);
  throw new ShadowError('SHADOW_RULE', 'no comparator has this name', {
    expected: names.slice(0, 4).join(', ') || 'rules or a module: this API has no comparators to name',
    actual: near === null ? name : `${name}; did you mean ${near}?`,
  });
}

function isApi(value: unknown): value is ApiModule {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    Array.isArray(value.routes) &&
    value.routes.every(isEntry) &&
    Array.isArray(value.mappings) &&
    value.mappings.every(isMapping) &&
    Array.isArray(value.spanning)
  );
}

function isEntry(value: unknown): value is RouteEntry {
  if (!isRecord(value)) return false;
  const texts = ['key', 'method', 'pattern', 'domain'].every((key) => typeof value[key] === 'string');
  return texts && isRecord(value.comparator) && isRecord(value.query) && isRecord(value.ids);
}

function isMapping(value: unknown): value is ModelMapping {
  return isRecord(value) && 'collection' in value && 'table' in value && Array.isArray(value.fields);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
