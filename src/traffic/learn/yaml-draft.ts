/** A draft as a config file: complete by itself, in words that a person can read and change. */

import { Document, type Node, YAMLSeq } from 'yaml';
import { counted } from '../../base/figure-words.ts';
import type { Draft, DraftedRoute } from './draft.ts';
import type { IdSpace } from './spaces.ts';
import { mapOf, type NodeMap, paramData, ruleNode } from './yaml-rules.ts';

export interface DraftedSides {
  readonly primary: string | null;
  readonly twin: string | null;
}

/** The file of a draft that nobody has written in yet. */
export function newDocument(draft: Draft, sides: DraftedSides, by = 'shadowread learn'): Document {
  const document = new Document({});
  document.commentBefore = [
    by === 'shadowread learn'
      ? ' Drafted by `shadowread learn`: each rule holds for every pair of answers that was seen, and its comment says how many.'
      : ` Drafted by \`${by}\`: what the document promises; what it leaves open is compared strictly.`,
    ' A rule that is too loose or too strict is yours to change: `shadowread learn --continue` keeps what you write.',
    ' `shadowread config check` validates this file; `shadowread proxy --config` verifies by it.',
  ].join('\n');
  const url = (value: string | null): readonly (readonly [string, Node])[] =>
    value === null ? [] : [['url', document.createNode(withoutCredentials(value))]];
  const twin: (readonly [string, Node])[] = [
    ...url(sides.twin),
    ...originsNode(document, draft.origins.twin, sides.twin),
  ];
  if (draft.spaces.length > 0) {
    const own = document.createNode('twin');
    own.comment = ' The twin prints ids of its own.';
    twin.push(['representation', own]);
  }
  const entries: (readonly [string, Node])[] = [
    [
      'primary',
      mapOf(document, [...url(sides.primary), ...originsNode(document, draft.origins.primary, sides.primary)]),
    ],
    ['twin', mapOf(document, twin)],
  ];
  if (draft.spaces.length > 0) entries.push(['ids', idsNode(document, draft.spaces)]);
  if (draft.spaces.length > 0) {
    const counted = document.createNode('twin');
    counted.comment = ' Comparisons in those ids count.';
    entries.push(['gate', mapOf(document, [['representation', counted]])]);
  }
  entries.push(['routes', routesNode(document, draft.routes)]);
  document.contents = mapOf(
    document,
    entries.filter(([, node]) => !('items' in node) || !Array.isArray(node.items) || node.items.length > 0),
  );
  return document;
}

/** Nothing where the side's own URL says it. */
export function originsNode(
  document: Document,
  seen: readonly string[],
  url: string | null,
): (readonly [string, Node])[] {
  const own = url !== null && URL.canParse(url) ? new URL(url).origin : null;
  const further = seen.filter((origin) => origin !== own);
  if (further.length === 0) return [];
  const node: Node = document.createNode(further, { flow: true });
  node.comment = ' In URLs, where the other side has its own.';
  return [['origins', node]];
}

function routesNode(document: Document, routes: readonly DraftedRoute[]): NodeMap {
  const list: YAMLSeq<Node> = new YAMLSeq(document.schema);
  list.items = routes.map((route) => routeNode(document, route));
  list.flow = routes.length === 0;
  const table = document.createNode('none');
  table.comment = ' Nothing but the entries below.';
  return mapOf(document, [
    ['table', table],
    ['entries', list],
  ]);
}

/** One route as an entry of `routes.entries`. */
export function routeNode(document: Document, route: DraftedRoute): NodeMap {
  const flow = (value: unknown): Node => document.createNode(value, { flow: true });
  const entries: (readonly [string, Node])[] = [];
  if (route.method === 'POST') entries.push(['method', document.createNode('POST')]);
  entries.push(['pattern', document.createNode(route.pattern)], ['domain', document.createNode(route.domain)]);
  if (route.perCaller) entries.push(['perCaller', document.createNode(true)]);
  if (route.redirects) entries.push(['redirects', document.createNode(true)]);
  if (route.headers.length + route.urlHeaders.size > 0) entries.push(['headers', flow(headersOf(route))]);
  if (route.query.length > 0) entries.push(['query', queryNode(document, route.query)]);
  const rules: (readonly [string, Node])[] = [['body', ruleNode(document, route.body)]];
  if (route.error !== null) rules.push(['error', ruleNode(document, route.error)]);
  entries.push(['rules', mapOf(document, rules)]);
  const node = mapOf(document, entries);
  node.commentBefore = ` ${route.method} ${route.pattern}: ${route.note}`;
  return node;
}

/** Names alone, or names with rules where one of them needs a rule. */
function headersOf({ headers, urlHeaders }: DraftedRoute): unknown {
  if (urlHeaders.size === 0) return headers;
  return Object.fromEntries([
    ...headers.map((name) => [name, 'text'] as const),
    ...[...urlHeaders].map(([name, collections]) => [name, { url: collections }] as const),
  ]);
}

export function queryNode(document: Document, query: DraftedRoute['query']): NodeMap {
  return mapOf(
    document,
    query.map(({ name, times, param }) => {
      const node: Node = document.createNode(paramData(param), { flow: true });
      if (times !== null) node.comment = ` given ${counted(times, 'time')}`;
      return [name, node] as const;
    }),
  );
}

function idsNode(document: Document, spaces: readonly IdSpace[]): NodeMap {
  return mapOf(
    document,
    spaces.map((space) => [space.name, idNode(document, space)] as const),
  );
}

export function idNode(document: Document, { type, places, partners, note }: IdSpace): Node {
  const node: Node = document.createNode({ by: 'consistent', ...(type === null ? {} : { type }) }, { flow: true });
  const routes = new Set(places.map(({ pattern }) => pattern));
  node.comment =
    note !== undefined
      ? ` ${note}`
      : ` ${counted(partners.size, 'id')}, each with one partner, at ${counted(places.length, 'place')} in ${counted(routes.size, 'route')}`;
  return node;
}

/** A config is no place for passwords. A prefix of the path belongs to the address. */
function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url;
  const { origin, pathname } = new URL(url);
  return pathname === '/' ? origin : `${origin}${pathname}`;
}
