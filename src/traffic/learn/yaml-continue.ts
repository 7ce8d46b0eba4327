/**
 * Continues a file that was drafted before: new routes, fields and parameters come in; a rule whose comment and form
 * are still those of a draft may become looser where the new pairs ask for it; everything else is a person's and stays,
 * comments included. A rule never becomes stricter: what was seen before is not seen again.
 */
import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap, YAMLSeq } from 'yaml';
import type { Draft, DraftedRoute } from './draft.ts';
import type { Drafted } from './drafted.ts';
import { widened } from './widened.ts';
import { idNode, originsNode, queryNode, routeNode } from './yaml-draft.ts';
import { mapOf, ruleNode } from './yaml-rules.ts';

/** What was not taken over because a person wrote something else. */
export interface Kept {
  readonly route: string;
  readonly path: string;
  readonly yours: string;
  readonly learned: string;
}

export function continueDocument(document: Document, draft: Draft): readonly Kept[] {
  const kept: Kept[] = [];
  const held: unknown = document.contents;
  const root: YAMLMap = isMap(held) ? held : mapOf(document, []);
  root.flow = false;
  document.contents = root;
  for (const side of ['primary', 'twin'] as const) {
    if (draft.origins[side].length === 0) continue;
    const own = mapAt(document, root, side);
    const url: unknown = own.get('url');
    const [origins] = originsNode(document, draft.origins[side], typeof url === 'string' ? url : null);
    if (origins !== undefined && !own.has('origins')) own.set(...origins);
    if (own.items.length === 0) root.delete(side);
  }
  const ids = mapAt(document, root, 'ids');
  for (const space of draft.spaces) if (!ids.has(space.name)) ids.set(space.name, idNode(document, space));
  if (ids.items.length === 0) root.delete('ids');
  const routes = mapAt(document, root, 'routes');
  const entries: unknown = routes.get('entries', true);
  const list: YAMLSeq = isSeq(entries) ? entries : new YAMLSeq(document.schema);
  if (!isSeq(entries)) routes.set('entries', list);
  list.flow = false;
  for (const route of draft.routes) {
    const own = list.items.find((item) => isMap(item) && isSameRoute(item, route));
    if (isMap(own)) continueRoute(document, own, route, kept);
    else list.items.push(routeNode(document, route));
  }
  return kept;
}

function mapAt(document: Document, parent: YAMLMap, key: string): YAMLMap {
  const held: unknown = parent.get(key, true);
  if (isMap(held)) {
    held.flow = false;
    return held;
  }
  const made = mapOf(document, []);
  made.flow = false;
  parent.set(key, made);
  return made;
}

function isSameRoute(item: YAMLMap, { method, pattern }: DraftedRoute): boolean {
  return shapeOf(String(item.get('pattern'))) === shapeOf(pattern) && (item.get('method') ?? 'GET') === method;
}

/** Names of parameters are the person's. */
const shapeOf = (pattern: string): string => pattern.replaceAll(/:\w+/g, ':');

function continueRoute(document: Document, own: YAMLMap, route: DraftedRoute, kept: Kept[]): void {
  const query = own.get('query', true);
  const missing = route.query.filter(({ name }) => !(isMap(query) && query.has(name)));
  if (missing.length > 0) {
    const more = queryNode(document, missing);
    if (isMap(query)) for (const pair of more.items) query.set(pair.key, pair.value);
    else own.set('query', more);
  }
  if (route.perCaller && !own.has('perCaller')) own.set('perCaller', true);
  continueHeaders(document, own, route.urlHeaders);
  const rules = own.get('rules', true);
  const key = `${route.method} ${route.pattern}`;
  if (isMap(rules) && rules.has('body')) {
    const body = rules.get('body', true);
    const next = continued(document, body, route.body, key, '', kept);
    if (next !== null) rules.set('body', next);
    const error = rules.get('error', true);
    if (route.error === null) return;
    const errorNext =
      error === undefined ? ruleNode(document, route.error) : continued(document, error, route.error, key, '', kept);
    if (errorNext !== null) rules.set('error', errorNext);
  } else if (rules !== undefined) {
    const next = continued(document, rules, route.body, key, '', kept);
    if (next !== null) own.set('rules', next);
  }
}

