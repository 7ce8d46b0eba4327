/**
 * Postman collections v2.1 (and v2.0, which differs in how a URL and credentials may be written): nested folders,
 * variables in variables, inherited credentials, disabled rows. Saved examples are documentation, not recordings, and
 * are not taken for answers. A collection is read as a whole, since its variables may stand at its end.
 */
import type { JsonValue } from '../../types.ts';
import { type Bytes, type ReadOptions, type Told, told, unusable } from '../recorded.ts';
import { isObject, type JsonObject, list, member, parsed, text, wireText } from './json-value.ts';
import { authFields } from './postman-auth.ts';
import { postmanBody } from './postman-body.ts';
import { Variables } from './postman-variables.ts';
import { isField, methodOf, targetOf, withHost } from './target.ts';

const LARGEST = 128 * 1024 * 1024;
const DEEPEST = 64;

export async function* readPostman(bytes: Bytes, options: ReadOptions): AsyncGenerator<Told> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size <= LARGEST) chunks.push(chunk);
  }
  if (size > LARGEST) {
    yield unusable(1, 'the collection is larger than 128 MB');
    return;
  }
  const whole = Buffer.concat(chunks);
  const document = parsed(whole);
  if (typeof document === 'string') {
    yield unusable(1, `the collection cannot be read: ${document}`);
    return;
  }
  // Postman's own API wraps what its export does not.
  const inner = member(document.value, 'collection');
  const collection = isObject(inner) ? inner : document.value;
  const variables = new Variables(member(collection, 'variable'), options.variables);
  yield* itemsOf(collection, variables, undefined, new LineFinder(whole), 0);
}

function* itemsOf(
  folder: JsonValue,
  outer: Variables,
  inherited: JsonValue | undefined,
  lines: LineFinder,
  depth: number,
): Generator<Told> {
  const own = member(folder, 'auth');
  const auth = isObject(own) ? own : inherited;
  const variables = depth === 0 ? outer : outer.within(member(folder, 'variable'));
  for (const item of list(member(folder, 'item'))) {
    const name = text(member(item, 'name')) ?? '';
    const line = lines.next(name);
    const request = member(item, 'request');
    const pruned = member(member(item, 'protocolProfileBehavior'), 'disableBodyPruning') !== true;
    if (request !== undefined)
      yield requestOf(request, variables.within(member(item, 'variable')), { auth, pruned, line });
    else if (member(item, 'item') === undefined) yield unusable(line, 'an item is neither a request nor a folder');
    else if (depth >= DEEPEST) yield unusable(line, `folders lie in each other more than ${DEEPEST} deep`);
    else yield* itemsOf(item, variables, auth, lines, depth + 1);
  }
}

interface Around {
  /** Credentials of the folders around the request. */
  readonly auth: JsonValue | undefined;
  /** Postman sends no body with these methods, though the collection may keep one, unless the request says otherwise. */
  readonly pruned: boolean;
  readonly line: number;
}

const BODYLESS = new Set(['GET', 'HEAD', 'COPY', 'PURGE', 'UNLOCK']);

function requestOf(request: JsonValue, variables: Variables, { auth: inherited, pruned, line }: Around): Told {
  const whole: JsonObject = isObject(request) ? request : { url: request };
  const method = methodOf(variables.filled(text(whole.method) ?? 'GET'));
  if (method === null) return unusable(line, 'a request of the collection has no method');
  const url = variables.filled(urlOf(whole.url, variables) ?? '');
  const rest = withoutBase(url);
  const target = targetOf(rest, 'text');
  if (typeof target === 'string') return unusable(line, target);
  const filled = (value: string): string => variables.filled(value);
  const own = headersOf(whole.header).map(([name, value]) => [filled(name), filled(value)] as const);
  const auth = authFields(isObject(whole.auth) ? whole.auth : inherited, filled);
  const body = postmanBody(pruned && BODYLESS.has(method) ? undefined : whole.body, filled);
  const added = [...auth.fields, ...body.fields].filter(
    ([name]) => !own.some(([known]) => known.toLowerCase() === name.toLowerCase()),
  );
  const rawHeaders: string[] = [];
  for (const [name, value] of [...own, ...added]) {
    if (isField(name, wireText(value))) rawHeaders.push(name, wireText(value));
  }
  const query = auth.query === null ? '' : `${target.target.includes('?') ? '&' : '?'}${auth.query}`;
  const { content } = body;
  const missing = Variables.unknownIn([
    target.target,
    ...own.flat(),
    ...auth.values,
    ...rawHeaders,
    content ?? '',
    query,
  ]);
  if (missing !== null) return unusable(line, `the variable ${missing} has no value; --variable ${missing}=…`);
  if (body.why !== null) return unusable(line, body.why);
  return told({
    method,
    target: `${target.target}${query}`,
    rawHeaders: withHost(rawHeaders, target.host),
    body: content === null ? null : Buffer.from(content),
    at: null,
    answer: null,
    line,
  });
}

