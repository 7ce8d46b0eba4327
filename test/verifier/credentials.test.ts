import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadCredentials } from '../../src/verifier/credentials.ts';
import { headersFor } from '../../src/verifier/headers.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

const TRACE = {
  traceId: '1'.repeat(32),
  parentSpanId: null,
  spanId: '1'.repeat(16),
  twinSpanId: '2'.repeat(16),
  sampled: true,
};

describe('credentials for the twin', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shadowread-credentials-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const moduleOf = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const request = { method: 'GET', target: '/x', rawHeaders: ['Authorization', 'Bearer mongo-7'], body: null };

  it('come from a module, async or not', async () => {
    const own = await loadCredentials(
      await moduleOf(
        'a.mjs',
        `export const credentials = async ({ headers, target }) => ({ authorization: headers.authorization.replace('mongo', 'pg'), 'x-for': target });`,
      ),
    );
    expect(await own(request)).to.deep.equal({ authorization: 'Bearer pg-7', 'x-for': '/x' });
  });

  it('a module that throws never tells its message', async () => {
    const own = await loadCredentials(
      await moduleOf('b.mjs', `export default () => { throw new TypeError('token s3cret'); };`),
    );
    const told = await own(request).then(() => '', String);
    expect(told).to.contain('TypeError').and.to.not.contain('s3cret');
  });

  it('what is no such module is refused with an example', async () => {
    for (const file of [join(folder, 'none.mjs'), await moduleOf('c.mjs', 'export const other = 1;')]) {
      expect(await loadCredentials(file).then(() => '', String)).to.contain('credentials');
    }
  });

  it('a field is renamed and dropped in whatever spelling', () => {
    const client = ['X-SESSION', 's', 'cookie', 'c', 'Accept', '*/*'];
    const fields = headersFor('twin', client, TRACE, 'twin', 'twin.test', {
      rename: { 'x-Session': 'Authorization' },
      drop: ['COOKIE'],
    });
    expect(fields.slice(0, 4)).to.deep.equal(['Authorization', 's', 'Accept', '*/*']);
  });

  it('reach the twin of a running proxy, and not the primary', async () => {
    const seen: Record<'primary' | 'twin', string[]> = { primary: [], twin: [] };
    const serve = (side: 'primary' | 'twin') =>
      http
        .createServer((incoming, answer) => {
          seen[side].push(String(incoming.headers.authorization));
          answer.setHeader('Content-Type', 'application/json');
          answer.end('{"ok":true}');
        })
        .listen(0, '127.0.0.1');
    const servers = { primary: serve('primary'), twin: serve('twin') };
    const urlOf = (server: http.Server): string => {
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    };
    await Promise.all(
      Object.values(servers).map(
        (server) => server.listening || new Promise((resolve) => server.once('listening', resolve)),
      ),
    );
    const file = await moduleOf(
      'd.mjs',
      `export const credentials = ({ headers }) => ({ Authorization: headers.authorization.replace('mongo', 'pg') });`,
    );
    let proxy: ProxyProcess | undefined;
    try {
      proxy = await startProxyProcess(
        { SHADOWREAD_PRIMARY_URL: urlOf(servers.primary), SHADOWREAD_TWIN_URL: urlOf(servers.twin) },
        `routes: { table: auto }\ntwin: { credentials: ${JSON.stringify(file)} }\n`,
      );
      // A worker that is still starting skips what comes.
      for (let matched = 0; matched === 0; ) {
        await (await fetch(`${proxy.url}/things`, { headers: { authorization: 'Bearer mongo-7' } })).arrayBuffer();
        matched = (await proxy.until(({ inFlight }) => inFlight === 0, 60_000)).verdicts.match;
      }
      expect(new Set(seen.primary)).to.deep.equal(new Set(['Bearer mongo-7']));
      expect(new Set(seen.twin)).to.deep.equal(new Set(['Bearer pg-7']));
    } finally {
      await proxy?.stop();
      for (const server of Object.values(servers)) {
        server.closeAllConnections();
        server.close();
      }
    }
  });
});
