/**
 * The inference engine: it sees pairs of answers and keeps, for each route and path, what every pair so far agrees in.
 * Pure, and bounded in memory: routes, fields of an object, ids of a path and values of a parameter all have limits.
 */
import { namesLimit } from '../../api/parameter-names.ts';
import { PathShapes, type PathShapesOptions } from '../../api/path-shapes.ts';
import { bodyWithoutLocation } from '../../rules/answers.ts';
import { tableOf } from '../../rules/engine/csv.ts';
import { isArray, isObject } from '../../rules/exact-number.ts';
import { headerOf } from '../../rules/headers.ts';
import type { JsonValue, RawHeaders } from '../../types.ts';
import { foldAlike } from './fold-routes.ts';
import { IdTable } from './id-table.ts';
import { lookForNoise } from './noise.ts';
import { Observation } from './observation.ts';
import { look } from './observe.ts';
import { OriginStats } from './origin-stats.ts';
import { RouteStats } from './route-stats.ts';

/** One side's answer, decoded and parsed. */
export interface SeenAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  /** A JSON body's value, another body's text, undefined where there is none. */
  readonly body: JsonValue | undefined;
}

export interface SeenPair {
  readonly method: 'GET' | 'POST';
  /** Origin form, with the query. */
  readonly target: string;
  /** What tells callers apart, in any form; null where the request has no credentials. */
  readonly caller: string | null;
  readonly primary: SeenAnswer;
  readonly twin: SeenAnswer;
  /** The primary asked once more; null where it was not. */
  readonly again: SeenAnswer | null;
}

export interface Seen {
  /** Agreements that held so far and that this pair would end; 0: it fits what is known. */
  readonly ends: number;
  /** The primary was asked once, and too seldom twice on this route: what it makes anew for each answer would pass for ids. */
  readonly wantsAgain: boolean;
  /** Makes the pair count. */
  keep(): void;
  /** The pair is asked again instead. */
  retry(): void;
}

export interface LearnedRoute {
  readonly pattern: string;
  readonly stats: RouteStats;
}

/** Good answers of each route, and as many errors, for which the primary is asked twice, whatever the share of those is. */
const READ_TWICE = 5;

export class Learner {
  readonly #shapes: PathShapes;
  readonly #known = new IdTable();
  readonly origins = new OriginStats();
  readonly #routes = new Map<string, { readonly pattern: string; readonly stats: RouteStats }>();
  /** Pairs that count, and reads that belong to no route because there are too many. */
  pairs = 0;
  unplaced = 0;

  constructor(options: Partial<PathShapesOptions> = {}) {
    this.#shapes = new PathShapes(options);
  }

  /** Looks at a pair without letting it count yet. Null where no route can be made of its path. */
  see(pair: SeenPair): Seen | null {
    const pattern = this.#shapes.see(pair.target);
    if (pattern === null) {
      this.unplaced += 1;
      return null;
    }
    const stats = this.#statsOf(pair.method, pattern);
    const observation = new Observation();
    const query = queryOf(pair.target);
    const looking = { observation, query, known: this.#known, origins: this.origins };
    const { primary, twin, again } = pair;
    const good = isGood(primary.status);
    const rows = good ? rowsOf(primary, twin, stats.separator) : null;
    if (rows !== null) {
      look(stats.body, rows.primary, rows.twin, looking);
      observation.later(() => {
        stats.tables += 1;
        stats.separator ??= rows.separator;
      });
    } else if (good === isGood(twin.status)) {
      const [mine, its] = [bodyWithoutLocation(primary), bodyWithoutLocation(twin)];
      look(good ? stats.body : stats.error, mine, its, looking);
    }
    if (primary.status !== twin.status && !stats.statuses.has(statusesOf(pair))) observation.ends += 1;
    if (again !== null && again.status === primary.status) {
      lookForNoise(good ? stats.body : stats.error, primary.body, again.body, looking);
    }
    return {
      ends: observation.ends,
      wantsAgain: again === null && (good ? stats.readTwice : stats.errorsReadTwice) < READ_TWICE,
      retry: () => {
        stats.retried += 1;
      },
      keep: () => {
        observation.keep();
        this.pairs += 1;
        this.#count(stats, pair, query, good);
      },
    };
  }

  #count(stats: RouteStats, pair: SeenPair, query: ReadonlyMap<string, string>, good: boolean): void {
    const { primary, twin } = pair;
    stats.pairs += 1;
    if (good && pair.again !== null) stats.readTwice += 1;
    if (!good && pair.again !== null) stats.errorsReadTwice += 1;
    if (good && isGood(twin.status)) stats.goodPairs += 1;
    if (!good && !isGood(twin.status)) stats.errorPairs += 1;
    if (isRedirect(primary.status) && isRedirect(twin.status)) stats.redirects += 1;
    if (primary.status !== twin.status) {
      const key = statusesOf(pair);
      if (stats.statuses.has(key) || stats.statuses.size < 20)
        stats.statuses.set(key, (stats.statuses.get(key) ?? 0) + 1);
    }
    stats.headers.see(primary.rawHeaders, twin.rawHeaders, this.origins);
    if (!good) return;
    stats.query.see(query);
    stats.callers.see(pair.target, pair.caller, primary.body);
    if (![...query.keys()].some(namesLimit)) {
      const length = longestList(primary.body, 2);
      if (stats.lengths.size < 200) stats.lengths.set(length, (stats.lengths.get(length) ?? 0) + 1);
    }
  }

