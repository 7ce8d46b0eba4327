import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Amanat, amanat } from '../support/amanat.ts';
import { type LyingTwin, startLyingTwin } from '../support/lying-twin.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

const read = async (url: string): Promise<string> => {
  const answer = await fetch(url);
  return `${answer.status} ${await answer.text()}`;
};

describe('a proxy process', () => {
  let on: Amanat;
  let twin: LyingTwin;

  before(async () => {
    on = await amanat();
    twin = await startLyingTwin(on.twin);
  });
  after(() => twin.close());

  it('starts and forwards with twin, journal and collector all absent', async () => {
    const proxy = await startProxyProcess({
      SHADOWREAD_PRIMARY_URL: on.reference,
      SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
      SHADOWREAD_JOURNAL_URL: 'postgres://nobody@127.0.0.1:9/none',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    try {
      expect(await read(`${proxy.url}/api/levels`)).to.equal(await read(`${on.reference}/api/levels`));
      const now = await proxy.until(({ inFlight }) => inFlight === 0);
      expect(now.verdicts.twin_error).to.equal(1);
      expect((await fetch(`${proxy.admin}/readyz`)).status).to.equal(200);
      expect((await fetch(`${proxy.admin}/healthz`)).status).to.equal(200);
      // The admin API says so where the journal is needed; all else is answered as ever.
      for (const path of ['mismatches', 'overview']) {
        const answer = await fetch(`${proxy.admin}/api/${path}`);
        expect(answer.status, path).to.equal(503);
        expect(((await answer.json()) as { error: { code: string } }).error.code).to.equal('SHADOW_JOURNAL');
      }
      expect((await proxy.get<{ gates: { outcome: string }[] }>('/api/gates')).gates[0]?.outcome).to.equal('undecided');
      for (const path of ['status', 'control'])
        expect((await fetch(`${proxy.admin}/api/${path}`)).status, path).to.equal(200);
    } finally {
      await proxy.stop();
    }
  });

  describe('that runs', () => {
    let proxy: ProxyProcess;
    before(async () => {
      proxy = await startProxyProcess({
        SHADOWREAD_PRIMARY_URL: on.reference,
        SHADOWREAD_TWIN_URL: twin.url,
        MIGRATION_PG_URL: on.databaseUrl,
      });
    });
    after(() => proxy.stop());

    it('goes off at SIGUSR2 and on again at the next, without token or journal', async () => {
      proxy.child.signal('SIGUSR2');
      await proxy.until(({ shadowing }) => !shadowing);
      const before = await proxy.status();
      await read(`${proxy.url}/api/levels`);
      expect((await proxy.status()).verdicts.skipped).to.equal(before.verdicts.skipped + 1);
      proxy.child.signal('SIGUSR2');
      await proxy.until(({ shadowing }) => shadowing);
    });

    it('takes a changed config at SIGHUP, and keeps the one in force where the new one is wrong', async () => {
      const first = await proxy.status();
      const written = await readFile(proxy.configFile, 'utf8');
      await writeFile(proxy.configFile, `shadow: { sample: 0.5, sampleBy: entity }\n${written}`);
      proxy.child.signal('SIGHUP');
      const second = await proxy.until(({ configDigest }) => configDigest !== first.configDigest);
      expect(second.reloadError).to.equal(null);
      await writeFile(proxy.configFile, 'shadow: { smaple: 1 }\n');
      proxy.child.signal('SIGHUP');
      const third = await proxy.until(({ reloadError }) => reloadError !== null);
      expect(third.reloadError).to.match(/:1: shadow\.smaple: there is no such option/);
      expect(third.configDigest).to.equal(second.configDigest);
      await writeFile(proxy.configFile, written);
      proxy.child.signal('SIGHUP');
      await proxy.until(({ reloadError, configDigest }) => reloadError === null && configDigest === first.configDigest);
    });

    it('never mirrors a read that is itself a shadow read', async () => {
      const before = await proxy.status();
      await fetch(`${proxy.url}/api/levels`, { headers: { 'X-Shadow-Read': '1' } });
      const { routes } = { routes: await proxy.get<{ key: string; reasons: Record<string, number> }[]>('/api/routes') };
      expect(routes.find(({ key }) => key === 'GET /api/levels')?.reasons.loop).to.equal(1);
      expect((await proxy.status()).verdicts.skipped).to.equal(before.verdicts.skipped + 1);
    });

    it('lists every route of Amanat', async () => {
      const routes = await proxy.get<{ key: string; method: string; pattern: string; domain: string }[]>('/api/routes');
      expect(routes).to.have.length.greaterThan(43);
      expect(new Set(routes.map(({ domain }) => domain)).size).to.equal(11);
    });

    it('stops at SIGTERM under load: clients in flight finish, every read has its verdict', async () => {
      const { seen: before } = await proxy.status();
      const want = await read(`${on.reference}/api/categories`);
      const got: string[] = [];
      let refused = 0;
      const clients = Array.from({ length: 8 }, async () => {
        for (let turn = 0; turn < 40; turn++) {
          try {
            got.push(await read(`${proxy.url}/api/categories`));
          } catch {
            refused += 1;
            return;
          }
        }
      });
      await proxy.until(({ seen }) => seen > before + 20);
      const stopping = proxy.stop();
      await Promise.all(clients);
      await stopping;
      // A new connection is refused once it stops; nothing that was begun is cut or changed.
      expect(new Set(got)).to.deep.equal(new Set([want]));
      expect(got.length + refused).to.be.greaterThan(20);
    });
  });
});
