/** What a route declares that it can be asked and answer, as features of shapes: `status=paid`, `page=2-5`, `404`. */
import type { QueryParam, RouteEntry } from './route.ts';

/** Every feature that reads of this route can show; coverage names those that none has shown. */
export function declaredFeatures(entry: Pick<RouteEntry, 'query' | 'statuses'>): readonly string[] {
  const parameters = Object.entries(entry.query).flatMap(([name, param]) =>
    classesOf(param).map((value) => `${name}=${value}`),
  );
  return [...parameters, '200', ...entry.statuses.map(String)];
}

/** The features that one shape shows: its parameters, and its status. */
export function featuresOf(shape: string): readonly string[] {
  return shape.split(/[ &]/).filter((part) => part !== '' && part !== 'HEAD');
}

/**
 * Few different questions can be asked of it: no path parameter, no caller, no body, and only query parameters with a
 * fixed set of values.
 */
export function hasFewQuestions(entry: Pick<RouteEntry, 'method' | 'pattern' | 'query' | 'perCaller'>): boolean {
  if (entry.method === 'POST' || entry.perCaller || entry.pattern.includes(':')) return false;
  return Object.values(entry.query).every(({ param }) => FIXED.has(param));
}

const FIXED: ReadonlySet<QueryParam['param']> = new Set(['oneOf', 'bool', 'limit', 'sort']);

function classesOf(param: QueryParam): readonly string[] {
  switch (param.param) {
    case 'oneOf':
      return param.values;
    case 'bool':
      return ['true', 'false'];
    case 'page':
      return ['1', '2-5', 'past_end'];
    case 'limit':
      return ['default', 'other'];
    case 'sort':
      return param.fields.flatMap((field) => [field, `-${field}`]);
    case 'id':
    case 'text':
    case 'instant':
    case 'decimal':
    case 'cursor':
      return ['set'];
    default:
      return param satisfies never;
  }
}
