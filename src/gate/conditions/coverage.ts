/** Whether every route, and every shape of query seen on it, was compared often enough. */
import { isKnownParameter } from '../../api/route.ts';
import { isGoodStatus, statusOfShape, UNNAMED } from '../../api/shape.ts';
import { agree, count, counted, some } from '../../base/figure-words.ts';
import type { Condition } from '../decision.ts';
import type { RouteDeclaration, RouteEvidence, ShapeEvidence } from '../evidence.ts';
import { callersFor } from '../limits.ts';
import { distinctOf, isExhausted, type Subject } from '../subject.ts';

/** A shape passes by exhaustion after this many times its minimum of comparisons that brought nothing new. */
const NOTHING_NEW = 10;

/**
 * Every declared route needs `minimumPerRoute` distinct comparisons of good answers: a hot entity that is read ten
 * thousand times counts once, and errors on which both sides agree do not count. A route with few possible answers passes
 * when that many different ones were compared.
 */
export function routes(subject: Subject): Condition {
  const { domain, evidence, limits, declared, window } = subject;
  const need = limits.minimumPerRoute;
  const missing: string[] = [];
  let enough = 0;
  for (const route of declared) {
    const seen = evidence.routes.find(({ key }) => key === route.key);
    const more = need - distinctOf(route, seen);
    if (isExhausted(route, seen) || more <= 0) {
      const callers = moreCallers(subject, route, seen);
      if (callers === null) enough += 1;
      else missing.push(callers);
      continue;
    }
    const onlyErrors = seen === undefined || seen.compared > 0 ? null : errorsOf(seen);
    if (onlyErrors !== null) {
      missing.push(`${domain}: a good answer on ${route.key}: nothing but ${onlyErrors} was compared${hintOf(seen)}`);
    } else if (route.fewAnswers !== null) {
      const answers = Math.min(more, Math.max(1, route.fewAnswers - (seen?.answers ?? 0)));
      missing.push(`${domain}: ${counted(answers, 'more different answer')} on ${route.key}`);
    } else
      missing.push(`${moreOn(domain, more, route.key)}${fewQuestions(route, seen) ?? questionsAndAnswers(seen, need)}`);
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
    text: `${partOf(enough, declared.length, 'route')} ${counted(need, 'distinct comparison')} of good answers, or ${agree(enough, 'all of its', 'all of their')} few answers`,
  };
}

/** Answers that depend on who asks prove nothing of other callers' where one alone asked. Null where there were enough. */
function moreCallers({ domain, limits }: Subject, route: RouteDeclaration, seen: RouteEvidence | undefined) {
  const callers = route.perCaller === true ? seen?.callers : undefined;
  if (callers === undefined || callers >= callersFor(limits)) return null;
  const why = `its answers depend on who asks: ${counted(callers, 'caller')} so far; if other fields than credentials tell callers apart, name them in shadow.callerFields; if nobody else asks, lower gate.minimumCallers`;
  return `${domain}: ${counted(callersFor(limits) - callers, 'more caller')} on ${route.key} (${why})`;
}

/** `401`, `401 and 404`; null where nothing was compared at all. */
function errorsOf({ statuses = {} }: RouteEvidence): string | null {
  const seen = Object.keys(statuses).sort();
  return seen.length === 0 ? null : seen.join(' and ');
}

function hintOf(seen: RouteEvidence | undefined): string {
  const all = Object.keys(seen?.statuses ?? {});
  return all.every((status) => status.startsWith('3')) ? '; for a route that redirects write `redirects: true`' : '';
}

/** What to do where no parameter asks for other answers, so that these may be all that there are. */
function fewQuestions(route: RouteDeclaration, seen: RouteEvidence | undefined): string | null {
  if (route.fewQuestions !== true || seen === undefined || seen.answers === 0) return null;
  const { answers } = seen;
  return ` (${counted(answers, 'different answer')} so far; if it has no others, write \`fewAnswers: ${answers}\`)`;
}

/**
 * Says so where most comparisons were of the same question, or had the same answer; and what to do where as many questions
 * as are needed brought few answers, so that these may be all that there are.
 */
function questionsAndAnswers(seen: RouteEvidence | undefined, need: number): string {
  if (seen === undefined) return '';
  const [few, many] = [seen.entities, seen.answers].sort((a, b) => a - b);
  if (2 * (few ?? 0) > (many ?? 0) || many === 0) return '';
  const all = seen.entities >= need ? `; if it has no other answers, write \`fewAnswers: ${seen.answers}\`` : '';
  return ` (${counted(seen.entities, 'different question')}, ${counted(seen.answers, 'different answer')} so far${all})`;
}

