import { expect } from 'chai';
import { asked, fieldsOf, telling } from '../telling.ts';

const LINES: readonly (readonly [what: string, line: string, asked: string, at: string | null])[] = [
  [
    'common',
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /api/levels HTTP/1.0" 200 2326',
    'GET /api/levels',
    '2000-10-10T20:55:36.000Z',
  ],
  [
    'combined',
    '10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/payments?page=2&limit=20 HTTP/1.1" 200 5120 "https://app.example/" "Mozilla/5.0 (X11)"',
    'GET /api/payments?page=2&limit=20',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    'a virtual host before',
    'shop.example:443 10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "HEAD /api/levels HTTP/2.0" 200 0 "-" "curl/8"',
    'HEAD /api/levels',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    'more fields after',
    '1.1.1.1 - - [26/Nov/2026:10:00:00 +0530] "GET /a HTTP/1.1" 200 1 "-" "x" "2.2.2.2" rt=0.003 "up"',
    'GET /a',
    '2026-11-26T04:30:00.000Z',
  ],
  [
    'a user name with a space and quotes before',
    '1.1.1.1 - "no request" [26/Nov/2026:10:00:00 +0000] "GET /b HTTP/1.1" 200 1',
    'GET /b',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "Envoy's default",
    '[2026-11-26T10:00:00.310Z] "GET /api/levels HTTP/2" 200 - 0 154 27 26 "-" "ua" "id" "api.example" "10.0.2.1:80"',
    'GET /api/levels',
    '2026-11-26T10:00:00.310Z',
  ],
  [
    'ALB',
    'h2 2026-11-26T10:00:00.186641Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET https://www.example.com:443/api/levels?x=1 HTTP/2.0" "curl/7" ECDHE TLSv1.2',
    'GET /api/levels?x=1',
    '2026-11-26T10:00:00.186Z',
  ],
  [
    'HAProxy',
    'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2026:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"',
    'GET /index.html',
    '2026-02-06T12:14:14.655Z',
  ],
  [
    'Traefik',
    '10.42.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/levels HTTP/1.1" 200 10 "-" "-" 1 "web@docker" "http://10.0.0.2:80" 2ms',
    'GET /api/levels',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "nginx's escapes",
    String.raw`1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/x?q=\x22a\x22&n=\xC3\xA9 HTTP/1.1" 200 1 "-" "-"`,
    'GET /api/x?q="a"&n=Ã©',
    '2026-11-26T10:00:00.000Z',
  ],
  [
    "Apache's escapes",
    String.raw`1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/x?q=\"a\"&b=\\ HTTP/1.1" 200 1 "-" "say \"hi\""`,
    String.raw`GET /api/x?q="a"&b=\ `.trimEnd(),
    '2026-11-26T10:00:00.000Z',
  ],
  ['an absolute target', '1.1.1.1 - - [x] "GET http://h.example/a HTTP/1.1" 200 1', 'GET /a', null],
  ['HTTP/0.9', '1.1.1.1 - - [x] "GET /a" 200 1', 'GET /a', null],
  ['a write', '1.1.1.1 - - [x] "PATCH /a/1 HTTP/1.1" 200 1', 'PATCH /a/1', null],
  ['a method in lowercase', '1.1.1.1 - - [x] "get /a HTTP/1.1" 200 1', 'GET /a', null],
];

