/**
 * Which known route a request target belongs to, in one step per segment.
 *
 * Rules. Patterns are `/static/:param` paths; a parameter may have a suffix (`:id.json`). A static segment goes before a
 * parameter, and the longer suffix before the shorter and before none, decided from the left, with the other way still
 * open (`/a/me/x` finds `/a/:id/x` where `/a/me` has no `x`). Matching is case-sensitive; a slash at the end makes another
 * path, which has a pattern of its own. Segments are compared percent-decoded. What frameworks read in different ways is no known
 * route: empty segments (`//`), `.` and `..` (encoded or not), an encoded slash or backslash, broken percent escapes.
 * Such a read passes unverified, which is safe; a read verified by the rules of another route would not be.
 */

import { ShadowError } from '../errors.ts';
import type { Route } from '../types.ts';
import { MAX_SEGMENTS, segmentsOf } from './pattern.ts';

interface TrieNode {
  readonly statics: Map<string, TrieNode>;
  /** Of parameters by their suffix, the empty one included. */
  readonly params: Map<string, TrieNode>;
  readonly routes: Map<string, Route>;
}

/** A set of trie nodes in order of preference, made into one state, so that matching never goes back. */
interface State {
  readonly statics: Map<string, State>;
  /** Where a segment leads that no static one names and that ends so; the longest first. */
  readonly suffixes: (readonly [suffix: string, state: State])[];
  /** Where any other segment leads. */
  other: State | null;
  readonly routes: ReadonlyMap<string, Route>;
}

/** More states come only from patterns that overlap in every combination, which no real API has. */
const MAX_STATES = 20_000;

export interface RouteMatcher {
  /** The route of an origin-form or absolute-form target, query included, or null. Never throws. HEAD is matched as GET. */
  match(method: string, target: string): Route | null;
  readonly routes: readonly Route[];
}

/** Throws SHADOW_ROUTE for a pattern that can never match. */
export function createRouteMatcher(routes: readonly Route[]): RouteMatcher {
  const root = trieNode();
  for (const route of routes) add(root, route);
  const start = compile(root);
  return {
    routes,
    match(method, target) {
      const known = method === 'HEAD' ? 'GET' : method;
      if (known !== 'GET' && known !== 'POST') return null;
      const from = pathStart(target);
      if (from < 0) return null;
      return walk(start, target, from)?.routes.get(known) ?? null;
    },
  };
}

/** Index of the slash that begins the path; -1 for any other form (`*`, an authority). */
function pathStart(target: string): number {
  if (target.charCodeAt(0) === 47) return 0;
  const scheme = target.indexOf('://');
  if (scheme < 0 || !/^https?$/i.test(target.slice(0, scheme))) return -1;
  const slash = target.indexOf('/', scheme + 3);
  const query = target.indexOf('?', scheme + 3);
  return query >= 0 && query < slash ? -1 : slash;
}

function walk(start: State, target: string, from: number): State | null {
  let end = target.indexOf('?', from);
  if (end < 0) end = target.length;
  // A fragment is never sent by a client; frameworks differ on one that is.
  if (target.indexOf('#', from) >= 0) return null;
  let state: State | null = start;
  let at = from;
  for (let depth = 0; at < end; depth++) {
    if (depth === MAX_SEGMENTS) return null;
    let next = target.indexOf('/', at + 1);
    if (next < 0 || next > end) next = end;
    // The slash at the end of a path, and the whole of the root's.
    if (next === at + 1 && next === end) return state.statics.get('') ?? null;
    const segment = decoded(target.slice(at + 1, next));
    if (segment === null) return null;
    state = state.statics.get(segment) ?? bySuffix(state, segment) ?? state.other;
    if (state === null) return null;
    at = next;
  }
  return state;
}

function bySuffix({ suffixes }: State, segment: string): State | null {
  for (const [suffix, state] of suffixes)
    if (segment.length > suffix.length && segment.endsWith(suffix) && !isDots(segment, suffix)) return state;
  return null;
}

