/** Two replicas of one journal, one of them of two processes: what is counted in one place, and what is set in one place. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import postgres from 'postgres';
import type { RoutePolicy, UnknownReads } from '../../src/types.ts';
import { halfAsked } from '../support/half-asked.ts';
import { freshJournal } from '../support/journal-database.ts';
import { childrenOf, conserved, type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { type SteadyPrimary, startSteadyPrimary, thingsConfig } from '../support/steady-primary.ts';
import { until } from '../support/until.ts';

const KEY = 'GET /things/:id';
const CONFIG = `${thingsConfig()}journal: { flushMs: 50 }\nloop: { trust: nobody }\n`;

interface Control {
  readonly shadowing: boolean;
  readonly routes: readonly { readonly key: string; readonly policy: RoutePolicy }[];
  readonly audit: readonly { readonly who: string; readonly subject: string; readonly reason: string | null }[];
}

async function change(proxy: ProxyProcess, patch: object): Promise<void> {
  const answer = await fetch(`${proxy.admin}/api/control`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', 'x-shadow-who': 'Ada' },
    body: JSON.stringify({ ...patch, reason: 'a deployment' }),
  });
  expect(answer.status).to.equal(200);
}

/** Waits until this replica has a policy that fits; the test's limit of time says when it never has. */
async function follows(proxy: ProxyProcess, holds: (policy: RoutePolicy, control: Control) => boolean): Promise<void> {
  await until(async () => {
    const control = await proxy.get<Control>('/api/control');
    const policy = control.routes.find(({ key }) => key === KEY)?.policy;
    return policy !== undefined && holds(policy, control);
  }, 50);
}

/** With the target as it stands here: fetch would make another path of it. */
function read(proxy: string, path: string): Promise<number> {
  const { hostname, port } = new URL(proxy);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  httpRequest({ hostname, port, path }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0));
  })
    .on('error', reject)
    .end();
  return promise;
}

/** Each on a connection of its own, which either process may take. */
async function readThings({ url }: ProxyProcess, times: number): Promise<void> {
  const headers = { connection: 'close' };
  await Promise.all(
    Array.from({ length: times }, async (_, n) => (await fetch(`${url}/things/${n}`, { headers })).text()),
  );
}

