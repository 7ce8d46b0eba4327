/** Fields that are ours to set: from outside they reach neither side, whatever way a request takes. */
import { expect } from 'chai';
import type { LoopFigures } from '../../src/base/loop-figures.ts';
import { LoopClaims } from '../../src/proxy/loop-claims.ts';
import type { ProxyOptions } from '../../src/proxy/options.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import type { IncomingRead, RawHeaders } from '../../src/types.ts';
import { headersFor } from '../../src/verifier/headers.ts';
import { type Field, RawClient, type SeenMessage } from '../support/raw-http.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';
import { Wire } from '../support/wire.ts';
import { ANY_ROUTE } from './transparency/kit.ts';
import { answerOf, send } from './transparency/same.ts';

const FORGED = ['X-Twin-Representation: x', 'x-shadow-READ: 1', 'X-Shadow-Trace-Id: mine', 'X-Shadow-Loop: guess'];
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: x\r\n';
const isControl = ([name]: Field): boolean => /^x-(?:shadow|twin)-/i.test(name);

describe('control fields from outside', () => {
  let primary: ScriptedUpstream;
  let twin: ScriptedUpstream;
  let proxy: ProxyServer;
  let port = 0;
  let reads: IncomingRead[] = [];
  let handed: RawHeaders[] = [];

  async function open(options: Partial<ProxyOptions>): Promise<void> {
    reads = [];
    handed = [];
    proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: `http://127.0.0.1:${twin.port}`,
      match: (method) => (method === 'GET' || method === 'HEAD' ? ANY_ROUTE : null),
      gate: {
        admit(read) {
          reads.push(read);
          return {
            hold: () => 'held',
            complete: (request) => handed.push(request.rawHeaders),
            skip: () => undefined,
          };
        },
      },
      loop: { trust: 'nobody', secret: 'the secret of ours' },
      ...options,
    });
    ({ port } = await proxy.listen(0));
  }
  async function ask(start: string, fields: readonly string[], body = ''): Promise<SeenMessage> {
    const client = new RawClient(port);
    const head = [`${start} /x HTTP/1.1`, 'Host: a', ...fields].join('\r\n');
    const seen = await client.ask(Buffer.from(`${head}\r\n\r\n${body}`, 'latin1'), start);
    client.close();
    return seen;
  }
  const askedOf = (side: ScriptedUpstream): readonly Field[] => side.asked.get('/x')?.at(-1)?.head?.fields ?? [];
  beforeEach(async () => {
    primary = await startScriptedUpstream();
    twin = await startScriptedUpstream();
    const steps = [{ do: 'await-body' as const }, send(answerOf('200 OK', ['X-Shadow-Trace-Id: theirs'], 'primary'))];
    primary.scripts.set('/x', { steps });
    twin.scripts.set('/x', { steps: [send(answerOf('200 OK', ['X-Shadow-Trace-Id: theirs'], 'twin'))] });
  });
  afterEach(async () => {
    await proxy.close({ deadlineMs: 50 });
    await primary.close();
    await twin.close();
  });

  const ways: Readonly<
    Record<string, { method?: string; more?: string[]; body?: string; options?: Partial<ProxyOptions> }>
  > = {
    'the short way': {},
    'the long way': { options: { shortWay: false } },
    HEAD: { method: 'HEAD' },
    'a write': { method: 'POST', more: ['Content-Length: 2'], body: 'hi' },
    'an unknown route': { options: { match: () => null } },
    'an upgrade': { more: ['Connection: Upgrade', 'Upgrade: x'] },
    'a write with an upgrade': {
      method: 'PUT',
      more: ['Connection: Upgrade', 'Upgrade: x', 'Content-Length: 2'],
      body: 'hi',
    },
  };
  for (const [way, { method = 'GET', more = [], body, options = {} }] of Object.entries(ways)) {
    it(`by ${way} do not reach the primary`, async () => {
      await open(options);
      const seen = await ask(method, [...FORGED, 'X-Mine: 1', ...more], body);
      expect(askedOf(primary).filter(isControl)).to.deep.equal([]);
      expect(askedOf(primary)).to.deep.include(['X-Mine', '1']);
      expect(seen.head?.fields.filter(isControl)).to.deep.equal([]);
      for (const read of reads) expect(read.rawHeaders.join('\n')).to.not.match(/x-(?:shadow|twin)-/i);
      for (const fields of handed) expect(fields.join('\n')).to.not.match(/x-(?:shadow|twin)-/i);
    });
  }

  it('are not joined with ours where the twin serves, and where the config renames to one', async () => {
    await open({ serve: () => 'twin', twinFields: (fields) => [...fields, 'x-twin-REPRESENTATION', 'renamed'] });
    expect((await ask('GET', FORGED)).body.toString()).to.equal('twin');
    expect(askedOf(twin).filter(isControl)).to.deep.equal([['X-Twin-Representation', 'primary']]);
  });

  it('nor in what the verifier asks', () => {
    const trace = {
      traceId: 'a'.repeat(32),
      parentSpanId: null,
      spanId: 'b'.repeat(16),
      twinSpanId: 'c'.repeat(16),
      sampled: true,
    };
    const sent = headersFor(
      'twin',
      ['Host', 'a', ...FORGED.flatMap((field) => field.split(': ')), 'X-Form', 'x', 'X-Mine', '1'],
      trace,
      'twin',
      'own',
      { rename: { 'x-form': 'X-Twin-Representation' }, set: { 'X-SHADOW-READ': '0', traceparent: 'none' } },
      'the secret',
    );
    const pairs = sent.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), sent[i + 1]]] : []));
    expect(pairs.filter(([name]) => name === 'traceparent')).to.have.length(1);
    expect(pairs.filter(([name]) => name !== 'traceparent').toSorted()).to.deep.equal([
      ['host', 'a'],
      ['x-mine', '1'],
      ['x-shadow-loop', 'the secret'],
      ['x-shadow-read', '1'],
      ['x-twin-representation', 'twin'],
    ]);
  });

  it('of trailers do not pass either', async () => {
    await open({});
    await ask('POST', ['Transfer-Encoding: chunked'], '0\r\nX-Shadow-Read: 1\r\nX-Kept: 1\r\n\r\n');
    expect(primary.asked.get('/x')?.at(-1)?.trailers).to.deep.equal([['X-Kept', '1']]);
  });

  it("the trace's id is ours alone to tell", async () => {
    await open({ exposeTraceId: true });
    const told = (await ask('GET', [])).head?.fields.filter(isControl) ?? [];
    expect(told).to.have.length(1);
    expect(told[0]?.[1]).to.match(/^[0-9a-f]{32}$/);
  });

  it('a 101 tells none', async () => {
    await open({});
    primary.scripts.set('/x', {
      steps: [
        send('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\nX-Shadow-Trace-Id: theirs\r\nX-A: 1\r\n\r\n'),
      ],
    });
    const wire = new Wire(port);
    wire.send(`GET /x HTTP/1.1\r\nHost: a\r\n${UPGRADE}X-Shadow-Read: 1\r\n\r\n`);
    await wire.sees('X-A: 1');
    expect(wire.text).to.not.match(/trace-id/i);
    expect(askedOf(primary).filter(isControl)).to.deep.equal([]);
    wire.socket.destroy();
    await until(() => proxy.inFlight === 0);
  });

  it('a request whose claim to be a shadow read is not believed is verified as any other, served as anybody, and counted', async () => {
    await open({ serve: () => 'twin' });
    for (let i = 0; i < 3; i += 1) {
      const seen = await ask('GET', ['X-Shadow-Read: 1', 'Authorization: Bearer zqx7']);
      expect(seen.body.toString()).to.equal('twin');
    }
    expect(handed).to.have.length(3);
    const { believed, doubted, callers } = proxy.loops();
    expect([believed, doubted]).to.deep.equal([0, 3]);
    expect(callers).to.have.length(1);
    expect(callers[0]).to.include({ address: '127.0.0.1', believed: 0, doubted: 3 });
    expect(JSON.stringify(callers)).to.not.include('zqx7');
  });

  it('who proves it by the secret, or comes from a believed address, is passed on with it, by the primary', async () => {
    await open({ serve: () => 'twin' });
    const proof = ['X-Shadow-Read: 1', 'X-Shadow-Loop: the secret of ours', 'X-Twin-Representation: primary'];
    expect((await ask('GET', proof)).body.toString()).to.equal('primary');
    expect(askedOf(primary).filter(isControl)).to.have.length(3);
    expect(reads.at(-1)?.rawHeaders).to.include('X-Shadow-Read');
    expect(proxy.loops()).to.include({ believed: 1, doubted: 0 });
    await proxy.close({ deadlineMs: 50 });
    for (const trust of ['loopback', ['10.0.0.0/8', '127.0.0.1'], ['127.0.0.0/8']] as const) {
      await open({ serve: () => 'twin', loop: { trust, secret: null } });
      expect((await ask('GET', ['X-Shadow-Read: 1'])).body.toString(), String(trust)).to.equal('primary');
      await proxy.close({ deadlineMs: 50 });
    }
    await open({ serve: () => 'twin', loop: { trust: ['10.0.0.0/8', '::1'], secret: null } });
    expect((await ask('GET', ['X-Shadow-Read: 1', 'X-Shadow-Loop: '])).body.toString()).to.equal('twin');
  });
});