describe('traffic/formats/access-log', () => {
  for (const [what, line, wanted, at] of LINES) {
    it(`reads ${what}`, async () => {
      const told = await telling(`${line}\n`);
      expect(told.unusable).to.deep.equal([]);
      expect(told.format).to.equal('access-log');
      expect(asked(told)).to.deep.equal([wanted]);
      expect(told.requests[0]?.at).to.equal(at === null ? null : Date.parse(at));
    });
  }

  it('takes referer and user agent where they are what combined has there', async () => {
    const told = await telling(
      '1.1.1.1 - - [x] "GET http://h.example:81/a HTTP/1.1" 200 1 "https://r/" "say \\"hi\\""\n',
    );
    expect(told.requests[0]?.rawHeaders).to.deep.equal([
      'Host',
      'h.example:81',
      'Referer',
      'https://r/',
      'User-Agent',
      'say "hi"',
    ]);
    const envoy = await telling('[2026-11-26T10:00:00Z] "GET /a HTTP/2" 200 - 0 154 27 26 "1.1.1.1" "ua"\n');
    expect(envoy.requests[0]?.rawHeaders).to.deep.equal([]);
  });

  it('takes the Host from a virtual host before the client, and from nothing that only looks like one', async () => {
    const rest = '[26/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 1';
    const hosts = await telling(
      [
        `api.example:8443 1.1.1.1 - - ${rest}`,
        `[2001:db8::1]:80 2001:db8::2 - a b ${rest}`,
        `api.example:443 1.1.1.1 - - ${rest}`,
        `10.0.0.1:5000 - bob smith ${rest}`,
        `1.1.1.1 - - ${rest}`,
      ].join('\n'),
    );
    expect(hosts.requests.map((request) => fieldsOf(request, 'host'))).to.deep.equal([
      ['api.example:8443'],
      ['[2001:db8::1]'],
      ['api.example'],
      [],
      [],
    ]);
  });

  it('leaves out a port that the scheme implies', async () => {
    const told = await telling(
      '- "GET https://a.example:443/a HTTP/2.0" 200\n- "GET http://b.example:443/b HTTP/2.0" 200\n',
    );
    expect(told.requests.map((request) => fieldsOf(request, 'host'))).to.deep.equal([['a.example'], ['b.example:443']]);
  });

  it('says of a POST that its body is not kept', async () => {
    const told = await telling('- "POST /search HTTP/1.1" 200\n- "GET /a HTTP/1.1" 200\n');
    expect(told.requests.map(({ bodyLost }) => bodyLost)).to.deep.equal([true, false]);
    const kept = await telling('POST /s -\n', { logFormat: '$request_method $request_uri $request_body' });
    expect(kept.requests.map(({ bodyLost }) => bodyLost)).to.deep.equal([false]);
  });

  it('names each line that is no request, and goes on', async () => {
    const told = await telling(
      [
        '1.1.1.1 - - [x] "GET /a HTTP/1.1" 200 1',
        '1.1.1.1 - - [x] "-" 408 0 "-" "-"',
        '',
        '1.1.1.1 - - [x] "\\x16\\x03\\x01\\x02" 400 0',
        'something else',
        '1.1.1.1 - - [x] "GET /a b HTTP/1.1" 400 0',
        '1.1.1.1 - - [x] "OPTIONS * HTTP/1.1" 200 0',
        '1.1.1.1 - - [x] "CONNECT example.org:443 HTTP/1.1" 400 0',
        `1.1.1.1 - - [x] "GET /${'a'.repeat(300_000)} HTTP/1.1" 414 0`,
        '1.1.1.1 - - [x] "GET /cut',
        '1.1.1.1 - - [x] "GET /b HTTP/1.1" 200 1',
      ].join('\r\n'),
    );
    expect(asked(told)).to.deep.equal(['GET /a', 'GET /b']);
    expect(told.unusable.map(({ line }) => line)).to.deep.equal([2, 4, 5, 6, 7, 8, 9, 10]);
    for (const { why } of told.unusable) expect(why).to.match(/^[a-z].{10,}/);
  });

  it('tells the same in whatever pieces the file comes', async () => {
    const text = LINES.map(([, line]) => line).join('\r\n');
    const whole = await telling(text);
    expect(whole.requests).to.have.length(LINES.length);
    for (const piece of [1, 7, 100]) expect(await telling(text, {}, piece)).to.deep.equal(whole);
  });

  it('is not slowed by lines made to be slow', async () => {
    const hostile = [
      `${'"'.repeat(100_000)}`,
      `${'\\'.repeat(100_000)}"`,
      `${'['.repeat(100_000)}"GET /a HTTP/1.1"`,
      `"${'GET '.repeat(50_000)}"`,
      `[${'1/'.repeat(50_000)}] "GET /b HTTP/1.1"`,
    ];
    const began = process.cpuUsage();
    const told = await telling(`1.1.1.1 - - [x] "GET /z HTTP/1.1" 200 1\n${hostile.join('\n')}\n`);
    expect(told.requests.length + told.unusable.length).to.equal(hostile.length + 1);
    expect(process.cpuUsage(began).user / 1_000_000).to.be.below(20);
  });
});