describe('replicas of one journal', () => {
  let primary: SteadyPrimary;
  let journal: string;
  let environment: Readonly<Record<string, string>>;
  let one: ProxyProcess;
  /** Of two processes. */
  let crew: ProxyProcess;
  const replicas: ProxyProcess[] = [];

  before(async () => {
    [primary, journal] = await Promise.all([startSteadyPrimary(), freshJournal()]);
    environment = {
      SHADOWREAD_PRIMARY_URL: primary.url,
      SHADOWREAD_TWIN_URL: primary.url,
      SHADOWREAD_JOURNAL_URL: journal,
    };
    [one, crew] = await Promise.all([
      startProxyProcess(environment, CONFIG),
      startProxyProcess(environment, CONFIG, ['--processes', '2']),
    ]);
    replicas.push(one, crew);
  });
  after(async () => {
    await Promise.all(replicas.map((proxy) => proxy.stop()));
    await primary.close();
  });

  it('a replica of several processes counts and is changed as one', async () => {
    await readThings(crew, 60);
    const now = await crew.quiet();
    expect([now.processes, now.seen]).to.deep.equal([2, 60]);
    expect(conserved(now)).to.equal(true);
    await until(async () => {
      const text = await (await fetch(`${crew.admin}/metrics`)).text();
      const reads = [...text.matchAll(/^shadow_reads_total\{[^}]*\} (\d+)$/gm)];
      return reads.reduce((sum, [, n]) => sum + Number(n), 0) === 60;
    }, 50);
    await change(crew, { shadowing: false });
    await readThings(crew, 20);
    const after = await crew.quiet();
    expect(after.seen).to.equal(80);
    expect(after.verdicts.skipped - now.verdicts.skipped).to.equal(20);
    await change(crew, { shadowing: true });
  });

  it('who says to be a shadow read is counted as one that is not believed, and verified', async () => {
    const before = await crew.quiet();
    for (let i = 0; i < 6; i += 1) {
      const answer = await fetch(`${crew.url}/things/1`, {
        headers: { 'X-Shadow-Read': '1', Authorization: 'Bearer zqx7canary', Connection: 'close' },
      });
      expect(answer.status).to.equal(200);
      await answer.text();
    }
    const { loops, faults, verdicts } = await crew.until((now) => now.seen === before.seen + 6 && now.inFlight === 0);
    expect(verdicts.match).to.equal(before.verdicts.match + 6);
    expect(loops).to.include({ believed: 0, doubted: 6 });
    expect(loops.callers).to.have.length(1);
    expect(loops.callers[0]).to.include({ address: '127.0.0.1', believed: 0, doubted: 6 });
    expect(JSON.stringify(loops)).to.not.include('zqx7');
    expect(faults.total).to.equal(0);
    const metrics = await (await fetch(`${crew.admin}/metrics`)).text();
    expect(metrics).to.match(/^shadow_loop_claims_total\{believed="false".*\} 6$/m);
    expect(metrics).to.not.match(/reason="loop"/);
  });

  it('a hole in coverage is seen in the status, over all replicas and in the report: which paths pass unverified, without values', async () => {
    for (const { url } of replicas)
      for (let n = 0; n < 6; n += 1)
        for (const path of ['/refunds/64b000000000000000000001?token=secret', '/things/1/', '/Things/1', '//things/1'])
          expect(await read(url, path)).to.equal(200);
    for (const proxy of replicas) {
      const { unknown } = await proxy.until((now) => now.unknown.reads >= 24);
      expect(unknown.reads).to.equal(24);
      expect(unknown.paths.map(({ path, count, near }) => [path, count, near?.differs ?? null])).to.have.deep.members([
        ['/refunds/*', 6, null],
        ['/things/*/', 6, 'a slash at the end'],
        ['/Things/*', 6, 'upper and lower case'],
        ['//things/*', 6, 'an empty segment or a dot'],
      ]);
    }
    const whole = () => one.get<UnknownReads>('/api/unknown');
    await until(async () => (await whole()).reads === 48, 100);
    expect((await whole()).paths.map(({ count }) => count)).to.deep.equal([12, 12, 12, 12]);
    const asJson = await runCommand(['report', '--json', '--config', one.configFile], environment);
    expect(JSON.parse(asJson.out)).to.have.nested.property('unknown.reads', 48);
    const { out } = await runCommand(['report', '--config', one.configFile], environment);
    expect(out).to.contain('48 reads matched no route').and.contain('/refunds/*').and.not.contain('secret');
    expect(out).to.contain('a slash at the end (GET /things/:id)');
  });

  it('a pause or sampling set at one is in force at all of them, at processes of one replica and at one that starts later', async () => {
    const sql = postgres(journal, { max: 1, onnotice: () => undefined });
    try {
      await change(one, { routes: { [KEY]: { paused: true } } });
      for (const proxy of replicas) await follows(proxy, ({ paused }, { shadowing }) => paused && shadowing);
      // What it does, not only what it says: no read is verified there.
      const before = await crew.quiet();
      await readThings(crew, 5);
      const { seen, verdicts } = await crew.quiet();
      expect([seen - before.seen, verdicts.skipped - before.verdicts.skipped]).to.deep.equal([5, 5]);

      // A part of a route's controls leaves its other parts as they are, whoever set them.
      await change(crew, { routes: { [KEY]: { sample: 0.25, sampleBy: 'entity' } } });
      for (const proxy of replicas)
        await follows(proxy, (policy) => policy.paused && policy.sample === 0.25 && policy.sampleBy === 'entity');
      await change(crew, { shadowing: false });
      for (const proxy of replicas) await follows(proxy, (_policy, { shadowing }) => !shadowing);

      const later = await startProxyProcess(environment, CONFIG);
      replicas.push(later);
      await follows(later, (policy, { shadowing }) => policy.paused && policy.sample === 0.25 && !shadowing);

      await change(later, {
        shadowing: true,
        domains: { things: { paused: true } },
        routes: { [KEY]: { paused: false } },
      });
      for (const proxy of replicas) await follows(proxy, ({ paused }, { shadowing }) => paused && shadowing);
      await change(one, { domains: { things: { paused: false } } });
      for (const proxy of replicas) await follows(proxy, ({ paused }) => !paused);

      // Those of the first test, too.
      const { audit } = await one.get<Control>('/api/control');
      expect(audit.map(({ who, reason }) => `${who}: ${reason}`)).to.deep.equal(
        Array.from({ length: 2 + 5 }, () => 'Ada: a deployment'),
      );

      // Of two changes at the same moment all replicas keep the same.
      await Promise.all([
        change(one, { routes: { [KEY]: { sample: 0.1 } } }),
        change(crew, { routes: { [KEY]: { sample: 0.9 } } }),
      ]);
      const [row] = await sql<
        { value: { sample: number } }[]
      >`select value from shadowread.control where name = ${`route ${KEY}`}`;
      for (const proxy of replicas) await follows(proxy, ({ sample }) => sample === row?.value.sample);

      // A control of a route that a replica does not have is left out, and changes nothing else.
      await sql`insert into shadowread.control (name, value, version, changed_by)
        values ('route GET /nowhere', '{"paused":true}', nextval('shadowread.change_version'), 'x'), ('domain things', '{"paused":"x"}', 1, 'x')
        on conflict (name) do update set value = excluded.value, version = nextval('shadowread.change_version')`;
      await change(one, { routes: { [KEY]: { sample: 0.5 } } });
      for (const proxy of replicas) await follows(proxy, ({ sample, paused }) => sample === 0.5 && !paused);
    } finally {
      await sql.end();
    }
  });

  it('a process that ends is replaced as soon as the config lets one start, by one that was told the same', async () => {
    const config = await readFile(crew.configFile, 'utf8');
    await change(crew, { shadowing: true });
    crew.child.signal('SIGUSR2');
    await crew.until(({ shadowing }) => !shadowing);
    await writeFile(crew.configFile, 'listen: { hots: 1 }');
    for (const pid of await childrenOf(crew.child.pid)) {
      process.kill(pid, 'SIGKILL');
      await until(() => crew.child.said.some((line) => line.includes('ended at start')));
      await writeFile(crew.configFile, config);
      // Of both, whose figures are summed; the state is that of the one that serves longest.
      await crew.until(({ shadowing }) => !shadowing);
    }
    crew.child.signal('SIGUSR2');
    await crew.until(({ shadowing }) => shadowing);
  });

  it('whose first process is killed still answers those who wait for an answer', async () => {
    const workers = await childrenOf(crew.child.pid);
    const asking = await halfAsked(crew);
    crew.child.signal('SIGKILL');
    await crew.child.ended;
    expect(await asking.finish()).to.equal(201);
    await until(() => workers.every((pid) => !existsSync(`/proc/${pid}`)));
  });
});
