import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { request } from 'undici';
import { createRouteMatcher } from '../../../src/api/route-matcher.ts';
import { traceOf } from '../../../src/proxy/trace-context.ts';
import type { PrimaryAnswer } from '../../../src/traffic/hand-over.ts';
import { createSink, type Sink, type SinkOptions } from '../../../src/traffic/sink/sink.ts';
import type { ExchangeRequest, IncomingRead, Route, SkipReason } from '../../../src/types.ts';
import { freePort } from '../../support/free-port.ts';
import { RawClient } from '../../support/raw-http.ts';
import { until } from '../../support/until.ts';

const ROUTES: readonly Route[] = [
  { key: 'GET /things/:id', method: 'GET', pattern: '/things/:id', domain: 'things' },
  { key: 'POST /search', method: 'POST', pattern: '/search', domain: 'things' },
];

type Ended = { readonly read: IncomingRead; readonly end: SkipReason | 'complete'; readonly body: string | null };

const RIGHT: PrimaryAnswer = {
  ok: true,
  answer: { status: 200, rawHeaders: [], body: Buffer.from('{}'), askedAt: 1, headersMs: 1, totalMs: 1 },
};

describe('traffic/sink', () => {
  let sink: Sink;
  let url = '';
  let ended: Ended[] = [];
  let asked: ExchangeRequest[] = [];
  let loops: string[] = [];

  async function begin(more: Partial<SinkOptions> = {}): Promise<void> {
    ended = [];
    asked = [];
    loops = [];
    sink = createSink({
      gate: {
        admit(read) {
          const end = (how: Ended['end'], body: string | null): void => void ended.push({ read, end: how, body });
          return {
            hold: () => 'held',
            complete: (exchange) =>
              end('complete', exchange.body === null ? null : Buffer.from(exchange.body).toString()),
            skip: (reason) => end(reason, null),
          };
        },
      },
      fetchPrimary: async (exchange) => {
        asked.push(exchange);
        return RIGHT;
      },
      match: createRouteMatcher(ROUTES).match,
      traceOf,
      restore: { targetFields: ['x-original-uri'], methodFields: [], hostFields: [], hostSuffix: '-shadow' },
      perSecond: 10_000,
      share: 1,
      concurrency: 100,
      bodyBytes: 1_000,
      sides: [],
      certificate: null,
      onLoop: (_address, caller) => void loops.push(caller),
      onFault: (_stage, thrown) => {
        throw thrown;
      },
      ...more,
    });
    url = `http://127.0.0.1:${(await sink.listen(0)).port}`;
  }
  afterEach(() => sink.close({ deadlineMs: 1_000 }));

  const send = async (method: string, target: string, body?: string, headers: Record<string, string> = {}) => {
    const answer = await request(`${url}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
    await answer.body.dump();
    return answer.statusCode;
  };

  it('answers 204 to whatever comes, and asks for reads of known routes only', async () => {
    await begin();
    for (const [method, target, body] of [
      ['GET', '/things/1'],
      ['HEAD', '/things/2'],
      ['GET', '/unknown'],
      ['POST', '/things/3', '{}'],
      ['DELETE', '/things/4'],
      ['OPTIONS', '/things/5'],
      ['POST', '/search', '{"q":1}'],
      ['GET', '/things/%zz'],
    ] as const) {
      expect(await send(method, target, body)).to.equal(204);
    }
    await until(() => ended.length === 3);
    expect(ended.map(({ read, end, body }) => [read.method, read.target, read.source, end, body])).to.deep.equal([
      ['GET', '/things/1', 'sink', 'complete', null],
      ['HEAD', '/things/2', 'sink', 'complete', null],
      ['POST', '/search', 'sink', 'complete', '{"q":1}'],
    ]);
    expect(asked).to.have.length(3);
  });

  it('takes copies with fields of the connection or of an expectation that the client had', async () => {
    await begin();
    const copies = [
      'GET /things/1 HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n',
      'POST /search HTTP/1.1\r\nHost: a\r\nExpect: later\r\nContent-Length: 2\r\n\r\n{}',
      'GET /things/2 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'GET http://a/things/3 HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /things/4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nX-T: 1\r\n\r\n',
    ];
    const client = new RawClient(Number(new URL(url).port));
    for (const copy of copies) {
      const { head } = await client.ask(Buffer.from(copy), 'GET');
      expect(head?.startLine, copy).to.equal('HTTP/1.1 204 No Content');
    }
    client.close();
    await until(() => ended.length === copies.length);
    expect(ended.map(({ read, end }) => `${read.target} ${end}`)).to.have.members([
      ...['/things/1', '/search', '/things/2', '/things/3'].map((target) => `${target} complete`),
      '/things/4 unsupported_media',
    ]);
  });

  it('sends nothing that is no read, because the primary has done it already', async () => {
    const route = { key: 'POST /graphql', method: 'POST', pattern: '/graphql', domain: 'things' } as const;
    await begin({ match: createRouteMatcher([route]).match });
    const json = { 'content-type': 'application/json' };
    await send('POST', '/graphql', '{"query":"mutation { a }"}', json);
    await send('POST', '/graphql', '{"query":"{ a }"}', json);
    await until(() => ended.length === 2);
    expect(ended.map(({ end }) => end)).to.deep.equal(['not_a_read', 'complete']);
    expect(asked).to.have.length(1);
  });

  it('answers before the primary does', async () => {
    const held = Promise.withResolvers<PrimaryAnswer>();
    await begin({ fetchPrimary: () => held.promise });
    expect(await send('GET', '/things/1')).to.equal(204);
    expect(ended).to.deep.equal([]);
    held.resolve(RIGHT);
    await until(() => ended.length === 1);
  });

  it('asks for what the client asked, with the host it asked for', async () => {
    await begin();
    await send('GET', '/mirror', undefined, {
      'x-original-uri': '/things/7?a=%41',
      host: 'api.example-shadow',
      cookie: 'a=b',
    });
    await until(() => ended.length === 1);
    expect(asked[0]?.target).to.equal('/things/7?a=%41');
    expect(asked[0]?.rawHeaders.slice(0, 2)).to.deep.equal(['Host', 'api.example']);
    expect(asked[0]?.rawHeaders.join())
      .to.match(/cookie,a=b/)
      .and.not.match(/original/);
  });

  it('counts who says that it sends shadow reads; the gate lets them go', async () => {
    await begin();
    await send('GET', '/things/1', undefined, { 'x-shadow-read': '1', authorization: 'Bearer t' });
    await send('GET', '/unknown', undefined, { 'x-shadow-read': '1' });
    await until(() => ended.length === 1);
    expect(loops).to.have.length(1);
    expect(loops[0]).to.include('Bearer t');
    expect(ended[0]?.read.rawHeaders.join()).to.match(/x-shadow-read,1/);
  });

  it('keeps to its rate and share, by choice', async () => {
    await begin({ perSecond: 0.5 });
    for (let i = 0; i < 30; i += 1) await send('GET', `/things/${i}`);
    await until(() => ended.length === 30);
    expect(asked.length).to.be.within(1, 29);
    expect(new Set(ended.map(({ end }) => end))).to.deep.equal(new Set(['complete', 'not_sampled']));
    await sink.close({ deadlineMs: 1_000 });
    await begin({ share: 0.3 });
    for (let i = 0; i < 100; i += 1) await send('GET', `/things/${i}`);
    await until(() => ended.length === 100);
    expect(asked.length).to.be.within(5, 70);
  });

  it('sends no more requests to the primary at once than it may', async () => {
    const held = Promise.withResolvers<PrimaryAnswer>();
    await begin({ fetchPrimary: () => held.promise, concurrency: 2 });
    for (let i = 0; i < 5; i += 1) await send('GET', `/things/${i}`);
    await until(() => ended.length === 3);
    held.resolve(RIGHT);
    await until(() => ended.length === 5);
    expect(ended.map(({ end }) => end).sort()).to.deep.equal([
      'complete',
      'complete',
      'overload',
      'overload',
      'overload',
    ]);
  });

  it('drops bodies that are too large, and of reads whose primary fails', async () => {
    await begin({ fetchPrimary: async () => ({ ok: false, detail: 'refused', oversized: false }) });
    expect(await send('POST', '/search', 'x'.repeat(5_000))).to.equal(204);
    expect(await send('GET', '/things/1', 'content')).to.equal(204);
    expect(await send('GET', '/things/1')).to.equal(204);
    await until(() => ended.length === 3);
    expect(ended.map(({ end }) => end)).to.deep.equal(['too_large', 'unsupported_media', 'primary_error']);
  });

  it('drops a body that breaks off', async () => {
    await begin();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /search HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
    // The head has been read.
    await once(socket, 'data');
    socket.write('half');
    socket.destroy();
    await until(() => ended.length === 1);
    expect(ended[0]?.end).to.equal('client_aborted');
  });

  it('answers HTTP/1.0, as nginx mirrors by default', async () => {
    await begin();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /things/1 HTTP/1.0\r\nHost: api\r\nConnection: close\r\n\r\n');
    const [data] = await once(socket, 'data');
    expect(String(data)).to.match(/^HTTP\/1\.1 204 No Content\r\n/);
    await until(() => ended.length === 1);
    socket.destroy();
  });

  it('refuses to be its own primary or twin', async () => {
    await begin();
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::ffff:127.0.0.1]']) {
      const port = await freePort();
      const own = createSink({
        gate: { admit: () => null },
        fetchPrimary: async () => RIGHT,
        match: () => null,
        traceOf,
        restore: { targetFields: [], methodFields: [], hostFields: [], hostSuffix: '' },
        perSecond: 1,
        share: 1,
        concurrency: 1,
        bodyBytes: 1,
        certificate: null,
        sides: [['primary', `http://${host}:${port}`]],
        onLoop: () => undefined,
        onFault: () => undefined,
      });
      const refused = await own.listen(port).then(
        () => 'it listens',
        (error: unknown) => String(error),
      );
      await own.close({ deadlineMs: 10 });
      expect(refused).to.match(/the primary is the sink itself/);
    }
  });
});
