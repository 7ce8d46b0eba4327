/** The parts that the verifier is made of, each by itself. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { get, paging } from '../../src/api/route.ts';
import { shapeOf } from '../../src/api/shape.ts';
import { comparator, text } from '../../src/rules/kit.ts';
import { codingsOf, decodeBody } from '../../src/verifier/decode.ts';
import { failureOf } from '../../src/verifier/failure.ts';
import { headersFor } from '../../src/verifier/headers.ts';
import { Generations } from '../../src/verifier/ids/generations.ts';
import { KnownIds, ReadIds } from '../../src/verifier/ids/known-ids.ts';
import type { IdMapSource } from '../../src/verifier/ids/source.ts';

const trace = {
  traceId: 'a'.repeat(32),
  parentSpanId: null,
  spanId: 'b'.repeat(16),
  twinSpanId: 'c'.repeat(16),
  sampled: false,
};

describe('content codings', () => {
  const body = Buffer.from(JSON.stringify({ text: 'سلام '.repeat(50) }));
  const cases: readonly (readonly [string, Buffer])[] = [
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
  ];
  for (const [coding, coded] of cases) {
    it(`${coding} is undone, and stopped at the limit`, async () => {
      const decoded = await decodeBody(coded, [coding], 10_000);
      expect(decoded.ok && Buffer.from(decoded.body).equals(body)).to.equal(true);
      expect(await decodeBody(coded, [coding], body.length - 1)).to.include({ ok: false, why: 'oversized' });
      expect(await decodeBody(coded.subarray(0, 20), [coding], 10_000)).to.include({ ok: false, why: 'corrupt' });
    });
  }

  it('are undone last applied first, read from all fields, and refused where unknown or absurdly many', async () => {
    const codings = codingsOf(['Content-Encoding', 'gzip, identity', 'x', 'y', 'content-encoding', 'BR']);
    expect(codings).to.deep.equal(['gzip', 'br']);
    const decoded = await decodeBody(brotliCompressSync(gzipSync(body)), codings, 10_000);
    expect(decoded.ok && Buffer.from(decoded.body).equals(body)).to.equal(true);
    expect(await decodeBody(body, ['compress'], 10_000)).to.include({ ok: false, why: 'unknown' });
    expect(await decodeBody(body, ['gzip', 'gzip', 'gzip', 'gzip'], 10_000)).to.include({ ok: false, why: 'unknown' });
  });
});

describe('the fields of a request to a side', () => {
  const client = [
    'Host',
    'api.example',
    'X-Twice',
    '1',
    'X-Twice',
    '2',
    'Connection',
    'close, X-Hop',
    'X-Hop',
    '1',
    'TE',
    'trailers',
    'If-Range',
    'x',
    'Cookie',
    'a=b',
    'Traceparent',
    'old',
    'Content-Length',
    '3',
  ];

  it('are the client’s own, in their order and spelling, less those of the connection and those that ask for less', () => {
    expect(headersFor('twin', client, trace, 'twin', 'twin:1')).to.deep.equal([
      'X-Twice',
      '1',
      'X-Twice',
      '2',
      'Cookie',
      'a=b',
      'host',
      'api.example',
      'traceparent',
      `00-${trace.traceId}-${trace.twinSpanId}-00`,
      'x-shadow-read',
      '1',
      'x-twin-representation',
      'twin',
    ]);
  });

  it('can be set, renamed and dropped, and the host be the side’s own', () => {
    const changes = {
      set: { Authorization: 'Bearer service' },
      rename: { cookie: 'X-Cookie' },
      drop: ['X-TWICE'],
      host: 'side',
    } as const;
    const fields = headersFor(
      'primary',
      [...client, 'authorization', 'Bearer caller'],
      trace,
      'primary',
      'primary:2',
      changes,
    );
    expect(fields.join('|')).to.equal(
      [
        'X-Cookie',
        'a=b',
        'host',
        'primary:2',
        'Authorization',
        'Bearer service',
        'traceparent',
        `00-${trace.traceId}-${trace.spanId}-00`,
        'x-shadow-read',
        '1',
      ].join('|'),
    );
  });
});

describe('a failure of the client library', () => {
  const coded = (code: string, cause?: Error): Error => Object.assign(new Error('secret detail', { cause }), { code });
  for (const [error, failure] of [
    [coded('ECONNREFUSED'), 'refused'],
    [coded('UND_ERR_SOCKET', coded('ECONNRESET')), 'reset'],
    [coded('ENOTFOUND'), 'dns'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls'],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls'],
    [coded('HPE_INVALID_CONSTANT'), 'protocol'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'connect_timeout'],
    [new AggregateError([coded('ECONNREFUSED')]), 'refused'],
    [new Error('what is this'), 'protocol'],
    ['not even an error', 'protocol'],
  ] as const) {
    it(`${error instanceof Error ? ('code' in error ? error.code : error.name) : error} is ${failure}, told by its code alone`, () => {
      const told = failureOf(error);
      expect(told.failure).to.equal(failure);
      expect(told.detail).not.to.contain('secret');
    });
  }
});

describe('the shape of a request', () => {
  const entry = get('things', '/things', {
    query: {
      status: { param: 'oneOf', values: ['open', 'done'] },
      owner: { param: 'id', collection: 'users' },
      from: { param: 'instant' },
      unread: { param: 'bool' },
      min: { param: 'decimal' },
      q: { param: 'text' },
      after: { param: 'cursor', key: 'instant', collection: 'things' },
      ...paging(['at', 'name'], '-at'),
    },
    comparator: comparator('shape', text()),
  });
  const rest = 'page=1&limit=default&sort=-at';
  for (const [target, status, shape] of [
    ['/things', 200, `${rest} 200`],
    ['/things?page=1&limit=20&sort=-at&unknown=1', 200, `${rest} 200`],
    ['/things?status=open&page=3&limit=7&sort=name', 200, 'status=open&page=2-5&limit=other&sort=name 200'],
    [
      '/things?status=OPEN&page=0&limit=101&sort=-owner',
      400,
      'status=invalid&page=invalid&limit=invalid&sort=invalid 400',
    ],
    ['/things?page=99', 200, 'page=6+&limit=default&sort=-at 200'],
    [
      '/things?owner=64b000000000000000000001&from=2026-01-01T00:00:00Z&unread=true&min=1.5&q=x&after=abc',
      200,
      `owner=set&from=set&unread=true&min=set&q=set&after=set&${rest} 200`,
    ],
    [
      '/things?owner=1&from=then&unread=yes&min=1e3&q=&after=%20',
      400,
      `owner=invalid&from=invalid&unread=invalid&min=invalid&q=invalid&after=invalid&${rest} 400`,
    ],
    ['/things?status=open&status=done', 400, `status=invalid&${rest} 400`],
  ] as const) {
    it(`${target} is ${shape}`, () => {
      expect(shapeOf(entry, { method: 'GET', target }, status)).to.equal(shape);
    });
  }

  it('knows a page past the end, and HEAD', () => {
    expect(shapeOf(entry, { method: 'HEAD', target: '/things?page=9' }, 200, { pastEnd: true })).to.equal(
      'HEAD page=past_end&limit=default&sort=-at 200',
    );
  });
});

describe('ids that have been looked up', () => {
  it('are kept within the bound, and forgotten when their time is over', () => {
    const cache = new Generations<number>(10);
    for (let i = 0; i < 1_000; i += 1) {
      cache.set(`k${i}`, i, Number.POSITIVE_INFINITY);
      cache.get('k0', 0);
    }
    expect(cache.size).to.be.at.most(10);
    expect(cache.get('k0', 0)).to.equal(0);
    expect(cache.get('k5', 0)).to.equal(undefined);
    cache.set('short', 1, 100);
    expect([cache.get('short', 99), cache.get('short', 100)]).to.deep.equal([1, undefined]);
  });

  it('are looked up once while they are known, both ways, and again soon where there was none', async () => {
    const uuid = '01907363-fcb8-746c-b6b1-0a2174e80abd';
    const asked: string[] = [];
    const source: IdMapSource = {
      lookup: async (wanted) => {
        asked.push(...wanted.map((one) => one.id));
        return wanted.map(({ collection, id }) => ({
          collection,
          objectId: id === uuid ? 'a'.repeat(24) : null,
          uuid: id === uuid ? id : null,
        }));
      },
      close: async () => undefined,
    };
    const known = new KnownIds(source, { size: 100, absentMs: 0 });
    const read = new ReadIds(known);
    expect(read.objectIdOf('users', uuid)).to.equal(undefined);
    await read.lookUp([
      { collection: 'users', id: uuid },
      { collection: 'users', id: 'b'.repeat(24) },
    ]);
    expect(read.objectIdOf('users', uuid)).to.equal('a'.repeat(24));
    expect(read.uuidOf('users', 'a'.repeat(24))).to.equal(uuid);
    expect(read.uuidOf('users', 'b'.repeat(24))).to.equal(null);
    expect(known.objectIdOf('users', uuid)).to.equal('a'.repeat(24));
    expect(known.uuidOf('users', 'b'.repeat(24))).to.equal(undefined);
    expect(asked.length).to.equal(2);
  });

  it('are left alone for a while when the source fails', async () => {
    const known = new KnownIds({ lookup: () => Promise.reject(new Error('down')), close: async () => undefined });
    expect(known.available).to.equal(true);
    const failed = await new ReadIds(known).lookUp([{ collection: 'users', id: 'b'.repeat(24) }]).then(
      () => false,
      () => true,
    );
    expect([failed, known.available]).to.deep.equal([true, false]);
  });
});
