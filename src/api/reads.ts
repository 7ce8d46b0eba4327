/** Which requests of a route are reads, where method and path do not say it: by the GraphQL operation or by the body. */
import type { ExchangeRequest, JsonValue, Reads, Route } from '../types.ts';
import { language, whyNoQuery } from './graphql-read.ts';
import type { QueryDeclaration } from './route.ts';
import { bodySent, queryFields, type SentBody, valueAt } from './sent-fields.ts';

type Scalar = Reads['body'][string][number];

/** Why a request of this route must reach the primary alone, without values; null for a read. Never throws. */
export function whyNoRead(route: Pick<Route, 'pattern' | 'reads'>, request: ExchangeRequest): string | null {
  const reads = readsOf(route);
  if (reads === null) return null;
  try {
    return whyNone(reads, request);
  } catch {
    return 'the request cannot be read';
  }
}

/** Null where every request of the route is a read. A path that ends in /graphql is taken for GraphQL. */
export function readsOf({ pattern, reads }: Pick<Route, 'pattern' | 'reads'>): Reads | null {
  return reads ?? (isGraphqlPath(pattern) ? GRAPHQL : null);
}

/**
 * Loads what judges the reads of these routes, so that no request has to wait for it; without, the first one loads it.
 * `auto`: paths become routes later, and any of them may be of GraphQL.
 */
export function prepareReads(routes: readonly Pick<Route, 'pattern' | 'reads'>[], auto: boolean): void {
  if (auto || routes.some((route) => readsOf(route)?.graphql === true)) language();
}

/** As a config writes it, once checked: values of `body` alone or in a list. */
export function readsFrom(written: unknown, pattern: string): Reads | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  const { graphql, persisted, body }: { graphql?: unknown; persisted?: unknown; body?: unknown } = written;
  const ids = Array.isArray(persisted) ? persisted.map(String) : [];
  return Object.freeze({
    graphql: typeof graphql === 'boolean' ? graphql : Array.isArray(persisted) || isGraphqlPath(pattern),
    persisted: Object.freeze(ids),
    body: Object.freeze(
      Object.fromEntries(
        Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([pointer, values]) => [
          pointer,
          Object.freeze((Array.isArray(values) ? values : [values]).filter(isScalar)),
        ]),
      ),
    ),
  });
}

/** Query parameters that a route's requests have by its nature: those of GraphQL over GET are the question itself. */
export function queryOfReads(route: Pick<Route, 'pattern' | 'reads'>): QueryDeclaration {
  const reads = readsOf(route);
  if (reads?.graphql !== true) return {};
  const names = [
    'query',
    'operationName',
    'variables',
    'extensions',
    ...(reads.persisted.length > 0 ? ID_PARAMETERS : []),
  ];
  return Object.fromEntries(names.map((name) => [name, { param: 'text' }]));
}

/** As servers spell them. */
const ID_PARAMETERS = ['id', 'documentId', 'queryId', 'doc_id', 'hash'];

const GRAPHQL: Reads = Object.freeze({ graphql: true, persisted: Object.freeze([]), body: Object.freeze({}) });

function isGraphqlPath(pattern: string): boolean {
  return /\/graphql\/?$/i.test(pattern);
}

function whyNone({ graphql, persisted, body: wanted }: Reads, request: ExchangeRequest): string | null {
  const body = bodySent(request);
  if (body.kind === 'refused') return body.why;
  const conditions = Object.entries(wanted);
  if (conditions.length > 0) {
    const value = valueIn(body);
    for (const [pointer, values] of conditions) {
      const found = value === undefined ? undefined : valueAt(value, pointer);
      if (!values.some((one) => one === found)) return `its body has another value at ${pointer}`;
    }
  }
  return graphql ? whyNoQuery(request.method, queryFields(request.target), body, persisted) : null;
}

/** A form is an object of texts; one that has a name twice is nothing that can be judged. */
function valueIn(body: SentBody): JsonValue | undefined {
  if (body.kind === 'json') return body.value;
  if (body.kind !== 'form') return undefined;
  const fields = new Map(body.fields);
  return fields.size === body.fields.length ? Object.fromEntries(fields) : undefined;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
