import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { halfAsked, requestsUnderWay } from '../support/half-asked.ts';
import { childrenOf, type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { type SteadyPrimary, startSteadyPrimary } from '../support/steady-primary.ts';
import { until } from '../support/until.ts';

const read = async (url: string): Promise<string> => {
  const answer = await fetch(url);
  return `${answer.status} ${await answer.text()}`;
};

/** True once nobody listens there. */
async function refuses(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const refused = await Promise.race([
    once(socket, 'connect').then(() => false),
    once(socket, 'close').then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return refused;
}

/** What it does under load, at SIGHUP and SIGTERM is in test/faults/signals.pg.test.ts. */
describe('a proxy process beside whose primary all is absent: twin, journal and collector', () => {
  let primary: SteadyPrimary;
  let proxy: ProxyProcess;

  before(async () => {
    primary = await startSteadyPrimary();
    proxy = await startProxyProcess({
      SHADOWREAD_PRIMARY_URL: primary.url,
      SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
      SHADOWREAD_JOURNAL_URL: 'postgres://nobody@127.0.0.1:9/none',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
  });
  after(async () => {
    await proxy?.stop();
    await primary.close();
  });

  it('starts and forwards', async () => {
    expect(await read(`${proxy.url}/api/levels`)).to.equal(await read(`${primary.url}/api/levels`));
    const now = await proxy.until(({ inFlight }) => inFlight === 0);
    expect(now.verdicts.twin_error).to.equal(1);
    expect((await fetch(`${proxy.admin}/readyz`)).status).to.equal(200);
    expect((await fetch(`${proxy.admin}/healthz`)).status).to.equal(200);
    // Whose answer to GET has no end.
    expect((await fetch(`${proxy.admin}/api/events`, { method: 'HEAD' })).status).to.equal(200);
    // The admin API says so where the journal is needed; all else is answered as ever.
    for (const path of ['mismatches', 'overview']) {
      const answer = await fetch(`${proxy.admin}/api/${path}`);
      expect(answer.status, path).to.equal(503);
      expect(((await answer.json()) as { error: { code: string } }).error.code).to.equal('SHADOW_JOURNAL');
    }
    expect((await proxy.get<{ gates: { outcome: string }[] }>('/api/gates')).gates[0]?.outcome).to.equal('undecided');
    for (const path of ['status', 'control'])
      expect((await fetch(`${proxy.admin}/api/${path}`)).status, path).to.equal(200);
  });

  it('goes off at SIGUSR2 and on again at the next, without token or journal', async () => {
    proxy.child.signal('SIGUSR2');
    await proxy.until(({ shadowing }) => !shadowing);
    const before = await proxy.status();
    await read(`${proxy.url}/api/levels`);
    expect((await proxy.status()).verdicts.skipped).to.equal(before.verdicts.skipped + 1);
    proxy.child.signal('SIGUSR2');
    await proxy.until(({ shadowing }) => shadowing);
  });

  it('never mirrors a read that is itself a shadow read', async () => {
    const before = await proxy.status();
    await fetch(`${proxy.url}/api/levels`, { headers: { 'X-Shadow-Read': '1' } });
    const metrics = await (await fetch(`${proxy.admin}/metrics`)).text();
    expect(metrics).to.match(/^shadow_reads_total\{(?=[^}]*reason="loop")[^}]*route="GET \/api\/levels"[^}]*\} 1$/m);
    expect((await proxy.status()).verdicts.skipped).to.equal(before.verdicts.skipped + 1);
  });

  it('shows requests that are under way, such as one whose content does not come', async () => {
    const request = http.request(`${proxy.url}/api/levels`, { method: 'POST', headers: { 'Content-Length': '10' } });
    request.on('error', () => undefined);
    request.flushHeaders();
    await until(async () => (await requestsUnderWay(proxy)) === 1);
    request.destroy();
    await until(async () => (await requestsUnderWay(proxy)) === 0);
  });

  it('lists every route of Amanat', async () => {
    const { routes } = await proxy.get<{ routes: readonly { key: string; domain: string }[] }>('/api/control');
    expect(routes).to.have.length.greaterThan(43);
    expect(new Set(routes.map(({ domain }) => domain)).size).to.equal(11);
  });

  it('drains on, whatever signal comes meanwhile, but for a second that ends it', async () => {
    const asking = await halfAsked(proxy);
    proxy.child.signal('SIGTERM');
    await until(() => refuses(proxy.url));
    proxy.child.signal('SIGHUP');
    proxy.child.signal('SIGUSR2');
    // It accepts connections no more, so nobody may be sent here by a probe; and it is not dead.
    expect(await read(`${proxy.admin}/readyz`)).to.equal('503 {"ok":false,"stopping":true}');
    expect((await fetch(`${proxy.admin}/healthz`)).status).to.equal(200);
    expect(await asking.finish()).to.equal(201);
    expect(await proxy.child.ended).to.equal(0);
  });
});

describe('a proxy of two processes', () => {
  it('drains on where the whole group is told to stop, so that its processes are told twice', async function () {
    if (!existsSync('/proc/self/task')) this.skip();
    const primary = await startSteadyPrimary();
    const crew = await startProxyProcess({ SHADOWREAD_PRIMARY_URL: primary.url }, 'routes: { table: none }\n', [
      '--processes',
      '2',
    ]);
    const asking = await halfAsked(crew);
    for (const pid of await childrenOf(crew.child.pid)) process.kill(pid, 'SIGTERM');
    crew.child.signal('SIGTERM');
    await until(() => refuses(crew.url));
    expect(await asking.finish()).to.equal(201);
    expect(await crew.child.ended).to.equal(0);
    await crew.stop();
    await primary.close();
  });
});
