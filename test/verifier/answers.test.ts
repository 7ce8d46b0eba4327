/** Pairs of answers over real HTTP: status and content type say what differs before any body is read. */
import type { ServerResponse } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import type { Verdict } from '../../src/types.ts';
import { type Listening, listen, MirrorBench } from '../support/mirror-bench.ts';

interface Sent {
  readonly status?: number;
  readonly type?: string | null;
  readonly body?: string | Uint8Array;
  readonly fields?: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const ID = '64b000000000000000000001';
const thing = {
  _id: ID,
  name: 'Lamp',
  amount: 12.5,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
};
const GOOD: Sent = { body: JSON.stringify(thing) };
const HTML = '<!doctype html><title>Error</title><pre>Cannot GET /things</pre>';
const missing = (type: string, body: string): Sent => ({ status: 404, type, body });
const NOT_FOUND = missing(JSON_TYPE, '{"error":{"code":"not_found","message":"no such thing"}}');

function send(response: ServerResponse, { status = 200, type = JSON_TYPE, body = '', fields = {} }: Sent): void {
  response.writeHead(status, { ...(type === null ? {} : { 'content-type': type }), ...fields });
  response.end(body);
}

describe('two answers', () => {
  const now: { primary: Sent; twin: Sent } = { primary: GOOD, twin: GOOD };
  let primary: Listening;
  let twin: Listening;
  let bench: MirrorBench;

  before(async () => {
    primary = await listen((_request, response) => send(response, now.primary));
    twin = await listen((_request, response) => send(response, now.twin));
    bench = new MirrorBench(primary.url, twin.url, { settle: { delaysMs: [5], busyRounds: 0 }, niceness: 0 });
    await bench.mirror.ready;
  });

  after(async () => {
    await bench.close();
    await Promise.all([primary.close(), twin.close()]);
  });

  async function verdict(mine: Sent, its: Sent, target = `/things/${ID}`): Promise<Verdict> {
    Object.assign(now, { primary: mine, twin: its });
    return bench.one({ route: target.endsWith('.csv') ? 'GET /things.csv' : 'GET /things/:id', target });
  }

  const told = ({ kind, reason, differences }: Verdict): string =>
    [kind, ...(reason === null ? [] : [reason]), ...differences.map(({ path, kind: what }) => `${path} ${what}`)].join(
      ' | ',
    );

  const broken: Sent = { body: '{"_id": "64b' };
  const LATIN1_TYPE = 'application/json; charset=iso-8859-1';
  /** A byte order mark before the name stands before all. */
  const named = (name: string, as: BufferEncoding): Sent => {
    const plain = name.replace('\ufeff', '');
    return { body: Buffer.from(`${plain === name ? '' : '\ufeff'}${JSON.stringify({ ...thing, name: plain })}`, as) };
  };
  const latin1 = named('Lämpchen', 'latin1');
  const deep: Sent = { body: '['.repeat(500) + ']'.repeat(500) };
  const corrupt: Sent = {
    body: gzipSync(JSON.stringify(thing)).subarray(0, 30),
    fields: { 'content-encoding': 'gzip' },
  };
  const coded = (coding: string, ...parts: readonly Uint8Array[]): Sent => ({
    body: Buffer.concat(parts),
    fields: { 'content-encoding': coding },
  });
  const [beginning, end] = [JSON.stringify(thing).slice(0, 60), JSON.stringify(thing).slice(60)];
  const inFrames = (rest: string): Sent => coded('zstd', zstdCompressSync(beginning), zstdCompressSync(rest));
  const inMembers = (rest: string): Sent => coded('gzip', gzipSync(beginning), gzipSync(rest));
  const followed = (name: string): Sent =>
    coded('gzip', gzipSync(JSON.stringify({ ...thing, name })), Buffer.from('<!-- 12 ms -->'));
  const compressed: Sent = { body: 'x', fields: { 'content-encoding': 'compress' } };
  const STATUS = 'mismatch | #status status';
  const STATUS_AND_TYPE = `${STATUS} | #header/content-type header`;

  const cases: readonly (readonly [name: string, primary: Sent, twin: Sent, expected: string])[] = [
    [
      'a row that the twin lost, told in plain text',
      GOOD,
      missing('text/plain; charset=utf-8', 'Not Found'),
      STATUS_AND_TYPE,
    ],
    ['a row that the twin lost, told in HTML', GOOD, missing('text/html', HTML), STATUS_AND_TYPE],
    ['a row that the twin lost, told in nothing', GOOD, { status: 404, type: null }, STATUS_AND_TYPE],
    ['a row that the twin lost, told in no JSON under JSON', GOOD, missing(JSON_TYPE, 'Not Found'), STATUS],
    ['a row that the twin lost, told in a picture', GOOD, missing('image/png', '\x89PNG'), STATUS_AND_TYPE],
    ['a row that the twin kept, told in plain text', missing('text/plain', 'Not Found'), GOOD, STATUS_AND_TYPE],
    ['a row that the twin kept, told in HTML', missing('text/html; charset=utf-8', HTML), GOOD, STATUS_AND_TYPE],
    ['a row that the twin kept, told in no JSON under JSON', missing(JSON_TYPE, 'Not Found'), GOOD, STATUS],
    ['a row that the twin kept, told in a coding that nobody knows', { ...compressed, status: 404 }, GOOD, STATUS],
    ['a row that the twin kept, told in corrupt gzip', { ...corrupt, status: 410 }, GOOD, STATUS],
    ['401 against 200', GOOD, { status: 401, type: 'text/plain', body: 'Unauthorized' }, STATUS_AND_TYPE],
    [
      'a redirect against 200',
      GOOD,
      { status: 302, type: null, fields: { location: '/login' } },
      'mismatch | #status status | #header/content-type header | #header/location header',
    ],
    [
      '404 and 400, the one in HTML',
      NOT_FOUND,
      { ...missing('text/html', HTML), status: 400 },
      `${STATUS_AND_TYPE} |  type`,
    ],
    ['404 and 410, the one no JSON', NOT_FOUND, { ...missing(JSON_TYPE, 'gone'), status: 410 }, STATUS],
    [
      '404 in plain text on both sides',
      missing('text/plain', 'Not Found'),
      missing('text/plain', 'Not Found'),
      'match',
    ],
    ['404 in two texts', missing('text/plain', 'Not Found'), missing('text/plain', 'not found'), 'mismatch |  value'],
    [
      '404 in JSON and in HTML',
      NOT_FOUND,
      missing('text/html', HTML),
      'mismatch | #header/content-type header |  type',
    ],
    [
      '200 in JSON and in HTML',
      GOOD,
      { type: 'text/html', body: HTML },
      'mismatch | #header/content-type header |  type',
    ],
    [
      '200 in JSON and the same JSON as HTML',
      GOOD,
      { ...GOOD, type: 'text/html' },
      'mismatch | #header/content-type header',
    ],
    [
      '200 in JSON and in broken JSON as text',
      GOOD,
      { ...broken, type: 'text/plain' },
      'mismatch | #header/content-type header |  type',
    ],
    [
      '200 in JSON and in a picture',
      GOOD,
      { type: 'image/png', body: '\x89PNG' },
      'mismatch | #header/content-type header |  type',
    ],
    ['broken JSON of the twin', GOOD, broken, 'twin_error | bad_json'],
    ['bad UTF-8 of the twin', GOOD, latin1, 'twin_error | bad_utf8'],
    ['deep JSON of the twin', GOOD, deep, 'twin_error | too_deep'],
    ['corrupt gzip of the twin', GOOD, corrupt, 'twin_error | bad_encoding'],
    ['a coding of the twin that nobody knows', GOOD, compressed, 'twin_error | bad_encoding'],
    ['broken JSON of the primary', broken, GOOD, 'skipped | bad_json'],
    ['bad UTF-8 of the primary', latin1, GOOD, 'skipped | bad_utf8'],
    ['deep JSON of the primary', deep, GOOD, 'skipped | too_deep'],
    ['corrupt gzip of the primary', corrupt, GOOD, 'skipped | bad_encoding'],
    ['a coding of the primary that nobody knows', compressed, GOOD, 'skipped | unsupported_media'],
    ['a body of two gzip members', GOOD, inMembers(end), 'match'],
    ['a body of two zstd frames', GOOD, inFrames(end), 'match'],
    ['a second zstd frame that differs', GOOD, inFrames(end.replace('EUR', 'USD')), 'mismatch | /currency value'],
    ['more after the gzip data of both sides', followed('Lamp'), followed('Lamp'), 'match'],
    ['more after that of the primary alone', followed('Lamp'), GOOD, 'match'],
    ['more after that of the primary, and another name', followed('Lantern'), GOOD, 'mismatch | /name value'],
    ['more after that of the twin alone', GOOD, followed('Lamp'), 'twin_error | bad_encoding'],
    ['JSON with a byte order mark', GOOD, { body: `\ufeff${JSON.stringify(thing)}` }, 'match'],
    ['JSON with and without its charset', GOOD, { ...GOOD, type: 'application/json' }, 'match'],
    ['JSON in the charset that both name', { ...latin1, type: LATIN1_TYPE }, { ...latin1, type: LATIN1_TYPE }, 'match'],
    [
      'another text in the charset that both name',
      { ...latin1, type: LATIN1_TYPE },
      { ...named('Lampchen', 'latin1'), type: LATIN1_TYPE },
      'mismatch | /name value',
    ],
    [
      'JSON in UTF-16 beside UTF-8 that calls itself so',
      { ...named('\ufeffLämpchen', 'utf16le'), type: 'application/json; charset=utf-16' },
      { ...named('Lämpchen', 'utf8'), type: 'application/json; charset=utf-16' },
      'match',
    ],
    [
      'JSON in another charset',
      GOOD,
      { ...GOOD, type: 'application/json; charset=iso-8859-1' },
      'mismatch | #header/content-type header',
    ],
    ['no Content-Type on both sides, and JSON', { ...GOOD, type: null }, { ...GOOD, type: null }, 'match'],
    [
      'no Content-Type on both sides, and text',
      { body: 'Lamp', type: null },
      { body: 'Lamp ', type: null },
      'mismatch |  value',
    ],
    ['HTML, the same', { type: 'text/html', body: HTML }, { type: 'text/html', body: HTML }, 'match'],
    [
      'HTML, another',
      { type: 'text/html', body: HTML },
      { type: 'text/html', body: HTML.replace('Error', 'Errors') },
      'mismatch |  value',
    ],
    [
      'text in latin1 and in UTF-8',
      { type: 'text/plain; charset=iso-8859-1', body: Buffer.from('Lämpchen', 'latin1') },
      { type: 'text/plain; charset=utf-8', body: 'Lämpchen' },
      'mismatch | #header/content-type header',
    ],
    [
      'a picture, the same',
      { type: 'image/png', body: Buffer.from([137, 80, 0]) },
      { type: 'image/png', body: Buffer.from([137, 80, 0]) },
      'match',
    ],
    [
      'a picture with one byte changed',
      { type: 'image/png', body: Buffer.from([137, 80, 0]) },
      { type: 'image/png', body: Buffer.from([137, 80, 1]) },
      'mismatch |  value',
    ],
    [
      'a picture cut',
      { type: 'image/png', body: Buffer.from([137, 80, 0]) },
      { type: 'image/png', body: Buffer.from([137, 80]) },
      'mismatch |  value',
    ],
    [
      'rows of NDJSON',
      { type: 'application/x-ndjson', body: '{"a":1}\n{"a":2}\n' },
      { type: 'application/x-ndjson', body: '{"a":1.0}\r\n\n{ "a": 2 }' },
      'match',
    ],
    [
      'rows of NDJSON, one changed',
      { type: 'application/x-ndjson', body: '{"a":1}\n{"a":2}\n' },
      { type: 'application/x-ndjson', body: '{"a":1}\n{"a":3}\n' },
      'mismatch |  value',
    ],
    [
      'rows of NDJSON, one broken',
      { type: 'application/x-ndjson', body: '{"a":1}\n' },
      { type: 'application/x-ndjson', body: '{"a":1\n' },
      'twin_error | bad_json',
    ],
  ];
  for (const [name, mine, its, expected] of cases) {
    it(`${name}: ${expected}`, async () => {
      const found = await verdict(mine, its);
      expect(told(found), found.detail ?? undefined).to.equal(expected);
    });
  }

  it('a table is a table under any media type, and its failure says which it is', async () => {
    const table = `id,count\r\n${ID},1\r\n`;
    const octets = 'application/octet-stream';
    const csv = (type: string, body: string | Uint8Array): Sent => ({ type, body });
    expect(told(await verdict(csv(octets, table), csv(octets, table.replace(',1', ',1.0')), '/things.csv'))).to.equal(
      'match',
    );
    expect(
      told(await verdict(csv('text/csv', table), csv('text/csv', table.replace(',1', ',2')), '/things.csv')),
    ).to.equal('mismatch | /0/count value');
    expect(told(await verdict(csv('text/csv', table), missing('text/html', HTML), '/things.csv'))).to.equal(
      STATUS_AND_TYPE,
    );
    const bad = await verdict(
      csv('text/csv', table),
      csv('text/csv', Buffer.from('id,ä\r\n', 'latin1')),
      '/things.csv',
    );
    expect([told(bad), bad.detail]).to.deep.equal(['twin_error | bad_utf8', 'the body is not valid utf-8']);
  });

  it('an answer that cannot be read does not open the breaker', async () => {
    for (let i = 0; i < 30; i += 1) await verdict(GOOD, broken);
    expect(bench.mirror.counts().breaker).to.equal('closed');
    expect(told(await verdict(GOOD, GOOD))).to.equal('match');
  });

  it('too expensive to compare is skipped as too_large, with the limit, and a status is told all the same', async () => {
    const small = new MirrorBench(primary.url, twin.url, {
      settle: { delaysMs: [5], busyRounds: 0 },
      niceness: 0,
      compare: { bytes: 2_000, steps: 30, depth: 5 },
    });
    try {
      await small.mirror.ready;
      const long: Sent = { body: JSON.stringify({ ...thing, name: 'x'.repeat(1_000) }) };
      const ask = async (mine: Sent, its: Sent, route = 'GET /things/:id', target = `/things/${ID}`) => {
        Object.assign(now, { primary: mine, twin: its });
        const found = await small.one({ route, target });
        return [told(found), found.detail];
      };
      expect(await ask(GOOD, GOOD)).to.deep.equal(['match', null]);
      const [verdictOfBytes, detail] = await ask(long, long);
      expect(verdictOfBytes).to.equal('skipped | too_large');
      expect(detail).to.match(/^the two bodies hold \d+ bytes, more than 2000$/);
      expect(await ask(long, missing('text/plain', 'Not Found'))).to.deep.equal([STATUS_AND_TYPE, null]);
      const rows = ['1', '2', '3', '4', '5'].map((n) => ({ ...thing, _id: ID.slice(0, -1) + n }));
      const page = (data: readonly object[]): Sent => ({
        body: JSON.stringify({ data, pagination: { page: 1, limit: 20, total: data.length, pages: 1 } }),
      });
      expect(await ask(page(rows), page(rows), 'GET /things', '/things')).to.deep.equal(['match', null]);
      expect(await ask(page(rows), page(rows.toReversed()), 'GET /things', '/things')).to.deep.equal([
        'skipped | too_large',
        'comparing takes more than 30 steps',
      ]);
      const deeper: Sent = { body: JSON.stringify({ ...thing, name: [[[[[[1]]]]]] }) };
      expect(await ask(deeper, deeper)).to.deep.equal(['skipped | too_deep', 'the body nests deeper than 5']);
    } finally {
      await small.close();
    }
  });
});