describe('the count of loops', () => {
  const top = (figures: LoopFigures): number => figures.callers[0]?.doubted ?? 0;

  it('keeps who says it often among any number who say it once', () => {
    const claims = new LoopClaims({ trust: 'nobody', secret: null });
    for (let i = 0; i < 5_000; i += 1) {
      claims.count('192.0.2.1', `Bearer ${i}`, false);
      if (i % 10 === 0) claims.count('192.0.2.9', 'Bearer often', false);
    }
    const figures = claims.figures();
    expect(figures.doubted).to.equal(5_500);
    expect(figures.callers.length).to.be.at.most(20);
    expect(figures.callers[0]?.address).to.equal('192.0.2.9');
    expect(top(figures)).to.be.at.least(500);
  });

  it('knows an IPv4 peer of a socket for both families, and IPv6 networks', () => {
    const believes = (trust: 'loopback' | readonly string[], address: string): boolean =>
      new LoopClaims({ trust, secret: null }).believes(address, { loopToken: null });
    expect(believes('loopback', '::ffff:127.0.0.1')).to.equal(true);
    expect(believes('loopback', '::1')).to.equal(true);
    expect(believes('loopback', '192.0.2.1')).to.equal(false);
    expect(believes('loopback', '')).to.equal(false);
    expect(believes(['2001:db8::/32'], '2001:db8::7')).to.equal(true);
    expect(believes(['2001:db8::/32'], '2001:db9::7')).to.equal(false);
    expect(believes(['10.1.0.0/16'], '::ffff:10.1.2.3')).to.equal(true);
  });
});
