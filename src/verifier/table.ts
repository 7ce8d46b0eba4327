/** The route table as the verifier needs it: every route with its compiled comparator. */
import type { RouteEntry } from '../api/route.ts';
import { type CompiledRoute, compileRoute } from './engine.ts';

export interface VerifiedRoute extends CompiledRoute {
  readonly entry: RouteEntry;
}

/** Where each side is asked. */
export interface Origins {
  readonly primary: string;
  readonly twin: string;
}

export type RouteTable = ReadonlyMap<string, VerifiedRoute>;

export function tableOf(entries: readonly RouteEntry[], origins: Origins): RouteTable {
  return new Map(
    entries.map((entry) => [entry.key, Object.freeze({ entry, ...compileRoute(entry.comparator, origins) })]),
  );
}
