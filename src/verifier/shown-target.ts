import { segmentsOf } from '../api/pattern.ts';
import { shapeOf } from '../api/shape.ts';
import type { Hashes } from './hashes.ts';
import type { Reading } from './reading.ts';

/** Parameters whose declared values are words of the API, not of a person. */
const OPEN_KINDS = new Set(['oneOf', 'page', 'limit', 'sort', 'bool']);

/**
 * The target as people may see it: path parameters and free values as keyed hashes (one entity shows as one hash),
 * words of the API as they are, undeclared parameters left out.
 */
export function shownTarget(reading: Reading, hashes: Hashes): string {
  const { entry } = reading.route;
  const path = segmentsOf(entry.pattern)
    .map((segment) => {
      if (segment.kind === 'text') return `/${segment.text}`;
      return `/~${hashes.of('param', reading.params[segment.name] ?? '').slice(0, 8)}${segment.suffix}`;
    })
    .join('');
  const query: string[] = [];
  for (const [name, param] of Object.entries(entry.query)) {
    const value = reading.query.get(name);
    if (value === undefined) continue;
    const open = OPEN_KINDS.has(param.param) && !shapeOfOne(reading, name).includes('invalid');
    query.push(`${name}=${open ? value : `~${hashes.of('param', value).slice(0, 8)}`}`);
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

function shapeOfOne(reading: Reading, name: string): string {
  const { entry } = reading.route;
  const param = entry.query[name];
  if (param === undefined) return 'invalid';
  return shapeOf({ method: entry.method, query: { [name]: param } }, reading.exchange.request, 200);
}
