import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { readsFrom, readsOf, whyNoRead } from '../../src/api/reads.ts';

const JSON_TYPE = ['Content-Type', 'application/json'];

function why(
  reads: unknown,
  body: unknown,
  { target = '/graphql', method = 'POST', fields = JSON_TYPE, pattern = '/graphql' } = {},
): string | null {
  const given = readsFrom(reads, pattern);
  return whyNoRead(
    { pattern, ...(given === undefined ? {} : { reads: given }) },
    {
      method,
      target,
      rawHeaders: fields,
      body: body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
  );
}

const at = (query: string): string => `/graphql?${new URLSearchParams({ query })}`;
const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

describe('which requests are reads', () => {
  const READS: Readonly<Record<string, () => string | null>> = {
    'a query': () => why(undefined, { query: 'query A($id: ID) { a(id: $id) { b } }', variables: { id: 1 } }),
    'a query in short': () => why(undefined, { query: '{ a }', operationName: null }),
    'a query whose text speaks of mutations': () =>
      why(undefined, { query: '# mutation\n{ mutation(text: "mutation { x }") }' }),
    'the query meant among others': () =>
      why(undefined, { query: 'query A { a } mutation B { b }', operationName: 'A' }),
    'a batch of queries': () => why(undefined, [{ query: '{ a }' }, { query: '{ b }' }]),
    'a query as a form': () =>
      why(undefined, String(new URLSearchParams({ query: '{ a }' })), {
        fields: ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
      }),
    'a query as such': () => why(undefined, '{ a }', { fields: ['Content-Type', 'application/graphql'] }),
    'a query by GET': () => why(undefined, null, { method: 'GET', target: at('{ a }') }),
    'the page of a GraphQL server': () => why(undefined, null, { method: 'GET' }),
    'a persisted query of the list': () => why({ persisted: ['abc'] }, persisted('abc')),
    'one by its documentId': () => why({ persisted: ['abc'] }, { documentId: 'abc' }),
    'one by GET': () =>
      why({ persisted: ['abc'] }, null, {
        method: 'GET',
        target: `/graphql?${new URLSearchParams({ extensions: JSON.stringify(persisted('abc').extensions) })}`,
      }),
    'a query that is being persisted': () =>
      why(undefined, { query: '{ a }', ...persisted(createHash('sha256').update('{ a }').digest('hex')) }),
    'whatever is sent to a route that says nothing': () => why(undefined, 'mutation', { pattern: '/v1/search' }),
    'whatever is sent to /graphql where it is switched off': () => why({ graphql: false }, { query: 'mutation { a }' }),
    'a body with a value of the list': () =>
      why({ body: { '/rpc/method': ['get', 'list'] } }, { rpc: { method: 'list' } }, { pattern: '/rpc' }),
    'a form with it': () =>
      why({ body: { '/action': 'search' } }, 'action=search&q=1', {
        pattern: '/rpc',
        fields: ['Content-Type', 'application/x-www-form-urlencoded'],
      }),
  };
  for (const [what, judged] of Object.entries(READS)) it(`${what}: is one`, () => expect(judged()).to.equal(null));

  const NONE: Readonly<Record<string, readonly [() => string | null, RegExp]>> = {
    'a mutation': [() => why(undefined, { query: 'mutation { a }' }), /a mutation/],
    'a subscription': [() => why(undefined, { query: 'subscription { a }' }), /a subscription/],
    'a mutation by GET': [() => why(undefined, null, { method: 'GET', target: at('mutation { a }') }), /a mutation/],
    'a mutation in the target of a POST': [
      () => why(undefined, { query: '{ a }' }, { target: at('mutation { a }') }),
      /a mutation/,
    ],
    'a mutation meant among others': [
      () => why(undefined, { query: 'query A { a } mutation B { b }', operationName: 'B' }),
      /a mutation/,
    ],
    'several operations, none meant': [() => why(undefined, { query: 'query A { a } query B { b }' }), /several/],
    'two names': [
      () =>
        why(
          undefined,
          { query: 'query A { a } mutation B { b }', operationName: 'A' },
          { target: '/graphql?operationName=B' },
        ),
      /two operation names/,
    ],
    'a name that no operation has': [() => why(undefined, { query: '{ a }', operationName: 'B' }), /no operation of/],
    'fragments alone': [() => why(undefined, { query: 'fragment A on B { c }' }), /no operation is given/],
    'a batch with a mutation': [() => why(undefined, [{ query: '{ a }' }, { query: 'mutation { b }' }]), /a mutation/],
    'an empty batch': [() => why(undefined, []), /no GraphQL request/],
    'a batch with what is no request': [() => why(undefined, [{ query: '{ a }' }, 1]), /no GraphQL request/],
    'what cannot be parsed': [() => why(undefined, { query: '{ a' }), /cannot be parsed/],
    'nesting without end': [() => why(undefined, { query: '{a'.repeat(9_000) }), /cannot be parsed/],
    'more than anybody asks': [() => why(undefined, { query: `{ ${'a '.repeat(30_000)} }` }), /cannot be parsed/],
    'no body': [() => why(undefined, null), /no operation is given/],
    'no query': [() => why(undefined, { query: null, variables: {} }), /no operation is given/],
    'a query that is no text': [() => why(undefined, { query: ['{ a }'] }), /is no text/],
    'no JSON': [() => why(undefined, 'query'), /is not JSON/],
    'a name twice': [() => why(undefined, '{"query":"mutation { a }","query":"{ a }"}'), /a name twice/],
    'a name twice, once escaped': [
      () => why(undefined, '{"qu\\u0065ry":"mutation { a }","query":"{ a }"}'),
      /a name twice/,
    ],
    'a name twice but for case': [() => why(undefined, '{"Query":"mutation { a }","query":"{ a }"}'), /a mutation/],
    'a form that looks like JSON': [
      () =>
        why(undefined, '{"query":"{ a }","x":"&query=mutation{a}&y="}', {
          fields: ['Content-Type', 'application/x-www-form-urlencoded'],
        }),
      /a mutation/,
    ],
    files: [
      () => why(undefined, '--x\r\n\r\n--x--', { fields: ['Content-Type', 'multipart/form-data; boundary=x'] }),
      /is not JSON/,
    ],
    'two content types': [() => why(undefined, '{ a }', { fields: [...JSON_TYPE, ...JSON_TYPE] }), /two content types/],
    'a content coding': [
      () => why(undefined, { query: '{ a }' }, { fields: [...JSON_TYPE, 'Content-Encoding', 'gzip'] }),
      /content coding/,
    ],
    'a persisted query that is not in the list': [
      () => why({ persisted: ['abc'] }, persisted('abd')),
      /not in the list/,
    ],
    'any where there is no list': [() => why(undefined, { id: 7 }), /not in the list/],
    'a query beside the id of another': [
      () => why(undefined, { query: '{ a }', documentId: 'abc' }),
      /not in the list/,
    ],
    'a mutation under the id of a query': [
      () => why({ persisted: ['abc'] }, { query: 'mutation { a }', documentId: 'abc' }),
      /a mutation/,
    ],
    'extensions that are not JSON': [
      () => why(undefined, null, { method: 'GET', target: '/graphql?extensions=%7B' }),
      /extensions/,
    ],
    'a body with another value': [
      () => why({ body: { '/method': 'get' } }, { method: 'set' }, { pattern: '/rpc' }),
      /another value at \/method/,
    ],
    'a body without the value': [() => why({ body: { '/method': 'get' } }, [], { pattern: '/rpc' }), /another value/],
    'a request without the body': [
      () => why({ body: { '/method': 'get' } }, null, { pattern: '/rpc' }),
      /another value/,
    ],
    'a query where the body must say more': [
      () => why({ body: { '/operationName': ['A', 'B'] } }, { query: '{ a }' }),
      /another value/,
    ],
  };
  for (const [what, [judged, says]] of Object.entries(NONE)) {
    it(`${what}: is none`, () => expect(judged()).to.match(says));
  }

  it('tells nothing of the values', () => {
    const secret = { query: 'mutation { pay(card: "zqx7") }' };
    for (const told of [why(undefined, secret), why({ body: { '/a': 1 } }, { a: 'zqx7' }), why(undefined, 'zqx7')]) {
      expect(told).to.be.a('string').that.does.not.include('zqx7');
    }
  });

  it('is GraphQL by itself where the path ends so, in any case, with a slash behind or not', () => {
    for (const pattern of ['/graphql', '/api/:shop/graphql', '/GraphQL', '/graphql/']) {
      expect(readsOf({ pattern })?.graphql, pattern).to.equal(true);
    }
    for (const pattern of ['/graphql/schema', '/mygraphql', '/v1/search', '/:graphql']) {
      expect(readsOf({ pattern }), pattern).to.equal(null);
    }
  });
});
