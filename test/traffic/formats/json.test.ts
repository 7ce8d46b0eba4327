import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { instantOf } from '../../../src/traffic/formats/json-value.ts';
import { asked, fieldsOf, telling } from '../telling.ts';

const OBJECTS: readonly (readonly [what: string, object: object, asked: string, at: string | null])[] = [
  ['our own', { method: 'GET', target: '/a?b=1', headers: { Accept: 'x' }, body: null }, 'GET /a?b=1', null],
  ['a URL and no method', { url: 'https://h.example/a?b=1#c' }, 'GET /a?b=1', null],
  [
    'Envoy and Istio',
    {
      authority: 'api.example',
      method: 'GET',
      path: '/api/levels',
      protocol: 'HTTP/2',
      response_code: 200,
      start_time: '2026-11-26T10:00:00.310Z',
      user_agent: 'curl',
      'x-envoy-upstream-service-time': '3',
    },
    'GET /api/levels',
    '2026-11-26T10:00:00.310Z',
  ],
  [
    'Traefik',
    {
      ClientHost: '1.1.1.1',
      DownstreamStatus: 200,
      RequestHost: 'api.example',
      RequestMethod: 'GET',
      RequestPath: '/api/levels?x=1',
      StartUTC: '2026-11-26T10:00:00.123456789Z',
      request_Authorization: 'Bearer t',
      'request_User-Agent': 'curl',
    },
    'GET /api/levels?x=1',
    '2026-11-26T10:00:00.123Z',
  ],
  [
    'ALB by the names of its columns',
    {
      type: 'h2',
      time: '2026-11-26T10:00:01.000Z',
      request_verb: 'GET',
      request_url: 'https://api.example:443/api/levels?x=1',
      request_proto: 'HTTP/2.0',
      request_creation_time: '2026-11-26T10:00:00.000Z',
    },
    'GET /api/levels?x=1',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    'nginx',
    {
      time_iso8601: '2026-11-26T10:00:00+00:00',
      request: 'GET /raw?x=%41 HTTP/1.1',
      uri: '/rewritten.php',
      request_method: 'GET',
      http_user_agent: 'curl',
      http_cookie: 'a=b',
      request_time: '0.003',
    },
    'GET /raw?x=%41',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    'nginx in parts',
    { request_method: 'GET', uri: '/a', args: 'b=1', msec: '1795687200.123' },
    'GET /a?b=1',
    '2026-11-26T10:00:00.123Z',
  ],
  [
    'Caddy',
    {
      ts: 1795687200.5,
      request: { method: 'GET', host: 'h', uri: '/a?b', headers: { Accept: ['x', 'y'], Authorization: ['REDACTED'] } },
      status: 200,
    },
    'GET /a?b',
    '2026-11-26T10:00:00.500Z',
  ],
  [
    "Google's load balancers",
    {
      httpRequest: { requestMethod: 'GET', requestUrl: 'https://h/a', status: 200 },
      timestamp: '2026-11-26T10:00:00Z',
    },
    'GET /a',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    'pino-http',
    {
      level: 30,
      time: 1795687200000,
      req: { method: 'GET', url: '/a', headers: { host: 'h' } },
      res: { statusCode: 200 },
    },
    'GET /a',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "Elastic's schema, nested",
    {
      '@timestamp': '2026-11-26T10:00:00.000Z',
      http: { request: { method: 'GET' }, response: { status_code: 200 } },
      url: { original: '/a?b=1', path: '/a' },
    },
    'GET /a?b=1',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "Elastic's schema, flat",
    { '@timestamp': '2026-11-26T10:00:00.000Z', 'http.request.method': 'HEAD', 'url.path': '/a', 'url.query': 'b=1' },
    'HEAD /a?b=1',
    '2026-11-26T10:00:00.000Z',
  ],
  ['the journal of systemd', { MESSAGE: '1.1.1.1 - - [x] "GET /a HTTP/1.1" 200 1', _PID: '1' }, 'GET /a', null],
  [
    'a path beyond ASCII',
    { method: 'get', target: '/caf\u00e9 au lait?q=\u{1F435}' },
    'GET /caf%C3%A9%20au%20lait?q=%F0%9F%90%B5',
    null,
  ],
  [
    'a container that wraps a log line',
    { log: '1.1.1.1 - - [x] "GET /a HTTP/1.1" 200 1\n', stream: 'stdout', time: '2026-11-26T10:00:00Z' },
    'GET /a',
    null,
  ],
  ['a container that wraps JSON', { log: '{"method":"GET","target":"/a"}\n', stream: 'stdout' }, 'GET /a', null],
  [
    'CloudFront, whose day and time stand apart',
    { date: '2026-11-26', time: '10:00:01', 'cs-method': 'GET', 'cs-uri-stem': '/a', 'cs-uri-query': 'b=1' },
    'GET /a?b=1',
    '2026-11-26T10:00:01.000Z',
  ],
  [
    "OpenTelemetry's attributes",
    { timestamp: 1795687200123, attributes: { 'http.request.method': 'GET', 'url.full': 'https://h/a?b=1' } },
    'GET /a?b=1',
    '2026-11-26T10:00:00.123Z',
  ],
  ["OpenTelemetry's older names", { 'http.method': 'GET', 'http.url': 'https://h/a?b=1' }, 'GET /a?b=1', null],
  [
    "Amazon's API gateway",
    { requestTime: '26/Nov/2026:10:00:00 +0000', httpMethod: 'GET', path: '/a', routeKey: 'GET /{x}' },
    'GET /a',
    '2026-11-26T10:00:00.000Z',
  ],
  ['a duration named request_time', { request_time: '0.003', request_method: 'GET', uri: '/a' }, 'GET /a', null],
  [
    "Azure's gateways",
    { time: '2026-11-26T10:00:00Z', properties: { httpMethod: 'GET', requestUri: '/a', requestQuery: 'b=1' } },
    'GET /a?b=1',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "Google's export of a container's log",
    { jsonPayload: { method: 'GET', path: '/a' }, timestamp: '2026-11-26T10:00:00Z' },
    'GET /a',
    '2026-11-26T10:00:00.000Z',
  ],
  ["Google's export of text", { textPayload: '1.1.1.1 - - [x] "GET /a HTTP/1.1" 200 1' }, 'GET /a', null],
  ['a request that is only a target', { method: 'HEAD', request: '/a?b=1' }, 'HEAD /a?b=1', null],
  ['a write', { method: 'DELETE', target: '/a' }, 'DELETE /a', null],
];

