import { expect } from 'chai';
import { RawClient, statusOf } from '../../support/raw-http.ts';
import { until } from '../../support/until.ts';
import { openPair, type Pair } from './kit.ts';
import { answerOf, bytesOf, expectSameCase, send } from './same.ts';

const OK = answerOf('200 OK', ['X-A: b'], 'fine');

describe('transparency: requests', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  for (const target of [
    ...['/', '//', '//x', '//x/y', '///', '/a//b', '/a/../b', '/../../etc', '/a/./b', '/%2e%2e/x', '/a%2Fb', '/a%2fb'],
    ...['/%', '/%zz', '/%00', '/a;b=c', '/a+b', '/a|b', '/{}', '/"x"', '/a\\b', '/~', '/@', '/:80'],
    ...[
      '/?',
      '/??',
      '/?a=b&a=c',
      '/?q=%E4',
      '/?q=%C3%A4',
      '/?a[]=1',
      '/?=',
      '/?&&',
      '/?a=b#c',
      '/?url=http://x/?y',
      '/a?b?c/d',
    ],
    ...[
      'http://example.test/abs',
      'http://example.test',
      'http://other.test:81//x?y',
      'https://example.test/x',
      'HTTP://E/x',
    ],
    `/${'long/'.repeat(800)}`,
  ]) {
    it(`the target ${target.slice(0, 40)} reaches the primary as it was sent`, async () => {
      await expectSameCase(pair, { start: `GET ${target} HTTP/1.1` }, OK);
    });
  }

  it('OPTIONS, OPTIONS * and methods that nobody knows pass', async () => {
    for (const start of [
      'OPTIONS /x',
      'OPTIONS *',
      'PROPFIND /x',
      'QUERY /x',
      'TRACE /x',
      'DELETE /x',
      'PURGE /x',
      'M-SEARCH *',
    ]) {
      await expectSameCase(pair, { start: `${start} HTTP/1.1` }, OK);
    }
  });

  it('fields keep spelling, order and repeats; nothing is added, X-Forwarded-For included', async () => {
    await expectSameCase(
      pair,
      {
        start: 'GET /x HTTP/1.1',
        fields: [
          'x-forwarded-for: 1.2.3.4',
          'X-FORWARDED-FOR: 5.6.7.8',
          'Cookie: a=1',
          'cookie: b=2',
          'accept: */*',
          'X-E: \xe9',
          'Accept: text/*',
          'DNT:',
        ],
      },
      OK,
    );
  });

  it('a field of 16 KB passes', async () => {
    await expectSameCase(pair, { start: 'GET /x HTTP/1.1', fields: [`Cookie: ${'c'.repeat(16 * 1024)}`] }, OK);
  });

  it('fields that Connection names stay on their hop, and it cannot name Host or the length away', async () => {
    const fields = [
      'Connection: keep-alive, X-Mine, host, content-length',
      'X-Mine: 1',
      'Content-Length: 2',
      'Keep-Alive: timeout=3',
      'Proxy-Connection: x',
    ];
    await expectSameCase(pair, { start: 'POST /x HTTP/1.1', fields, body: 'ab' }, OK);
  });

  it('content with a length, in chunks with trailers, and none at all', async () => {
    await expectSameCase(pair, { start: 'POST /x HTTP/1.1', fields: ['Content-Length: 3'], body: 'abc' }, OK);
    await expectSameCase(pair, { start: 'POST /x HTTP/1.1' }, OK);
    await expectSameCase(pair, { start: 'DELETE /x HTTP/1.1', fields: ['Content-Length: 3'], body: 'abc' }, OK);
    await expectSameCase(pair, { start: 'GET /x HTTP/1.1', fields: ['Content-Length: 3'], body: 'abc' }, OK);
    await expectSameCase(
      pair,
      {
        start: 'PUT /x HTTP/1.1',
        fields: ['transfer-encoding: Chunked', 'Trailer: X-Sum'],
        body: '1\r\na\r\n2;x\r\nbc\r\n0\r\nX-Sum: 9\r\nx-sum: 8\r\n\r\n',
      },
      OK,
    );
    expect(pair.gate.skipped.get('unsupported_media'), 'a GET with content is not compared').to.equal(1);
  });

  it('TE: trailers is repeated on the other hop', async () => {
    await expectSameCase(pair, { start: 'GET /x HTTP/1.1', fields: ['TE: gzip, trailers', 'Connection: TE'] }, OK);
    pair.upstream.scripts.set('te', { steps: [send(OK)] });
    const client = new RawClient(pair.proxyPort);
    await client.ask(
      bytesOf('GET /x HTTP/1.1\r\nHost: a\r\nX-Script: te\r\nTE: trailers\r\nConnection: TE\r\n\r\n'),
      'GET',
    );
    client.close();
    expect(pair.upstream.asked.get('te')?.at(-1)?.head?.fields).to.deep.include(['TE', 'trailers']);
  });

  it('Expect: 100-continue waits for the primary: its 100, or its refusal', async () => {
    const expects = { start: 'POST /x HTTP/1.1', fields: ['Content-Length: 3', 'Expect: 100-continue'], later: 'abc' };
    const { proxied } = await expectSameCase(pair, expects, [
      send('HTTP/1.1 100 Continue\r\n\r\n'),
      { do: 'await-body' },
      send(OK),
    ]);
    expect(proxied.interims.map(statusOf)).to.deep.equal([100]);
    const refused = await expectSameCase(pair, expects, [
      send('HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
    ]);
    expect(refused.proxied.interims).to.deep.equal([]);
    await expectSameCase(pair, { start: 'GET /x HTTP/1.1', fields: ['Expect: the-unexpected'] }, OK);
  });

  it('an answer before the content has come passes at once', async () => {
    await expectSameCase(pair, { start: 'POST /x HTTP/1.1', fields: ['Content-Length: 1000'], body: 'only a part' }, [
      send('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno'),
      { do: 'pause', ms: 5 },
      { do: 'fin' },
    ]);
  });

  it('HTTP/1.0 requests, with and without Host and keep-alive, are answered', async () => {
    for (const fields of [[], ['Connection: keep-alive']]) {
      await expectSameCase(pair, { start: 'GET /x HTTP/1.0', fields }, OK);
    }
    await expectSameCase(pair, { start: 'GET /x HTTP/1.0' }, [
      send('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
      { do: 'fin' },
    ]);
    // The last is HTTP/0.9, which Node's server takes too.
    for (const start of ['GET /hostless HTTP/1.0', 'GET /hostless']) {
      pair.upstream.scripts.set('/hostless', {
        steps: [send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n')],
      });
      const client = new RawClient(pair.proxyPort);
      const seen = await client.ask(bytesOf(`${start}\r\n\r\n`), 'GET');
      client.close();
      expect(seen.body.toString(), start).to.equal('fine');
      expect(String(seen.head?.fields), start).not.to.match(/chunked/i);
      expect(pair.upstream.asked.get('/hostless')?.at(-1)?.head?.fields).to.deep.equal([
        ['Host', `127.0.0.1:${pair.upstream.port}`],
      ]);
    }
  });

  it("an HTTP/1.1 request without Host is the primary's to refuse", async () => {
    pair.upstream.scripts.set('/nohost', { steps: [send(answerOf('400 No Host', [], 'x'))] });
    const client = new RawClient(pair.proxyPort);
    const seen = await client.ask(bytesOf('GET /nohost HTTP/1.1\r\n\r\n'), 'GET');
    client.close();
    expect(seen.head?.startLine).to.equal('HTTP/1.1 400 No Host');
    expect(pair.upstream.asked.get('/nohost')?.at(-1)?.head?.fields).to.deep.equal([]);
  });

  it('h2c is an offer that is left out, and the request answered', async () => {
    await expectSameCase(
      pair,
      {
        start: 'GET /x HTTP/1.1',
        fields: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'],
      },
      OK,
    );
  });

  it('CONNECT is refused and the connection closed', async () => {
    const client = new RawClient(pair.proxyPort);
    const seen = await client.ask(bytesOf('CONNECT example.test:443 HTTP/1.1\r\nHost: example.test\r\n\r\n'), 'GET');
    client.close();
    expect(seen.head?.startLine).to.equal('HTTP/1.1 501 Not Implemented');
    await until(() => pair.proxy.inFlight === 0);
  });
});