describe('traffic/formats/log-format', () => {
  const FORMATS: readonly (readonly [what: string, format: string, line: string, asked: string, at: string | null])[] =
    [
      [
        "nginx's combined in its own words",
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
        '1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200 5 "-" "curl"',
        'GET /a?b=1',
        '2026-11-26T10:00:00.000Z',
      ],
      [
        'a whole log_format directive over lines',
        "log_format timed escape=default '$msec|$request_method|'\n  '$request_uri|$host';",
        '1795687200.123|GET|/a?b=1|api.example',
        'GET /a?b=1',
        '2026-11-26T10:00:00.123Z',
      ],
      [
        "nginx's JSON",
        `log_format j escape=json '{"t":"$time_iso8601","m":"$request_method","u":"$request_uri","s":$status}';`,
        '{"t":"2026-11-26T10:00:00+00:00","m":"GET","u":"/a?q=\\"x\\"","s":200}',
        'GET /a?q="x"',
        '2026-11-26T10:00:00.000Z',
      ],
      [
        'path and arguments apart',
        '$time_iso8601 $request_method "$uri$is_args$args" $' + '{status}ms',
        '2026-11-26T10:00:00+01:00 GET "/a b?c=1" 200ms',
        'GET /a%20b?c=1',
        '2026-11-26T09:00:00.000Z',
      ],
      [
        'times and requests that nothing quotes',
        '$time_local $request $status',
        '26/Nov/2026:10:00:00 +0000 GET /a HTTP/1.1 200',
        'GET /a',
        '2026-11-26T10:00:00.000Z',
      ],
      [
        "Apache's own words",
        'LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" vhost',
        'api.example:80 1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl"',
        'GET /a',
        '2026-11-26T10:00:00.000Z',
      ],
      [
        "Apache's nickname",
        'common',
        '1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5',
        'GET /a',
        '2026-11-26T10:00:00.000Z',
      ],
      ["Apache's path and query", '%m %U%q %H', 'GET /a?b=1 HTTP/1.1', 'GET /a?b=1', null],
      [
        'a host that a target follows at once',
        '[$time_local] $request_method $scheme://$host$request_uri $status',
        '[26/Nov/2026:10:00:00 +0000] GET https://api.example/a?b=/c 200',
        'GET /a?b=/c',
        '2026-11-26T10:00:00.000Z',
      ],
      [
        'lists of servers that were asked, which hold spaces',
        '$upstream_addr $upstream_status $upstream_response_time $http_x_forwarded_for "$request" $my_own',
        '10.0.0.1:80, 10.0.0.2:80 : unix:/x 502, 200 : - 0.001, 0.002 : 0.1 1.1.1.1, 2.2.2.2 "GET /a HTTP/1.1" x',
        'GET /a',
        null,
      ],
      ['a decoded path beyond ASCII', '$request_method|$uri|$args', 'GET|/café x|b=1', 'GET /caf%C3%A9%20x?b=1', null],
      [
        'a time in a format of its own, in pieces',
        '%h [%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] "%r" %>s',
        '1.1.1.1 [26/Nov/2026 10:00:00.123 +0100] "GET /a HTTP/1.1" 200',
        'GET /a',
        '2026-11-26T09:00:00.123Z',
      ],
      [
        'a time with spaces that nothing quotes',
        '%{begin:%A %e %B %Y, %I:%M:%S %p %z}t %m %U%q',
        'Thursday  5 November 2026, 01:02:03 PM -0030 GET /a?b=1',
        'GET /a?b=1',
        '2026-11-05T13:32:03.000Z',
      ],
      ['microseconds', '%{usec}t "%r"', '1795687200123456 "GET /a HTTP/1.1"', 'GET /a', '2026-11-26T10:00:00.123Z'],
      [
        "Envoy's time in a format of its own",
        '%START_TIME(%Y/%m/%d %H:%M:%S.%3f)% %REQ(:METHOD)% %REQ(:PATH)%',
        '2026/11/26 10:00:00.123 GET /a',
        'GET /a',
        '2026-11-26T10:00:00.123Z',
      ],
      ['a time that is missing', '%{%F %T}t "%r"', '- "GET /a HTTP/1.1"', 'GET /a', null],
      [
        "Envoy's own words",
        '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% "%REQ(:AUTHORITY)%"',
        '[2026-11-26T10:00:00.000Z] "GET /a HTTP/2" 200 "api.example"',
        'GET /a',
        '2026-11-26T10:00:00.000Z',
      ],
    ];
  for (const [what, logFormat, line, wanted, at] of FORMATS) {
    it(`reads ${what}`, async () => {
      const told = await telling(`${line}\n`, { logFormat });
      expect(told.unusable).to.deep.equal([]);
      expect(asked(told)).to.deep.equal([wanted]);
      expect(told.requests[0]?.at).to.equal(at === null ? null : Date.parse(at));
    });
  }

  it('takes fields and the body of a request', async () => {
    const logFormat = '$request_method $request_uri "$http_authorization" "$http_x_tenant" "$request_body"';
    const told = await telling('POST /search "Bearer \\x22t\\x22" "-" "{\\x22q\\x22:1}"\n', { logFormat });
    expect(told.requests[0]?.rawHeaders).to.deep.equal(['authorization', 'Bearer "t"']);
    expect(Buffer.from(told.requests[0]?.body ?? []).toString()).to.equal('{"q":1}');
    const host = await telling('a.example GET / HTTP/1.1\n', { logFormat: '$host $request' });
    expect(fieldsOf(host.requests[0], 'host')).to.deep.equal(['a.example']);
  });

  it('takes values as they are where nothing is escaped', async () => {
    const line = 'GET /a HTTP/1.1|a\\x22b|"c\\"|d\n';
    const logFormat = `log_format x escape=none '$request|$http_x_one|"$http_x_two"|$status';`;
    const told = await telling(line, { logFormat });
    expect(told.requests[0]?.rawHeaders).to.deep.equal(['x-one', 'a\\x22b', 'x-two', 'c\\']);
  });

  it('names the lines that leave the format, with the character', async () => {
    const told = await telling('1 [x] "GET /a HTTP/1.1"\n1 x\n1 [x] "GET /b HTTP/1.1" more\n1 [x] "GET', {
      logFormat: '$pid [$time_local] "$request"',
    });
    expect(asked(told)).to.deep.equal(['GET /a']);
    expect(told.unusable).to.deep.equal([
      { line: 2, why: 'the line ends before $pid does' },
      { line: 3, why: 'the line goes on after the log format ends' },
      { line: 4, why: 'the line ends before $request does' },
    ]);
  });

  for (const [what, logFormat, code] of [
    ['that tells no request', '$remote_addr $status', /does not tell what was asked/],
    ['where nothing parts two variables', '$request_method$request_uri', /does not tell where \$request_method ends/],
    ['without variables', 'combined-ish', /has no variables/],
  ] as const) {
    it(`refuses a format ${what}`, async () => {
      const refused = await telling('x\n', { logFormat }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(String(refused)).to.match(code);
    });
  }
});
