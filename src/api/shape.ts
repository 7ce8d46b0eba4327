/**
 * The shape of a request: which of the declared parameters were given, each as a class of values. Coverage counts
 * shapes, so they are stable and few: `page=1&sort=-createdAt&limit=default&status=paid 200`.
 *
 * - `page`: 1, 2-5, 6+; `page=past_end` where the answer was empty; `limit`: default or other; `sort`: field and
 *   direction. These three count when absent too, with their defaults.
 * - `oneOf` and `bool`: the value; id, text, instant, decimal and cursor: `set`. A value that cannot be: `invalid`.
 * - Then the method where it is not the route's own, and the status.
 */
import type { QueryParam, RouteEntry } from './route.ts';

export interface ShapeRequest {
  readonly method: string;
  readonly target: string;
}

export interface ShapeAnswer {
  /** The page asked for lies past the last one. */
  readonly pastEnd: boolean;
}

export function shapeOf(
  entry: Pick<RouteEntry, 'query' | 'method'>,
  request: ShapeRequest,
  status: number,
  answer: ShapeAnswer = { pastEnd: false },
): string {
  const mark = request.target.indexOf('?');
  const given = new URLSearchParams(mark < 0 ? '' : request.target.slice(mark + 1));
  const parts: string[] = [];
  for (const [name, param] of Object.entries(entry.query)) {
    const values = given.getAll(name);
    const value = values.length > 1 ? 'invalid' : classOf(param, values[0]);
    if (value !== null) parts.push(`${name}=${param.param === 'page' && answer.pastEnd ? 'past_end' : value}`);
  }
  const method = request.method === entry.method ? '' : `${request.method} `;
  return `${method}${parts.join('&')}${parts.length > 0 ? ' ' : ''}${status}`;
}

/** The status at a shape's end: `404`; null where it has none. */
export function statusOfShape(shape: string): string | null {
  return /(?:^| )([1-5](?:\d\d|xx))$/.exec(shape)?.[1] ?? null;
}

/** 2xx: an answer that is what was asked for. */
export function isGoodStatus(status: string): boolean {
  return status.startsWith('2');
}

/**
 * Longer names of parameters, those with other characters, with long numbers, or with a digit before a letter, as tokens
 * have them, may be personal data.
 */
const PARAMETER = /^(?!.*(?:\d{4}|\d[a-z]))[a-z_$[][\w.$:[\]-]{0,39}$/i;
export const UNNAMED = '(no name)';

/** Those of a request's query parameters (by name, each once) that are none of `known`; at most `most`. */
export function undeclaredOf(given: Iterable<string>, known: (name: string) => boolean, most = 8): readonly string[] {
  const names = new Set<string>();
  for (const name of given) {
    if (known(name)) continue;
    names.add(PARAMETER.test(name) ? name : UNNAMED);
    if (names.size >= most) break;
  }
  return [...names];
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const WHOLE = /^\d{1,9}$/;
const ID = /^([0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The class of a value; null where the parameter was not given and counts only when it is. */
function classOf(param: QueryParam, value: string | undefined): string | null {
  switch (param.param) {
    case 'page':
      return value === undefined ? '1' : pageClass(value);
    case 'limit':
      if (value === undefined || value === String(param.default)) return 'default';
      return WHOLE.test(value) && Number(value) >= 1 && Number(value) <= param.max ? 'other' : 'invalid';
    case 'sort':
      return sortClass(param.fields, value ?? param.default);
    case 'oneOf':
      return value === undefined ? null : param.values.includes(value) ? value : 'invalid';
    case 'bool':
      return value === undefined ? null : value === 'true' || value === 'false' ? value : 'invalid';
    case 'id':
      return setWhere(value, (text) => ID.test(text));
    case 'text':
      return setWhere(value, (text) => text !== '');
    case 'instant':
      return setWhere(value, (text) => INSTANT.test(text) && !Number.isNaN(Date.parse(text)));
    case 'decimal':
      return setWhere(value, (text) => DECIMAL.test(text));
    case 'cursor':
      return setWhere(value, (text) => /^[\w-]+={0,2}$/.test(text));
  }
}

/** Is the value one of the words that the parameter's declaration admits, or a small number that it asks for? */
export function isWord(param: QueryParam, value: string): boolean {
  switch (param.param) {
    case 'page':
    case 'limit':
    case 'sort':
    case 'oneOf':
    case 'bool':
      return classOf(param, value) !== 'invalid';
    case 'id':
    case 'text':
    case 'instant':
    case 'decimal':
    case 'cursor':
      return false;
  }
}

function setWhere(value: string | undefined, valid: (text: string) => boolean): string | null {
  return value === undefined ? null : valid(value) ? 'set' : 'invalid';
}

function pageClass(value: string): string {
  const page = WHOLE.test(value) ? Number(value) : 0;
  if (page < 1) return 'invalid';
  return page === 1 ? '1' : page <= 5 ? '2-5' : '6+';
}

function sortClass(fields: readonly string[], value: string): string {
  return fields.includes(value.startsWith('-') ? value.slice(1) : value) ? value : 'invalid';
}
