/** A request that carries Upgrade and whose offer the primary does not take is a request as any other. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { createProxy } from '../../../src/proxy/proxy.ts';
import { statusOf } from '../../support/raw-http.ts';
import type { Step } from '../../support/scripted-upstream.ts';
import { until } from '../../support/until.ts';
import { Wire } from '../../support/wire.ts';
import { ANY_ROUTE, CountingGate, openPair, type Pair } from './kit.ts';
import { answerOf, expectSameCase, send } from './same.ts';

const OFFERS: Readonly<Record<string, readonly string[]>> = {
  h2c: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
  'made-up': ['Connection: Upgrade', 'Upgrade: made-up/2'],
  'websocket and h2c': ['connection: keep-alive, upgrade', 'UPGRADE: websocket, h2c'],
};
const CHUNKED = '3;x=y\r\nabc\r\n8\r\ndefghijk\r\n0\r\nX-T: 1\r\nx-t:  \xe9 \r\n\r\n';
const LARGE = 'so many bytes '.repeat(40_000);

describe('transparency: requests with Upgrade', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());
  afterEach(() => until(() => pair.proxy.inFlight === 0));

  for (const [name, offer] of Object.entries(OFFERS)) {
    describe(name, () => {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
        it(`${method} without content`, async () => {
          const answer =
            method === 'HEAD'
              ? 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'
              : answerOf('200 OK', ['X-A: 1'], 'content');
          await expectSameCase(pair, { start: `${method} /a?b=c HTTP/1.1`, fields: [...offer, 'X-B: 2'] }, answer);
        });
      }
      it('a length of content', async () => {
        const fields = [...offer, 'Content-Length: 11'];
        const { proxied } = await expectSameCase(
          pair,
          { start: 'POST /a HTTP/1.1', fields, body: 'hello world' },
          answerOf('201 Made', [], 'ok'),
        );
        expect(proxied.body.toString()).to.equal('ok');
      });
      it('chunks with extensions and trailers', async () => {
        const fields = [...offer, 'Transfer-Encoding: chunked', 'Trailer: X-T'];
        await expectSameCase(
          pair,
          { start: 'PUT /a HTTP/1.1', fields, body: CHUNKED },
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n',
        );
      });
      it('more content than any buffer holds', async () => {
        const fields = [...offer, `Content-Length: ${LARGE.length}`];
        await expectSameCase(pair, { start: 'POST /a HTTP/1.1', fields, body: LARGE }, answerOf('200 OK', [], LARGE));
      });
      it('an expectation, with the 100 and without', async () => {
        const request = {
          start: 'POST /a HTTP/1.1',
          fields: [...offer, 'Expect: 100-continue', 'Content-Length: 5'],
          later: 'hello',
        };
        await expectSameCase(pair, request, [
          send('HTTP/1.1 100 Continue\r\n\r\n'),
          { do: 'await-body' },
          send(answerOf('200 OK', [], 'x')),
        ]);
        await expectSameCase(pair, request, [send(answerOf('417 No', ['Connection: close'], 'x')), { do: 'fin' }]);
      });
      it('answers before the content has come, 1xx, 204, 304, 426 and those that break', async () => {
        const get = { start: 'GET /a HTTP/1.1', fields: offer };
        await expectSameCase(pair, get, [
          send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
          { do: 'pause', ms: 5 },
          send(answerOf('200 OK', [], 'x')),
        ]);
        await expectSameCase(pair, get, 'HTTP/1.1 204 No\r\nX-A: 1\r\n\r\n');
        await expectSameCase(pair, get, 'HTTP/1.1 304 Same\r\nETag: "a"\r\n\r\n');
        await expectSameCase(
          pair,
          get,
          answerOf('426 Upgrade Required', ['Upgrade: other', 'Connection: Upgrade'], 'x'),
        );
        await expectSameCase(pair, get, [
          send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
          { do: 'pause', ms: 5 },
          { do: 'fin' },
        ]);
      });
      it('the next requests on the connection, sent with it and sent behind it', async () => {
        const wire = new Wire(pair.proxyPort);
        const script = (at: string, body: string): void => {
          pair.upstream.scripts.set(at, { steps: [{ do: 'await-body' }, send(answerOf('200 OK', [], body))] });
        };
        for (const at of ['1', '2', '3', '4', '5']) script(at, `answer ${at}`);
        const offered = `${offer.join('\r\n')}\r\n`;
        wire.send(
          `POST /1 HTTP/1.1\r\nHost: a\r\nX-Script: 1\r\n${offered}Content-Length: 3\r\n\r\none` +
            'GET /2 HTTP/1.1\r\nHost: a\r\nX-Script: 2\r\n\r\n' +
            `GET /3 HTTP/1.1\r\nHost: a\r\nX-Script: 3\r\n${offered}\r\n`,
        );
        await wire.sees('answer 3');
        wire.send(`PUT /4 HTTP/1.1\r\nHost: a\r\nX-Script: 4\r\n${offered}Transfer-Encoding: chunked\r\n\r\n4\r\nfo`);
        await until(() => pair.upstream.connections.size > 0);
        wire.send('ur\r\n0\r\n\r\nGET /5 HTTP/1.1\r\nHost: a\r\nX-Script: 5\r\n\r\n');
        await wire.sees('answer 5');
        const answers = wire.answers(['POST', 'GET', 'GET', 'PUT', 'GET']);
        expect(answers.map(({ body }) => body.toString())).to.deep.equal(
          ['1', '2', '3', '4', '5'].map((at) => `answer ${at}`),
        );
        expect(pair.upstream.asked.get('1')?.at(-1)?.body.toString()).to.equal('one');
        expect(pair.upstream.asked.get('4')?.at(-1)?.body.toString()).to.equal('four');
        expect(wire.closed).to.equal(false);
        wire.socket.destroy();
      });
      it('its turn behind a slow answer, one larger than the client takes at once', async () => {
        const wire = new Wire(pair.proxyPort);
        wire.socket.pause();
        const slow: readonly Step[] = [{ do: 'pause', ms: 50 }, send(answerOf('200 OK', [], LARGE.repeat(4)))];
        pair.upstream.scripts.set('slow', { steps: slow });
        pair.upstream.scripts.set('behind', { steps: [send(answerOf('200 OK', [], 'behind'))] });
        pair.upstream.asked.delete('slow');
        wire.send(
          'GET /slow HTTP/1.1\r\nHost: a\r\nX-Script: slow\r\n\r\n' +
            `GET /behind HTTP/1.1\r\nHost: a\r\nX-Script: behind\r\n${offer.join('\r\n')}\r\n\r\n`,
        );
        await until(() => pair.upstream.asked.has('slow'));
        wire.socket.resume();
        await until(() => wire.text.endsWith('behind') || wire.closed);
        const [first, second] = wire.answers(['GET', 'GET']);
        expect(first?.body.length).to.equal(LARGE.length * 4);
        expect(second?.body.toString()).to.equal('behind');
        wire.socket.destroy();
      });
    });
  }

  it('content that is no HTTP is refused, and nobody takes its first part for whole', async () => {
    const bodies = [
      'zz\r\n',
      '5\r\nhelloX',
      '5\nhello',
      '5\r\nhello\r\n0\r\nno trailer\r\n\r\n',
      '0\r\nX-A: \x01\r\n\r\n',
    ];
    for (const body of bodies) {
      const wire = new Wire(pair.proxyPort);
      pair.upstream.scripts.set('bad', { steps: [{ do: 'await-body' }, send(answerOf('200 OK', [], 'x'))] });
      pair.upstream.asked.delete('bad');
      wire.send(
        `POST /bad HTTP/1.1\r\nHost: a\r\nX-Script: bad\r\nConnection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
      );
      await wire.ends();
      expect(wire.text, JSON.stringify(body)).to.match(/^HTTP\/1\.1 400 /);
      expect(pair.upstream.asked.get('bad')?.some(({ end }) => end === 'complete') ?? false, body).to.equal(false);
      wire.socket.destroy();
    }
    for (const framing of [
      'Transfer-Encoding: gzip',
      'Content-Length: 3\r\nTransfer-Encoding: chunked',
      'Content-Length: 1x',
    ]) {
      const wire = new Wire(pair.proxyPort);
      wire.send(`POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n${framing}\r\n\r\nabc`);
      await wire.ends();
      expect(wire.text, framing).to.match(/^HTTP\/1\.1 400 /);
      wire.socket.destroy();
    }
  });

  it('a client that leaves in the middle of its content, or ends its side there, leaves nothing behind', async () => {
    for (const leave of ['resetAndDestroy', 'end'] as const) {
      pair.upstream.scripts.set('left', { steps: [{ do: 'await-body' }, send(answerOf('200 OK', [], 'x'))] });
      const wire = new Wire(pair.proxyPort);
      wire.send(
        'POST /left HTTP/1.1\r\nHost: a\r\nX-Script: left\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 9\r\n\r\nhalf',
      );
      await until(() => pair.proxy.inFlight === 1);
      wire.socket[leave]();
      await until(() => pair.proxy.inFlight === 0);
      wire.socket.destroy();
    }
  });

  it('a client that never sends the rest of its content, though it has its answer, is left as one that asks nothing', async () => {
    const idle = await openPair({ timeouts: { keepAliveMs: 100 } });
    idle.upstream.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'fine'))] });
    const wire = new Wire(idle.proxyPort);
    wire.send('POST /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\nContent-Length: 5\r\n\r\nhe');
    await wire.sees('fine');
    await wire.ends();
    wire.socket.destroy();
    await idle.close();
  });

  it('leaves a connection idle, as any request does, until its time is over; only half a head behind it is 408', async () => {
    const idle = await openPair({ timeouts: { keepAliveMs: 400, clientHeadMs: 150 } });
    idle.upstream.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'fine'))] });
    const ask = 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
    for (const behind of ['', 'GET /x HTTP/1.1\r\nHo']) {
      const wire = new Wire(idle.proxyPort);
      wire.send(ask + behind);
      await wire.sees('fine');
      await wire.ends();
      expect(wire.text.includes('HTTP/1.1 408'), wire.text).to.equal(behind !== '');
      wire.socket.destroy();
    }
    // Nor does one that was opened ahead of need.
    const unused = new Wire(idle.proxyPort);
    await unused.ends();
    expect(unused.text).to.equal('');
    unused.socket.destroy();
    await idle.close();
  });

  it('CONNECT is refused in its turn', async () => {
    pair.upstream.scripts.set('slow', { steps: [{ do: 'pause', ms: 30 }, send(answerOf('200 OK', [], 'first'))] });
    const wire = new Wire(pair.proxyPort);
    wire.send('GET /slow HTTP/1.1\r\nHost: a\r\nX-Script: slow\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nmore');
    await wire.ends();
    const [first, second] = wire.answers(['GET', 'POST']);
    expect(first?.body.toString()).to.equal('first');
    expect(second?.head === null ? null : statusOf(second?.head ?? { startLine: '', fields: [] })).to.equal(501);
    wire.socket.destroy();
  });
});

describe('transparency: upgrades that are taken', () => {
  /** A primary that shows all it gets, and answers by hand. */
  async function primaryOf(onData: (socket: Socket, text: string) => void): Promise<{ port: number; close(): void }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        onData(socket, text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      port,
      close() {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  }

  it('with content: it arrives first, then what the client sends behind it, and the 101 with what comes at once', async () => {
    let seen = '';
    const primary = await primaryOf((socket, text) => {
      if (!seen.includes('0\r\n\r\n') && text.includes('0\r\n\r\n')) {
        setTimeout(() => socket.write('HTTP/1.1 101 Late\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nand at once'), 20);
      }
      seen = text;
    });
    const gate = new CountingGate();
    const proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: null,
      match: () => ANY_ROUTE,
      gate,
    });
    const { port } = await proxy.listen(0);
    const wire = new Wire(port);
    wire.send(
      'POST /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nearly',
    );
    await wire.sees('and at once');
    await until(() => seen.endsWith('early'));
    expect(seen).to.match(/\r\n\r\n5\r\nhello\r\n0\r\n\r\nearly$/);
    wire.send(' and later');
    await until(() => seen.endsWith('early and later'));
    expect(gate.ended, 'a connection that switched is no read to wait for').to.equal(gate.admitted);
    wire.socket.destroy();
    await until(() => proxy.inFlight === 0);
    await proxy.close({ deadlineMs: 100 });
    primary.close();
  });

  it('behind a slow answer: a tunnel from its own turn on', async () => {
    const primary = await primaryOf((socket, text) => {
      if (text.startsWith('GET /slow')) setTimeout(() => socket.write(answerOf('200 OK', [], 'slow')), 20);
      else if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      else if (text.endsWith('ping')) socket.write('pong');
    });
    const proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: null,
      match: () => ANY_ROUTE,
      gate: new CountingGate(),
    });
    const { port } = await proxy.listen(0);
    const wire = new Wire(port);
    wire.send(
      'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
    await wire.sees('101 Yes');
    wire.send('ping');
    await wire.sees('pong');
    expect(wire.text).to.match(/^HTTP\/1\.1 200 OK\r\n.*slowHTTP\/1\.1 101 Yes\r\n/s);
    wire.socket.destroy();
    await until(() => proxy.inFlight === 0);
    await proxy.close({ deadlineMs: 100 });
    primary.close();
  });

  it('a 101 that nobody asked for, or before the content has come, is 502', async () => {
    const primary = await primaryOf((socket) => {
      socket.write('HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const proxy = createProxy({
      primary: `http://127.0.0.1:${primary.port}`,
      twin: null,
      match: () => null,
      gate: new CountingGate(),
    });
    const { port } = await proxy.listen(0);
    for (const head of [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\nha',
    ]) {
      const wire = new Wire(port);
      wire.send(head);
      await wire.sees('SHADOW_PRIMARY');
      expect(wire.text, head).to.match(/^HTTP\/1\.1 502 /);
      wire.socket.destroy();
    }
    await until(() => proxy.inFlight === 0);
    await proxy.close({ deadlineMs: 100 });
    primary.close();
  });
});
