import { getEventListeners, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { sendJson } from '../../src/service/webhook.ts';

describe('a webhook', () => {
  let server: Server;
  let statuses: number[] = [];
  let asked = 0;
  const send = (ending: AbortSignal, pauseMs = 1) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return sendJson({ url, token: null, timeoutMs: 60_000, tries: 3, pauseMs }, '{}', ending);
  };

  before(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      response.statusCode = statuses.shift() ?? 204;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    asked = 0;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is tried again while the far end is in trouble, and leaves nothing that waits for the end of the process', async () => {
    const { signal } = new AbortController();
    statuses = [500, 429];
    await send(signal);
    expect(asked).to.equal(3);
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
  });

  it('is not tried again where it refuses, nor once the process ends', async () => {
    statuses = [404];
    expect(String(await send(new AbortController().signal).catch((error: unknown) => error))).to.contain('status 404');
    expect(asked).to.equal(1);
    const ending = new AbortController();
    statuses = [500, 500];
    const sent = send(ending.signal, 60_000).catch((error: unknown) => error);
    while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    ending.abort();
    expect(String(await sent)).to.contain('did not accept');
    expect(asked).to.equal(2);
  });
});