/**
 * Every shape seen needs `minimumPerShape` distinct comparisons, or ten times as many that brought nothing new. Parameters
 * that clients send and no route declares are in no shape, so it is unknown whether such questions were ever compared: with
 * one of them the condition cannot be decided.
 */
export function shapes(subject: Subject): Condition {
  const { domain, evidence, limits, declared, window } = subject;
  const need = limits.minimumPerShape;
  const missing: string[] = [];
  const unseen: string[] = [];
  const undeclared: string[] = [];
  let seen = 0;
  let enough = 0;
  for (const route of evidence.routes) {
    const declaration = declared.find(({ key }) => key === route.key);
    if (declaration !== undefined) {
      unseen.push(...unseenOf(declaration, route));
      undeclared.push(...undeclaredOn(declaration, route));
    }
    for (const shape of route.shapes) {
      seen += 1;
      const distinct = distinctOfShape(declaration, shape);
      const few = declaration !== undefined && isExhausted(declaration, route);
      if (distinct >= need || few || saysNothingNew(shape, need)) enough += 1;
      else
        missing.push(
          `${moreOn(domain, need - distinct, route.key)} with ${shape.shape === '' ? 'no parameters' : shape.shape}`,
        );
    }
  }
  for (const route of declared) {
    if (evidence.routes.every(({ key }) => key !== route.key)) unseen.push(...unseenOf(route, undefined));
  }
  missing.push(
    ...undeclared.map(
      (one) =>
        `${domain}: a declaration of the query parameter ${one}, or that it is ignored${one.startsWith(UNNAMED) ? OTHERS : ''}`,
    ),
  );
  const unknown = undeclared.length === 0 ? '' : `; seen and not declared: ${some(undeclared, 8)}`;
  const named = unseen.length === 0 ? '' : `; declared and never seen: ${some(unseen, 8)}`;
  return {
    name: 'shapes',
    holds: seen === 0 ? null : missing.length === 0 ? true : null,
    figure: enough,
    limit: seen,
    unit: 'count',
    window,
    missing: seen === 0 ? [`${domain}: no query shape was seen`] : missing,
    text: `${partOf(enough, seen, 'query shape', ' seen')} ${counted(need, 'distinct comparison')}, or ${agree(enough, 'brings', 'bring')} nothing new${unknown}${named}`,
  };
}

/** What has no name can only be ignored as one of all others. */
const OTHERS = ' ("*": ignored in its `query` says so of all that are not named)';

/** Query parameters that clients give and the route does not declare: `_ on GET /v1/orders`. */
function undeclaredOn(route: RouteDeclaration, seen: RouteEvidence): string[] {
  const known = route.parameters ?? [];
  return (seen.undeclared ?? [])
    .filter((name) => !isKnownParameter(known, name))
    .map((name) => `${name} on ${route.key}`);
}

/** The declared shapes of a route that no read has shown. */
function unseenOf(declared: RouteDeclaration, seen: RouteEvidence | undefined): string[] {
  const features = new Set<string>();
  for (const { shape } of seen?.shapes ?? []) {
    for (const feature of declared.shows?.(shape) ?? [shape]) features.add(feature);
  }
  return declared.shapes.filter((shape) => !features.has(shape)).map((shape) => `${declared.key} ${shape}`);
}

/** An error is the same answer for every caller: for errors only different questions can be required. */
function distinctOfShape(declared: RouteDeclaration | undefined, shape: ShapeEvidence): number {
  const status = statusOfShape(shape.shape);
  if (status !== null && !isGoodStatus(status) && !status.startsWith('3')) return shape.entities;
  return declared?.fewQuestions === true ? Math.max(shape.distinct, shape.answers) : shape.distinct;
}

function saysNothingNew(shape: ShapeEvidence, need: number): boolean {
  return shape.distinct > 0 && shape.sinceLastNew >= NOTHING_NEW * need;
}

/** `3 of 4 routes have`, `1 of 4 routes has`. */
function partOf(part: number, all: number, what: string, seen = ''): string {
  return `${count(part)} of ${counted(all, what)}${seen} ${agree(part, 'has', 'have')}`;
}

function moreOn(domain: string, more: number, route: string): string {
  return `${domain}: ${counted(more, 'more comparison')} on ${route}`;
}
