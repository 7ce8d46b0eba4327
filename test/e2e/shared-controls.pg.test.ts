import { expect } from 'chai';
import postgres from 'postgres';
import type { RoutePolicy } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { startSteadyPrimary, thingsConfig } from '../support/steady-primary.ts';
import { until } from '../support/until.ts';

const KEY = 'GET /things/:id';

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

describe('a pause or sampling set at one replica', () => {
  it('is in force at all of them, at processes of one replica and at one that starts later', async () => {
    const [primary, url] = await Promise.all([startSteadyPrimary(), freshJournal()]);
    const environment = {
      SHADOWREAD_PRIMARY_URL: primary.url,
      SHADOWREAD_TWIN_URL: primary.url,
      SHADOWREAD_JOURNAL_URL: url,
    };
    const config = `${thingsConfig()}journal: { flushMs: 50 }\n`;
    const replicas = [
      await startProxyProcess(environment, config),
      await startProxyProcess(environment, config),
      await startProxyProcess(environment, config, ['--processes', '2']),
    ];
    const [one, other, crew] = replicas;
    if (one === undefined || other === undefined || crew === undefined) throw new Error('no replica');
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    try {
      await change(one, { routes: { [KEY]: { paused: true } } });
      for (const proxy of replicas) await follows(proxy, ({ paused }) => paused);
      // What it does, not only what it says: no read is verified there.
      for (let n = 0; n < 5; n += 1) await (await fetch(`${other.url}/things/${n}`)).text();
      const { verdicts } = await other.until((status) => status.seen === 5 && status.inFlight === 0);
      expect(verdicts).to.include({ skipped: 5, match: 0 });

      // A part of a route's controls leaves its other parts as they are, whoever set them.
      await change(other, { routes: { [KEY]: { sample: 0.25, sampleBy: 'entity' } } });
      for (const proxy of replicas)
        await follows(proxy, (policy) => policy.paused && policy.sample === 0.25 && policy.sampleBy === 'entity');
      await change(crew, { shadowing: false });
      for (const proxy of replicas) await follows(proxy, (_policy, { shadowing }) => !shadowing);

      const later = await startProxyProcess(environment, config);
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

      const { audit } = await other.get<Control>('/api/control');
      expect(audit.map(({ who, reason }) => `${who}: ${reason}`)).to.deep.equal(
        Array.from({ length: 5 }, () => 'Ada: a deployment'),
      );

      // Of two changes at the same moment all replicas keep the same.
      await Promise.all([
        change(one, { routes: { [KEY]: { sample: 0.1 } } }),
        change(other, { routes: { [KEY]: { sample: 0.9 } } }),
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
      await Promise.all(replicas.map((proxy) => proxy.stop()));
      await sql.end();
      await primary.close();
    }
  });
});
