/**
 * A gate's answer of bounded length, however many shapes and fingerprints there are; the whole lists are read page
 * by page.
 */
import { count } from '../base/figure-words.ts';
import type { Condition } from './decision.ts';
import type { DomainEvidence, RouteEvidence } from './evidence.ts';

/** Lines of one condition that say what is missing. */
const MISSING = 25;
const FINGERPRINTS = 50;
/** Shapes of one route. */
const SHAPES = 25;

/** How much was left out of a list. */
export interface Cut {
  readonly fingerprints: number;
  /** By route key; only routes of which some were left out. */
  readonly shapes: Readonly<Record<string, number>>;
}

/** The condition with its first lines of what is missing, and how many more there are. */
export function boundedCondition(condition: Condition): Condition {
  const { missing } = condition;
  if (missing.length <= MISSING) return condition;
  const more = missing.length - MISSING + 1;
  return {
    ...condition,
    missing: [...missing.slice(0, MISSING - 1), `and ${count(more)} more of this kind`],
  };
}

/** The evidence to look at: the most frequent fingerprints, and of each route the shapes that were compared least. */
export function boundedEvidence(evidence: DomainEvidence): DomainEvidence & { readonly cut: Cut } {
  const shapes: Record<string, number> = {};
  const routes = evidence.routes.map((route): RouteEvidence => {
    if (route.shapes.length <= SHAPES) return route;
    shapes[route.key] = route.shapes.length - SHAPES;
    return { ...route, shapes: route.shapes.toSorted((a, b) => a.distinct - b.distinct).slice(0, SHAPES) };
  });
  const fingerprints = evidence.fingerprints.slice(0, FINGERPRINTS);
  return {
    ...evidence,
    routes,
    fingerprints,
    cut: { fingerprints: evidence.fingerprints.length - fingerprints.length, shapes },
  };
}
