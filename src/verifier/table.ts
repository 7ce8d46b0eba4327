/** The route table as the verifier needs it: loaded by reference, since functions do not cross threads. */

import type { RouteEntry } from '../api/route.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { type CompiledRoute, compileRoute } from './engine.ts';
import { writtenEntry } from './written-entry.ts';

/** A route without its twin handler: all that judging needs. */
export type VerifiedEntry = Omit<RouteEntry, 'twin'> & {
  /** The table does not say which parameters there are: all of them count. */
  readonly openQuery?: boolean;
};

export interface VerifiedRoute extends CompiledRoute {
  readonly entry: VerifiedEntry;
}

/** Where each side is asked. */
export interface Origins {
  readonly primary: string;
  readonly twin: string;
}

export type RouteTable = ReadonlyMap<string, VerifiedRoute>;

/**
 * The module's routes and those written as data: whole entries, or as a config file has them (pattern, domain, and one
 * of `comparator`, `module`, `rules`). @throws ShadowError SHADOW_ROUTE, SHADOW_RULE
 */
export async function loadTable(
  module: string | null,
  plain: readonly unknown[],
  origins: Origins,
): Promise<RouteTable> {
  const own = await Promise.all(plain.map((entry) => (isEntry(entry) ? entry : writtenEntry(entry))));
  return tableOf([...(module === null ? [] : await entriesOf(module)), ...own], origins);
}

export function tableOf(entries: readonly VerifiedEntry[], origins: Origins): RouteTable {
  return new Map(
    entries.map((entry) => [entry.key, Object.freeze({ entry, ...compileRoute(entry.comparator, origins) })]),
  );
}

async function entriesOf(module: string): Promise<VerifiedEntry[]> {
  let exports: Record<string, unknown>;
  try {
    exports = await import(module);
  } catch (error) {
    throw new ShadowError('SHADOW_ROUTE', 'the route table cannot be loaded', {
      expected: 'a module that exports `routes`',
      actual: `${module}: ${messageOf(error)}`,
      cause: error,
    });
  }
  const list = exports.routes ?? exports.default ?? exports.amanatRoutes;
  if (!Array.isArray(list)) {
    throw new ShadowError('SHADOW_ROUTE', 'the route module has no table', {
      expected: 'an export `routes`, a list of route entries',
      actual: `${module} exports ${Object.keys(exports).join(', ') || 'nothing'}`,
      example: "export const routes = [get('payments', '/api/payments/:id', { comparator, twin })]",
    });
  }
  return list.map(entryOf);
}

function entryOf(value: unknown): VerifiedEntry {
  if (isEntry(value)) return value;
  throw new ShadowError('SHADOW_ROUTE', 'a route entry is not complete', {
    expected: 'key, method, pattern, domain, comparator, query, ids, perCaller',
    actual: typeof value === 'object' && value !== null ? Object.keys(value).join(', ') : typeof value,
  });
}

function isEntry(value: unknown): value is VerifiedEntry {
  if (typeof value !== 'object' || value === null) return false;
  const has = (key: string, type: string): boolean => key in value && typeof value[key as keyof typeof value] === type;
  const texts = ['key', 'method', 'pattern', 'domain'].every((key) => has(key, 'string'));
  return texts && has('comparator', 'object') && has('query', 'object') && has('ids', 'object');
}
