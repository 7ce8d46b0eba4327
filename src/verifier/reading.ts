import type { Exchange, Representation, Side } from '../types.ts';
import type { VerifiedRoute } from './table.ts';

/** One read while it is verified: what was asked, of whom, and by which rules it is judged. */
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

/** The values of the pattern's `:parameters` in a path, decoded where they can be. */
export function paramsOf(pattern: string, path: string): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  const parts = path.split('/');
  pattern.split('/').forEach((part, i) => {
    if (part.startsWith(':')) params[part.slice(1)] = decoded(parts[i] ?? '');
  });
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
