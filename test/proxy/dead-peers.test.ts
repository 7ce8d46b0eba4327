import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import type { ProxyOptions } from '../../src/proxy/options.ts';
import { makeCertificate } from '../support/certificate.ts';
import { until } from '../support/until.ts';
import { openPair } from './transparency/kit.ts';

/** The kernel's table of connections: of each its ports, and which of its timers runs. */
const TABLE = '/proc/net/tcp';
const KEEPALIVE_TIMER = '02:';

function isProbed(localPort: number, remotePort: number): boolean {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync(TABLE, 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(
      ([, local = '', remote = '']) => local.endsWith(`:${hex(localPort)}`) && remote.endsWith(`:${hex(remotePort)}`),
    );
  return row?.[5]?.startsWith(KEEPALIVE_TIMER) === true;
}

describe('an end that vanishes without a word', () => {
  const certificate = makeCertificate();
  const ways: [string, Partial<ProxyOptions>][] = [
    ['plain, on the short way', {}],
    ['plain, on the long way', { shortWay: false }],
    ...(certificate === null ? [] : [['behind TLS', { certificate }] satisfies [string, Partial<ProxyOptions>]]),
  ];
  for (const [title, options] of ways)
    it(`is looked for by the system on both sides of a silent answer: ${title}`, async function () {
      if (!existsSync(TABLE)) this.skip();
      const pair = await openPair(options);
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
      pair.upstream.scripts.set('/events', {
        steps: [{ do: 'send', bytes }, { do: 'wait', for: ended }, { do: 'fin' }],
      });
      const to = { port: pair.proxyPort, host: '127.0.0.1' };
      const client: Socket =
        options.certificate === undefined ? connect(to) : connectTls({ ...to, rejectUnauthorized: false });
      try {
        client.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
        await once(client, 'data');
        await until(() => isProbed(pair.proxyPort, client.localPort ?? 0));
        const [side] = pair.upstream.connections;
        expect(side?.remotePort).to.be.a('number');
        await until(() => isProbed(side?.remotePort ?? 0, pair.upstream.port));
      } finally {
        end();
        client.destroy();
        await pair.close();
      }
    });
});
