/** What is seen of one route's query parameters, and which kind each of them is. */
import { namesLimit, namesOffset, namesPage } from '../../api/parameter-names.ts';
import type { QueryParam } from '../../api/route.ts';
import { positionOf } from '../../rules/engine/ref.ts';
import { CURSOR_KEYS } from './forms.ts';
import { SORT_PARAMS } from './list-order.ts';

/** Different values kept of one parameter, and parameters of one route. */
const VALUES = 60;
const PARAMETERS = 40;
/** A filter with more different values than this takes free text. */
const FILTER = 15;

interface Parameter {
  times: number;
  readonly values: Map<string, number>;
  overflow: boolean;
}

export class QueryStats {
  readonly #parameters = new Map<string, Parameter>();

  see(query: ReadonlyMap<string, string>): void {
    for (const [name, value] of query) {
      let held = this.#parameters.get(name);
      if (held === undefined) {
        if (this.#parameters.size >= PARAMETERS) continue;
        held = { times: 0, values: new Map(), overflow: false };
        this.#parameters.set(name, held);
      }
      held.times += 1;
      if (held.values.has(value) || held.values.size < VALUES)
        held.values.set(value, (held.values.get(value) ?? 0) + 1);
      else held.overflow = true;
    }
  }

  merge(other: QueryStats): void {
    for (const [name, { times, values, overflow }] of other.#parameters) {
      const held = this.#parameters.get(name);
      if (held === undefined) {
        this.#parameters.set(name, { times, values: new Map(values), overflow });
        continue;
      }
      held.times += times;
      held.overflow ||= overflow;
      for (const [value, n] of values) held.values.set(value, (held.values.get(value) ?? 0) + n);
    }
  }

  /** Each parameter with its kind and how often it was given. `usual`: what a request without it gets. */
  declared(usual: {
    readonly limit: number | null;
    readonly sort: string | null;
    /** Of which collection these ids of the primary's are. */
    readonly collectionOf: (ids: readonly string[]) => string;
  }): readonly { readonly name: string; readonly times: number; readonly param: QueryParam }[] {
    return [...this.#parameters]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, held]) => ({ name, times: held.times, param: kindOf(name, held, usual) }));
  }
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const STRONG_ID = /^([0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const CURSOR_NAME = /cursor|token|^(after|before|since|until|starting_after|ending_before|next)$/i;

function kindOf(name: string, held: Parameter, usual: Parameters<QueryStats['declared']>[0]): QueryParam {
  const values = [...held.values.keys()];
  const all = (form: RegExp): boolean => values.every((value) => form.test(value));
  const [key] = CURSOR_KEYS.filter((kind) => values.every((value) => positionOf(value, kind) !== null));
  if (key !== undefined) {
    const ids = values.flatMap((value) => positionOf(value, key)?.id ?? []);
    return { param: 'cursor', key, collection: usual.collectionOf(ids) };
  }
  const whole = all(/^\d{1,9}$/);
  if (whole && namesPage(name)) return { param: 'page' };
  if (whole && namesLimit(name)) {
    const most = Math.max(...values.map(Number));
    return { param: 'limit', max: Math.max(100, most), default: usual.limit ?? 20 };
  }
  if (SORT_PARAMS.includes(name) && all(/^[-+]?[A-Za-z_][\w.]*$/)) {
    const fields = [...new Set(values.map((value) => value.replace(/^[-+]/, '')))].sort();
    return { param: 'sort', fields, default: usual.sort ?? values[0] ?? '' };
  }
  // As many values as there are pages: no fixed set, however few of them were seen.
  if (whole && namesOffset(name)) return { param: 'decimal' };
  if (all(/^(true|false)$/)) return { param: 'bool' };
  if (all(STRONG_ID)) return { param: 'id', collection: usual.collectionOf(values) };
  if (all(INSTANT)) return { param: 'instant' };
  if (CURSOR_NAME.test(name) && all(/^[\w-]{6,}={0,2}$/))
    return { param: 'cursor', key: 'text', collection: usual.collectionOf([]) };
  const few = !held.overflow && values.length <= FILTER && held.times >= 2 * values.length;
  if (few && all(/^[\w.:,-]{1,40}$/)) return { param: 'oneOf', values: values.sort() };
  if (all(/^-?\d+(\.\d+)?$/)) return { param: 'decimal' };
  return { param: 'text' };
}
