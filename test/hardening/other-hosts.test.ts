/** Whatever a request says of hosts and places, only the two sides that the config names are asked, and only for its own path. */
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { twinTargetOf } from '../../src/api/twin-path.ts';
import { NODE_TRUST } from '../../src/base/tls-trust.ts';
import { READERS } from '../../src/traffic/formats/format.ts';
import { targetOf } from '../../src/traffic/formats/target.ts';
import { restored } from '../../src/traffic/sink/restore.ts';
import { SideClient } from '../../src/verifier/side-client.ts';
import { openPair, type Pair } from '../proxy/transparency/kit.ts';
import { RawClient } from '../support/raw-http.ts';

const RESTORE = {
  targetFields: ['x-original-uri', 'x-forwarded-uri'],
  methodFields: ['x-original-method'],
  hostFields: ['x-forwarded-host'],
  hostSuffix: '-shadow',
};

describe('hosts that a request names', () => {
  let bait: http.Server;
  let baited: string[];
  let evil: string;
  let side: http.Server;
  let asked: IncomingMessage[];

  const listening = async (server: http.Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  beforeEach(async () => {
    baited = [];
    asked = [];
    bait = http.createServer((request, answer) => {
      baited.push(`${request.method} ${request.url}`);
      answer.end('bait');
    });
    bait.on('connection', () => baited.push('a connection'));
    side = http.createServer((request, answer) => {
      asked.push(request);
      answer.end('side');
    });
    evil = `127.0.0.1:${await listening(bait)}`;
  });
  afterEach(() => {
    expect(baited, 'the host that the request names').to.deep.equal([]);
    bait.close();
    side.close();
  });

  /** Each names the bait in another way. */
  const heads = (): readonly (readonly [target: string, host: string])[] => [
    [`http://${evil}/read`, evil],
    [`http://${evil}/read`, 'primary.example'],
    [`http://user:secret@${evil}/read`, 'primary.example'],
    [`HTTP://${evil}`, 'primary.example'],
    ['/read', evil],
    [`//${evil}/read`, 'primary.example'],
    [`/\\${evil}/read`, 'primary.example'],
    [`/read?url=http://${evil}/`, evil],
    [`/@${evil}/`, 'primary.example'],
  ];

  it('are never connected to by the proxy', async () => {
    const pair: Pair = await openPair();
    const client = new RawClient(pair.proxyPort);
    try {
      for (const [target, host] of heads()) {
        const seen = await client.ask(
          Buffer.from(
            `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: ${evil}\r\nForwarded: host=${evil}\r\n\r\n`,
          ),
          'GET',
        );
        expect(seen.body.toString(), target).to.not.contain('bait');
      }
      const upgrade = `GET http://${evil}/x HTTP/1.1\r\nHost: ${evil}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
      await client.ask(Buffer.from(upgrade), 'GET');
    } finally {
      client.close();
      await pair.close();
    }
  });

  it('are never connected to by the verifier', async () => {
    const asker = new SideClient({
      url: `http://127.0.0.1:${await listening(side)}/v2`,
      connections: 2,
      timeoutMs: 60_000,
      connectTimeoutMs: 60_000,
      bodyBytes: 1_000,
      tls: NODE_TRUST,
    });
    try {
      for (const [target, host] of heads()) {
        const result = await asker.fetch({ method: 'GET', target, headers: ['Host', host], body: null });
        if (result.ok) expect(Buffer.from(result.answer.body).toString(), target).to.equal('side');
      }
    } finally {
      await asker.close();
    }
    expect(asked.length).to.be.greaterThan(3);
  });

  it('reach the sink as a path and a Host field alone, whatever field of the gateway holds them', () => {
    for (const [target, host] of heads())
      for (const field of ['X-Original-URI', 'x-forwarded-uri', null]) {
        const read = restored(
          {
            method: 'GET',
            target: field === null ? target : '/mirror',
            rawHeaders: ['Host', host, 'X-Forwarded-Host', evil, ...(field === null ? [] : [field, target])],
          },
          RESTORE,
        );
        if (read === null) continue;
        expect(read.target, target).to.match(/^\//);
        expect(read.target, target).to.not.match(/^\/+http/i);
      }
    for (const target of [
      'ftp://evil/x',
      'file:///etc/passwd',
      'gopher://evil',
      'evil:80',
      '*',
      '',
      'http://',
      '/a b',
      '/a\r\nX: 1',
    ])
      expect(targetOf(target, 'wire'), target).to.be.a('string');
  });

  it('of recorded traffic become a path, too', async () => {
    const har = {
      log: {
        entries: heads().map(([target, host]) => ({
          request: { method: 'GET', url: target.startsWith('/') ? `http://${host}${target}` : target, headers: [] },
        })),
      },
    };
    const files = {
      har: JSON.stringify(har),
      'access-log': heads()
        .map(([target]) => `1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET ${target} HTTP/1.1" 200 1\n`)
        .join(''),
      'json-lines': heads()
        .map(([url]) => `${JSON.stringify({ method: 'GET', url })}\n`)
        .join(''),
      targets: heads()
        .map(([target]) => `GET ${target}\n`)
        .join(''),
    } as const;
    for (const format of ['har', 'access-log', 'json-lines', 'targets'] as const) {
      const source = async function* () {
        yield Buffer.from(files[format]);
      };
      for await (const one of READERS[format](source(), { logFormat: null, variables: {} }))
        if (one.kind === 'request') expect(one.request.target, format).to.match(/^\//);
    }
  });

  it('leave the place of a twinPath as it is: no value climbs out of it', () => {
    for (const [pattern, twinPath] of [
      ['/a/:id', '/b/:id/c'],
      ['/a/:id.json', '/b/:id'],
      ['/a/:id.json', '/b/:id.xml'],
      ['/a/:x/:id', '/b/:id/of/:x'],
    ] as const) {
      const route = { key: `GET ${pattern}`, method: 'GET', pattern, domain: 'd', twinPath } as const;
      const { match } = createRouteMatcher([route]);
      for (const value of [
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '.%2e',
        '..%2f',
        '%2e%2e%2fx',
        '..%5c',
        '..\\',
        'x/../..',
        '%00',
        '',
      ])
        for (const suffix of ['', '.json', '%2Ejson', '%2ejson/1', '/1']) {
          const target = `/a/${value}${suffix}?q=1`;
          if (match('GET', target) === null) continue;
          const { pathname } = new URL(twinTargetOf(route, target), 'http://twin');
          expect(pathname.split('/').length, `${target} of ${pattern}: ${pathname}`).to.equal(
            twinPath.split('/').length,
          );
          expect(pathname, target).to.match(/^\/b\//);
        }
    }
  });
});
