import { isCredentialLike, isIdForm, isPersonal } from '../api/parameter-privacy.ts';
import { segmentsOf } from '../api/pattern.ts';
import type { QueryParam, RouteEntry } from '../api/route.ts';
import { isWord, undeclaredOf } from '../api/shape.ts';
import type { Hashes } from './hashes.ts';
import type { Reading } from './reading.ts';
import type { ShownParameters } from './settings.ts';

/** The declared kind of a value; `undeclared` for a parameter that the route does not declare. */
type Kind = QueryParam | 'path' | 'undeclared';

/**
 * The target as people may see it: what `show` allows as it is, all other values as keyed hashes, so that one value shows
 * as one hash. Every parameter is there by its name: `?limit=abc` is another request than none.
 */
export function shownTarget(reading: Reading, hashes: Hashes, show: ShownParameters): string {
  const { entry } = reading.route;
  const told = (name: string, value: string, kind: Kind): string =>
    mayShow(entry, name, value, kind, show) ? readable(value) : `~${hashes.of('param', value).slice(0, 8)}`;
  const path = segmentsOf(entry.pattern)
    .map((segment) => {
      if (segment.kind === 'text') return `/${segment.text}`;
      return `/${told(segment.name, reading.params[segment.name] ?? '', 'path')}${segment.suffix}`;
    })
    .join('');
  const query: string[] = [];
  for (const [name, param] of Object.entries(entry.query)) {
    const value = reading.query.get(name);
    if (value !== undefined) query.push(`${name}=${told(name, value, param)}`);
  }
  for (const name of undeclaredOf(reading.query.keys(), (one) => Object.hasOwn(entry.query, one))) {
    const value = reading.query.get(name);
    // A name that may be personal data comes as a placeholder, and a placeholder has no value.
    query.push(value === undefined ? name : `${name}=${told(name, value, 'undeclared')}`);
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

function mayShow(entry: RouteEntry, name: string, value: string, kind: Kind, show: ShownParameters): boolean {
  // Words that the route itself lists are the API's.
  if (typeof kind === 'object' && isWord(kind, value)) return true;
  if (show === 'names' || isCredentialLike(name, value)) return false;
  if (show === 'all') return true;
  if (kind === 'undeclared') return false;
  if (kind === 'path' || kind.param === 'id' ? isIdForm(value) : isFigure(kind, value)) return true;
  return entry.shows?.includes(name) === true && !isPersonal(name, value);
}

/** Instants and numbers, of the parameters that are declared to be some. */
function isFigure({ param }: QueryParam, value: string): boolean {
  return (param === 'instant' || param === 'decimal') && /^[-+\d.:TZ]{1,40}$/.test(value);
}

/** Percent-encoded, except characters that may stay readable without a change of meaning. */
function readable(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(/%(?:2C|3A|40|2F)/g, decodeURIComponent);
}