/** Fields that lead to other addresses on both sides; one that the entry names already is compared as it says. */
function continueHeaders(document: Document, own: YAMLMap, urls: DraftedRoute['urlHeaders']): void {
  const headers: unknown = own.get('headers', true);
  const names = isSeq(headers) ? headers.items.map(String) : [];
  const isNamed = (name: string): boolean =>
    isMap(headers) ? headers.has(name) : names.some((one) => one.toLowerCase() === name);
  const more = [...urls].filter(([name]) => !isNamed(name)).map(([name, url]) => [name, { url }] as const);
  if (more.length === 0) return;
  const held = isMap(headers) ? headers.toJSON() : Object.fromEntries(names.map((name) => [name, 'text']));
  own.set('headers', document.createNode({ ...held, ...Object.fromEntries(more) }, { flow: true }));
}

/** The node to put in place of this one; null where it stays, perhaps changed within. */
function continued(
  document: Document,
  node: unknown,
  drafted: Drafted,
  route: string,
  path: string,
  kept: Kept[],
): Node | null {
  if (isMap(node) && node.items.length === 1 && isMap(node.get('nullable', true))) {
    const inner = node.get('nullable', true);
    const outer = drafted.draft === 'form' ? withMoreParts(document, node, { ...drafted, nullable: true }) : null;
    if (outer !== null) return outer;
    const next = continued(document, inner, { ...drafted, nullable: false }, route, path, kept);
    if (next !== null) node.set('nullable', next);
    return null;
  }
  if (isMap(node)) {
    const form = FORMS.find((each) => node.has(each));
    if (form === 'object' && drafted.draft === 'object') {
      return continuedFields(document, node, 'object', { ...drafted, of: drafted.fields }, route, path, kept);
    }
    if (node.has('csv') && drafted.draft === 'csv') {
      const columns = { of: drafted.columns, nullable: drafted.nullable };
      return continuedFields(document, node, 'csv', columns, route, `${path}/*`, kept);
    }
    if (form !== undefined && form !== 'object' && drafted.draft === 'of') {
      const next = continued(document, node.get(form, true), drafted.of, route, `${path}/*`, kept);
      if (next !== null) node.set(form, next);
      if (form === 'list' && drafted.form !== 'list' && isDraftedOrder(node)) {
        return withItems(ruleNode(document, drafted), drafted.form, node.get('list', true));
      }
      return drafted.nullable ? mapOf(document, [['nullable', node]]) : null;
    }
  }
  if (isEqualRule(node) && drafted.draft === 'word' && isEqualWord(drafted.word)) {
    if (!drafted.nullable || isNullableWord(node)) return null;
    return isDrafted(node) ? ruleNode(document, drafted) : keep();
  }
  if (isSameRule(node, drafted)) {
    const more = isMap(node) ? withMoreParts(document, node, drafted) : null;
    if (more !== null || !drafted.nullable || isNullableWord(node)) return more;
    return isDrafted(node) ? ruleNode(document, drafted) : keep();
  }
  if ((isEqualRule(node) || isNarrower(node, drafted)) && isDrafted(node)) {
    return ruleNode(document, { ...drafted, nullable: drafted.nullable || isNullableWord(node) });
  }
  // A looser rule that was drafted from earlier pairs covers equal values too.
  if (drafted.draft === 'word' && isEqualWord(drafted.word)) return null;
  return keep();

  function keep(): null {
    kept.push({ route, path: path === '' ? '(whole body)' : path, yours: quoted(node), learned: drafted.note });
    return null;
  }
}

