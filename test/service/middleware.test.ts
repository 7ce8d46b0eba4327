import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { ShadowError } from '../../src/errors.ts';
import { type Shadow, startShadow } from '../../src/service/middleware.ts';
import { until } from '../support/until.ts';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Status, fields less Date, and body of one answer, as they came. */
function ask(port: number, path: string, method = 'GET'): Promise<{ status: number; fields: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, method, agent: false }, async (answer) => {
      let body = '';
      for await (const chunk of answer) body += String(chunk);
      const fields = answer.rawHeaders.filter((_, i, raw) => raw[i - (i % 2)]?.toLowerCase() !== 'date');
      resolve({ status: answer.statusCode ?? 0, fields, body });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('shadowread/express', () => {
  let primary: Server;
  let twin: Server;
  let shadow: Shadow;
  let front: Server;
  let bare: Server;
  let loops = 0;

  before(async () => {
    const api = express().disable('x-powered-by');
    api.get('/things/text', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'X-Own': 'kept' });
      response.write('{"id":"text",');
      response.end('"n":1}', 'utf8');
    });
    api.get('/things/slow', (_request, response) => void response.writeHead(200).write('{'));
    api.get('/things/:id', (request, response) => void response.json({ id: request.params.id, n: 1 }));
    api.post('/things/:id', (_request, response) => void response.status(201).json({ made: true }));
    primary = await listening(createServer(api));
    twin = await listening(
      createServer((asked, answer) => {
        loops += asked.headers['x-shadow-read'] === undefined ? 0 : 1;
        const id = asked.url?.split('/').at(-1) ?? '';
        answer.setHeader('Content-Type', 'application/json; charset=utf-8');
        if (id === 'text') answer.setHeader('Content-Type', 'application/json');
        answer.end(JSON.stringify({ n: id === 'wrong' ? 2 : 1, id }));
      }),
    );
    const target = `http://127.0.0.1:${portOf(primary)}`;
    shadow = await startShadow(
      {
        primary: { url: target },
        twin: { url: `http://127.0.0.1:${portOf(twin)}`, representation: 'primary' },
        settle: { delaysMs: [10] },
        verifier: { niceness: 0 },
        routes: { entries: [{ pattern: '/things/:id', domain: 'things', rules: 'strict' }] },
      },
      { environment: {} },
    );
    const proxy = () => createProxyMiddleware({ target });
    front = await listening(createServer(express().disable('x-powered-by').use(shadow.middleware).use(proxy())));
    bare = await listening(createServer(express().disable('x-powered-by').use(proxy())));
  });
  after(async () => {
    await shadow?.close(2_000);
    for (const server of [front, bare, twin, primary]) {
      server?.closeAllConnections();
      server?.close();
    }
  });

  const verdicts = (): Readonly<Record<string, number>> => shadow.counts().routes['GET /things/:id']?.verdicts ?? {};

  it('changes nothing of what the proxy behind it answers', async () => {
    for (const [path, method] of [
      ['/things/1', 'GET'],
      ['/things/text', 'GET'],
      ['/things/1', 'HEAD'],
      ['/things/1', 'POST'],
      ['/elsewhere', 'GET'],
    ] as const)
      expect(await ask(portOf(front), path, method)).to.deep.equal(await ask(portOf(bare), path, method));
  });

  it('verifies the reads that passed: equal answers match, others are mismatches', async () => {
    await until(async () => {
      // The first reads may be shed while the worker still loads.
      await ask(portOf(front), '/things/1');
      await ask(portOf(front), '/things/text');
      await ask(portOf(front), '/things/wrong');
      return (verdicts().match ?? 0) > 1 && (verdicts().mismatch ?? 0) > 0;
    }, 50);
    expect(await shadow.metrics()).to.match(/shadow_reads_total\{.*verdict="mismatch"/);
    expect(loops).to.be.greaterThan(0);
  });

  it('counts a read whose client left, and none that it asked itself', async () => {
    await until(() => shadow.counts().inFlight === 0);
    const { seen } = shadow.counts();
    const asked = request({ port: portOf(front), path: '/things/slow', agent: false });
    asked.on('error', () => undefined);
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.on('error', () => undefined);
    asked.destroy();
    await until(() => (verdicts()['skipped:client_aborted'] ?? 0) === 1);
    const own = request({ port: portOf(front), path: '/things/1', agent: false, headers: { 'X-Shadow-Read': '1' } });
    own.end();
    await once(own, 'response');
    expect(shadow.counts().seen).to.equal(seen + 1);
  });

  it('mirrors nothing while it is off', async () => {
    expect(shadow.toggle()).to.equal(false);
    const before = verdicts()['skipped:paused'] ?? 0;
    await ask(portOf(front), '/things/1');
    await until(() => (verdicts()['skipped:paused'] ?? 0) === before + 1);
    expect(shadow.toggle()).to.equal(true);
  });

  it('verifies reads of routes that it finds by traffic', async () => {
    const target = `http://127.0.0.1:${portOf(primary)}`;
    const found = await startShadow(
      {
        primary: { url: target },
        twin: { url: `http://127.0.0.1:${portOf(twin)}`, representation: 'primary' },
        verifier: { niceness: 0 },
        routes: { table: 'auto' },
      },
      { environment: {} },
    );
    const server = await listening(
      createServer(express().use(found.middleware).use(createProxyMiddleware({ target }))),
    );
    await until(async () => {
      await ask(portOf(server), '/things/1');
      return (found.counts().routes['GET /things/:id']?.verdicts.match ?? 0) > 0;
    }, 50);
    server.closeAllConnections();
    server.close();
    await found.close(2_000);
  });

  it('needs the address for reading again, and refuses a config with a mistake', async () => {
    const refused = async (work: Promise<Shadow>): Promise<unknown> => work.catch((error: unknown) => error);
    expect(await refused(startShadow({}, { environment: {} }))).to.be.instanceOf(ShadowError);
    const wrong = refused(startShadow({ twin: { url: 'mongo' } }, { environment: {} }));
    expect(String(await wrong)).to.match(/twin.url: expected an http/);
  });
});