  #statsOf(method: 'GET' | 'POST', pattern: string): RouteStats {
    const key = `${method} ${pattern}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known.stats;
    const stats = new RouteStats(method);
    this.#routes.set(key, { pattern, stats });
    return stats;
  }

  /** What was learned, route by route: values of a place that turned out to be a parameter folded into one. */
  routes(): readonly LearnedRoute[] {
    const settled = new Map<string, { pattern: string; stats: RouteStats }>();
    for (const { pattern, stats } of this.#routes.values()) {
      const last = this.#shapes.settled(pattern);
      const key = `${stats.method} ${last}`;
      const held = settled.get(key);
      if (held === undefined) {
        const copy = new RouteStats(stats.method);
        copy.merge(stats);
        settled.set(key, { pattern: last, stats: copy });
      } else held.stats.merge(stats);
    }
    return foldAlike([...settled.values()]).toSorted((a, b) => (a.pattern < b.pattern ? -1 : 1));
  }
}

const TABLE = /^\s*text\/(?:csv|(tab-separated-values))\b/i;
const SEPARATORS = [',', ';', '\t', '|'];

/** Two tables of the same columns, as lists of objects; null for anything else. */
function rowsOf(primary: SeenAnswer, twin: SeenAnswer, known: string | null) {
  const type = TABLE.exec(headerOf(primary.rawHeaders, 'content-type') ?? '');
  if (type === null) return null;
  const separator = known ?? (type[1] === undefined ? separatorOf(primary.body) : '\t');
  const [mine, its] = [tableOf(primary.body, separator), tableOf(twin.body, separator)];
  if (mine === null || its === null || mine.header.join('\n') !== its.header.join('\n')) return null;
  return { primary: mine.rows, twin: its.rows, separator };
}

/** The one that parts the header into most columns. */
function separatorOf(body: JsonValue | undefined): string {
  const [line = ''] = typeof body === 'string' ? body.split('\n', 1) : [];
  const columns = (separator: string): number => tableOf(line, separator)?.header.length ?? 0;
  return SEPARATORS.reduce((best, each) => (columns(each) > columns(best) ? each : best));
}

const isGood = (status: number): boolean => status >= 200 && status < 300;
const isRedirect = (status: number): boolean => status >= 300 && status < 400;
const statusesOf = (pair: SeenPair): string => `${pair.primary.status}/${pair.twin.status}`;

/** First value of each parameter. */
function queryOf(target: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  const mark = target.indexOf('?');
  if (mark < 0) return query;
  for (const [name, value] of new URLSearchParams(target.slice(mark + 1))) if (!query.has(name)) query.set(name, value);
  return query;
}

function longestList(body: JsonValue | undefined, depth: number): number {
  if (isArray(body)) return body.length;
  if (!isObject(body) || depth === 0) return 0;
  return Math.max(0, ...Object.values(body).map((value) => longestList(value, depth - 1)));
}
