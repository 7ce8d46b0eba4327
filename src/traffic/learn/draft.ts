/** What was learned, as a draft of a config: routes with their rules, id spaces, and what no rule holds for. */

import { isStatic } from '../../api/path-shapes.ts';
import type { QueryParam } from '../../api/route.ts';
import { count, counted } from '../../base/figure-words.ts';
import { COMPARED_HEADERS } from '../../rules/headers.ts';
import { agreementOf } from './agreement.ts';
import { draftRule } from './draft-rule.ts';
import type { Drafted, Unexplained } from './drafted.ts';
import type { Drafting } from './drafting.ts';
import type { IdTable } from './id-table.ts';
import type { LearnedRoute, Learner } from './learner.ts';
import type { SeenOrigins } from './origin-stats.ts';
import type { PathNode } from './path-node.ts';
import { contradicted, findSpaces, type IdPlace, type IdSpace } from './spaces.ts';
import { type IdSource, UrlSlot } from './url-ids.ts';

export interface DraftedRoute {
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  readonly domain: string;
  readonly perCaller: boolean;
  /** No answer was good, and both sides redirected: a 3xx is its good answer. */
  readonly redirects: boolean;
  /** Further header fields that were alike in every pair. */
  readonly headers: readonly string[];
  /** Fields that are URLs, with the collections of the ids in them. */
  readonly urlHeaders: ReadonlyMap<string, readonly string[]>;
  /** `times`: how often it was given; null where nobody has counted. */
  readonly query: readonly { readonly name: string; readonly times: number | null; readonly param: QueryParam }[];
  readonly body: Drafted;
  /** Null where no error was seen: errors are compared strictly then. */
  readonly error: Drafted | null;
  /** "4,120 pairs, 12 of them errors; answers depend on the caller" */
  readonly note: string;
  readonly pairs: number;
}

export interface Draft {
  readonly routes: readonly DraftedRoute[];
  readonly spaces: readonly IdSpace[];
  /** Under which each side names itself in URLs. */
  readonly origins: SeenOrigins;
  readonly unexplained: readonly Unexplained[];
  readonly pairs: number;
  /** Routes with fewer pairs than the minimum. */
  readonly thin: readonly string[];
  /** Routes of which no answer was good: nothing is known of what they answer. */
  readonly errorsOnly: readonly string[];
}

export interface DraftOptions {
  /** Pairs that a rule needs before it is proposed. */
  readonly minimum: number;
}

const DRAFT_DEFAULTS: DraftOptions = Object.freeze({ minimum: 20 });

export function draftOf(learner: Learner, options: DraftOptions = DRAFT_DEFAULTS): Draft {
  const routes = learner.routes();
  for (const { stats } of routes) {
    stats.body.trustPlaces();
    stats.error.trustPlaces();
  }
  const places = routes.flatMap(idPlacesOf);
  // A URL is held against the fields that are ids: of two partners nobody knows which one it should have.
  const doubtful = contradicted(
    places.filter(({ node }) => node instanceof UrlSlot),
    findSpaces(places),
  );
  const spaces = findSpaces(places.filter(({ node }) => !doubtful.has(node)));
  const spaceOf = new Map<IdSource, string>(
    spaces.flatMap(({ name, places }) => places.map(({ node }) => [node, name] as const)),
  );
  const unexplained: Unexplained[] = [];
  const drafted = routes
    .filter(({ stats }) => stats.pairs > 0)
    .map((route) => draftRoute(route, options.minimum, { spaces, spaceOf, doubtful }, unexplained));
  return {
    routes: drafted,
    spaces,
    origins: learner.origins.atLeast(options.minimum),
    unexplained,
    pairs: learner.pairs,
    errorsOnly: routes
      .filter(({ stats }) => stats.pairs > 0 && stats.goodPairs === 0 && stats.redirects === 0)
      .map(({ stats, pattern }) => `${stats.method} ${pattern}`),
    thin: drafted.filter(({ pairs }) => pairs < options.minimum).map(({ method, pattern }) => `${method} ${pattern}`),
  };
}

interface KnownIds {
  readonly spaces: readonly IdSpace[];
  readonly spaceOf: ReadonlyMap<IdSource, string>;
  readonly doubtful: ReadonlySet<IdSource>;
}

