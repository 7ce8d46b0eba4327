/** Routes of an OpenAPI 3 document, its references resolved, as a draft. */
import { segmentsOf } from '../../api/pattern.ts';
import type { QueryParam } from '../../api/route.ts';
import { type Draft, type DraftedRoute, domainOf } from '../learn/draft.ts';
import { paramOf } from './parameter.ts';
import { type SchemaReading, schemaRule } from './schema-rule.ts';

export interface OpenApiDraft {
  readonly draft: Draft;
  /** What the document leaves open, one sentence each. */
  readonly open: readonly string[];
  /** Operations that are no reads, and paths that no route can be made of. */
  readonly left: readonly string[];
}

type Part = Readonly<Record<string, unknown>>;

/** `posts`: paths whose POST is a read. */
export function draftOfDocument(document: Part, posts: readonly string[]): OpenApiDraft {
  const base = basePath(document);
  const routes: DraftedRoute[] = [];
  const open: string[] = [];
  const left: string[] = [];
  const collections = new Set<string>();
  for (const [path, item] of Object.entries(partOf(document.paths))) {
    const pattern = patternOf(base + path);
    for (const [method, operation] of Object.entries(partOf(item))) {
      if (!/^(get|post|put|patch|delete|head|options|trace)$/.test(method) || method === 'head') continue;
      const isRead = method === 'get' || (method === 'post' && posts.includes(path));
      if (!isRead || pattern === null) {
        left.push(`${method.toUpperCase()} ${path}${pattern === null ? ': a path that no pattern can be' : ''}`);
        continue;
      }
      const reading: SchemaReading = { collection: collectionOf(pattern), collections, open: [] };
      routes.push(routeOf(method === 'post' ? 'POST' : 'GET', pattern, partOf(item), partOf(operation), reading));
      open.push(...reading.open.map((line) => `${method.toUpperCase()} ${pattern}  ${line}`));
    }
  }
  const spaces = [...collections]
    .sort()
    .map((name) => ({ name, places: [], partners: new Map(), type: null, note: 'or id_map, same, rule' }));
  return {
    draft: { routes, spaces, origins: { primary: [], twin: [] }, unexplained: [], pairs: 0, thin: [], errorsOnly: [] },
    open,
    left,
  };
}

function routeOf(
  method: 'GET' | 'POST',
  pattern: string,
  item: Part,
  operation: Part,
  reading: SchemaReading,
): DraftedRoute {
  const responses = Object.entries(partOf(operation.responses));
  const good = responses.find(([status]) => /^2/.test(status));
  const bad = responses.find(([status]) => /^4/.test(status)) ?? responses.find(([status]) => status === 'default');
  const error = bad === undefined ? undefined : jsonSchemaOf(bad[1]);
  const name = typeof operation.operationId === 'string' ? operation.operationId : '';
  const silent: SchemaReading = { ...reading, open: [] };
  return {
    method,
    pattern,
    domain: domainOf(pattern),
    perCaller: false,
    redirects: good === undefined && responses.some(([status]) => /^3/.test(status)),
    headers: [],
    urlHeaders: new Map(),
    query: queryOf(item, operation, reading.collection),
    body: schemaRule(jsonSchemaOf(good?.[1]), reading.collection, reading),
    error: error === undefined ? null : schemaRule(error, '', silent),
    note: name === '' ? 'from the document' : name,
    pairs: 0,
  };
}

function queryOf(item: Part, operation: Part, collection: string): DraftedRoute['query'] {
  const parameters = [item.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []));
  const found = new Map<string, QueryParam>();
  for (const parameter of parameters.map(partOf)) {
    const { in: place, name } = parameter;
    if (place === 'query' && typeof name === 'string')
      found.set(name, paramOf({ name, schema: partOf(parameter.schema) }, collection));
  }
  return [...found].map(([name, param]) => ({ name, times: null, param }));
}

function jsonSchemaOf(response: unknown): unknown {
  const content = Object.entries(partOf(partOf(response).content));
  const json = content.find(([type]) => /json/i.test(type)) ?? content[0];
  return json === undefined ? undefined : partOf(json[1]).schema;
}

/** The path that the first server's URL has. */
function basePath(document: Part): string {
  const [server] = Array.isArray(document.servers) ? document.servers : [];
  const { url: written, variables } = partOf(server);
  if (typeof written !== 'string') return '';
  const url = written.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const value = partOf(partOf(variables)[name]).default;
    return typeof value === 'string' ? value : whole;
  });
  if (url.includes('{')) return '';
  const path = URL.canParse(url) ? new URL(url).pathname : url.startsWith('/') ? url : '';
  return path.replace(/\/+$/, '');
}

/**
 * `/orders/{orderId}` -> `/orders/:orderId`, `/orders/{orderId}.pdf` -> `/orders/:orderId.pdf`; null where a parameter is
 * another part of its segment.
 */
function patternOf(path: string): string | null {
  const segments = path.split('/').map((segment) => {
    const [, name, suffix = ''] = /^\{([^{}]+)\}([^{}]*)$/.exec(segment) ?? [];
    return name === undefined ? segment : `:${name.replace(/\W+/g, '_')}${suffix}`;
  });
  const pattern = segments.join('/');
  try {
    segmentsOf(pattern);
    return pattern;
  } catch {
    return null;
  }
}

function collectionOf(pattern: string): string {
  const words = pattern.split('/').filter((word) => word !== '' && !word.startsWith(':'));
  return (words.at(-1) ?? 'ids').toLowerCase();
}

const partOf = (value: unknown): Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
