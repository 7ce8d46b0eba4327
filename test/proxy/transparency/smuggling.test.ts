import { expect } from 'chai';
import { MessageReader, statusOf } from '../../support/raw-http.ts';
import { until } from '../../support/until.ts';
import { Wire } from '../../support/wire.ts';
import { openPair, type Pair } from './kit.ts';
import { answerOf, send } from './same.ts';

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKED_HIDDEN = `0\r\n\r\n${HIDDEN}`;
const START = 'POST /shape HTTP/1.1\r\nHost: a\r\n';

/** Each could be read as one request by one party, and as two by another. */
const REFUSED: Readonly<Record<string, string>> = {
  'length and chunks': `${START}Content-Length: ${CHUNKED_HIDDEN.length}\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'chunks and length': `${START}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${CHUNKED_HIDDEN}`,
  'two lengths that differ': `${START}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'two lengths that agree': `${START}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab${HIDDEN}`,
  'a list of lengths': `${START}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a length with a sign': `${START}Content-Length: +${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a length in hex': `${START}Content-Length: 0x10\r\n\r\n${HIDDEN}`,
  'a negative length': `${START}Content-Length: -1\r\n\r\n${HIDDEN}`,
  'a length beyond counting': `${START}Content-Length: 99999999999999999999999\r\n\r\n${HIDDEN}`,
  xchunked: `${START}Transfer-Encoding: xchunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'chunked not last': `${START}Transfer-Encoding: chunked, identity\r\n\r\n${CHUNKED_HIDDEN}`,
  identity: `${START}Transfer-Encoding: identity\r\n\r\n${HIDDEN}`,
  'chunked behind a vertical tab': `${START}Transfer-Encoding: \x0bchunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'chunked in quotes': `${START}Transfer-Encoding: "chunked"\r\n\r\n${CHUNKED_HIDDEN}`,
  'a blank before the colon': `${START}Transfer-Encoding : chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'a folded coding': `${START}Transfer-Encoding:\r\n chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'a folded field': `${START}X-A: b\r\n c: d\r\nContent-Length: 0\r\n\r\n`,
  'bare LF in the head': 'POST /shape HTTP/1.1\nHost: a\nContent-Length: 0\n\n',
  'bare LF behind one field': `${START}X-A: b\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'bare CR in a field': `${START}X-A: b\rTransfer-Encoding: chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'NUL in a field': `${START}X-A: b\0c\r\nContent-Length: 0\r\n\r\n`,
  'a field without a colon': `${START}Transfer-Encoding chunked\r\n\r\n${CHUNKED_HIDDEN}`,
  'a blank in the target': `POST /shape x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
  'a version of its own': 'GET /shape HTTP/9.9\r\nHost: a\r\n\r\n',
  'no method': ' /shape HTTP/1.1\r\nHost: a\r\n\r\n',
  'a chunk size in 0x': `${START}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n${CHUNKED_HIDDEN}`,
  'a chunk size with a sign': `${START}Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n${CHUNKED_HIDDEN}`,
  'a chunk longer than it says': `${START}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n${CHUNKED_HIDDEN}`,
  'bare LF behind a chunk size': `${START}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n${CHUNKED_HIDDEN}`,
  'bare LF in a chunk extension': `${START}Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n${CHUNKED_HIDDEN}`,
  'a chunk size beyond counting': `${START}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n${CHUNKED_HIDDEN}`,
};

describe('transparency: request smuggling', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
    pair.upstream.scripts.set('/shape', { steps: [{ do: 'await-body' }, send(answerOf('200 OK', [], 'shape'))] });
    pair.upstream.scripts.set('/first', { steps: [{ do: 'pause', ms: 20 }, send(answerOf('200 OK', [], 'first'))] });
  });
  after(() => pair.close());

  for (const [title, bytes] of Object.entries(REFUSED)) {
    it(`${title}: 400 and the end of the connection, and nothing behind it reaches the primary`, async () => {
      pair.upstream.asked.clear();
      const wire = new Wire(pair.proxyPort);
      wire.send(bytes);
      await wire.ends();
      const [answer] = wire.answers(['POST']);
      expect(answer?.head === null || answer === undefined ? null : statusOf(answer.head)).to.equal(400);
      expect(answer?.end).to.equal('complete');
      await until(() => pair.proxy.inFlight === 0);
      expect(pair.upstream.asked.has('/hidden')).to.equal(false);
      wire.socket.destroy();
    });

    it(`${title}, pipelined behind a read: the read is answered first`, async () => {
      const wire = new Wire(pair.proxyPort);
      wire.send(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${bytes}`);
      await wire.ends();
      const [first, second] = wire.answers(['GET', 'POST']);
      expect(first?.body.toString()).to.equal('first');
      if (second?.head != null) expect(statusOf(second.head)).to.equal(400);
      expect(pair.upstream.asked.has('/hidden')).to.equal(false);
      await until(() => pair.proxy.inFlight === 0);
      wire.socket.destroy();
    });
  }

  for (const [title, bytes, told] of [
    ['the PROXY protocol', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 'PROXY protocol'],
    [
      'its second version',
      '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\0\x01\0\x02',
      'PROXY protocol',
    ],
    ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'only HTTP/1.1'],
    ['TLS where none is served', '\x16\x03\x01\0\x05\x01\0\0\x01\x03', 'listen.tls'],
  ] as const)
    it(`a gateway that speaks ${title} is told so, with 400`, async () => {
      const wire = new Wire(pair.proxyPort);
      wire.send(bytes);
      await wire.ends();
      expect(wire.text)
        .to.match(/^HTTP\/1\.1 400 /)
        .and.include(told);
      wire.socket.destroy();
    });

  it('a head over the limit is 431, and chunk extensions without end are 413', async () => {
    const long = new Wire(pair.proxyPort);
    long.send(`GET /shape HTTP/1.1\r\nHost: a\r\nX-Long: ${'v'.repeat(200 * 1024)}\r\n\r\n`);
    await long.ends();
    expect(long.text).to.match(/^HTTP\/1\.1 431 /);
    const extended = new Wire(pair.proxyPort);
    extended.send(`${START}Transfer-Encoding: chunked\r\n\r\n5;${'e'.repeat(40 * 1024)}\r\nhello\r\n0\r\n\r\n`);
    await extended.ends();
    expect(extended.text).to.match(/^HTTP\/1\.1 413 /);
    await until(() => pair.proxy.inFlight === 0);
    long.socket.destroy();
    extended.socket.destroy();
  });

  it('what an answer carries behind its end is never the next answer', async () => {
    pair.upstream.scripts.set('/split', {
      steps: [
        send(`${answerOf('200 OK', [], 'one').toString('latin1')}${answerOf('200 OK', [], 'evil').toString('latin1')}`),
      ],
    });
    pair.upstream.scripts.set('/next', { steps: [send(answerOf('200 OK', [], 'next'))] });
    const wire = new Wire(pair.proxyPort);
    wire.send('GET /split HTTP/1.1\r\nHost: a\r\n\r\n');
    await wire.sees('one');
    wire.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
    await wire.sees('next');
    expect(wire.text).not.to.include('evil');
    wire.socket.destroy();
  });

  it('the reader of these tests takes no answer for granted', () => {
    const reader = new MessageReader('answer');
    reader.push(Buffer.from('HTTP/1.1 abc\r\n\r\n'));
    expect(reader.result().end).to.equal('garbage');
  });
});
