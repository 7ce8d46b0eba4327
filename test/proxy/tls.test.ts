import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createProxy } from '../../src/proxy/proxy.ts';
import { makeCertificate } from '../support/certificate.ts';
import { RawClient, type SeenMessage } from '../support/raw-http.ts';
import { ANY_ROUTE, CountingGate } from './transparency/kit.ts';
import { bytesOf } from './transparency/same.ts';

describe('a primary behind TLS', () => {
  let primary: Server;
  let certificate: Buffer;
  before(async function () {
    const made = makeCertificate();
    if (made === null) return this.skip();
    certificate = made.cert;
    primary = createServer({ key: made.key, cert: made.cert }, (request, answer) => {
      answer.end(JSON.stringify({ url: request.url, host: request.headers.host }));
    });
    await new Promise<void>((resolve) => primary.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    primary?.closeAllConnections();
    await new Promise<void>((resolve) => (primary === undefined ? resolve() : primary.close(() => resolve())));
  });

  async function ask(tls: Readonly<Record<string, unknown>>): Promise<SeenMessage> {
    const { port: primaryPort } = primary.address() as AddressInfo;
    const gate = new CountingGate();
    const proxy = createProxy({
      primary: `https://localhost:${primaryPort}`,
      twin: null,
      match: () => ANY_ROUTE,
      gate,
      tls: { primary: tls },
    });
    const { port } = await proxy.listen(0);
    const client = new RawClient(port);
    const seen = await client.ask(bytesOf('GET /x//y HTTP/1.1\r\nHost: of.the.client\r\n\r\n'), 'GET');
    client.close();
    await proxy.close({ deadlineMs: 100 });
    return seen;
  }

  it('gets the Host of the client where its certificate is known', async () => {
    const seen = await ask({ ca: certificate });
    expect(JSON.parse(seen.body.toString())).to.deep.equal({ url: '/x//y', host: 'of.the.client' });
  });

  it('whose certificate is not trusted is 502', async () => {
    const seen = await ask({});
    expect(seen.head?.startLine).to.equal('HTTP/1.1 502 Bad Gateway');
    expect(seen.body.toString()).to.include('SHADOW_PRIMARY');
  });

  it('still gets requests where the config says not to verify', async () => {
    const seen = await ask({ rejectUnauthorized: false });
    expect(seen.head?.startLine).to.equal('HTTP/1.1 200 OK');
  });
});
