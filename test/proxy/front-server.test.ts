import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { readCertificate } from '../../src/base/certificate.ts';
import { ShadowError } from '../../src/errors.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startProxyProcess } from '../support/proxy-process.ts';
import { until } from '../support/until.ts';
import { ANY_ROUTE, CountingGate } from './transparency/kit.ts';

async function handshake(port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

const shownBy = (socket: TLSSocket): string => socket.getPeerCertificate().fingerprint256;

async function servedBy(port: number): Promise<string> {
  const socket = await handshake(port);
  const shown = shownBy(socket);
  socket.destroy();
  return shown;
}

/** What comes on a connection, to `end` or to the connection's own. */
async function heard(socket: Socket, end: string): Promise<string> {
  let text = '';
  const take = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
  };
  socket.on('data', take);
  let over = false;
  socket.on('close', () => {
    over = true;
  });
  await until(() => text.endsWith(end) || over || socket.readableEnded);
  socket.off('data', take);
  return text;
}

const ask = (socket: Socket, path: string, more = ''): boolean =>
  socket.write(`GET ${path} HTTP/1.1\r\nHost: of.the.client\r\n${more}\r\n`);

/** Answers with the path and a full stop; `/late` when told, `/cut` breaks off without a frame. */
function primaryThat(waits: Promise<void>): Server {
  return createServer(async (request, response) => {
    if (request.url === '/late') await waits;
    if (request.url === '/cut') {
      request.socket.write(`HTTP/1.1 200 OK\r\n${request.headers['x-frame']}\r\n\r\nonly half`, () =>
        setTimeout(() => request.socket.resetAndDestroy(), 50),
      );
      return;
    }
    response.end(`${request.url}.`);
  });
}