/** A base that is a variable without a value is some host: both sides are asked at their own anyway. */
function withoutBase(url: string): string {
  const base = /^(?:https?:\/\/)?\{\{[^{}]*\}\}(?::\d+)?(?=\/|\?|$)/i.exec(url);
  if (base !== null)
    return url.slice(base[0].length) === '' ? '/' : `${url.slice(base[0].length)}`.replace(/^\?/, '/?');
  // `localhost:3000/api` and `api.example.com/x` without a scheme.
  return /^[\w.-]+(?::\d+)?(?:\/|\?|$)/.test(url) && !url.startsWith('/') ? `http://${url}` : url;
}

/** The URL with its path variables (`:id`) filled in; `raw` where there is one, since it is what Postman shows. */
function urlOf(url: JsonValue | undefined, variables: Variables): string | null {
  if (typeof url === 'string') return url;
  if (!isObject(url)) return null;
  const built = text(url.raw) ?? assembled(url);
  const [path = '', ...query] = built.split('?');
  const values = new Map(
    list(url.variable).flatMap((one) => {
      const name = text(member(one, 'key')) ?? text(member(one, 'id'));
      const value = member(one, 'value');
      return name === null || value === undefined || value === null ? [] : [[name, String(value)] as const];
    }),
  );
  const filled = path.replace(/\/:([A-Za-z_][\w-]*)/g, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined || value === '' ? whole : `/${encodeURIComponent(variables.filled(value))}`;
  });
  const rows = list(url.query);
  const disabled = rows.some((row) => member(row, 'disabled') === true);
  const wanted = disabled
    ? rows
        .filter((row) => member(row, 'disabled') !== true)
        .map(pairOf)
        .join('&')
    : query.join('?');
  return wanted === '' ? filled : `${filled}?${wanted}`;
}

function assembled(url: JsonObject): string {
  const joined = (value: JsonValue | undefined, by: string): string =>
    typeof value === 'string'
      ? value
      : list(value)
          .map((part) => text(part) ?? text(member(part, 'value')) ?? '')
          .join(by);
  const path = joined(url.path, '/');
  const query = list(url.query)
    .filter((row) => member(row, 'disabled') !== true)
    .map(pairOf)
    .join('&');
  const port = text(url.port) === null ? '' : `:${text(url.port)}`;
  const base = `${text(url.protocol) ?? 'http'}://${joined(url.host, '.') || 'localhost'}${port}`;
  return `${base}${path.startsWith('/') ? '' : '/'}${path}${query === '' ? '' : `?${query}`}`;
}

function pairOf(row: JsonValue): string {
  const [key, value] = [text(member(row, 'key')) ?? '', member(row, 'value')];
  return value === null || value === undefined ? key : `${key}=${String(value)}`;
}

function headersOf(header: JsonValue | undefined): (readonly [string, string])[] {
  if (typeof header === 'string') {
    return header.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
    });
  }
  return list(header).flatMap((row) => {
    const name = text(member(row, 'key'));
    if (name === null || member(row, 'disabled') === true) return [];
    return [[name, String(member(row, 'value') ?? '')] as const];
  });
}

/** `JSON.parse` tells no lines: items are looked for by their names, in the order in which they stand. */
class LineFinder {
  readonly #whole: Buffer;
  #at = 0;
  #line = 1;

  constructor(whole: Buffer) {
    this.#whole = whole;
  }

  next(name: string): number {
    const found = this.#whole.indexOf(JSON.stringify(name), this.#at);
    if (found < 0) return this.#line;
    for (let i = this.#at; i < found; i += 1) if (this.#whole[i] === 10) this.#line += 1;
    this.#at = found;
    return this.#line;
  }
}
