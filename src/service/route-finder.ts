/** Which route a request is of: the API's, then one by the shape of its path where the config asks for that. */
import { createAutoRoutes } from '../api/auto-routes.ts';
import { createRouteMatcher } from '../api/route-matcher.ts';
import type { Route } from '../types.ts';

export interface RouteFinder {
  match(method: string, target: string): Route | null;
  /** Those known now. */
  readonly routes: readonly Route[];
  /** GET, HEAD and POST requests so far that were of no route. */
  readonly passed: number;
}

export function routeFinder(routes: readonly Route[], auto: boolean): RouteFinder {
  const table = createRouteMatcher(routes);
  const found = auto ? createAutoRoutes() : null;
  let passed = 0;
  return {
    match(method, target) {
      const route = table.match(method, target) ?? found?.match(method, target) ?? null;
      if (route === null) passed += 1;
      return route;
    },
    get routes() {
      return found === null ? routes : [...routes, ...found.routes];
    },
    get passed() {
      return passed;
    },
  };
}
