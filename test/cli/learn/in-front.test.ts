import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BothSides } from '../../../src/cli/learn/both-sides.ts';
import { proxyInFront } from '../../../src/cli/learn/in-front.ts';
import { defineConfig } from '../../../src/config.ts';
import { Learner } from '../../../src/traffic/learn/learner.ts';
import { SideClient } from '../../../src/verifier/side-client.ts';
import { makeCertificate } from '../../support/certificate.ts';

describe('learn in front of the primary', () => {
  let folder: string;
  let primary: Server;
  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'shadowread-in-front-'));
    const made = makeCertificate();
    if (made === null) return this.skip();
    writeFileSync(join(folder, 'cert.pem'), made.cert);
    writeFileSync(join(folder, 'key.pem'), made.key);
    primary = createServer(made, (request, answer) => {
      answer.end(JSON.stringify({ host: request.headers.host, key: request.headers['x-key'] ?? null }));
    });
    return new Promise<void>((resolve) => primary.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    primary?.close();
    primary?.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  it('serves clients as the proxy does with this config: TLS on both sides, Host and fields of the primary', async () => {
    const url = `https://localhost:${(primary.address() as AddressInfo).port}`;
    const certFile = join(folder, 'cert.pem');
    const config = defineConfig({
      listen: { tls: { certFile, keyFile: join(folder, 'key.pem') } },
      primary: { url, changeOrigin: true, tls: { caFile: certFile }, headers: { set: { 'X-Key': 'k' } } },
    });
    const client = (): SideClient =>
      new SideClient({
        url,
        connections: 1,
        timeoutMs: 1_000,
        connectTimeoutMs: 1_000,
        bodyBytes: 1_000,
        tls: { verify: false, ca: null, client: null },
      });
    const clients = { primary: client(), twin: client() };
    const both = new BothSides({
      clients,
      headers: {},
      twinTarget: (_method, target) => target,
      credentials: null,
      learner: new Learner(),
      concurrency: 1,
      queue: 10,
      bodyBytes: 1_000,
      pausesMs: [],
      again: 0,
      random: () => 1,
    });
    const front = proxyInFront(config, url, [], both);
    const { port } = await front.listen(0);
    try {
      const body = await new Promise<string>((resolve, reject) => {
        get(
          { port, host: '127.0.0.1', path: '/x', rejectUnauthorized: false, headers: { host: 'of.the.client' } },
          (answer) => {
            answer.setEncoding('utf8').on('data', resolve).on('error', reject);
          },
        ).on('error', reject);
      });
      expect(JSON.parse(body)).to.deep.equal({ host: new URL(url).host, key: 'k' });
    } finally {
      await front.close({ deadlineMs: 100 });
      await both.drained();
      await Promise.all([clients.primary.close(), clients.twin.close()]);
    }
  });
});
