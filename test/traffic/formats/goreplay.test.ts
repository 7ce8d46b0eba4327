import { expect } from 'chai';
import { asked, telling } from '../telling.ts';

const MONKEYS = '\n\u{1F435}\u{1F648}\u{1F649}\n';
const request = (id: string, text: string): string => `1 ${id} 1795687200123456789\n${text}${MONKEYS}`;
const answer = (id: string, text: string, type = 2): string =>
  `${type} ${id} 1795687200223456789 1000\n${text}${MONKEYS}`;
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\n`;

describe('traffic/formats/goreplay', () => {
  it('reads requests with time, fields and body', async () => {
    const told = await telling(
      request('a1', get('/a?b=1')) + request('a2', 'POST /s HTTP/1.1\r\nContent-Length: 7\r\n\r\n{"q":1}'),
    );
    expect(told.format).to.equal('goreplay');
    expect(told.unusable).to.deep.equal([]);
    expect(asked(told)).to.deep.equal(['GET /a?b=1', 'POST /s']);
    expect(told.requests[0]).to.deep.include({ rawHeaders: ['Host', 'h', 'X', '1'], body: null, line: 1 });
    expect(told.requests[0]?.at).to.equal(1795687200123);
    expect(Buffer.from(told.requests[1]?.body ?? []).toString()).to.equal('{"q":1}');
  });

  it('holds bodies with empty lines, monkeys of another kind and chunks', async () => {
    const body = 'a\n\n\u{1F435}\n1 a 1\nb';
    const told = await telling(
      request('a1', `POST /s HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`) +
        request('a2', 'POST /s HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n'),
    );
    expect(told.requests.map(({ body: sent }) => Buffer.from(sent ?? []).toString())).to.deep.equal([body, 'abcde']);
    expect(told.requests[1]?.rawHeaders).to.deep.equal([]);
  });

  it('gives each request its original answer, wherever that stands', async () => {
    const told = await telling(
      request('a1', get('/a')) +
        request('a2', get('/b')) +
        answer('a1', 'HTTP/1.1 500 Replayed\r\nContent-Length: 0\r\n\r\n', 3) +
        answer('a2', 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}') +
        answer('a1', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n') +
        request('a3', get('/c')) +
        answer('zz', 'HTTP/1.1 200 OK\r\n\r\n'),
    );
    expect(
      told.requests.map(({ target, answer: kept }) => [
        target,
        kept?.status,
        kept && Buffer.from(kept.body).toString(),
      ]),
    ).to.deep.equal([
      ['/b', 404, '{}'],
      ['/a', 200, '[]'],
      ['/c', undefined, null],
    ]);
  });

  it('takes answers without content whose fields speak of some', async () => {
    const told = await telling(
      request('a1', 'HEAD /a HTTP/1.1\r\n\r\n') +
        answer('a1', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n') +
        request('a2', get('/b')) +
        answer('a2', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n') +
        request('a3', get('/c')) +
        answer('a3', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n'),
    );
    expect(told.requests.map(({ answer: kept }) => kept?.status)).to.deep.equal([200, 304, undefined]);
    expect(told.unusable.map(({ why }) => why)).to.deep.equal([
      'the answer cannot be read: its content is cut off: 0 of 20 bytes',
    ]);
  });

  it('names payloads that are none, with their line, and goes on, in whatever pieces', async () => {
    const text = [
      request('a1', get('/a')),
      `nonsense${MONKEYS}`,
      request('a2', 'GET nowhere HTTP/1.1\r\n\r\n'),
      request('a3', 'POST /s HTTP/1.1\r\nContent-Length: 99\r\n\r\nshort'),
      request('a4', 'GET /x HTTP/1.1\r\nbad field\r\n\r\n'),
      request('a5', ''),
      `1 a6 1795687200123456789\n${get('/b')}`,
    ].join('');
    const told = await telling(text);
    expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
    expect(told.unusable).to.have.length(5);
    expect(told.unusable[0]).to.deep.equal({ line: 8, why: 'the payload does not begin with type, id and time' });
    for (const piece of [1, 3, 17]) expect(await telling(text, {}, piece)).to.deep.equal(told);
  });
});
