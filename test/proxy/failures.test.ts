import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import type { ReadGate } from '../../src/types.ts';
import { freePort } from '../support/free-port.ts';
import { RawClient, type SeenMessage, statusOf } from '../support/raw-http.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';
import { ANY_ROUTE, CountingGate } from './transparency/kit.ts';
import { answerOf, bytesOf, send } from './transparency/same.ts';

async function ask(port: number, head = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n'): Promise<SeenMessage> {
  const client = new RawClient(port);
  const seen = await client.ask(bytesOf(head), head.split(' ')[0] ?? 'GET');
  client.close();
  return seen;
}

const status = (seen: SeenMessage): number | null => (seen.head === null ? null : statusOf(seen.head));
const match = (): typeof ANY_ROUTE => ANY_ROUTE;

describe('a primary that fails', () => {
  const open: { close(): unknown }[] = [];
  async function proxyTo(
    port: number,
    more: Partial<Parameters<typeof createProxy>[0]> = {},
  ): Promise<[ProxyServer, number]> {
    const proxy = createProxy({
      primary: `http://127.0.0.1:${port}`,
      twin: null,
      match,
      gate: new CountingGate(),
      ...more,
    });
    open.push({ close: () => proxy.close({ deadlineMs: 50 }) });
    return [proxy, (await proxy.listen(0)).port];
  }
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  it('that is down gives 502 with a code, for reads and writes', async () => {
    const gate = new CountingGate();
    const [, port] = await proxyTo(await freePort(), { gate });
    for (const method of ['GET', 'POST']) {
      const seen = await ask(port, `${method} /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
      expect(status(seen)).to.equal(502);
      const { error } = JSON.parse(seen.body.toString());
      expect(error.code).to.equal('SHADOW_PRIMARY');
      expect(error.message).to.include('ECONNREFUSED');
    }
    expect(gate.skipped.get('primary_error')).to.equal(gate.admitted);
  });

  it('that is down gets the next request, without a restart', async () => {
    const port = await freePort();
    const [, proxyPort] = await proxyTo(port);
    expect(status(await ask(proxyPort))).to.equal(502);
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(answerOf('200 OK', ['Connection: close'], 'up')),
    );
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(status(await ask(proxyPort))).to.equal(200);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that is silent gives 504, and its late answer goes to nobody', async () => {
    const upstream = await startScriptedUpstream();
    open.push(upstream);
    upstream.scripts.set('/x', { steps: [{ do: 'pause', ms: 1_500 }, send(answerOf('200 OK', [], 'late'))] });
    upstream.scripts.set('/y', { steps: [send(answerOf('200 OK', [], 'other'))] });
    const [proxy, port] = await proxyTo(upstream.port, { timeouts: { silentMs: 800 } });
    const client = new RawClient(port);
    expect(status(await client.ask(bytesOf('GET /x HTTP/1.1\r\nHost: a\r\n\r\n'), 'GET'))).to.equal(504);
    const next = await client.ask(bytesOf('GET /y HTTP/1.1\r\nHost: a\r\n\r\n'), 'GET');
    client.close();
    expect(next.body.toString()).to.equal('other');
    await until(() => proxy.inFlight === 0);
  });

  it('that keeps sending interim answers, or taking the content, is not silent', async () => {
    const upstream = await startScriptedUpstream();
    open.push(upstream);
    const interim = [send('HTTP/1.1 102 Processing\r\n\r\n'), { do: 'pause', ms: 450 } as const];
    upstream.scripts.set('/x', {
      steps: [...interim, ...interim, ...interim, ...interim, send(answerOf('200 OK', [], 'done'))],
    });
    const [, port] = await proxyTo(upstream.port, { timeouts: { silentMs: 1_500 } });
    expect((await ask(port)).body.toString()).to.equal('done');
  });

  it('whose answer takes longer than that after its head is left alone', async () => {
    const upstream = await startScriptedUpstream();
    open.push(upstream);
    upstream.scripts.set('/x', {
      steps: [send('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n'), { do: 'pause', ms: 1_600 }, send('x')],
    });
    const [, port] = await proxyTo(upstream.port, { timeouts: { silentMs: 800 } });
    expect((await ask(port)).body.toString()).to.equal('x');
  });

  it('that takes no connections, the limit of sockets reached, makes a request wait and gives 504', async () => {
    const upstream = await startScriptedUpstream();
    open.push(upstream);
    upstream.scripts.set('/x', { steps: [{ do: 'pause', ms: 60_000 }] });
    const [proxy, port] = await proxyTo(upstream.port, { timeouts: { silentMs: 80 }, limits: { sockets: 1 } });
    const seen = await Promise.all([ask(port), ask(port), ask(port)]);
    expect(seen.map(status)).to.deep.equal([504, 504, 504]);
    await until(() => proxy.inFlight === 0);
  });

  describe('by closing a kept connection in the moment it is used', () => {
    let server: Server;
    let served: string[];
    beforeEach(async () => {
      served = [];
      // Answers the first request of each connection, and resets at the second.
      server = createServer((socket: Socket) => {
        let seen = 0;
        socket.on('error', () => {});
        socket.on('data', (chunk) => {
          served.push(chunk.toString('latin1').split(' ')[0] ?? '');
          seen += 1;
          if (seen === 1) socket.write(answerOf('200 OK', [], 'fine'));
          else socket.resetAndDestroy();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    });

    // OPTIONS is what a browser asks before a request to another origin.
    it('gets what has no effect once more, on a fresh connection', async () => {
      const [, port] = await proxyTo((server.address() as AddressInfo).port);
      for (let i = 0; i < 6; i++) {
        expect(status(await ask(port))).to.equal(200);
        for (const method of ['HEAD', 'OPTIONS', 'TRACE'])
          expect(status(await ask(port, `${method} /x HTTP/1.1\r\nHost: a\r\n\r\n`)), method).to.equal(200);
      }
    });

    it('is never asked twice for a write', async () => {
      const [, port] = await proxyTo((server.address() as AddressInfo).port);
      await ask(port);
      served.length = 0;
      const seen = await ask(port, 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
      expect(status(seen)).to.equal(502);
      expect(served).to.deep.equal(['POST']);
    });
  });

  for (const [way, known] of [
    ['the short way', true],
    ['the long way', false],
  ] as const) {
    it(`by a reset in the middle of an answer without a length is cut for the client too, on ${way}`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          // The bytes go out first: a reset takes with it what has not been sent.
          socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"half":', () =>
            setTimeout(() => socket.resetAndDestroy(), 50),
          );
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
      const gate = new CountingGate();
      const [, port] = await proxyTo(
        (server.address() as AddressInfo).port,
        known ? { gate } : { gate, match: () => null },
      );
      const seen = await ask(port);
      expect(status(seen)).to.equal(200);
      expect(seen.body.toString()).to.equal('{"half":');
      expect(seen.end).to.equal('cut');
      expect(gate.completed).to.equal(0);
    });
  }

  it('on a fresh connection is not asked again', async () => {
    let asked = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        asked += 1;
        socket.resetAndDestroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const [, port] = await proxyTo((server.address() as AddressInfo).port);
    expect(status(await ask(port))).to.equal(502);
    expect(asked).to.equal(1);
  });

  for (const [stage, gate] of Object.entries(throwingGates())) {
    it(`a gate that throws in ${stage} changes nothing for the client and is reported`, async () => {
      const upstream = await startScriptedUpstream();
      open.push(upstream);
      upstream.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'fine'))] });
      const faults: string[] = [];
      const [, port] = await proxyTo(upstream.port, { gate, hooks: { onFault: (where) => faults.push(where) } });
      const seen = await ask(port);
      expect(seen.body.toString()).to.equal('fine');
      await until(() => faults.length > 0);
      expect(faults[0]).to.equal(`gate.${stage}`);
    });
  }

  it('hooks that throw change nothing for the client', async () => {
    const upstream = await startScriptedUpstream();
    open.push(upstream);
    upstream.scripts.set('/x', { steps: [send(answerOf('200 OK', [], 'fine'))] });
    const boom = (): never => {
      throw new Error('boom');
    };
    const [, port] = await proxyTo(upstream.port, {
      match: (method) => (method === 'GET' ? ANY_ROUTE : null),
      hooks: { onServed: boom, onOverhead: boom, onWrite: boom, onFault: boom },
    });
    expect((await ask(port)).body.toString()).to.equal('fine');
    expect((await ask(port, 'POST /x HTTP/1.1\r\nHost: a\r\n\r\n')).body.toString()).to.equal('fine');
  });

  it('a port in use is SHADOW_PORT_IN_USE', async () => {
    const [, port] = await proxyTo(1);
    const second = createProxy({ primary: 'http://127.0.0.1:1', twin: null, match, gate: new CountingGate() });
    let code = '';
    await second.listen(port).catch((thrown: { code: string }) => {
      code = thrown.code;
    });
    expect(code).to.equal('SHADOW_PORT_IN_USE');
    await second.close({ deadlineMs: 0 });
  });

  it('a URL that is none is SHADOW_CONFIG', () => {
    expect(() => createProxy({ primary: 'localhost:3000', twin: null, match, gate: new CountingGate() }))
      .to.throw()
      .with.property('code', 'SHADOW_CONFIG');
  });
});

function throwingGates(): Readonly<Record<string, ReadGate>> {
  const boom = (): never => {
    throw new Error('boom');
  };
  const quiet = { hold: () => 'held' as const, complete: () => {}, skip: () => {} };
  return {
    admit: { admit: boom },
    hold: { admit: () => ({ ...quiet, hold: boom }) },
    complete: { admit: () => ({ ...quiet, complete: boom }) },
  };
}