/** Without the suffix the value would be `.` or `..`, which names another place in the path that the twin is asked for. */
function isDots(segment: string, suffix: string): boolean {
  const length = segment.length - suffix.length;
  return length <= 2 && segment.startsWith(length === 1 ? '.' : '..');
}

function decoded(segment: string): string | null {
  if (segment === '' || segment === '.' || segment === '..') return null;
  if (segment.includes('\\')) return null;
  if (!segment.includes('%')) return segment;
  let plain: string;
  try {
    plain = decodeURIComponent(segment);
  } catch {
    return null;
  }
  return plain === '.' || plain === '..' || /[/\\\0]/.test(plain) ? null : plain;
}

function trieNode(): TrieNode {
  return { statics: new Map(), params: new Map(), routes: new Map() };
}

function add(root: TrieNode, route: Route): void {
  let node = root;
  for (const segment of segmentsOf(route.pattern)) {
    const [children, name] =
      segment.kind === 'text' ? [node.statics, segment.text] : ([node.params, segment.suffix] as const);
    const next = children.get(name) ?? trieNode();
    children.set(name, next);
    node = next;
  }
  const same = node.routes.get(route.method);
  if (same !== undefined) {
    throw new ShadowError('SHADOW_ROUTE', `the route ${route.key} can never match`, {
      expected: 'a pattern of its own',
      actual: `the same shape as ${same.key}`,
    });
  }
  node.routes.set(route.method, route);
}

/** Subset construction: every set of trie nodes that one path can reach becomes a state. */
function compile(root: TrieNode): State {
  const ids = new Map<TrieNode, number>();
  const states = new Map<string, State>();
  const stateOf = (nodes: readonly TrieNode[]): State | null => {
    if (nodes.length === 0) return null;
    const key = nodes.map((node) => idOf(ids, node)).join(',');
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= MAX_STATES) {
      throw new ShadowError('SHADOW_ROUTE', 'the route patterns overlap too much to be matched', {
        expected: `at most ${MAX_STATES} combinations`,
        actual: 'more',
      });
    }
    const state: State = { statics: new Map(), suffixes: [], other: null, routes: routesOf(nodes) };
    states.set(key, state);
    const names = new Set(nodes.flatMap((node) => [...node.statics.keys()]));
    for (const name of names) {
      const next = stateOf(nodes.flatMap((node) => [...present(node.statics.get(name)), ...paramsFor(node, name)]));
      if (next !== null) state.statics.set(name, next);
    }
    const suffixes = new Set(nodes.flatMap((node) => [...node.params.keys()]));
    for (const suffix of [...suffixes].sort(longestFirst)) {
      // Whatever ends with the longest suffix ends with those that it ends with, and with no other.
      const next = suffix === '' ? null : stateOf(nodes.flatMap((node) => paramsFor(node, `x${suffix}`)));
      if (next !== null) state.suffixes.push([suffix, next]);
    }
    state.other = stateOf(nodes.flatMap((node) => present(node.params.get(''))));
    return state;
  };
  return stateOf([root]) ?? { statics: new Map(), suffixes: [], other: null, routes: new Map() };
}

/** Parameters of a node that take a segment, the longest suffix first. The empty segment is no parameter's. */
function paramsFor(node: TrieNode, segment: string): TrieNode[] {
  if (segment === '') return [];
  return [...node.params]
    .filter(([suffix]) => segment.length > suffix.length && segment.endsWith(suffix))
    .sort(([a], [b]) => longestFirst(a, b))
    .map(([, next]) => next);
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

function present(...nodes: readonly (TrieNode | null | undefined)[]): TrieNode[] {
  return nodes.filter((node) => node !== null && node !== undefined);
}

function idOf(ids: Map<TrieNode, number>, node: TrieNode): number {
  const id = ids.get(node) ?? ids.size;
  ids.set(node, id);
  return id;
}

/** Per method the route of the most preferred node that has one. */
function routesOf(nodes: readonly TrieNode[]): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const node of nodes) {
    for (const [method, route] of node.routes) if (!routes.has(method)) routes.set(method, route);
  }
  return routes;
}
