import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { changerOf } from '../../src/base/header-changes.ts';
import type { ProxyOptions, ServedRead } from '../../src/proxy/options.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import type { CompletedAnswer, ExchangeRequest, IncomingRead, SkipReason } from '../../src/types.ts';
import { RawClient, type SeenMessage, statusOf, valuesOf } from '../support/raw-http.ts';
import { type ScriptedUpstream, type Step, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';
import { gatherWarnings } from '../support/warnings.ts';
import { Wire } from '../support/wire.ts';
import { ANY_ROUTE } from './transparency/kit.ts';
import { answerOf, bytesOf, send } from './transparency/same.ts';

interface Read {
  readonly seen: IncomingRead;
  readonly end: SkipReason | 'complete';
  readonly request: ExchangeRequest | null;
  readonly answer: CompletedAnswer | null;
}

describe('flipped reads', () => {
  let primary: ScriptedUpstream;
  let twin: ScriptedUpstream;
  let proxy: ProxyServer;
  let port: number;
  let reads: Read[];
  let served: ServedRead[];
  let writes: string[];

  beforeEach(async () => {
    primary = await startScriptedUpstream();
    twin = await startScriptedUpstream();
    primary.scripts.set('/x', {
      steps: [{ do: 'await-body' }, send(answerOf('200 OK', ['X-From: primary'], 'primary'))],
    });
    await open();
  });
  afterEach(async () => {
    await proxy.close({ deadlineMs: 50 });
    await primary.close();
    await twin.close();
  });

  async function open(more: Partial<ProxyOptions> = {}): Promise<void> {
    reads = [];
    served = [];
    writes = [];
    proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: `http://127.0.0.1:${twin.port}`,
      match: (method) => (method === 'GET' || method === 'HEAD' ? ANY_ROUTE : null),
      serve: () => 'twin',
      timeouts: { twinMs: 60_000 },
      hooks: { onServed: (read) => served.push(read), onWrite: (caller) => writes.push(caller) },
      gate: {
        admit: (seen) => ({
          hold: () => 'held',
          complete: (request, answer) => reads.push({ seen, end: 'complete', request, answer }),
          skip: (reason) => reads.push({ seen, end: reason, request: null, answer: null }),
        }),
      },
      ...more,
    });
    ({ port } = await proxy.listen(0));
  }

  async function reopen(more: Partial<ProxyOptions>): Promise<void> {
    await proxy.close({ deadlineMs: 50 });
    await open(more);
  }

  function twinSays(...steps: readonly Step[]): void {
    twin.scripts.set('/x', { steps: [{ do: 'await-body' }, ...steps] });
  }

  async function ask(head = 'GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer me\r\n\r\n'): Promise<SeenMessage> {
    const client = new RawClient(port);
    const seen = await client.ask(bytesOf(head), head.split(' ')[0] ?? 'GET');
    client.close();
    await until(() => proxy.inFlight === 0);
    return seen;
  }

  it("get the credentials that a module gives, and are the primary's where it gives none", async () => {
    twinSays(send(answerOf('200 OK', ['X-From: twin'], 'twin')));
    let fails = false;
    await reopen({
      twinFields: (fields) => [...fields, 'X-Key', 'shadow'],
      twinCredentials: async ({ target, rawHeaders }) => {
        if (fails) throw new Error('no token');
        return { authorization: `${rawHeaders[rawHeaders.indexOf('Authorization') + 1]} at ${target}` };
      },
    });
    expect((await ask()).body.toString()).to.equal('twin');
    const asked = twin.asked.get('/x')?.at(-1)?.head?.fields ?? [];
    expect(valuesOf(asked, 'authorization')).to.deep.equal(['Bearer me at /x']);
    expect(valuesOf(asked, 'x-key')).to.deep.equal(['shadow']);
    fails = true;
    expect((await ask()).body.toString()).to.equal('primary');
    expect(reads.map(({ seen }) => seen.served)).to.deep.equal(['twin', 'primary']);
    expect(valuesOf(primary.asked.get('/x')?.at(-1)?.head?.fields ?? [], 'authorization')).to.deep.equal(['Bearer me']);
  });

  it("get the config's header changes of the side that answers, the primary's where it takes over", async () => {
    twinSays(send(answerOf('200 OK', [], 'twin')));
    const changes = { set: { 'X-Key': 'shadow' }, rename: { 'X-Session': 'Authorization' }, drop: ['Cookie'] };
    await reopen({
      twinFields: changerOf(changes, 'http://pg.example:5'),
      primaryFields: changerOf({ set: { 'X-Key': 'mongo', Host: 'api.inside' } }, 'http://mongo.example:4'),
    });
    const head = 'GET /x HTTP/1.1\r\nHost: a\r\nx-session: s1\r\nAuthorization: Bearer me\r\nCookie: c=1\r\n\r\n';
    const askedOf = (side: typeof twin, name: string) =>
      valuesOf(side.asked.get('/x')?.at(-1)?.head?.fields ?? [], name);
    expect((await ask(head)).body.toString()).to.equal('twin');
    expect(['x-key', 'authorization', 'cookie', 'host', 'x-session'].map((name) => askedOf(twin, name))).to.deep.equal([
      ['shadow'],
      ['s1'],
      [],
      ['a'],
      [],
    ]);
    twinSays(send(answerOf('500 Oh', [], '')));
    expect((await ask(head)).body.toString()).to.equal('primary');
    expect(['x-key', 'authorization', 'cookie', 'host'].map((name) => askedOf(primary, name))).to.deep.equal([
      ['mongo'],
      ['Bearer me'],
      ['c=1'],
      ['api.inside'],
    ]);
  });

  it("are answered by the twin in the primary's representation, and offered as served by the twin", async () => {
    twinSays(send(answerOf('200 OK', ['X-From: twin', 'X-Twin-Build: b7', 'x-from: again'], 'twin')));
    const seen = await ask();
    expect(seen.body.toString()).to.equal('twin');
    expect(valuesOf(seen.head?.fields ?? [], 'x-from')).to.deep.equal(['twin', 'again']);
    expect(valuesOf(seen.head?.fields ?? [], 'x-twin-build'), 'is for the verifier').to.deep.equal([]);
    const asked = twin.asked.get('/x')?.at(-1)?.head?.fields ?? [];
    expect(asked).to.deep.equal([
      ['Host', 'a'],
      ['Authorization', 'Bearer me'],
      ['X-Twin-Representation', 'primary'],
    ]);
    expect(primary.asked.size, 'the primary was not asked').to.equal(0);
    expect(reads.map((read) => [read.seen.served, read.end])).to.deep.equal([['twin', 'complete']]);
    expect(reads[0]?.answer?.rawHeaders).to.include('X-Twin-Build');
    expect(Buffer.concat(reads[0]?.answer?.chunks ?? []).toString()).to.equal('twin');
    expect(served).to.have.length(1);
    expect(served[0]).to.include({
      side: 'twin',
      fellBack: false,
      status: 200,
      error: null,
      caller: 'authorization: Bearer me\n',
    });
  });

  const failures: Readonly<Record<string, readonly Step[]>> = {
    'resets before its head': [{ do: 'reset' }],
    'ends before its head': [{ do: 'fin' }],
    'breaks in its head': [send('HTTP/1.1 200 OK\r\nX-Ha'), { do: 'fin' }],
    'breaks in its content': [
      send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
      { do: 'pause', ms: 10 },
      { do: 'fin' },
    ],
    'is reset in its content': [
      send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
      { do: 'pause', ms: 10 },
      { do: 'reset' },
    ],
    'is reset in its content without a length': [
      send('HTTP/1.1 200 OK\r\n\r\nhalf'),
      { do: 'pause', ms: 10 },
      { do: 'reset' },
    ],
    'answers with a status that is none': [send(answerOf('099 Odd', [], 'no'))],
    'answers with a reason that nobody may write': [send(answerOf('200 O\x01K', [], 'no'))],
    'answers 500': [send(answerOf('500 Oh', [], 'no'))],
    'answers 503 without end': [send('HTTP/1.1 503 Oh\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')],
    'speaks something else': [send('SSH-2.0-x\r\n\r\n')],
    'sends a head without end': [send(`HTTP/1.1 200 OK\r\nX-Long: ${'v'.repeat(200_000)}\r\n\r\n`)],
    'hangs before its head': [{ do: 'pause', ms: 60_000 }],
    'hangs in its content': [send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'), { do: 'pause', ms: 60_000 }],
  };
  for (const [title, steps] of Object.entries(failures)) {
    it(`of a twin that ${title} are answered by the primary within the same request`, async () => {
      if (title.startsWith('hangs')) await reopen({ timeouts: { twinMs: 150 } });
      twinSays(...steps);
      const seen = await ask();
      expect(seen.body.toString()).to.equal('primary');
      expect(seen.end).to.equal('complete');
      expect(served[0]).to.include({ side: 'primary', fellBack: true, status: 200 });
      expect(served[0]?.error).to.match(/^twin: /);
      expect(reads.map((read) => [read.seen.served, read.end])).to.deep.equal([['primary', 'complete']]);
      expect(Buffer.concat(reads[0]?.answer?.chunks ?? []).toString()).to.equal('primary');
    });
  }

  it('of a twin that is not there are answered by the primary', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const nobody = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    await reopen({ twin: `http://127.0.0.1:${nobody}` });
    expect((await ask()).body.toString()).to.equal('primary');
  });

  it("whose twin is given up before there is a socket for it are the primary's, and never asked of the twin", async () => {
    await reopen({ limits: { sockets: 1 }, timeouts: { twinMs: 200 } });
    const [events, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const head = send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n');
    twin.scripts.set('/events', { steps: [head, { do: 'wait', for: events.promise }, { do: 'fin' }] });
    twin.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'twin'))] });
    twin.scripts.set('/y', { steps: [send(answerOf('200 OK', [], 'why'))] });
    primary.scripts.set('/x', {
      steps: [{ do: 'wait', for: answer.promise }, send(answerOf('200 OK', [], 'primary'))],
    });
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const streaming = new Wire(port);
    streaming.send(get('/events'));
    await streaming.sees('data: 1');
    const wire = new Wire(port);
    wire.send(get('/x'));
    await until(() => primary.asked.has('/x'));
    const next = new Wire(port);
    next.send(get('/y'));
    events.resolve();
    await until(() => twin.asked.has('/y') || next.text !== '');
    answer.resolve();
    await wire.sees('primary');
    expect(twin.asked.has('/x')).to.equal(false);
    for (const each of [streaming, wire, next]) each.socket.destroy();
  });

  it('that need every attempt there is leave Node nothing to warn of', async () => {
    await reopen({ shortWay: false });
    twinSays({ do: 'reset' });
    const client = new RawClient(port);
    const get = bytesOf('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await client.ask(get, 'GET')).body.toString()).to.equal('primary');
    // On the connection that is kept now, and once more on a fresh one.
    primary.scripts.set('/x', { steps: [{ do: 'reset' }] });
    const warnings = gatherWarnings();
    const seen = await client.ask(get, 'GET');
    const asked = primary.asked.get('/x')?.length ?? 0;
    expect([seen.head === null ? null : statusOf(seen.head), asked]).to.deep.equal([502, 3]);
    expect(warnings()).to.deep.equal([]);
    client.close();
  });

  it('of both sides failing are 502', async () => {
    twinSays({ do: 'reset' });
    primary.scripts.set('/x', { steps: [{ do: 'reset' }] });
    const seen = await ask();
    expect(seen.head === null ? null : statusOf(seen.head)).to.equal(502);
    expect(reads.map((read) => read.end)).to.deep.equal(['primary_error']);
  });

  it('keep a 5xx of the twin where the config says so, and any 4xx', async () => {
    twinSays(send(answerOf('404 None', [], 'none')));
    expect((await ask()).body.toString()).to.equal('none');
    await reopen({ fallBackOn5xx: false });
    twinSays(send(answerOf('500 Oh', [], 'oh')));
    expect((await ask()).body.toString()).to.equal('oh');
  });

  it('of more than is held stream, and are cut where the twin breaks off behind that', async () => {
    const big = Buffer.alloc(3 * 1024 * 1024, 'twin ');
    twinSays(send(answerOf('200 OK', [], big)));
    const whole = await ask();
    expect(whole.body.equals(big)).to.equal(true);
    expect(Buffer.concat(reads[0]?.answer?.chunks ?? []).equals(big), 'what was held and what streamed').to.equal(true);
    twinSays(send(`HTTP/1.1 200 OK\r\nContent-Length: ${big.length + 9}\r\n\r\n`), send(big), { do: 'fin' });
    const cut = await ask();
    expect(cut.end).to.equal('cut');
    expect(cut.body.length).to.equal(big.length);
    expect(reads.map((read) => read.end)).to.deep.equal(['complete', 'primary_error']);
  });

  it('in chunks keep their trailers, and HEAD and 304 are what they are', async () => {
    twinSays(send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\nx-t: 2\r\n\r\n'));
    expect((await ask()).trailers).to.deep.equal([
      ['X-T', '1'],
      ['x-t', '2'],
    ]);
    twinSays(send('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'));
    expect((await ask('HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n')).end).to.equal('complete');
    twinSays(send('HTTP/1.1 304 Not Modified\r\nETag: "t"\r\n\r\n'));
    const same = await ask();
    expect(same.head?.startLine).to.equal('HTTP/1.1 304 Not Modified');
    expect(reads.at(-1)?.end).to.equal('complete');
  });

  it('whose client leaves while the twin thinks are counted once', async () => {
    twinSays({ do: 'pause', ms: 60_000 });
    const wire = new Wire(port);
    wire.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => twin.asked.has('/x'));
    wire.socket.resetAndDestroy();
    await until(() => proxy.inFlight === 0);
    expect(reads.map((read) => read.end)).to.deep.equal(['client_aborted']);
  });

  it('that are shadow reads themselves go to the primary, as do writes, which are reported by their caller', async () => {
    twinSays(send(answerOf('200 OK', [], 'twin')));
    expect((await ask('GET /x HTTP/1.1\r\nHost: a\r\nX-Shadow-Read: 1\r\n\r\n')).body.toString()).to.equal('primary');
    expect(
      (await ask('POST /x HTTP/1.1\r\nHost: a\r\nCookie: sid=1\r\nContent-Length: 2\r\n\r\nhi')).body.toString(),
    ).to.equal('primary');
    expect(writes).to.deep.equal(['cookie: sid=1\n', 'cookie: sid=1\n']);
    expect(twin.asked.size).to.equal(0);
  });

  it('that carry an offer that is not needed go to the twin, and those that only the primary can take to the primary', async () => {
    twinSays(send(answerOf('200 OK', [], 'twin')));
    const offer = (protocol: string): string =>
      `GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    expect((await ask(offer('h2c'))).body.toString()).to.equal('twin');
    expect((await ask(offer('websocket'))).body.toString()).to.equal('primary');
    expect(reads.map((read) => [read.seen.served, read.end])).to.deep.equal([
      ['twin', 'complete'],
      ['primary', 'complete'],
    ]);
  });

  it("of a decision that throws are the primary's", async () => {
    await reopen({
      serve: () => {
        throw new Error('boom');
      },
    });
    expect((await ask()).body.toString()).to.equal('primary');
  });

  describe('with POST', () => {
    const post = (body: string): string =>
      `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    beforeEach(() => reopen({ match: () => ({ ...ANY_ROUTE, method: 'POST' }), limits: { heldTwinBytes: 1000 } }));

    it('give the twin the whole body, and the primary the same where it has to take over', async () => {
      twinSays(send(answerOf('200 OK', [], 'twin')));
      expect((await ask(post('search me'))).body.toString()).to.equal('twin');
      expect(twin.asked.get('/x')?.at(-1)?.body.toString()).to.equal('search me');
      expect(Buffer.from(reads[0]?.request?.body ?? []).toString()).to.equal('search me');
      twinSays(send(answerOf('500 Oh', [], '')));
      expect((await ask(post('search again'))).body.toString()).to.equal('primary');
      expect(primary.asked.get('/x')?.at(-1)?.body.toString()).to.equal('search again');
      expect(Buffer.from(reads[1]?.request?.body ?? []).toString()).to.equal('search again');
    });

    it('of more than is held go to the primary, whole', async () => {
      const body = 'long '.repeat(20_000);
      expect((await ask(post(body))).body.toString()).to.equal('primary');
      expect(primary.asked.get('/x')?.at(-1)?.body.toString()).to.equal(body);
      expect(twin.asked.size).to.equal(0);
    });

    it('that expect to be told to go on are told so, as nobody else is asked before their content is there', async () => {
      twinSays(send(answerOf('200 OK', [], 'twin')));
      const client = new RawClient(port);
      const head = 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n';
      const seen = await client.ask(bytesOf(head), 'POST', bytesOf('search me'));
      client.close();
      expect(seen.interims.map(({ startLine }) => startLine)).to.deep.equal(['HTTP/1.1 100 Continue']);
      expect(seen.body.toString()).to.equal('twin');
      expect(twin.asked.get('/x')?.at(-1)?.body.toString()).to.equal('search me');
    });

    it('whose content does not come in time are streamed to the primary', async () => {
      await reopen({ match: () => ({ ...ANY_ROUTE, method: 'POST' }), timeouts: { twinMs: 60 } });
      const wire = new Wire(port);
      wire.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nsear');
      await until(() => proxy.underWay().some((line) => line.includes('side primary')));
      wire.send('ch me');
      await wire.sees('X-From: primary');
      expect(primary.asked.get('/x')?.at(-1)?.body.toString()).to.equal('search me');
      expect(twin.asked.size).to.equal(0);
      wire.socket.destroy();
    });

    it('without any content are forwarded as such', async () => {
      twinSays(send(answerOf('200 OK', [], 'twin')));
      expect((await ask('POST /x HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).to.equal('twin');
    });
  });
});
