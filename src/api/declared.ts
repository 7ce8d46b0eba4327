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