describe('listen.tls', () => {
  let folder: string;
  let primary: Server;
  let primaryUrl: string;
  let goOn: () => void;

  /** Writes a new certificate over the one that is there. */
  const renewed = async (): Promise<void> => {
    const made = makeCertificate();
    if (made === null) throw new Error('no openssl');
    await writeFile(join(folder, 'tls.crt'), made.cert);
    await writeFile(join(folder, 'tls.key'), made.key);
  };
  const files = () => ({ certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') });

  before(async function () {
    if (makeCertificate() === null) return this.skip();
    folder = await mkdtemp(join(tmpdir(), 'shadowread-listen-tls-'));
    await renewed();
    const waits = Promise.withResolvers<void>();
    goOn = waits.resolve;
    primary = primaryThat(waits.promise);
    primary.listen(0, '127.0.0.1');
    await once(primary, 'listening');
    primaryUrl = `http://127.0.0.1:${(primary.address() as AddressInfo).port}`;
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    primary?.closeAllConnections();
    primary?.close();
  });

  describe('in one process', () => {
    let proxy: ProxyServer;
    let port: number;
    beforeEach(async () => {
      const certificate = readCertificate(files());
      proxy = createProxy({
        primary: primaryUrl,
        twin: null,
        match: () => ANY_ROUTE,
        gate: new CountingGate(),
        certificate,
      });
      ({ port } = await proxy.listen(0));
    });
    afterEach(() => proxy.close({ deadlineMs: 100 }));

    it('serves one request after another on one connection, and one with an upgrade that nobody takes', async () => {
      const client = await handshake(port);
      ask(client, '/one');
      expect(await heard(client, '/one.')).to.match(/^HTTP\/1.1 200 OK/);
      ask(client, '/two', 'Connection: Upgrade\r\nUpgrade: nobody/1\r\n');
      expect(await heard(client, '/two.')).to.match(/^HTTP\/1.1 200 OK/);
      ask(client, '/three');
      expect(await heard(client, '/three.')).to.match(/^HTTP\/1.1 200 OK/);
      client.destroy();
    });

    it('lets a client end its side and still answers', async () => {
      const client = await handshake(port);
      client.allowHalfOpen = true;
      client.end('GET /ended HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await heard(client, '/ended.')).to.include('/ended.');
      client.destroy();
    });

    for (const frame of ['Content-Length: 99', 'Connection: close'])
      it(`cuts an answer with ${frame} that broke off, behind what came of it`, async () => {
        const longWay = createProxy({
          primary: primaryUrl,
          twin: null,
          match: () => null,
          gate: new CountingGate(),
          certificate: readCertificate(files()),
        });
        const client = await handshake((await longWay.listen(0)).port);
        ask(client, '/cut', `X-Frame: ${frame}\r\n`);
        const text = await heard(client, 'nothing');
        expect(text)
          .to.include('only half')
          .and.not.match(/\r\n0\r\n\r\n$/);
        await longWay.close({ deadlineMs: 100 });
      });

    it('outlives a client that speaks plain HTTP, and one that speaks none', async () => {
      const said = ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01garbage of no kind'];
      for (const bytes of said) {
        const client = connectPlain(port, '127.0.0.1');
        client.on('error', () => undefined);
        await once(client, 'connect');
        client.end(bytes);
        await heard(client, 'nothing');
      }
      const client = await handshake(port);
      ask(client, '/after');
      expect(await heard(client, '/after.')).to.include('200 OK');
      client.destroy();
    });

    it('leaves who does not come to the end of the handshake', async () => {
      const hasty = createProxy({
        primary: primaryUrl,
        twin: null,
        match: () => null,
        gate: new CountingGate(),
        certificate: readCertificate(files()),
        timeouts: { clientHeadMs: 200 },
      });
      const at = (await hasty.listen(0)).port;
      // The first bytes of a hello, and a client that has ended its side.
      for (const said of ['', '\x16\x03\x01\x02\x00\x01', null]) {
        const silent = connectPlain({ port: at, host: '127.0.0.1', allowHalfOpen: true });
        silent.on('error', () => undefined);
        if (said === null) silent.end();
        else silent.write(said, 'latin1');
        await heard(silent, 'nothing');
        silent.destroy();
      }
      await hasty.close({ deadlineMs: 100 });
    });

    it('finishes what is under way when it stops, ends idle connections, and cuts one that never shook hands', async () => {
      const late = await handshake(port);
      const idle = await handshake(port);
      const silent = connectPlain(port, '127.0.0.1');
      silent.on('error', () => undefined);
      await once(silent, 'connect');
      ask(late, '/late');
      await until(() => proxy.inFlight === 1);
      const closed = proxy.close({ deadlineMs: 2_000 });
      await heard(idle, 'nothing');
      goOn();
      expect(await heard(late, '/late.')).to.match(/connection: close/i);
      await closed;
      await until(() => silent.destroyed);
      for (const socket of [late, idle]) socket.destroy();
    });
  });

  for (const processes of [1, 2]) {
    it(`is renewed on SIGHUP in ${processes} process${processes > 1 ? 'es' : ''}: new handshakes show it, open connections live`, async () => {
      const { certFile, keyFile } = files();
      const proxy = await startProxyProcess(
        { SHADOWREAD_PRIMARY_URL: primaryUrl },
        `listen: { host: 127.0.0.1, tls: { certFile: ${certFile}, keyFile: ${keyFile} } }\nroutes: { table: none }\n`,
        ['--processes', String(processes)],
      );
      try {
        const { protocol, port: said } = new URL(proxy.url);
        const port = Number(said);
        expect(protocol).to.equal('https:');
        const before = await servedBy(port);
        const old = await Promise.all(Array.from({ length: 2 * processes }, () => handshake(port)));
        for (const client of old) {
          ask(client, '/before');
          await heard(client, '/before.');
        }
        await renewed();
        proxy.child.signal('SIGHUP');
        let now = before;
        await until(async () => {
          // Each process in turn: all must have it.
          const shown = await Promise.all(Array.from({ length: 2 * processes }, () => servedBy(port)));
          [now = before] = shown;
          return shown.every((one) => one !== before);
        }, 100);
        for (const client of old) {
          expect(shownBy(client)).to.equal(before);
          ask(client, '/still');
          expect(await heard(client, '/still.')).to.include('200 OK');
          client.destroy();
        }
        await writeFile(keyFile, 'no key');
        proxy.child.signal('SIGHUP');
        const { reloadError } = await proxy.until((status) => status.reloadError !== null);
        expect(reloadError).to.match(/listen.tls cannot be used; expected a certificate chain in PEM/);
        expect(await servedBy(port)).to.equal(now);
        await renewed();
        proxy.child.signal('SIGHUP');
        await proxy.until((status) => status.reloadError === null);
      } finally {
        await proxy.stop();
        await renewed();
      }
    });
  }

  it('refuses a key of another certificate, a file that is none and one that is not there', async () => {
    const { certFile, keyFile } = files();
    const other = makeCertificate();
    const foreign = join(folder, 'foreign.key');
    await writeFile(foreign, other?.key ?? '');
    for (const pair of [
      { certFile, keyFile: foreign },
      { certFile: keyFile, keyFile: certFile },
      { certFile, keyFile: join(folder, 'none') },
    ])
      expect(() => readCertificate(pair)).to.throw(ShadowError, /listen.tls cannot be used/);
    expect(readCertificate(files()).description).to.match(/DNS:localhost, IP Address:127.0.0.1, valid until /);
  });
});