function draftRoute(
  { pattern, stats }: LearnedRoute,
  minimum: number,
  { spaces, spaceOf, doubtful }: KnownIds,
  unexplained: Unexplained[],
): DraftedRoute {
  const route = `${stats.method} ${pattern}`;
  const drafting: Drafting = {
    route,
    minimum,
    spaceOf: (source) => spaceOf.get(source) ?? null,
    isDoubtful: (source) => doubtful.has(source),
    unexplained,
  };
  const domain = domainOf(pattern);
  for (const [statuses, n] of stats.statuses) {
    const [primary, twin] = statuses.split('/');
    unexplained.push(beside(route, '#status', n, stats.pairs, `${twin} for ${primary}`));
  }
  const urlHeaders = new Map<string, readonly string[]>();
  const alike = stats.headers.alike.filter(({ seen }) => seen >= minimum).map(({ name }) => name);
  for (const { name, seen, equal, urls, ids, isDoubtful } of stats.headers.unlike) {
    const differs = seen - equal;
    const collections = urls === differs && !isDoubtful && differs >= minimum ? collectionsIn(ids, spaces) : null;
    if (collections !== null) {
      // Links have a rule of their own, which pairs ids of all collections that the body's rules name.
      if (name === 'link') alike.push(name);
      else urlHeaders.set(name, collections);
      continue;
    }
    const form = urls === differs ? 'a URL but for its origin and ids' : 'another value';
    const told = beside(route, `#header/${name}`, differs, seen, form);
    const isCompared = COMPARED_HEADERS.includes(name);
    unexplained.push(isCompared ? told : { ...told, forms: [...told.forms, 'not compared unless `headers` names it'] });
  }
  const drafted = draftRule(stats.body, '', drafting);
  const body = stats.tables > 0 ? asTable(drafted, stats.separator ?? ',') : drafted;
  const error = stats.errorPairs > 0 ? draftRule(stats.error, '', { ...drafting, route: `${route} (errors)` }) : null;
  const isNoise = (path: readonly string[]): boolean => stats.body.isNoiseAt(path);
  const perCaller = stats.callers.perCaller(isNoise);
  const notes = [
    `${counted(stats.pairs, 'pair')}${stats.errorPairs > 0 ? `, ${count(stats.errorPairs)} of them errors` : ''}`,
    ...(stats.pairs < minimum ? [`fewer than ${minimum}: too few to say much`] : []),
    ...(perCaller
      ? [
          `another caller, another answer: ${count(stats.callers.differentIn(isNoise))} of ${count(stats.callers.shared)}`,
        ]
      : []),
  ];
  return {
    method: stats.method,
    pattern,
    domain,
    perCaller,
    redirects: stats.goodPairs === 0 && stats.redirects > 0,
    headers: alike.sort(),
    urlHeaders,
    query: stats.query.declared({
      limit: stats.usualLength,
      sort: defaultSortOf(stats.body),
      collectionOf: (ids) => collectionOf(ids, spaces) ?? domain,
    }),
    body,
    error,
    note: notes.join('; '),
    pairs: stats.pairs,
  };
}

/** Rows of a table in CSV: the rules of their fields are those of its columns. */
function asTable(rows: Drafted, separator: string): Drafted {
  if (rows.draft !== 'of' || rows.of.draft !== 'object') return rows;
  const options = {
    ...(rows.form === 'set' ? { order: 'free' } : {}),
    ...rows.options,
    ...(separator === ',' ? {} : { separator }),
  };
  return { draft: 'csv', columns: rows.of.fields, options, nullable: false, note: rows.note };
}

function beside(route: string, path: string, differs: number, pairs: number, form: string): Unexplained {
  return {
    route,
    path,
    type: path === '#status' ? 'status' : 'header',
    differs,
    pairs,
    forms: [`${form} (${count(differs)})`],
    noise: false,
    tooFew: null,
  };
}

/** The key by which the answer's own list is sorted when nobody asks for an order. */
function defaultSortOf(body: PathNode): string | null {
  const lists = [body, ...(body.children?.values() ?? [])].filter((node) => node.order.lists > 0);
  return lists[0]?.order.defaultKey ?? null;
}

/** The collection that has most of these ids of the primary's. */
function collectionOf(ids: readonly string[], spaces: readonly IdSpace[]): string | null {
  const hits = spaces.map(({ name, partners }) => ({ name, hits: ids.filter((id) => partners.has(id)).length }));
  const [best] = hits.sort((a, b) => b.hits - a.hits);
  return best === undefined || best.hits === 0 ? null : best.name;
}

/** The collections in which these ids have the same partners; null where that is unknown, or one has another. */
function collectionsIn(ids: IdTable, spaces: readonly IdSpace[]): readonly string[] | null {
  const found = new Set<string>();
  for (const [primary, { twin }] of ids.entries()) {
    const homes = spaces.filter(({ partners }) => partners.get(primary) === twin);
    const [home] = homes;
    if (home !== undefined) found.add(home.name);
    else if (spaces.some(({ partners }) => partners.has(primary))) return null;
  }
  return found.size === 0 ? null : [...found].sort();
}

/** Every path whose ids are paired with others. */
function idPlacesOf({ pattern, stats }: LearnedRoute): readonly IdPlace[] {
  const places: IdPlace[] = [];
  const walk = (node: PathNode, path: readonly string[]): void => {
    const isLeaf = node.objects === 0 && node.lists === 0;
    const best = agreementOf(node, 1);
    if ((isLeaf && (best === 'id' || best === 'cursor')) || (node.values !== null && node.ids.size > 0)) {
      if (node.oneSided === 0) places.push({ method: stats.method, pattern, path, node });
    }
    if (isLeaf && best === null && node.oneSided === 0) {
      for (const [word, ids] of node.idsByWord.found?.words ?? []) {
        places.push({ method: stats.method, pattern, path: [...path.slice(0, -1), word, 'id'], node: ids });
      }
    }
    if (isLeaf && (best === 'url' || best === 'within') && node.oneSided === 0) {
      for (const slot of node.urlSlots.values()) {
        const named = slot.name === '' ? path : [...path, slot.name];
        if (slot.differs) places.push({ method: stats.method, pattern, path: named, node: slot });
      }
    }
    for (const [name, child] of node.children ?? []) walk(child, [...path, name]);
    if (node.items !== null) walk(node.items, [...path, '*']);
    if (node.values !== null) walk(node.values, [...path, '*']);
  };
  walk(stats.body, []);
  walk(stats.error, []);
  return places;
}

/** The first word of the path that says what it is about: `/api/v2/orders/:id` is `orders`. */
export function domainOf(pattern: string): string {
  const words = pattern.split('/').filter(isStatic);
  const telling = words.find((word) => !/^(api|rest|v\d+([._]\d+)*)$/i.test(word)) ?? words[0] ?? 'root';
  const plain = telling
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+/, '');
  return plain === '' ? 'root' : plain;
}
