/**
 * Where the twin has what the primary has: below a prefix, and under another path where a route says so. Stated once,
 * for asking the twin and for comparing the URLs that the two sides show.
 */
import { nearest } from '../base/nearest.ts';
import type { Route, Side } from '../types.ts';
import { type Segment, segmentsOf, shapeOfPattern } from './pattern.ts';
import { createRouteMatcher } from './route-matcher.ts';

/** What keeps a route's twinPath from being one, in words; null where it can be asked for. */
export function mistakeInTwinPath(pattern: string, twinPath: string): string | null {
  const names = parametersOf(pattern);
  const unknown = parametersOf(twinPath).find((name) => !names.includes(name));
  if (unknown === undefined) return null;
  const near = nearest(unknown, names);
  const known =
    names.length === 0 ? 'no parameter, as the pattern has none' : `the pattern's parameters (${names.join(', ')})`;
  return `expected ${known}; found :${unknown}${near === null ? '' : `; did you mean :${near}?`}`;
}

/** @throws ShadowError SHADOW_ROUTE for a path that can never be */
function parametersOf(pattern: string): readonly string[] {
  return segmentsOf(pattern).flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []));
}

/** The target to ask the twin with, without its prefix: values as the client wrote them, the query as it is. */
export function twinTargetOf({ pattern, twinPath }: Pick<Route, 'pattern' | 'twinPath'>, target: string): string {
  if (twinPath === undefined) return target;
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  const values = writtenValues(pattern, path);
  const own = segmentsOf(twinPath).map((segment) => `/${written(segment, values)}`);
  return own.join('') + (end < 0 ? '' : target.slice(end));
}

/**
 * A path on a side's own origin as the twin has it, without the prefix, so that both sides' paths to one resource read
 * alike. The twin may as well show the primary's path: clients follow its links through the proxy.
 */
export type TwinPaths = (side: Side, path: string) => string;

/** Null where the twin has every path that the primary has, and no prefix. */
export function twinPathsOf(routes: readonly Route[], twinUrl: string): TwinPaths | null {
  const prefix = new URL(twinUrl).pathname.replace(/\/$/, '');
  const moved = routes.filter(({ method, twinPath }) => method === 'GET' && twinPath !== undefined);
  if (prefix === '' && moved.length === 0) return null;
  const here = createRouteMatcher(routes.filter(({ method }) => method === 'GET'));
  const there = createRouteMatcher(onTwin(moved));
  return (side, path) => {
    const own = side === 'twin' ? withoutPrefix(path, prefix) : path;
    // No matcher knows what a fragment belongs to.
    const [plain = ''] = own.split('#', 1);
    if (side === 'twin' && there.match('GET', plain) !== null) return own;
    const route = here.match('GET', plain);
    return route === null ? own : twinTargetOf(route, own);
  };
}

/** Each shape once: two of the primary's routes may be one of the twin's. */
function onTwin(moved: readonly Route[]): readonly Route[] {
  const byShape = new Map<string, Route>();
  for (const route of moved) {
    const pattern = route.twinPath ?? route.pattern;
    byShape.set(shapeOfPattern(pattern), { ...route, pattern });
  }
  return [...byShape.values()];
}

function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '' || !path.startsWith(prefix)) return path;
  const rest = path.slice(prefix.length);
  return rest === '' || /^[?#]/.test(rest) ? `/${rest}` : rest.startsWith('/') ? rest : path;
}

/** The values of the pattern's parameters, percent-encoded as in the path. */
function writtenValues(pattern: string, path: string): ReadonlyMap<string, string> {
  const parts = path.slice(1).split('/');
  const values = new Map<string, string>();
  for (const [i, segment] of segmentsOf(pattern).entries()) {
    const part = parts[i] ?? '';
    if (segment.kind === 'text') continue;
    const { name, suffix } = segment;
    if (part.endsWith(suffix)) values.set(name, part.slice(0, part.length - suffix.length));
    // The suffix is percent-encoded too.
    else values.set(name, encodeURIComponent(decodeURIComponent(part).slice(0, -suffix.length)));
  }
  return values;
}

function written(segment: Segment, values: ReadonlyMap<string, string>): string {
  if (segment.kind === 'text') return encodeURI(segment.text);
  return `${values.get(segment.name) ?? ''}${encodeURI(segment.suffix)}`;
}
