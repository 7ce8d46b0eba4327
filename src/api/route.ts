/**
 * What one endpoint is, in one entry: pattern, what may be asked, and comparator. The proxy's matching, the gate's
 * coverage and the docs read it.
 */

import type { Comparator } from '../rules/rule.ts';
import type { Route } from '../types.ts';

/** A query parameter: how it is read, and the classes of values that the gate wants to have seen. */
export type QueryParam =
  | { readonly param: 'oneOf'; readonly values: readonly string[] }
  | { readonly param: 'id'; readonly collection: string }
  | { readonly param: 'text' }
  | { readonly param: 'instant' }
  | { readonly param: 'decimal' }
  | { readonly param: 'bool' }
  /** Whole number from 1, default 1. */
  | { readonly param: 'page' }
  /** Whole number 1..max, default as given. */
  | { readonly param: 'limit'; readonly max: number; readonly default: number }
  /** One of the fields, `-` before it for descending. */
  | { readonly param: 'sort'; readonly fields: readonly string[]; readonly default: string }
  | { readonly param: 'cursor'; readonly key: 'instant' | 'number' | 'text'; readonly collection: string };

export type QueryDeclaration = Readonly<Record<string, QueryParam>>;

export interface RouteEntry extends Route {
  readonly comparator: Comparator;
  readonly query: QueryDeclaration;
  /** Path parameters that are ids, by collection; others are free text (slugs, e-mails). */
  readonly ids: Readonly<Record<string, string>>;
  /** Who may ask: anyone, any known caller, or an admin. */
  readonly access: 'public' | 'caller' | 'admin';
  /** True where the answer depends on who asks. */
  readonly perCaller: boolean;
  /** The number of different answers, where it is small (a counter, a level table): the gate then accepts that many. */
  readonly fewAnswers: number | null;
  /** Statuses the route can give besides 200, which coverage lists. */
  readonly statuses: readonly number[];
  /** Query parameters that do not matter: they make no other question and no other shape; `*`: all that are not declared. */
  readonly ignoredQuery?: readonly string[];
  /** Path and query parameters whose free text (a slug, a tag) may be shown where `redaction.show` is `declared`. */
  readonly shows?: readonly string[];
  /** Redirects (3xx) are its good answers. */
  readonly redirects?: boolean;
}

export interface RouteSpec {
  readonly query?: QueryDeclaration;
  readonly ids?: Readonly<Record<string, string>>;
  readonly access?: 'public' | 'caller' | 'admin';
  readonly perCaller?: boolean;
  readonly fewAnswers?: number;
  readonly twinPath?: string;
  /** Query parameters that change nothing, such as cache busters; `*`: all that `query` does not declare. */
  readonly ignoredQuery?: readonly string[];
  /** Redirects (3xx) are its good answers. */
  readonly redirects?: boolean;
  /** Parameters whose free text is not personal data. */
  readonly shows?: readonly string[];
  readonly comparator: Comparator;
}

/** `get('payments', '/api/payments/:id', { ids: { id: 'payments' }, comparator })` */
export function get(domain: string, pattern: string, spec: RouteSpec): RouteEntry {
  const access = spec.access ?? 'public';
  const ids = spec.ids ?? {};
  const query = spec.query ?? {};
  const statuses = [
    ...(Object.keys(query).length > 0 || Object.keys(ids).length > 0 ? [400] : []),
    ...(access === 'public' ? [] : [401]),
    ...(access === 'admin' ? [403] : []),
    ...(/:/.test(pattern) ? [404] : []),
  ];
  return Object.freeze({
    key: `GET ${pattern}`,
    method: 'GET',
    pattern,
    domain,
    ...(spec.twinPath === undefined ? {} : { twinPath: spec.twinPath }),
    comparator: spec.comparator,
    query,
    ...(spec.ignoredQuery === undefined ? {} : { ignoredQuery: spec.ignoredQuery }),
    ...(spec.redirects === undefined ? {} : { redirects: spec.redirects }),
    ids,
    access,
    perCaller: spec.perCaller ?? false,
    fewAnswers: spec.fewAnswers ?? null,
    statuses,
    ...(spec.shows === undefined ? {} : { shows: spec.shows }),
  });
}

/** In a list of names of query parameters: every one that is not declared. */
const EVERY_OTHER = '*';

/** Is this one of the query parameters that a route knows: declared, or to be ignored? */
export const isKnownParameter = (known: readonly string[], name: string): boolean =>
  known.includes(name) || known.includes(EVERY_OTHER);

/** The usual parameters of a page list. */
export const paging = (fields: readonly string[], byDefault: string): QueryDeclaration => ({
  page: { param: 'page' },
  limit: { param: 'limit', max: 100, default: 20 },
  sort: { param: 'sort', fields, default: byDefault },
});

/** The usual parameters of a cursor list. */
export const cursoring = (collection: string, parameter: 'after' | 'before' = 'after'): QueryDeclaration => ({
  [parameter]: { param: 'cursor', key: 'instant', collection },
  limit: { param: 'limit', max: 100, default: 50 },
});
