/**
 * An API module: the whole description of one API, as one value. The product receives it and imports none of it;
 * Amanat's (`src/amanat/index.ts`) is the built-in example.
 */
import { ShadowError } from '../errors.ts';
import type { RawHeaders, Route } from '../types.ts';
import type { ModelMapping } from './mapping.ts';
import type { RouteEntry } from './route.ts';
import { declaredSums } from './sums.ts';

export interface ApiModule {
  readonly name: string;
  readonly routes: readonly RouteEntry[];
  /** Of the routes, each once; with routes that are found by traffic, their domain as well. */
  readonly domains: readonly string[];
  /** Which collection becomes which table; empty where none is declared. Backfill, drain, verify and the cause read it. */
  readonly mappings: readonly ModelMapping[];
  /** Domains whose routes read from all others: they flip last and roll back first. */
  readonly spanning: readonly string[];
  /** The entity that a request's caller is, where its fields say so: an answer may depend on that row. Null: unknown. */
  readonly callerOf: CallerOf | null;
  /** Makes the tables that the mappings name; null where they are made elsewhere. Does nothing where they are there. */
  readonly prepare: ((databaseUrl: string) => Promise<void>) | null;
}

/** Collection and ObjectId of who asks; null where the fields do not say. */
export type CallerOf = (rawHeaders: RawHeaders) => { readonly collection: string; readonly id: string } | null;

/** What `defineApi` is given. */
export interface ApiDefinition {
  readonly name: string;
  readonly routes: readonly RouteEntry[];
  readonly mappings?: readonly ModelMapping[];
  readonly spanning?: readonly string[];
  readonly callerOf?: CallerOf;
  readonly prepare?: (databaseUrl: string) => Promise<void>;
}

/**
 * Makes an API module and checks it as a whole.
 * @throws ShadowError SHADOW_ROUTE where a route stands twice, SHADOW_DOMAIN where a spanning domain has no route,
 *   SHADOW_CONFIG where a mapping declares sums that cannot be compared.
 */
export function defineApi(definition: ApiDefinition): ApiModule {
  const { name, routes, mappings = [], spanning = [], callerOf = null, prepare = null } = definition;
  const keys = new Set<string>();
  for (const { key } of routes) {
    if (keys.has(key)) throw new ShadowError('SHADOW_ROUTE', `the API ${name} has a route twice`, { actual: key });
    keys.add(key);
  }
  const domains = domainsOf(routes);
  for (const domain of spanning) {
    if (domains.includes(domain)) continue;
    throw new ShadowError('SHADOW_DOMAIN', `the API ${name} has a spanning domain without a route`, {
      expected: `one of ${domains.join(', ')}`,
      actual: domain,
    });
  }
  declaredSums(mappings);
  return Object.freeze({
    name,
    routes: Object.freeze([...routes]),
    domains: Object.freeze(domains),
    mappings: Object.freeze([...mappings]),
    spanning: Object.freeze([...spanning]),
    callerOf,
    prepare,
  });
}

/** The domains of these routes, each once, in the order of the routes. */
export function domainsOf(routes: readonly { readonly domain: string }[]): readonly string[] {
  return [...new Set(routes.map(({ domain }) => domain))];
}

/** Routes without their code, as the data plane needs them. */
export function plainRoutes({ routes }: Pick<ApiModule, 'routes'>): readonly Route[] {
  return routes.map(({ key, method, pattern, domain, reads, twinPath }) =>
    Object.freeze({
      key,
      method,
      pattern,
      domain,
      ...(reads === undefined ? {} : { reads }),
      ...(twinPath === undefined ? {} : { twinPath }),
    }),
  );
}
