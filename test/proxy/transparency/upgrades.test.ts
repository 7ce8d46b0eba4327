import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { createProxy, type ProxyServer } from '../../../src/proxy/proxy.ts';
import { until } from '../../support/until.ts';
import { Wire } from '../../support/wire.ts';
import { CountingGate, openPair, type Pair } from './kit.ts';
import { answerOf, send } from './same.ts';

const ASK = 'GET /up HTTP/1.1\r\nHost: a\r\nX-Script: up\r\nConnection: Upgrade\r\nUpgrade: made-up/2\r\n\r\n';

describe('transparency: upgrades', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  it('an upgrade to any protocol becomes a tunnel, its 101 exactly as the primary sent it', async () => {
    const head = 'HTTP/1.1 101 Go On\r\nconnection: Upgrade\r\nUpgrade: made-up/2\r\nX-A: 1\r\nx-a: \xe9\r\n\r\n';
    pair.upstream.scripts.set('up', { steps: [send(`${head}and at once`)] });
    const wire = new Wire(pair.proxyPort);
    wire.send(`${ASK}early`);
    await wire.sees('and at once');
    expect(wire.text).to.equal(`${head}and at once`);
    const asked = pair.upstream.asked.get('up')?.at(-1);
    expect(asked?.head?.fields).to.deep.include(['Upgrade', 'made-up/2']);
    expect(asked?.head?.fields).to.deep.include(['Connection', 'Upgrade']);
    expect(pair.proxy.inFlight).to.be.greaterThan(0);
    wire.socket.destroy();
    await until(() => pair.proxy.inFlight === 0);
  });

  const TAKEN = 'HTTP/1.1 101 Go On\r\nConnection: Upgrade\r\nUpgrade: made-up/2\r\n\r\n';

  it('what a client sends when the primary has ended its side of a tunnel still arrives, and ends it', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<string>();
    const primary = createTcpServer({ allowHalfOpen: true }, (socket) => {
      let text = '';
      socket.once('data', () => socket.end(`${TAKEN}question`));
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('end', () => resolve(text));
    });
    await new Promise<void>((listening) => primary.listen(0, '127.0.0.1', listening));
    const { port: primaryPort } = primary.address() as AddressInfo;
    const url = `http://127.0.0.1:${primaryPort}`;
    const proxy = createProxy({ primary: url, twin: null, gate: new CountingGate(), match: () => null });
    const { port } = await proxy.listen(0);
    const wire = new Wire(port);
    wire.send(ASK);
    await wire.sees('question');
    await wire.ends();
    wire.socket.end('answer');
    expect(await heard).to.match(/answer$/);
    await until(() => proxy.inFlight === 0);
    wire.socket.destroy();
    await proxy.close({ deadlineMs: 100 });
    primary.close();
  });

  it('a tunnel whose primary is gone ends, whether its client sends on or never ends', async () => {
    const short = await openPair({ timeouts: { silentMs: 1_000 } });
    short.upstream.scripts.set('up', { steps: [send(TAKEN), { do: 'fin' }] });
    const [sends, stays] = [new Wire(short.proxyPort), new Wire(short.proxyPort)];
    for (const wire of [sends, stays]) wire.send(ASK);
    for (const wire of [sends, stays]) await wire.ends();
    sends.send('nobody takes this');
    await until(() => short.proxy.inFlight === 0);
    for (const wire of [sends, stays]) wire.socket.destroy();
    await short.close();
  });

  it('an upgrade that the primary answers otherwise is an answer as any', async () => {
    pair.upstream.scripts.set('up', {
      steps: [send(answerOf('426 Upgrade Required', ['X-A: 1', 'x-a: 2'], 'not here'))],
    });
    const wire = new Wire(pair.proxyPort);
    wire.send(ASK);
    await wire.sees('not here');
    const [answer] = wire.answers(['GET']);
    expect(answer?.head?.startLine).to.equal('HTTP/1.1 426 Upgrade Required');
    expect(answer?.head?.fields.slice(0, 2)).to.deep.equal([
      ['X-A', '1'],
      ['x-a', '2'],
    ]);
    expect(answer?.body.toString()).to.equal('not here');
    wire.socket.destroy();
    await until(() => pair.proxy.inFlight === 0);
  });

  it('an upgrade of which the primary knows nothing but its end is 502', async () => {
    pair.upstream.scripts.set('up', { steps: [{ do: 'reset' }] });
    const wire = new Wire(pair.proxyPort);
    wire.send(ASK);
    await wire.sees('SHADOW_PRIMARY');
    expect(wire.text).to.match(/^HTTP\/1\.1 502 /);
    wire.socket.destroy();
    await until(() => pair.proxy.inFlight === 0);
  });

  describe('WebSocket', () => {
    let primary: HttpServer;
    let sockets: WebSocketServer;
    let proxy: ProxyServer;
    let port: number;
    before(async () => {
      primary = createServer();
      sockets = new WebSocketServer({ server: primary });
      sockets.on('connection', (socket) => {
        socket.on('message', (data, binary) => socket.send(data, { binary }));
      });
      await new Promise<void>((resolve) => primary.listen(0, '127.0.0.1', resolve));
      const { port: primaryPort } = primary.address() as AddressInfo;
      proxy = createProxy({
        primary: `http://127.0.0.1:${primaryPort}`,
        twin: null,
        match: () => null,
        gate: new CountingGate(),
      });
      ({ port } = await proxy.listen(0));
    });
    after(async () => {
      await proxy.close({ deadlineMs: 100 });
      sockets.close();
      await new Promise((resolve) => primary.close(resolve));
    });

    it('echoes text and a megabyte, and closes with its code', async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
      await new Promise((resolve) => socket.once('open', resolve));
      const echoed: string[] = [];
      socket.on('message', (data) => echoed.push(data.toString()));
      socket.send('hello');
      socket.send('x'.repeat(1024 * 1024));
      await until(() => echoed.length === 2);
      expect(echoed[0]).to.equal('hello');
      expect(echoed[1]).to.have.length(1024 * 1024);
      const code = new Promise<number>((resolve) => socket.once('close', resolve));
      for (const other of sockets.clients) other.close(4321);
      expect(await code).to.equal(4321);
      await until(() => proxy.inFlight === 0);
    });

    it('a tunnel still open at the deadline of a close is cut, and the close resolves', async () => {
      const own = createProxy({
        primary: `http://127.0.0.1:${(primary.address() as AddressInfo).port}`,
        twin: null,
        match: () => null,
        gate: new CountingGate(),
      });
      const { port: ownPort } = await own.listen(0);
      const socket = new WebSocket(`ws://127.0.0.1:${ownPort}/`);
      await new Promise((resolve) => socket.once('open', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await own.close({ deadlineMs: 50 });
      await closed;
      await until(() => own.inFlight === 0);
    });
  });
});
