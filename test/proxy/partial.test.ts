/** Questions that have not wholly arrived, and answers that a client's own conditions have cut short. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { loadApi, NO_API } from '../../src/api/load.ts';
import { plainRoutes } from '../../src/api/module.ts';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import { type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';
import { until } from '../support/until.ts';

describe('what is only a part', () => {
  let primary: Listening;
  let twin: Listening;
  let bench: MirrorBench;
  let proxy: ProxyServer;
  let port = 0;
  const asked: string[] = [];

  before(async () => {
    primary = await listen((request, response) => {
      asked.push(`primary ${request.url} ${request.headers['if-none-match'] ?? '-'}`);
      if (request.headers['if-none-match'] === '"a"') response.writeHead(304, { ETag: '"a"' }).end();
      // At once, whatever of the question has come.
      else response.writeHead(200, { 'Content-Type': 'application/json', ETag: '"a"' }).end('{"a":1}');
    });
    twin = await listen((request, response) => {
      asked.push(`twin ${request.url} ${request.headers['if-none-match'] ?? '-'}`);
      request.resume();
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(request.url === '/things/wrong' ? '{"a":2}' : '{"a":1}');
    });
    const entries = [
      { method: 'POST', pattern: '/search', domain: 'a', rules: 'strict' },
      { pattern: '/things/:id', domain: 'a', rules: 'strict' },
    ];
    const api = { ...NO_API, entries };
    bench = new MirrorBench(primary.url, twin.url, {
      api,
      policy: policyOf({ twinTimeoutMs: 20_000 }, { domains: { a: { stage: 'shadow', percent: 100 } } }),
      settle: { delaysMs: [1], busyRounds: 0 },
      notModified: 1,
    });
    await bench.mirror.ready;
    proxy = createProxy({
      primary: primary.url,
      twin: twin.url,
      match: createRouteMatcher(plainRoutes(await loadApi(api))).match,
      gate: bench.mirror,
    });
    ({ port } = await proxy.listen(0));
  });

  after(async () => {
    await proxy.close({ deadlineMs: 100 });
    await bench.close();
    await Promise.all([primary.close(), twin.close()]);
  });

  /** The verdict on what is sent as it stands; `then` is done once the answer's head is there. */
  async function verdictOn(text: string, then: (client: Socket) => void = () => undefined): Promise<string> {
    const before = bench.verdicts.length;
    asked.length = 0;
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(text);
    await once(client, 'data');
    then(client);
    await until(() => bench.verdicts.length > before);
    client.destroy();
    const verdict = bench.verdicts[before];
    return `${verdict?.kind}:${verdict?.reason}`;
  }
  const post = (rest: string): string =>
    `POST /search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${rest}`;

  for (const [title, text, then, expected] of [
    ['a whole question', post('Content-Length: 7\r\n\r\n{"q":1}'), undefined, 'match:null'],
    [
      'a whole question in chunks',
      post('Transfer-Encoding: chunked\r\n\r\n7\r\n{"q":1}\r\n0\r\n\r\n'),
      undefined,
      'match:null',
    ],
    ['an empty question', post('Content-Length: 0\r\n\r\n'), undefined, 'match:null'],
    ['a question of which half has come', post('Content-Length: 700\r\n\r\n{"q":'), undefined, 'skipped:partial'],
    [
      'chunks without their end',
      post('Transfer-Encoding: chunked\r\n\r\n7\r\n{"q":1}\r\n'),
      undefined,
      'skipped:partial',
    ],
    [
      'a question whose client leaves in the middle',
      post('Content-Length: 700\r\n\r\n{"q":'),
      (client: Socket) => client.destroy(),
      'skipped:partial',
    ],
  ] as const) {
    it(`${title} is ${expected}`, async () => {
      expect(await verdictOn(text, then)).to.equal(expected);
      expect(asked.some((line) => line.startsWith('twin'))).to.equal(expected.startsWith('match'));
    });
  }

  it('a read answered 304 is fetched whole from both sides, at the share that is configured, and says so', async () => {
    const conditional = (id: string): string => `GET /things/${id} HTTP/1.1\r\nHost: a\r\nIf-None-Match: "a"\r\n\r\n`;
    expect(await verdictOn(conditional('1'))).to.equal('match:null');
    expect(asked).to.deep.equal(['primary /things/1 "a"', 'primary /things/1 -', 'twin /things/1 -']);
    const verdict = bench.verdicts.at(-1);
    expect([verdict?.whole, verdict?.shape, verdict?.primary?.status]).to.deep.equal([true, '200', 200]);
    expect(await verdictOn(conditional('wrong'))).to.equal('mismatch:null');
    expect(bench.mirror.counts().askedWhole).to.equal(2);
    expect(bench.verdicts.at(0)?.whole).to.equal(undefined);
  });
});
