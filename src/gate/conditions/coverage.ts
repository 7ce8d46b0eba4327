/** Whether every route, and every shape of query seen on it, was compared often enough. */
import type { Condition } from '../decision.ts';
import type { RouteDeclaration, RouteEvidence, ShapeEvidence } from '../evidence.ts';
import { isExhausted, type Subject } from '../subject.ts';
import { count, counted, some } from '../words.ts';

/** A shape passes by exhaustion after so many times its minimum of comparisons that brought nothing new. */
const NOTHING_NEW = 10;

/**
 * Every declared route needs `minimumPerRoute` distinct comparisons: a hot entity that is read ten thousand times is one.
 * A route with few possible answers passes when as many different ones were compared.
 */
export function routes(subject: Subject): Condition {
  const { domain, evidence, limits, declared, window } = subject;
  const need = limits.minimumPerRoute;
  const missing: string[] = [];
  let enough = 0;
  for (const route of declared) {
    const seen = evidence.routes.find(({ key }) => key === route.key);
    if (isExhausted(route, seen)) enough += 1;
    else if (route.fewAnswers !== null && (seen?.distinct ?? 0) < need) {
      const more = Math.min(need - (seen?.distinct ?? 0), Math.max(1, route.fewAnswers - (seen?.answers ?? 0)));
      missing.push(`${domain}: ${count(more)} more different ${more === 1 ? 'answer' : 'answers'} on ${route.key}`);
    } else if ((seen?.distinct ?? 0) < need) missing.push(moreOn(domain, need - (seen?.distinct ?? 0), route.key));
    else enough += 1;
  }
  if (declared.length === 0) missing.push(`${domain}: the route table has no route of this domain`);
  return {
    name: 'routes',
    holds: missing.length === 0 ? true : null,
    figure: enough,
    limit: declared.length,
    unit: 'count',
    window,
    missing,
    text: `${count(enough)} of ${counted(declared.length, 'route')} have ${count(need)} distinct comparisons or all of their few answers`,
  };
}

/** Every shape seen needs `minimumPerShape` distinct comparisons, or ten times as many that brought nothing new. */
export function shapes(subject: Subject): Condition {
  const { domain, evidence, limits, declared, window } = subject;
  const need = limits.minimumPerShape;
  const missing: string[] = [];
  const unseen: string[] = [];
  let seen = 0;
  let enough = 0;
  for (const route of evidence.routes) {
    const declaration = declared.find(({ key }) => key === route.key);
    if (declaration !== undefined) unseen.push(...unseenOf(declaration, route));
    for (const shape of route.shapes) {
      seen += 1;
      const few = declaration !== undefined && isExhausted(declaration, route);
      if (shape.distinct >= need || few || saysNothingNew(shape, need)) enough += 1;
      else
        missing.push(
          `${moreOn(domain, need - shape.distinct, route.key)} with ${shape.shape === '' ? 'no parameters' : shape.shape}`,
        );
    }
  }
  for (const route of declared) {
    if (evidence.routes.every(({ key }) => key !== route.key)) unseen.push(...unseenOf(route, undefined));
  }
  const named = unseen.length === 0 ? '' : `; declared and never seen: ${some(unseen, 8)}`;
  return {
    name: 'shapes',
    holds: seen === 0 ? null : missing.length === 0 ? true : null,
    figure: enough,
    limit: seen,
    unit: 'count',
    window,
    missing: seen === 0 ? [`${domain}: no query shape was seen`] : missing,
    text: `${count(enough)} of ${counted(seen, 'query shape')} seen have ${count(need)} distinct comparisons or bring nothing new${named}`,
  };
}

/** The declared shapes of a route that no read has shown. */
export function unseenOf(declared: RouteDeclaration, seen: RouteEvidence | undefined): string[] {
  const shown = new Set<string>();
  for (const { shape } of seen?.shapes ?? []) {
    for (const feature of declared.shows?.(shape) ?? [shape]) shown.add(feature);
  }
  return declared.shapes.filter((shape) => !shown.has(shape)).map((shape) => `${declared.key} ${shape}`);
}

function saysNothingNew(shape: ShapeEvidence, need: number): boolean {
  return shape.distinct > 0 && shape.sinceLastNew >= NOTHING_NEW * need;
}

function moreOn(domain: string, more: number, route: string): string {
  return `${domain}: ${count(more)} more ${more === 1 ? 'comparison' : 'comparisons'} on ${route}`;
}
