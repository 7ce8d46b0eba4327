/**
 * Routes without a description: every GET belongs to one by the shape of its path, all in one domain, compared strictly.
 * For a first look; a domain that is to be flipped needs declared routes and rules.
 */
import { comparator, strict } from '../rules/kit.ts';
import type { Route } from '../types.ts';
import { PathShapes } from './path-shapes.ts';
import type { RouteEntry } from './route.ts';

/** The word for it in `routes.table`, and its domain. */
export const AUTO = 'auto';

export interface AutoRoutes {
  match(method: string, target: string): Route | null;
  /** Those seen so far. */
  readonly routes: readonly Route[];
}

/** Bounded: no more patterns than `PathShapes` keeps; what comes after those is of no route. */
export function createAutoRoutes(): AutoRoutes {
  const shapes = new PathShapes();
  const known = new Map<string, Route>();
  return {
    get routes() {
      return [...known.values()];
    },
    match(method, target) {
      if (method !== 'GET' && method !== 'HEAD') return null;
      const pattern = shapes.see(target);
      if (pattern === null) return null;
      let route = known.get(pattern);
      if (route === undefined) {
        route = Object.freeze({ key: `GET ${pattern}`, method: 'GET', pattern, domain: AUTO });
        known.set(pattern, route);
      }
      return route;
    },
  };
}

/** The entry of a route that was found by its path. Null for a key that is none. */
export function autoEntry(key: string): RouteEntry | null {
  if (!key.startsWith('GET /')) return null;
  return Object.freeze({
    key,
    method: 'GET',
    pattern: key.slice(4),
    domain: AUTO,
    // Nobody named the fields, and a difference in `~k3f9c2a10` tells nobody anything.
    comparator: Object.freeze({ ...comparator(key, strict(), { error: strict() }), names: true }),
    query: {},
    ids: {},
    access: 'caller',
    // Nobody has said that it does not.
    perCaller: true,
    fewAnswers: null,
    statuses: [],
  });
}
