import { expect } from 'chai';
import { asked, fieldsOf, telling } from '../telling.ts';

const har = (...entries: unknown[]): string =>
  JSON.stringify(
    { log: { version: '1.2', creator: { name: 'x', entries: [1] }, pages: [{ entries: [{}] }], entries } },
    null,
    1,
  );

const entry = (request: object, more: object = {}): object => ({
  startedDateTime: '2026-11-26T10:00:00.123+01:00',
  time: 5,
  request: { method: 'GET', url: 'https://api.example/api/levels', httpVersion: 'h2', headers: [], ...request },
  ...more,
});

describe('traffic/formats/har', () => {
  it('reads requests with their time, fields and host', async () => {
    const told = await telling(
      har(
        entry({
          headers: [
            { name: ':authority', value: 'api.example:8443' },
            { name: ':method', value: 'GET' },
            { name: 'Authorization', value: 'Bearer t' },
            { name: 'X-Many', value: 'a\nb' },
          ],
        }),
      ),
    );
    expect(told.format).to.equal('har');
    expect(asked(told)).to.deep.equal(['GET /api/levels']);
    expect(told.requests[0]?.rawHeaders).to.deep.equal([
      'Host',
      'api.example:8443',
      'Authorization',
      'Bearer t',
      'X-Many',
      'a',
      'X-Many',
      'b',
    ]);
    expect(told.requests[0]?.at).to.equal(Date.parse('2026-11-26T09:00:00.123Z'));
  });

  for (const [what, request, wanted] of [
    ['a query and a fragment', { url: 'https://h/a?b=1&c=%20#frag' }, 'GET /a?b=1&c=%20'],
    ['no path', { url: 'https://h?b=1' }, 'GET /?b=1'],
    ['a user in the URL', { url: 'http://u:p@h:81/a' }, 'GET /a'],
    ['a method in lowercase', { method: 'post', url: 'http://h/a' }, 'POST /a'],
    ['a path beyond ASCII', { url: 'http://h/é ü' }, 'GET /%C3%A9%20%C3%BC'],
    ['a half of a surrogate pair', { url: 'http://h/\ud83d' }, 'GET /%EF%BF%BD'],
  ] as const) {
    it(`takes ${what}`, async () => {
      expect(asked(await telling(har(entry(request))))).to.deep.equal([wanted]);
    });
  }

  it('takes cookies that the fields leave out, and never twice', async () => {
    const cookies = [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ];
    const apart = await telling(har(entry({ cookies })));
    expect(fieldsOf(apart.requests[0], 'cookie')).to.deep.equal(['a=1; b=2']);
    const twice = await telling(har(entry({ cookies, headers: [{ name: 'cookie', value: 'a=1' }] })));
    expect(fieldsOf(twice.requests[0], 'cookie')).to.deep.equal(['a=1']);
  });

  it('takes bodies as text, in base64 and as a form', async () => {
    for (const postData of [
      { mimeType: 'x', text: 'a=1&b=2' },
      { mimeType: 'x', text: 'YT0xJmI9Mg==', encoding: 'base64' },
      {
        mimeType: 'x',
        params: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
      },
    ]) {
      const told = await telling(har(entry({ method: 'POST', postData })));
      expect(Buffer.from(told.requests[0]?.body ?? []).toString()).to.equal('a=1&b=2');
    }
  });

  it('takes answers whose content was kept, and no others', async () => {
    const headers = [
      { name: 'content-type', value: 'application/json' },
      { name: 'Content-Encoding', value: 'gzip' },
      { name: 'content-length', value: '40' },
    ];
    const told = await telling(
      har(
        entry({}, { response: { status: 200, headers, content: { size: 8, text: '{"a":1}' } } }),
        entry(
          {},
          { response: { status: 200, headers, content: { size: 8, text: 'eyJhIjoxfQ==', encoding: 'base64' } } },
        ),
        entry({}, { response: { status: 200, headers, content: { size: 8 } } }),
        entry({}, { response: { status: 204, headers: [], content: { size: 0 } } }),
        entry({}, { response: { status: 0, headers: [], content: {} } }),
        entry({}),
      ),
    );
    expect(
      told.requests.map(({ answer }) => (answer === null ? null : Buffer.from(answer.body).toString())),
    ).to.deep.equal(['{"a":1}', '{"a":1}', null, '', null, null]);
    expect(told.requests[0]?.answer?.rawHeaders).to.deep.equal(['content-type', 'application/json']);
  });

  for (const [what, response, wanted] of [
    ['Playwright writes when it keeps content in files', { content: { size: -1, _file: 'a.json' } }, null],
    ['says its size nowhere', { content: { mimeType: 'x' } }, null],
    ['Safari did not load', { bodySize: 512, content: { size: 0 } }, null],
    ['has a length', { headers: [{ name: 'Content-Length', value: '9' }], content: { size: 0 } }, null],
    ['is empty', { bodySize: 0, content: { size: 0 } }, ''],
    ['is empty and of no known size on the wire', { bodySize: -1, content: { size: 0, text: '' } }, ''],
    ['cannot have content', { status: 304, content: { size: 120 } }, ''],
  ] as const) {
    it(`takes an answer that ${what} as ${wanted === null ? 'not recorded' : 'empty'}`, async () => {
      const told = await telling(har(entry({}, { response: { status: 200, headers: [], ...response } })));
      const kept = told.requests[0]?.answer ?? null;
      expect(kept && Buffer.from(kept.body).toString()).to.equal(wanted);
    });
  }

  it('takes the answer to a HEAD, which has a length and no content', async () => {
    const response = { status: 200, headers: [{ name: 'Content-Length', value: '9' }], content: { size: 0 } };
    const told = await telling(har(entry({ method: 'HEAD' }, { response })));
    expect(told.requests[0]?.answer?.status).to.equal(200);
  });

  it('takes the type of a body from beside it where the fields leave it out', async () => {
    const postData = { mimeType: 'application/json', text: '{}' };
    const headers = [{ name: 'content-type', value: 'text/x' }];
    const told = await telling(har(entry({ method: 'POST', postData }), entry({ method: 'POST', postData, headers })));
    expect(told.requests.map((request) => fieldsOf(request, 'content-type'))).to.deep.equal([
      ['application/json'],
      ['text/x'],
    ]);
  });

  it('says of a request that its body was not kept', async () => {
    const lost = async (request: object): Promise<unknown> =>
      (await telling(har(entry({ method: 'POST', ...request })))).requests.map(({ bodyLost }) => bodyLost);
    const multipart = { mimeType: 'multipart/form-data; boundary=x', params: [{ name: 'a', value: '1' }] };
    expect(await lost({ postData: { mimeType: 'application/json', _file: 'x.json' } })).to.deep.equal([true]);
    expect(await lost({ bodySize: 40 })).to.deep.equal([true]);
    expect(await lost({ postData: multipart })).to.deep.equal([true]);
    expect(await lost({ bodySize: 0 })).to.deep.equal([false]);
    expect(await lost({ bodySize: 2, postData: { text: '{}' } })).to.deep.equal([false]);
  });

  it('says that a file without entries is none, and takes one without requests', async () => {
    expect((await telling('{"log":{"version":"1.2"}}')).unusable).to.deep.equal([
      { line: 1, why: 'it is no HAR: there is no log.entries in it' },
    ]);
    expect((await telling(har())).unusable).to.deep.equal([]);
  });

  it('takes the handshake of a WebSocket for no read', async () => {
    const upgrade = [{ name: 'Upgrade', value: 'websocket' }];
    const told = await telling(har(entry({ headers: upgrade }, { response: { status: 101, headers: [] } })));
    expect(told.unusable).to.deep.equal([
      { line: told.unusable[0]?.line, why: 'an upgrade to another protocol is no read' },
    ]);
  });

  it('names entries that are no requests, with their line, and goes on', async () => {
    const told = await telling(
      `{"log":{"entries":[\n${[
        JSON.stringify(entry({})),
        '{"request": 1}',
        JSON.stringify(entry({ url: 'wss://h/socket' })),
        JSON.stringify(entry({ url: 'data:text/plain,x' })),
        JSON.stringify(entry({ url: undefined })),
        JSON.stringify(entry({ method: '' })),
        '{"request": {"method": "GET" "url"}}',
        'null',
        JSON.stringify(entry({ url: 'https://h/b' })),
      ].join(',\n')}]}}`,
    );
    expect(asked(told)).to.deep.equal(['GET /api/levels', 'GET /b']);
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([3, 4, 5, 6, 7, 8, 9]);
  });

  it('tells what came before it was cut off, in whatever pieces', async () => {
    const text = har(entry({}), entry({ url: 'https://h/b' })).slice(0, -30);
    const told = await telling(text);
    expect(asked(told)).to.deep.equal(['GET /api/levels']);
    expect(told.unusable.at(-1)?.why).to.equal('the HAR ends in the middle of a value');
    for (const piece of [1, 3, 64]) expect(await telling(text, {}, piece)).to.deep.equal(told);
  });

  it('knows a HAR whose entries come before its version, and one with a byte order mark', async () => {
    const text = JSON.stringify({ log: { entries: [entry({})], version: '1.2' } });
    expect((await telling(text)).format).to.equal('har');
    expect(asked(await telling(`\ufeff${text}`))).to.deep.equal(['GET /api/levels']);
    expect((await telling(JSON.stringify({ log: { version: '1.2', entries: [] } }))).requests).to.deep.equal([]);
  });
});
