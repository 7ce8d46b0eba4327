/** Where a route's answers hold their list, read from its rules: no API's page form is built in. */
import type { Rule } from '../rules/rule.ts';
import type { RouteEntry } from './route.ts';

/** How deep a list may lie below the body: `{ result: { items: [] } }` is two. */
const DEPTH = 3;

/** The name of the parameter that asks for a page; null where the route declares none. */
export function pageParameterOf(entry: Pick<RouteEntry, 'query'>): string | null {
  return Object.entries(entry.query).find(([, { param }]) => param === 'page')?.[0] ?? null;
}

/** Keys from the body to its first list; empty where the body itself is one, null where there is none. */
export function listPathOf(rule: Rule, depth = 0): readonly string[] | null {
  if (rule.rule === 'list') return [];
  if (rule.rule === 'nullable') return listPathOf(rule.of, depth);
  if (rule.rule !== 'object' || depth >= DEPTH) return null;
  for (const [name, field] of Object.entries(rule.fields)) {
    const below = listPathOf(field, depth + 1);
    if (below !== null) return [name, ...below];
  }
  return null;
}