describe('traffic/formats/json-lines', () => {
  for (const [what, object, wanted, at] of OBJECTS) {
    it(`reads ${what}`, async () => {
      const told = await telling(`${JSON.stringify(object)}\n`);
      expect(told.unusable).to.deep.equal([]);
      expect(told.format).to.equal('json-lines');
      expect(asked(told)).to.deep.equal([wanted]);
      expect(told.requests[0]?.at).to.equal(at === null ? null : Date.parse(at));
    });
  }

  it('takes header fields however they are written', async () => {
    const wanted = ['A', '1', 'A', '2', 'B', 'caf\u00e9'];
    expect(
      (await telling('{"target":"/a","headers":"A: 1\\r\\nA: 2\\nB: caf\u00e9\\n"}\n')).requests[0]?.rawHeaders,
    ).to.deep.equal(wanted);
    for (const headers of [
      { A: ['1', '2'], B: 'caf\u00e9', 'bad name': 'x', C: null },
      [
        ['A', '1'],
        ['A', '2'],
        ['B', 'caf\u00e9'],
      ],
      [
        { name: 'A', value: '1' },
        { key: 'A', value: '2' },
        { name: 'B', value: 'caf\u00e9' },
      ],
      ['A', '1', 'A', '2', 'B', 'caf\u00e9'],
    ]) {
      const told = await telling(JSON.stringify({ method: 'GET', target: '/a', headers }));
      expect(told.requests[0]?.rawHeaders).to.deep.equal(wanted);
    }
    const beyond = await telling(JSON.stringify({ target: '/a', headers: { A: '\u20ac' } }));
    expect(beyond.requests[0]?.rawHeaders).to.deep.equal(['A', '\u00e2\u0082\u00ac']);
    const traefik = await telling(JSON.stringify(OBJECTS[3]?.[1]));
    expect(fieldsOf(traefik.requests[0], 'authorization')).to.deep.equal(['Bearer t']);
    expect(fieldsOf(traefik.requests[0], 'host')).to.deep.equal(['api.example']);
    const caddy = await telling(JSON.stringify(OBJECTS[7]?.[1]));
    expect(fieldsOf(caddy.requests[0], 'authorization')).to.deep.equal([]);
    expect(fieldsOf(caddy.requests[0], 'accept')).to.deep.equal(['x', 'y']);
    const forged = await telling(JSON.stringify({ target: '/a', headers: { A: '1\r\nEvil: 2' } }));
    expect(forged.requests[0]?.rawHeaders).to.deep.equal([]);
  });

  it('takes bodies as text, as JSON and in base64', async () => {
    for (const [body, more] of [
      ['{"q":1}', {}],
      [{ q: 1 }, {}],
      ['eyJxIjoxfQ==', { encoding: 'base64' }],
      [{ base64: 'eyJxIjoxfQ==' }, {}],
    ] as const) {
      const told = await telling(JSON.stringify({ method: 'POST', target: '/s', body, ...more }));
      expect(Buffer.from(told.requests[0]?.body ?? []).toString()).to.equal('{"q":1}');
    }
  });

  it('takes an answer that was recorded beside, and no answer where its body was not kept', async () => {
    const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
    const told = await telling(
      [
        { target: '/a', response: answer },
        { target: '/a', response: { status: 200 } },
        { target: '/a', response: { status: 204, body: '' } },
        { target: '/a', response: { status: 99, body: '' } },
      ]
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    expect(told.requests.map(({ answer: kept }) => kept?.status)).to.deep.equal([200, undefined, 204, undefined]);
    expect(told.requests[0]?.answer?.rawHeaders).to.deep.equal(['content-type', 'application/json']);
  });

  it('takes the content of an answer as it lies there, decoded or not', async () => {
    const gzip = gzipSync('{"a":1}').toString('base64');
    const headers = { 'content-encoding': 'gzip', 'content-length': '40', etag: 'x' };
    const told = await telling(
      [
        { status: 200, headers, body: { a: 1 } },
        { status: 200, headers, body: '{"a":1}' },
        { status: 200, headers: { 'content-encoding': 'br' }, body: '{"a":1}' },
        { status: 200, headers, body: { base64: gzip } },
        { status: 204 },
        { status: 304, headers: { etag: 'x' } },
      ]
        .map((response) => JSON.stringify({ target: '/a', response }))
        .join('\n'),
    );
    expect(told.requests.map(({ answer }) => answer?.rawHeaders)).to.deep.equal([
      ['etag', 'x'],
      ['etag', 'x'],
      [],
      ['content-encoding', 'gzip', 'content-length', '40', 'etag', 'x'],
      [],
      ['etag', 'x'],
    ]);
  });

  it('says the type of a body that is written as JSON, where the fields do not', async () => {
    const told = await telling(
      [
        { method: 'POST', target: '/s', body: { q: 1 } },
        { method: 'POST', target: '/s', body: { q: 1 }, headers: { 'content-type': 'text/x' } },
        { method: 'POST', target: '/s', body: 'a=1' },
        { method: 'POST', target: '/s', body: { base64: 'AAAA' } },
      ]
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    expect(told.requests.map((request) => fieldsOf(request, 'content-type'))).to.deep.equal([
      ['application/json'],
      ['text/x'],
      [],
      [],
    ]);
  });

  it('leaves out the coding of content that was written down decoded', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'Content-Length': '9', A: 'b' };
    const told = await telling(`${JSON.stringify({ method: 'POST', target: '/s', headers, body: { q: 1 } })}\n`);
    expect(told.requests[0]?.rawHeaders).to.deep.equal(['A', 'b', 'Content-Type', 'application/json']);
  });

  it('reads what a runtime or syslog writes before each object, and text among objects', async () => {
    for (const prefix of ['2026-11-26T10:00:00.5Z stdout F ', 'Nov 26 10:00:00 host nginx[1]: ', '<190>1 ']) {
      const told = await telling(
        `${prefix}{"method":"GET","path":"/a"}\n${prefix}{"path":"/b"}\n${prefix}- "GET /c HTTP/1.1" 200\n${prefix}started\n`,
      );
      expect(told.format).to.equal('json-lines');
      expect(asked(told)).to.deep.equal(['GET /a', 'GET /b', 'GET /c']);
      expect(told.unusable).to.deep.equal([{ line: 4, why: 'it is not valid JSON' }]);
    }
  });

  it('says of a POST that its body was not kept', async () => {
    const told = await telling(
      [
        { method: 'POST', path: '/s', bytes_received: 154 },
        { method: 'POST', path: '/s', headers: { 'Content-Length': '5' } },
        { method: 'POST', path: '/s', bytes_received: 0 },
        { method: 'POST', path: '/s', bytes_received: 2, body: '{}' },
      ]
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    expect(told.requests.map(({ bodyLost }) => bodyLost)).to.deep.equal([true, true, false, false]);
  });

  it('takes an access log for one that keeps no bodies, unless it says that there was none', async () => {
    const told = await telling(
      [
        { method: 'POST', path: '/s', status: 200 },
        { request: 'POST /s HTTP/1.1', status: '200' },
        { http: { request: { method: 'POST' }, response: { status_code: 200 } }, url: { path: '/s' } },
        { method: 'POST', path: '/s', status: 200, body: '' },
        { method: 'POST', path: '/s', status: 200, bytes_received: 0 },
        { method: 'POST', path: '/s', status: 200, headers: { accept: '*/*' } },
        { method: 'POST', target: '/s', response: { status: 200, body: '{}' } },
        { method: 'POST', target: '/s' },
        { method: 'GET', path: '/s', status: 200 },
      ]
        .map((one) => JSON.stringify(one))
        .join('\n'),
    );
    expect(told.requests.map(({ bodyLost }) => bodyLost)).to.deep.equal([
      ...[true, true, true],
      ...[false, false, false, false, false, false],
    ]);
  });

  it('names each bad line and goes on', async () => {
    const told = await telling(
      [
        '{"target":"/a"}',
        '{"target":',
        '[]',
        '"/b"',
        '42',
        '{"method":"G T","target":"/c"}',
        '{"target":"nowhere"}',
        '{}',
        '',
        'null',
        '{"target":"/d"}',
      ].join('\n'),
    );
    expect(asked(told)).to.deep.equal(['GET /a', 'GET /b', 'GET /d']);
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([2, 3, 5, 6, 7, 8, 10]);
  });

  it('is not fooled by names of the prototype', async () => {
    const told = await telling(
      '{"__proto__":{"target":"/x"},"constructor":"/y"}\n{"target":"/a","headers":{"__proto__":"x"}}\n',
    );
    expect(asked(told)).to.deep.equal(['GET /a']);
    expect(told.unusable).to.have.length(1);
  });
});

describe('traffic/formats/json-values', () => {
  const values = [
    { method: 'GET', target: '/a' },
    { target: '/b', headers: { A: '{["' } },
    { method: 'POST', target: '/c' },
  ];
  for (const [what, text] of [
    ['an array', JSON.stringify(values, null, 2)],
    ['an array on one line', JSON.stringify(values)],
    ['values over several lines, one after the other', values.map((one) => JSON.stringify(one, null, 2)).join('\n')],
  ] as const) {
    it(`reads ${what}, in whatever pieces`, async () => {
      const whole = await telling(text);
      expect(whole.format).to.equal('json-values');
      expect(asked(whole)).to.deep.equal(['GET /a', 'GET /b', 'POST /c']);
      expect(whole.unusable).to.deep.equal([]);
      for (const piece of [1, 5]) expect(await telling(text, {}, piece)).to.deep.equal(whole);
    });
  }

  it('reads an array of bare targets', async () => {
    expect(asked(await telling('["/a", "GET /b", "POST /c HTTP/1.1"]'))).to.deep.equal(['GET /a', 'GET /b', 'POST /c']);
  });

  it('tells what came before the file was cut off, and that it was', async () => {
    const told = await telling('[\n{"target":"/a"},\n{"target":"/b"},\n{"targ');
    expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([4, 4]);
  });

  it('holds brackets without end', async () => {
    const told = await telling(`[{"target":"/a"},${'['.repeat(200_000)}`);
    expect(asked(told)).to.deep.equal(['GET /a']);
    expect(told.unusable).to.have.length(2);
  });
});

describe('traffic/formats/log-time', () => {
  const before = process.env.TZ;
  after(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  for (const [value, wanted] of [
    ['2026-11-26', '2026-11-26T00:00:00.000Z'],
    ['2026-11-26T10:00', '2026-11-26T10:00:00.000Z'],
    ['2026-11-26 10:00:00,5', '2026-11-26T10:00:00.500Z'],
    ['2026-11-26T10:00:00.123456789+02:00', '2026-11-26T08:00:00.123Z'],
    ['2026-11-26 10:00:00 -0330', '2026-11-26T13:30:00.000Z'],
    ['2026-11-26T10:00:00+02', '2026-11-26T08:00:00.000Z'],
    ['2026-11-26T24:00:00Z', '2026-11-27T00:00:00.000Z'],
    ['2026-11-26 10:00:00 UTC', '2026-11-26T10:00:00.000Z'],
    ['2026-02-31', null],
    ['2026-11-26T10:61', null],
    ['2026-11-26 or so', null],
  ] as const) {
    it(`reads ${value} alike in every zone of the machine`, () => {
      for (const zone of ['UTC', 'Asia/Almaty']) {
        process.env.TZ = zone;
        const at = instantOf(value);
        expect(at === null ? null : new Date(at).toISOString()).to.equal(wanted);
      }
    });
  }
});
