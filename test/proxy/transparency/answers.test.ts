import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { RawClient, statusOf, valuesOf } from '../../support/raw-http.ts';
import type { Step } from '../../support/scripted-upstream.ts';
import { openPair, type Pair } from './kit.ts';
import { answerOf, expectSameCase, send } from './same.ts';

const GET = { start: 'GET /x HTTP/1.1' };

describe('transparency: answers', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  it('every status from 200 to 599 passes with its reason', async () => {
    for (let status = 200; status < 600; status++) {
      const bodyless = status === 204 || status === 304;
      const { proxied } = await expectSameCase(
        pair,
        GET,
        bodyless
          ? `HTTP/1.1 ${status} R${status}\r\nETag: "e"\r\n\r\n`
          : answerOf(`${status} Reason of ${status}`, ['X-A: b'], 'ok'),
      );
      expect(proxied.head === null ? null : statusOf(proxied.head)).to.equal(status);
    }
  });

  it('interim answers 100, 102 and 103 with Link come before the answer, in order', async () => {
    const { proxied } = await expectSameCase(pair, GET, [
      send('HTTP/1.1 102 Processing\r\n\r\n'),
      { do: 'pause', ms: 5 },
      send('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nLink: </b>; rel=preload\r\nX-Y: z\r\n\r\n'),
      send('HTTP/1.1 100 Continue\r\n\r\n'),
      send('HTTP/1.1 103 Early Hints\r\nLink: </c>; rel=preconnect\r\n\r\n'),
      send(answerOf('200 OK', [], 'done')),
    ]);
    expect(proxied.interims.map(statusOf)).to.deep.equal([102, 103, 100, 103]);
  });

  it('chunks with odd boundaries, extensions and upper-case sizes carry the same content', async () => {
    const pieces = ['1;a=b\r\nx\r\n', '0A\r\n0123456789\r\n', 'b;q="x;y"\r\nhello world\r\n'];
    const whole = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${pieces.join('')}0\r\n\r\n`;
    const steps: Step[] = [...whole].flatMap((char): Step[] => [send(char), { do: 'pause', ms: 0 }]);
    await expectSameCase(pair, GET, steps);
  });

  it('trailers pass with spelling, order and repeats, announced or not', async () => {
    const trailers = 'X-Sum: 1\r\nx-sum: 2\r\nServer-Timing: db;dur=53\r\nX-E: \xe9\r\n';
    for (const announced of ['Trailer: X-Sum, Server-Timing\r\n', '']) {
      const { proxied } = await expectSameCase(
        pair,
        GET,
        `HTTP/1.1 200 OK\r\n${announced}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n${trailers}\r\n`,
      );
      expect(proxied.trailers).to.have.length(4);
    }
  });

  for (const [coding, pack] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    it(`a ${coding} body stays packed, byte for byte`, async () => {
      const body = pack(Buffer.from(JSON.stringify({ text: 'äöü'.repeat(5_000) })));
      await expectSameCase(
        pair,
        GET,
        answerOf('200 OK', [`Content-Encoding: ${coding}`, 'Vary: Accept-Encoding'], body),
      );
    });
  }

  it('a Content-Length that promises too much ends in the same cut', async () => {
    const { proxied } = await expectSameCase(pair, GET, [
      send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
      { do: 'fin' },
    ]);
    expect(proxied.end).to.equal('cut');
    expect(proxied.body.toString()).to.equal('only this');
  });

  it('a Content-Length that promises too little ends the content there', async () => {
    const { proxied } = await expectSameCase(pair, GET, [
      send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nonly this'),
      { do: 'fin' },
    ]);
    expect(proxied.body.toString()).to.equal('only');
  });

  for (const [title, answer] of [
    ['an HTTP/1.0 answer that its close ends', 'HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nold but good'],
    ['an HTTP/1.1 answer that its close ends', 'HTTP/1.1 200 OK\r\n\r\nno length'],
  ] as const) {
    it(`${title} is complete`, async () => {
      const { proxied } = await expectSameCase(pair, GET, [send(answer), { do: 'fin' }]);
      expect(proxied.end).to.equal('complete');
    });
  }

  it('repeated fields, mixed spelling and empty values stay as they are', async () => {
    const fields = [
      'x-a: 1',
      'X-A: 2',
      'X-B:',
      'x-A: 1',
      'Vary: a',
      'vary: b',
      'VARY: a',
      'Date: whenever',
      'eTaG: W/"x"',
    ];
    const { proxied } = await expectSameCase(pair, GET, answerOf('200 OK', fields, '{}'));
    expect(
      proxied.head?.fields.slice(0, 9).map(([name, value]) => `${name}:${value === '' ? '' : ` ${value}`}`),
    ).to.deep.equal(fields);
  });

  it('nothing is added to the fields: no Date, no X-Powered-By, no Via', async () => {
    const { proxied } = await expectSameCase(pair, GET, answerOf('200 OK', [], 'x'));
    const names = proxied.head?.fields.map(([name]) => name.toLowerCase()) ?? [];
    expect(names.filter((name) => name !== 'connection' && name !== 'keep-alive')).to.deep.equal(['content-length']);
  });

  it('thirty Set-Cookie fields with Domain attributes stay apart and unchanged', async () => {
    const cookies = Array.from(
      { length: 30 },
      (_, i) => `Set-Cookie: c${i}=${i}; Domain=.d${i}.example; Path=/; SameSite=Lax`,
    );
    const { proxied } = await expectSameCase(pair, GET, answerOf('200 OK', cookies, 'x'));
    expect(valuesOf(proxied.head?.fields ?? [], 'set-cookie')).to.have.length(30);
  });

  it('a field of 16 KB, and 60 KB of fields together, pass', async () => {
    await expectSameCase(pair, GET, answerOf('200 OK', [`X-Long: ${'v'.repeat(16 * 1024)}`], 'x'));
    await expectSameCase(
      pair,
      GET,
      answerOf(
        '200 OK',
        Array.from({ length: 600 }, (_, i) => `X-${i}: ${'w'.repeat(94)}`),
        'x',
      ),
    );
  });

  it('three thousand fields pass, none left out', async () => {
    const fields = Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}`);
    const { proxied } = await expectSameCase(pair, { ...GET, fields }, answerOf('200 OK', fields, 'x'));
    expect(proxied.head?.fields.length).to.be.greaterThan(2_999);
  });

  it('bytes above 0x7f in fields and reason are not re-encoded, with and without a body at once', async () => {
    const fields = ['X-Latin: caf\xe9 \xfc\xff', 'Content-Disposition: attachment; filename="\xe4.csv"'];
    await expectSameCase(pair, GET, answerOf('200 D\xe9j\xe0', fields, 'x'));
    await expectSameCase(pair, GET, [
      send(`HTTP/1.1 200 D\xe9j\xe0\r\n${fields.join('\r\n')}\r\nContent-Length: 1\r\n\r\n`),
      { do: 'pause', ms: 30 },
      send('x'),
    ]);
  });

  it('an empty 200, a 204, a 205, a 304 with ETag and length, and a 206 are what they are', async () => {
    await expectSameCase(pair, GET, answerOf('200 OK', []));
    await expectSameCase(pair, GET, 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n');
    await expectSameCase(pair, GET, answerOf('205 Reset Content', []));
    await expectSameCase(pair, GET, 'HTTP/1.1 304 Not Modified\r\nETag: "abc"\r\nContent-Length: 1234\r\n\r\n');
    await expectSameCase(
      pair,
      { ...GET, fields: ['Range: bytes=2-5', 'If-Range: "abc"'] },
      answerOf('206 Partial Content', ['Content-Range: bytes 2-5/10', 'ETag: "abc"'], 'cdef'),
    );
    expect(pair.gate.skipped.get('partial')).to.be.greaterThan(0);
  });

  it('HEAD has the fields of its GET and no content', async () => {
    const head = { start: 'HEAD /x HTTP/1.1' };
    const { proxied } = await expectSameCase(
      pair,
      head,
      'HTTP/1.1 200 OK\r\nContent-Length: 4711\r\nETag: "x"\r\n\r\n',
    );
    expect(valuesOf(proxied.head?.fields ?? [], 'content-length')).to.deep.equal(['4711']);
    await expectSameCase(pair, head, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    await expectSameCase(pair, head, 'HTTP/1.1 404 Not Found\r\n\r\n');
  });

  it('8 MB pass whole, with a length and in chunks', async () => {
    const big = Buffer.alloc(8 * 1024 * 1024, 'abcdefghijklmnop');
    await expectSameCase(pair, GET, answerOf('200 OK', [], big));
    await expectSameCase(pair, GET, [
      send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      ...Array.from({ length: 128 }, (_, i) =>
        send(
          Buffer.concat([Buffer.from('10000\r\n'), big.subarray(i * 65_536, (i + 1) * 65_536), Buffer.from('\r\n')]),
        ),
      ),
      send('0\r\n\r\n'),
    ]);
  });

  for (const [title, sent] of [
    ['before its head', ''],
    ['in the middle of its head', 'HTTP/1.1 200 OK\r\nX-Half: wa'],
    ['in the middle of its content', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhalf of it'],
    ['between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ] as const) {
    for (const how of ['fin', 'reset'] as const) {
      it(`an answer that ends ${title} (${how}) ends so for the client, or is 502 where it never began`, async () => {
        for (const method of ['GET', 'POST']) {
          const { proxied } = await expectSameCase(
            pair,
            { start: `${method} /x HTTP/1.1`, fields: ['Content-Length: 0'] },
            [send(sent), { do: 'pause', ms: 20 }, { do: how }],
          );
          if (!sent.includes('\r\n\r\n')) expect(proxied.end).to.equal('complete');
        }
      });
    }
  }

  for (const [title, sent] of [
    ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a head without end of line', 'HTTP/1.1 200 OK'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a field without name', 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n'],
    ['a head over the limit', `HTTP/1.1 200 OK\r\nX-Long: ${'v'.repeat(140 * 1024)}\r\nContent-Length: 0\r\n\r\n`],
    ['a reason with a control character', 'HTTP/1.1 200 O\x7fK\r\nContent-Length: 2\r\n\r\nhi'],
    ['an interim answer with a control character', 'HTTP/1.1 103 E\r\nLink: a\x01\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ] as const) {
    it(`an answer that Node's parser refuses (${title}) is 502 with a short JSON body`, async () => {
      pair.upstream.scripts.set('/refused', { steps: [send(sent), { do: 'pause', ms: 10 }, { do: 'fin' }] });
      const client = new RawClient(pair.proxyPort);
      const seen = await client.ask(Buffer.from('GET /refused HTTP/1.1\r\nHost: a\r\n\r\n'), 'GET');
      client.close();
      expect(seen.head === null ? null : statusOf(seen.head)).to.equal(502);
      expect(JSON.parse(seen.body.toString()).error.code).to.equal('SHADOW_PRIMARY');
    });
  }
});