const FORMS = ['object', 'list', 'set', 'ordered', 'record'] as const;

/** Fields of an object, or columns of a table. */
function continuedFields(
  document: Document,
  node: YAMLMap,
  form: 'object' | 'csv',
  drafted: { readonly of: ReadonlyMap<string, Drafted>; readonly nullable: boolean },
  route: string,
  path: string,
  kept: Kept[],
): Node | null {
  const fields = node.get(form, true);
  if (!isMap(fields)) return null;
  for (const [name, of] of drafted.of) {
    const own = fields.get(name, true);
    const next =
      own === undefined ? ruleNode(document, of) : continued(document, own, of, route, `${path}/${name}`, kept);
    if (next !== null) fields.set(name, next);
  }
  return drafted.nullable ? mapOf(document, [['nullable', node]]) : null;
}

/** A new kind of list around the items' rule as it stands. */
function withItems(list: Node, form: string, items: unknown): Node {
  const inner = isMap(list) && isMap(list.get('nullable', true)) ? list.get('nullable', true) : list;
  if (isMap(inner)) inner.set(form, items);
  return list;
}

const EVIDENCE = / of [\d,]+ (pairs|lists)|^\s*(differs in|always empty|null or absent)|not guessed/;

/** Still the comment of a draft, and still a rule of the kind that it speaks of. */
const isDrafted = (node: unknown): boolean =>
  (isScalar(node) || isMap(node)) && typeof node.comment === 'string' && EVIDENCE.test(node.comment);

function isDraftedOrder(node: YAMLMap): boolean {
  const [first] = node.items;
  // Read from a file, a comment before the first key belongs to the mapping.
  const comments = [node.commentBefore, isScalar(first?.key) ? first.key.commentBefore : null];
  return comments.some((comment) => typeof comment === 'string' && /in order: /.test(comment));
}

const EQUAL_WORDS = new Set(['strict', 'text', 'number', 'bool']);
const isEqualWord = (word: string): boolean => EQUAL_WORDS.has(word);
const isNullableWord = (node: unknown): boolean => isScalar(node) && String(node.value).endsWith('?');
const isEqualRule = (node: unknown): boolean =>
  isScalar(node) && typeof node.value === 'string' && isEqualWord(node.value.replace(/\?$/, ''));

function isSameRule(node: unknown, drafted: Drafted): boolean {
  if (drafted.draft === 'word' && drafted.word === 'url' && isMap(node) && node.has('url')) return true;
  if (drafted.draft === 'word') return isScalar(node) && String(node.value).replace(/\?$/, '') === drafted.word;
  if (drafted.draft !== 'form') return false;
  const [form = ''] = Object.keys(drafted.data);
  return isMap(node) && node.has(form);
}

/** The drafted rule, perhaps nullable, with what is learned beside it; null where nothing is. */
function withMoreParts(document: Document, node: YAMLMap, drafted: Drafted): Node | null {
  const data = drafted.draft === 'form' && isDrafted(node) ? widened(node.toJSON(), drafted.data) : null;
  return data === null ? null : ruleNode(document, { ...drafted, draft: 'form', data });
}

/**
 * `url` in place of which `{ url: [users] }` is learned: it may name collections that no other rule here does; `instant`
 * beside `{ instant: … }`; an exact decimal beside money, which is rounded.
 */
function isNarrower(node: unknown, drafted: Drafted): boolean {
  if (drafted.draft !== 'form') return false;
  if (isMap(node)) return node.get('number') === 'decimal' && Object.hasOwn(drafted.data, 'money');
  const word = isScalar(node) ? String(node.value).replace(/\?$/, '') : '';
  return (word === 'url' || word === 'instant') && Object.hasOwn(drafted.data, word);
}

function quoted(node: unknown): string {
  if (isScalar(node)) return String(node.value);
  return isMap(node) ? `{ ${String(node.items[0]?.key ?? '')}: … }` : 'something else';
}
