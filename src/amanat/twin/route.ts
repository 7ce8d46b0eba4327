import { get as declare, type RouteEntry, type RouteSpec } from '../../api/route.ts';
import type { TwinHandler } from './handler.ts';

/** A route of the API with the SQL that answers it. */
export interface TwinRoute extends RouteEntry {
  readonly twin: TwinHandler;
}

/** `get('payments', '/api/payments/:id', { ids: { id: 'payments' }, comparator, twin })` */
export function get(domain: string, pattern: string, spec: RouteSpec & { readonly twin: TwinHandler }): TwinRoute {
  const { twin, ...declared } = spec;
  return Object.freeze({ ...declare(domain, pattern, declared), twin });
}
