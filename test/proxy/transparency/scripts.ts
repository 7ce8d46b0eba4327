/** Generated exchanges: what a client sends and what a difficult primary answers, as bytes and the places to cut them. */
import fc from 'fast-check';
import type { Script, Step } from '../../support/scripted-upstream.ts';

export interface Exchange {
  readonly method: string;
  /** The head and, where nothing is waited for, the content. `NAME` stands for the script's name. */
  readonly request: Buffer;
  /** Content that is sent at the first interim answer. */
  readonly later: Buffer | null;
  readonly script: Script;
}

const BOUNDARY_SAFE = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!#$%&*+^|');
const TOKEN = fc.string({ unit: BOUNDARY_SAFE, minLength: 1, maxLength: 12 }).map((name) => `X-${name}`);
const KNOWN_ANSWER = fc.constantFrom(
  ...[
    'Content-Type',
    'content-type',
    'ETag',
    'ETAG',
    'Date',
    'Server',
    'Vary',
    'Cache-Control',
    'Set-Cookie',
    'set-cookie',
  ],
  ...[
    'Link',
    'Location',
    'WWW-Authenticate',
    'Content-Disposition',
    'Last-Modified',
    'Age',
    'Via',
    'Warning',
    'Retry-After',
  ],
  ...[
    'X-Powered-By',
    'Content-Encoding',
    'Accept-Ranges',
    'Access-Control-Allow-Origin',
    'Alt-Svc',
    'Proxy-Authenticate',
  ],
);
const KNOWN_REQUEST = fc.constantFrom(
  ...[
    'Accept',
    'accept',
    'User-Agent',
    'Cookie',
    'cookie',
    'Authorization',
    'If-None-Match',
    'Range',
    'X-Forwarded-For',
  ],
  ...[
    'Referer',
    'Origin',
    'Forwarded',
    'Accept-Encoding',
    'Content-Type',
    'X-Request-Id',
    'traceparent',
    'Via',
    'Max-Forwards',
  ],
);
/** Visible ASCII, blanks inside, and every byte above 0x7f, as latin1. */
const VALUE = fc
  .string({
    unit: fc
      .oneof(
        { weight: 12, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) },
        { weight: 2, arbitrary: fc.constantFrom(0x20, 0x09) },
        { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
      )
      .map((code) => String.fromCharCode(code)),
    maxLength: 40,
  })
  .map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
const SET_COOKIE = fc
  .tuple(TOKEN, VALUE)
  .map(([name, value]) => `${name}=${value}; Domain=.example.com; Path=/; HttpOnly`);

const fieldsOf = (known: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(known, VALUE).map(([name, value]) => `${name}: ${value}`) },
      { weight: 4, arbitrary: fc.tuple(TOKEN, VALUE).map(([name, value]) => `${name}: ${value}`) },
      { weight: 1, arbitrary: fc.tuple(TOKEN, VALUE).map(([name, value]) => `${name}:${value}`) },
      { weight: 1, arbitrary: fc.tuple(TOKEN, VALUE).map(([name, value]) => `${name}:\t ${value} \t`) },
    ),
    { maxLength: 9 },
  );

const SEGMENT = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    '%2F',
    '%2f',
    '..',
    '.',
    '',
    '%2e%2e',
    '%',
    '%zz',
    '%00',
    "it's",
    'a;b=c',
    '@',
    '(x)',

    '{}',
    '"',
    '|',
    '^',
  ),
  fc.string({ unit: BOUNDARY_SAFE, maxLength: 10 }).map((text) => text.replaceAll('#', '')),
);
const TARGET = fc
  .record({
    form: fc.oneof({ weight: 9, arbitrary: fc.constant('origin') }, { weight: 1, arbitrary: fc.constant('absolute') }),
    segments: fc.array(SEGMENT, { maxLength: 5 }),
    query: fc.option(
      fc.constantFrom(
        '',
        'a=b',
        'a=%E4%F6&a=1&a=2',
        'q=%zz',
        '?',
        'a[]=1&a[]=2',

        'a=b+c%20d',
        '=',
        '&&',
        'url=http://x/y?z',
      ),
    ),
  })
  .map(({ form, segments, query }) => {
    const path = `/${segments.join('/')}${query === null ? '' : `?${query}`}`;
    return form === 'origin' ? path : `http://example.test:8080${path}`;
  });

