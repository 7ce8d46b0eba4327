import { paramsOf } from '../api/pattern.ts';
import type { Exchange, Representation, Side } from '../types.ts';
import type { VerifiedRoute } from './table.ts';

/** One read while it is verified: the request, its sides, and the rules that judge it. */
export interface Reading {
  readonly exchange: Exchange;
  readonly route: VerifiedRoute;
  readonly representation: Representation;
  /** The side that did not answer the client. */
  readonly shadowed: Side;
  readonly params: Readonly<Record<string, string>>;
  /** The values of each query parameter, with commas between those of a repeated one. */
  readonly query: ReadonlyMap<string, string>;
}

export function readingOf(exchange: Exchange, route: VerifiedRoute, representation: Representation): Reading {
  const { target } = exchange.request;
  const mark = target.indexOf('?');
  const query = new Map<string, string>();
  if (mark >= 0) {
    for (const [name, value] of new URLSearchParams(target.slice(mark + 1))) {
      const before = query.get(name);
      query.set(name, before === undefined ? value : `${before},${value}`);
    }
  }
  return {
    exchange,
    route,
    representation,
    shadowed: exchange.served === 'primary' ? 'twin' : 'primary',
    params: paramsOf(route.entry.pattern, mark < 0 ? target : target.slice(0, mark)),
    query,
  };
}
