/** What a newcomer gets from two URLs and nothing else. */
import http, { type Server } from 'node:http';
import { expect } from 'chai';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

/** An API by strangers: items under any id, one field of which is another on the twin for every fifth. */
function serve(twin: boolean): Promise<{ readonly url: string; readonly server: Server }> {
  const server = http.createServer((request, response) => {
    const n = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? 0);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ id: n, name: `item ${n}`, stock: twin && n % 5 === 0 ? n + 1 : n }));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        server,
        url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
      });
    });
  });
}

describe('the first minute', () => {
  let primary: Awaited<ReturnType<typeof serve>>;
  let twin: Awaited<ReturnType<typeof serve>>;
  let proxy: ProxyProcess | undefined;

  before(async () => {
    [primary, twin] = await Promise.all([serve(false), serve(true)]);
  });
  afterEach(async () => {
    await proxy?.stop();
    proxy = undefined;
  });
  after(() => {
    for (const { server } of [primary, twin]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const start = async (config: string, args: readonly string[]): Promise<ProxyProcess> => {
    proxy = await startProxyProcess(
      { SHADOWREAD_PRIMARY_URL: primary.url, SHADOWREAD_TWIN_URL: twin.url },
      config,
      args,
    );
    return proxy;
  };
  const read = async (at: ProxyProcess, count: number): Promise<void> => {
    for (let n = 1; n <= count; n++) await (await fetch(`${at.url}/shop/items/${n}`)).arrayBuffer();
  };

  it('without routes everything passes, nothing is verified, and how much is counted', async () => {
    const running = await start('settle: { delaysMs: [10] }\n', []);
    await read(running, 20);
    const { seen, passed } = await running.status();
    expect({ seen, passed }).to.deep.equal({ seen: 0, passed: 20 });
  });

  const WAYS: readonly (readonly [how: string, config: string, args: readonly string[]])[] = [
    ['--routes auto in two processes', 'settle: { delaysMs: [10, 20] }\n', ['--routes', 'auto', '--processes', '2']],
    ['--routes auto', 'settle: { delaysMs: [10, 20] }\n', ['--routes', 'auto']],
    ['routes: { table: auto }', 'settle: { delaysMs: [10, 20] }\nroutes: { table: auto }\n', []],
  ];
  for (const [how, config, args] of WAYS) {
    it(`${how}: every GET is verified at once`, async () => {
      const running = await start(config, args);
      // A worker that is still starting skips what comes.
      for (let compared = 0; compared < 20; ) {
        await read(running, 20);
        const { verdicts } = await running.until(({ inFlight }) => inFlight === 0);
        compared = verdicts.match + verdicts.mismatch;
      }
      const { verdicts } = await running.until(({ verdicts: now }) => now.mismatch > 0);
      expect(verdicts.match / verdicts.mismatch).to.be.within(3, 5);
      const routes = await running.get<readonly { readonly key: string; readonly domain: string }[]>('/api/routes');
      expect(routes.map(({ key, domain }) => [key, domain])).to.deep.equal([['GET /shop/items/:id', 'auto']]);
    });
  }
});
