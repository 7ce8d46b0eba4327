/** A twin behind TLS that goes wrong below HTTP, on a real process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';

const configOf = (ca: string): string => `${thingsConfig()}
twin: { tls: { caFile: '${ca}' }, timeoutMs: 500, connectTimeoutMs: 400, concurrency: ${CONCURRENCY}, breaker: { openMs: 100, windowMs: 1000 } }
verifier: { niceness: 0 }
`;

describe('faults of a twin behind TLS, on a real process', () => {
  let folder: string | null = null;
  let on: Ordeal | null = null;
  let door: TcpGate;
  const servers: Server[] = [];
  const ports: Record<string, number> = {};

  const listen = async (name: string, server: Server): Promise<void> => {
    server.on('tlsClientError', () => undefined);
    server.on('connection', (socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    ports[name] = (server.address() as AddressInfo).port;
  };

  before(async function () {
    const [known, unknown] = [makeCertificate(), makeCertificate()];
    if (known === null || unknown === null) return this.skip();
    const answer = createHttpsServer(known, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(THING);
    });
    await listen('good', answer);
    await listen(
      'nobody vouches for',
      createHttpsServer(unknown, (_request, response) => void response.end(THING)),
    );
    await listen(
      'plain HTTP',
      createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')),
    );
    await listen(
      'reset in the handshake',
      createServer((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    );
    await listen('silent', createServer());
    folder = await mkdtemp(join(tmpdir(), 'shadowread-ca-'));
    await writeFile(join(folder, 'ca.pem'), known.cert);
    door = await startTcpGate('127.0.0.1', ports.good ?? 0);
    on = await Ordeal.begin({
      environment: { SHADOWREAD_TWIN_URL: `https://localhost:${door.port}` },
      config: configOf(join(folder, 'ca.pem')),
    });
  });
  after(async () => {
    await on?.end();
    if (folder === null) return;
    await door.close();
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, shows] of [
    ['nobody vouches for', 'tls'],
    ['plain HTTP', 'tls'],
    ['reset in the handshake', 'reset'],
    ['silent', 'connect_timeout'],
  ] as const) {
    it(`a twin whose TLS is wrong: ${name}`, async () => {
      await on?.suffer({
        name: `TLS: ${name}`,
        shows,
        allows: /^(reset|tls)$/,
        requests: shows === 'connect_timeout' ? 20 : 60,
        begin: async () => {
          await door.set('shut');
          door.leadTo(ports[name] ?? 0);
          await door.set('open');
        },
        end: async () => {
          await door.set('shut');
          door.leadTo(ports.good ?? 0);
          await door.set('open');
        },
      });
    });
  }
});
