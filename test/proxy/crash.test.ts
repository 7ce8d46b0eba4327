/** Nothing that a client, a primary or a twin sends throws where nobody catches: heads that cannot be passed on, by every way. */
import { ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { ProxyOptions } from '../../src/proxy/options.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import { RawClient, type SeenMessage, statusOf } from '../support/raw-http.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';
import { Wire } from '../support/wire.ts';
import { ANY_ROUTE, CountingGate } from './transparency/kit.ts';
import { answerOf, send } from './transparency/same.ts';

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: x\r\n';
const WAYS: Readonly<Record<string, { readonly head: string; readonly options?: Partial<ProxyOptions> }>> = {
  'short way': { head: 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n' },
  'long way': { head: 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', options: { shortWay: false } },
  HEAD: { head: 'HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n' },
  'unknown route': { head: 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', options: { match: () => null } },
  write: { head: 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', options: { match: () => null } },
  'HTTP/1.0': { head: 'GET /x HTTP/1.0\r\n\r\n' },
  upgrade: { head: `GET /x HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n` },
  'upgrade with content': { head: `POST /x HTTP/1.1\r\nHost: a\r\n${UPGRADE}Content-Length: 2\r\n\r\nhi` },
  flipped: { head: 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', options: { serve: () => 'twin' } },
};
const ANSWERS: Readonly<Record<string, string>> = {
  'status 099': 'HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nhi',
  'status 000': 'HTTP/1.1 000 None\r\nContent-Length: 2\r\n\r\nhi',
  'status 999': 'HTTP/1.1 999 High\r\nContent-Length: 2\r\n\r\nhi',
  'status 1000': 'HTTP/1.1 1000 Long\r\nContent-Length: 2\r\n\r\nhi',
  'a reason with control bytes': 'HTTP/1.1 200 \x01\x7f\x1b[0m\r\nContent-Length: 2\r\n\r\nhi',
  'a reason beyond ASCII': 'HTTP/1.1 200 \xe9\xff\r\nContent-Length: 2\r\n\r\nhi',
  'an interim answer with control bytes':
    'HTTP/1.1 103 \x02\r\nLink: \x01\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'a 101 without its fields': 'HTTP/1.1 101 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
  'a 101 that nobody asked for': 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: z\r\n\r\nhi',
  'a field with control bytes': 'HTTP/1.1 200 OK\r\nX-A: \x01\x08\r\nContent-Length: 2\r\n\r\nhi',
  'a trailer with control bytes':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: \x01\r\n\r\n',
  'bad chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhi\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi',
};

describe('a head that cannot be passed on', () => {
  let primary: ScriptedUpstream;
  let twin: ScriptedUpstream;
  let proxy: ProxyServer;
  let port = 0;
  let gate: CountingGate;
  let faults: string[] = [];

  async function open(options: Partial<ProxyOptions> = {}): Promise<void> {
    gate = new CountingGate();
    faults = [];
    proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: `http://127.0.0.1:${twin.port}`,
      match: () => ANY_ROUTE,
      gate,
      hooks: { onFault: (stage) => faults.push(stage) },
      ...options,
    });
    ({ port } = await proxy.listen(0));
  }
  async function ask(head: string): Promise<SeenMessage> {
    const client = new RawClient(port);
    const seen = await client.ask(Buffer.from(head, 'latin1'), head.split(' ')[0] ?? 'GET');
    client.close();
    return seen;
  }
  beforeEach(async () => {
    primary = await startScriptedUpstream();
    twin = await startScriptedUpstream();
    primary.scripts.set('/ok', { steps: [send(answerOf('200 OK', [], 'fine'))] });
    primary.scripts.set('/x', { steps: [{ do: 'await-body' }, send(answerOf('200 OK', [], 'primary'))] });
  });
  afterEach(async () => {
    await proxy.close({ deadlineMs: 50 });
    await primary.close();
    await twin.close();
  });

  for (const [way, { head, options }] of Object.entries(WAYS)) {
    it(`by ${way} ends that request alone, whatever is in it`, async () => {
      await open(options);
      for (const [name, bytes] of Object.entries(ANSWERS)) {
        const side = way === 'flipped' ? twin : primary;
        side.scripts.set('/x', { steps: [{ do: 'await-body' }, send(bytes), { do: 'pause', ms: 5 }, { do: 'fin' }] });
        const other = ask('GET /ok HTTP/1.1\r\nHost: a\r\n\r\n');
        const seen = await ask(head);
        const status = seen.head === null ? null : statusOf(seen.head);
        expect(status === null ? seen.end : status, `${name}: an answer, or the tunnel's 101`).to.be.a('number');
        expect((await other).body.toString(), name).to.equal(
          way === 'flipped' ? (await other).body.toString() : 'fine',
        );
      }
      await until(() => proxy.inFlight === 0);
      expect(gate.ended).to.equal(gate.admitted);
      expect(gate.broken).to.equal(0);
    });
  }

  it('behind a slow answer, as the answer to an upgrade, loses neither', async () => {
    await open();
    for (const bytes of Object.values(ANSWERS).slice(0, 5)) {
      primary.scripts.set('/slow', { steps: [{ do: 'pause', ms: 20 }, send(answerOf('200 OK', [], 'slow'))] });
      primary.scripts.set('/x', { steps: [send(bytes), { do: 'pause', ms: 5 }, { do: 'fin' }] });
      const wire = new Wire(port);
      wire.send(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
      await until(() => wire.closed || /slowHTTP\/1\.1 \d{3} .*\r\n\r\n.+/s.test(wire.text));
      expect(wire.text).to.match(/slowHTTP\/1\.1 (?:502|999|200) /);
      wire.socket.destroy();
    }
    await until(() => proxy.inFlight === 0);
  });
});

describe('an exception of our own', () => {
  let primary: ScriptedUpstream;
  const write = ServerResponse.prototype.writeHead;
  beforeEach(async () => {
    primary = await startScriptedUpstream();
    primary.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'fine'))] });
  });
  afterEach(async () => {
    ServerResponse.prototype.writeHead = write;
    await primary.close();
  });
  const HEADS = [
    'GET /x HTTP/1.1\r\nHost: a\r\n\r\n',
    'HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /x HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`,
  ];

  it('in finding the route leaves the request to the primary, counted', async () => {
    const faults: string[] = [];
    const proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: null,
      match: () => {
        throw new Error('no route');
      },
      gate: new CountingGate(),
      hooks: { onFault: (stage) => faults.push(stage) },
    });
    const { port } = await proxy.listen(0);
    const client = new RawClient(port);
    expect((await client.ask(Buffer.from(HEADS[0] ?? ''), 'GET')).body.toString()).to.equal('fine');
    expect(faults).to.deep.equal(['match']);
    client.close();
    await proxy.close({ deadlineMs: 50 });
  });

  it('in answering is 502 for that request, and where even that throws, its end; counted, and nothing else', async () => {
    for (const times of [1, 9]) {
      for (const head of HEADS) {
        const faults: string[] = [];
        const gate = new CountingGate();
        const proxy = createProxy({
          primary: `http://127.0.0.1:${primary.port}`,
          twin: null,
          match: () => ANY_ROUTE,
          gate,
          hooks: { onFault: (stage) => faults.push(stage) },
        });
        const { port } = await proxy.listen(0);
        let left = times;
        const broken = function (this: ServerResponse, ...given: Parameters<typeof write>): ServerResponse {
          left -= 1;
          if (left >= 0) throw new RangeError('out of nowhere');
          return write.apply(this, given);
        };
        Object.assign(ServerResponse.prototype, { writeHead: broken });
        const wire = new Wire(port);
        wire.send(head);
        await until(() => wire.closed || wire.text.includes('\r\n\r\n'));
        if (times === 1) expect(wire.text, head).to.match(/^HTTP\/1\.1 502 /);
        else {
          await wire.ends();
          expect(faults.length, head).to.be.greaterThan(0);
        }
        left = 0;
        const other = new Wire(port);
        other.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
        await other.sees('fine');
        wire.socket.destroy();
        other.socket.destroy();
        await until(() => proxy.inFlight === 0);
        expect(gate.ended).to.equal(gate.admitted);
        await proxy.close({ deadlineMs: 50 });
      }
    }
  });
});
