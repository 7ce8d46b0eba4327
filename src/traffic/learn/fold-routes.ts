/**
 * `/categories/books`, `/categories/toys`, `/categories/shoes` that answer with the same fields are one route with a
 * parameter, though each of the words might be a word of the API.
 */
import { patternOf, shapeOfPattern } from '../../api/path-shapes.ts';
import type { LearnedRoute } from './learner.ts';
import type { PathNode } from './path-node.ts';
import { RouteStats } from './route-stats.ts';

/** Fewer alike routes than this may be so by chance. */
const ALIKE = 3;
/** Share of fields that the answers must have in common, since some are optional. */
const COMMON = 0.6;

export function foldAlike(routes: readonly LearnedRoute[]): readonly LearnedRoute[] {
  const families = new Map<string, LearnedRoute[]>();
  for (const route of routes) {
    const cut = route.pattern.lastIndexOf('/');
    const last = route.pattern.slice(cut + 1);
    if (cut <= 0 || last.startsWith(':')) continue;
    const key = `${route.stats.method} ${route.pattern.slice(0, cut)}`;
    families.set(key, [...(families.get(key) ?? []), route]);
  }
  let folded = routes;
  for (const family of families.values()) {
    const parents = new Set(routes.map(({ pattern }) => pattern));
    const leaves = family.filter(({ pattern }) => ![...parents].some((other) => other.startsWith(`${pattern}/`)));
    if (leaves.length < ALIKE || !areAlike(leaves)) continue;
    folded = withFolded(folded, leaves);
  }
  return folded;
}

function areAlike(routes: readonly LearnedRoute[]): boolean {
  const fields = routes.map(({ stats }) => new Set(fieldsOf(stats.body, '', 5)));
  const [first] = fields;
  if (first === undefined) return false;
  const shared = [...first].filter((field) => fields.every((each) => each.has(field)));
  // Fields that only some have are optional ones.
  return shared.length >= 3 && fields.every((each) => shared.length >= each.size * COMMON);
}

function fieldsOf(node: PathNode, path: string, depth: number): string[] {
  if (depth === 0) return [];
  const under = (child: PathNode | null, name: string): string[] =>
    child === null ? [] : [`${path}/${name}`, ...fieldsOf(child, `${path}/${name}`, depth - 1)];
  return [
    ...[...(node.children ?? [])].flatMap(([name, child]) => under(child, name)),
    ...under(node.items, '*'),
    ...under(node.values, '*'),
  ];
}

function withFolded(routes: readonly LearnedRoute[], leaves: readonly LearnedRoute[]): readonly LearnedRoute[] {
  const [first] = leaves;
  if (first === undefined) return routes;
  const shape = shapeOfPattern(first.pattern);
  const pattern = patternOf([...shape.slice(0, -1), null]);
  const stats = new RouteStats(first.stats.method);
  for (const leaf of leaves) stats.merge(leaf.stats);
  const rest = routes.filter((route) => !leaves.includes(route));
  const same = rest.find((route) => route.pattern === pattern && route.stats.method === stats.method);
  if (same === undefined) return [...rest, { pattern, stats }];
  stats.merge(same.stats);
  return [...rest.filter((route) => route !== same), { pattern, stats }];
}
