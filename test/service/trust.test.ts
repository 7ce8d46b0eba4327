import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { type Config, defineConfig } from '../../src/config.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { proxyOptionsOf } from '../../src/service/proxy-options.ts';
import { clientOf, trustOf } from '../../src/service/trust.ts';
import { SideClient } from '../../src/verifier/side-client.ts';
import { ANY_ROUTE, CountingGate } from '../proxy/transparency/kit.ts';
import { makeCertificate } from '../support/certificate.ts';

describe('a side that asks for the certificate of its client', () => {
  let folder: string;
  let side: Server;
  let url: string;
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), 'shadowread-mutual-'));
    const made = makeCertificate();
    if (made === null) return this.skip();
    writeFileSync(join(folder, 'cert.pem'), made.cert);
    writeFileSync(join(folder, 'key.pem'), made.key);
    // Signed by itself, so that it is its own authority.
    side = createServer({ ...made, ca: made.cert, requestCert: true, rejectUnauthorized: true }, (request, answer) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      answer.end(JSON.stringify(subject.CN));
    });
    await new Promise<void>((resolve) => side.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(side.address() as AddressInfo).port}`;
  });
  after(() => {
    side?.close();
    side?.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const configOf = (shown: boolean): Config => {
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const tls = { caFile: certFile, ...(shown ? { client: { certFile, keyFile } } : {}) };
    return defineConfig({ primary: { url, tls }, twin: { url, tls } });
  };

  for (const shown of [true, false])
    it(`gets it from the proxy and from the verifier where the config names one (${shown})`, async () => {
      const config = configOf(shown);
      const proxy = createProxy({
        ...proxyOptionsOf(config, url),
        twin: null,
        match: () => ANY_ROUTE,
        gate: new CountingGate(),
      });
      const { port } = await proxy.listen(0);
      const client = new SideClient({
        url,
        connections: 1,
        timeoutMs: 5_000,
        connectTimeoutMs: 5_000,
        bodyBytes: 1_000,
        tls: trustOf('twin', config),
      });
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/x`);
        expect(answer.status).to.equal(shown ? 200 : 502);
        if (shown) expect(await answer.json()).to.equal('localhost');
        const asked = await client.fetch({
          method: 'GET',
          target: '/x',
          headers: ['Host', 'of.the.client'],
          body: null,
        });
        expect(asked.ok).to.equal(shown);
      } finally {
        await client.close();
        await proxy.close({ deadlineMs: 100 });
      }
    });

  it('is refused at the start where the files cannot be used, by the name of the option', () => {
    const config = defineConfig({
      twin: { url, tls: { client: { certFile: join(folder, 'none.pem'), keyFile: 'x' } } },
    });
    expect(() => clientOf('twin', config))
      .to.throw('twin.tls.client cannot be used')
      .with.property('code', 'SHADOW_KEY');
    expect(clientOf('primary', config)).to.equal(null);
  });
});