const BODY = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 90_000 }).map((size) => new Uint8Array(size).fill(size % 251)) },
);
const TRAILERS = fc.array(
  fc.tuple(TOKEN, VALUE).map(([name, value]) => `${name}: ${value}`),
  { maxLength: 3 },
);

function chunked(body: Uint8Array, cuts: readonly number[], trailers: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const cut of [...cuts.map((share) => Math.floor(share * body.length)), body.length].sort((a, b) => a - b)) {
    if (cut <= at) continue;
    const size = (cut - at).toString(16);
    parts.push(Buffer.from(`${cut % 3 === 0 ? size.toUpperCase() : size}${cut % 5 === 0 ? ';ext=1' : ''}\r\n`));
    parts.push(Buffer.from(body.subarray(at, cut)), Buffer.from('\r\n'));
    at = cut;
  }
  parts.push(Buffer.from(`0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'));
  return Buffer.concat(parts);
}

const SHARES = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

const REQUEST = fc.record({
  method: fc.oneof(
    { weight: 5, arbitrary: fc.constant('GET') },
    { weight: 1, arbitrary: fc.constant('HEAD') },
    { weight: 3, arbitrary: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT') },
  ),
  target: TARGET,
  version: fc.oneof({ weight: 9, arbitrary: fc.constant('1.1') }, { weight: 1, arbitrary: fc.constant('1.0') }),
  fields: fieldsOf(KNOWN_REQUEST),
  content: fc.constantFrom('none', 'length', 'chunked', 'expect'),
  body: BODY,
  shares: SHARES,
  trailers: TRAILERS,
  nominate: fc.boolean(),
});

const ANSWER = fc.record({
  interims: fc.array(
    fc.constantFrom(
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nlink: </b.js>; rel=preload\r\nX-Early: \xe9\r\n\r\n',
    ),
    { maxLength: 2 },
  ),
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constant(200) },
    { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }) },
    { weight: 1, arbitrary: fc.constantFrom(204, 205, 206, 301, 304, 401, 404, 500, 503) },
  ),
  reason: fc.oneof(fc.constantFrom('OK', '', 'Not  So Fine', 'Fran\xe7ais'), VALUE),
  fields: fc.tuple(
    fieldsOf(KNOWN_ANSWER),
    fc.array(
      SET_COOKIE.map((cookie) => `Set-Cookie: ${cookie}`),
      { maxLength: 3 },
    ),
  ),
  framing: fc.constantFrom('length', 'length', 'chunked', 'chunked', 'close'),
  body: BODY,
  shares: SHARES,
  trailers: TRAILERS,
  /** What goes wrong, and after which share of the bytes. */
  fault: fc.oneof(
    { weight: 8, arbitrary: fc.constant('none') },
    { weight: 2, arbitrary: fc.constantFrom('fin', 'reset', 'short', 'more') },
  ),
  faultAt: fc.double({ min: 0, max: 1, noNaN: true }),
  /** Where the bytes are cut into writes. */
  writes: SHARES,
  nominate: fc.boolean(),
  keep: fc.boolean(),
});

export const EXCHANGE: fc.Arbitrary<(name: string) => Exchange> = fc.tuple(REQUEST, ANSWER).map(
  ([request, answer]) =>
    (name: string) =>
      build(name, request, answer),
);

type Generated<T> = T extends fc.Arbitrary<infer U> ? U : never;

function build(name: string, request: Generated<typeof REQUEST>, answer: Generated<typeof ANSWER>): Exchange {
  const old = request.version === '1.0';
  const plain = request.method === 'GET' || request.method === 'HEAD';
  const content =
    plain && request.content !== 'length' ? 'none' : old && request.content !== 'none' ? 'length' : request.content;
  const head = [
    `${request.method} ${request.target} HTTP/${request.version}`,
    `Host: example.test`,
    `X-Script: ${name}`,
  ];
  head.push(...request.fields);
  if (request.nominate && !old)
    head.push('X-Hop: for one hop', 'Connection: keep-alive, X-Hop', 'Keep-Alive: timeout=9');
  let body: Buffer = Buffer.alloc(0);
  if (content === 'length' || content === 'expect') {
    head.push(`Content-Length: ${request.body.length}`);
    body = Buffer.from(request.body);
  } else if (content === 'chunked') {
    head.push('Transfer-Encoding: chunked');
    if (request.trailers.length > 0)
      head.push(`Trailer: ${request.trailers.map((line) => line.split(':')[0]).join(', ')}`);
    body = chunked(request.body, request.shares, request.trailers);
  }
  if (content === 'expect') head.push('Expect: 100-continue');
  const headBytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  const waits = content === 'expect';
  return {
    method: request.method,
    request: waits ? headBytes : Buffer.concat([headBytes, body]),
    later: waits ? body : null,
    script: { steps: stepsOf(request, answer, waits, old) },
  };
}

function stepsOf(
  request: Generated<typeof REQUEST>,
  answer: Generated<typeof ANSWER>,
  waits: boolean,
  old: boolean,
): readonly Step[] {
  const steps: Step[] = [];
  if (waits) steps.push(send(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')));
  steps.push({ do: 'await-body' });
  // HTTP/1.0 knows neither interim answers nor chunks, and an honest primary knows that.
  if (!old)
    for (const interim of answer.interims) steps.push(send(Buffer.from(interim, 'latin1')), { do: 'pause', ms: 0 });
  const framing = old && answer.framing === 'chunked' ? 'close' : answer.framing;
  const bodyless = request.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  const lines = [`HTTP/1.1 ${answer.status} ${answer.reason}`, ...answer.fields[0], ...answer.fields[1]];
  if (framing === 'length' && answer.status !== 204) lines.push(`Content-Length: ${answer.body.length}`);
  if (framing === 'chunked' && !bodyless) {
    lines.push('Transfer-Encoding: chunked');
    if (answer.trailers.length > 0)
      lines.push(`Trailer: ${answer.trailers.map((line) => line.split(':')[0]).join(', ')}`);
  }
  if (answer.nominate) lines.push('X-Only-Here: 1', 'Connection: X-Only-Here');
  const close = framing === 'close' && !bodyless;
  // Whoever sends more than was said, or ends, says so before: what is behind a message is no part of any.
  const last = close || !answer.keep || answer.fault === 'more';
  if (last) lines.push('Connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const body = bodyless
    ? Buffer.alloc(0)
    : framing === 'chunked'
      ? chunked(answer.body, answer.shares, answer.trailers)
      : Buffer.from(answer.body);
  let bytes: Buffer = Buffer.concat([head, body]);
  let end: Step | null = last ? { do: 'fin' } : null;
  // A message without a length that is reset has no end that both ways must agree on, nor has more than the length said.
  if (answer.fault === 'fin' || answer.fault === 'reset') {
    bytes = bytes.subarray(0, Math.floor(answer.faultAt * (bytes.length - 1)));
    end = { do: close ? 'fin' : answer.fault };
  } else if (answer.fault === 'short' && framing === 'length' && !bodyless && body.length > 1) {
    bytes = bytes.subarray(0, bytes.length - 1);
    end = { do: 'fin' };
  } else if (answer.fault === 'more' && framing === 'length' && !bodyless) {
    bytes = Buffer.concat([bytes, Buffer.from('more than was said')]);
    end = { do: 'fin' };
  }
  let at = 0;
  for (const cut of [...answer.writes.map((share) => Math.floor(share * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  )) {
    if (cut <= at) continue;
    steps.push(send(bytes.subarray(at, cut)), { do: 'pause', ms: 0 });
    at = cut;
  }
  // A reset overtakes bytes that the other end has not read yet.
  if (end?.do === 'reset') steps.push({ do: 'pause', ms: 15 });
  if (end !== null) steps.push(end);
  return steps;
}

function send(bytes: Buffer): Step {
  return { do: 'send', bytes };
}
