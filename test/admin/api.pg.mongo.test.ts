import { expect } from 'chai';
import postgres from 'postgres';
import { startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { type FaultyService, faultyService } from '../support/service.ts';
import { until } from '../support/until.ts';

interface Mismatch {
  readonly id: string;
  readonly at: number;
  readonly domain: string;
  readonly fingerprint: string;
  readonly cause: string;
  readonly paths: readonly string[];
}
interface Told {
  readonly id: string;
  readonly state: string;
  readonly sentence: string;
  readonly field: string | null;
  readonly entity: string;
  readonly repairable: boolean;
  readonly routes: readonly { readonly route: string }[];
}

interface Fingerprint {
  readonly id: string;
  readonly state: string;
  readonly count: number;
  readonly trend: readonly number[];
}
interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string; readonly message: string } };
}

const DAY = 86_400_000;

describe('the admin API', () => {
  let service: FaultyService;
  before(async () => {
    service = await faultyService();
  });
  after(() => service?.close());

  const ask = async (path: string, method = 'GET', body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${service.proxy.admin}/api/${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-shadow-who': 'Ada' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  };
  const get = <T>(path: string): Promise<T> => service.proxy.get<T>(`/api/${path}`);

  it('gives status with config digest, counts per verdict, limits and breaker, and the counts add up', async () => {
    const status = await service.proxy.status();
    expect(status).to.include.keys('configDigest', 'verdicts', 'inFlight', 'limits', 'breaker', 'journal');
    expect(status.seen).to.equal(status.inFlight + Object.values(status.verdicts).reduce((sum, n) => sum + n, 0));
    expect(status.verdicts.mismatch).to.be.greaterThan(0);
  });

  it('gives routes with verdicts, rate, bound and the latency of both sides', async () => {
    // Latencies may come to the journal some seconds after the counts.
    const latencyOf = (all: readonly Record<string, unknown>[]): unknown =>
      all.find(({ key }) => key === 'GET /api/payments/:id')?.latency;
    await until(async () => latencyOf(await get('routes')) !== null, 500);
    const routes = await get<Record<string, unknown>[]>('routes');
    expect(routes.length).to.be.greaterThan(40);
    for (const route of routes)
      expect(route).to.include.keys('method', 'pattern', 'domain', 'verdicts', 'mismatchRate', 'bound', 'latency');
    const read = routes.find(({ key }) => key === 'GET /api/payments/:id');
    expect(read?.latency).to.have.keys('primary', 'twin');
    expect(read?.bound).to.be.within(0, 1);
  });

  it('gives the rates of a domain and its routes, and their bound, of the comparisons of one epoch', async () => {
    interface Rated {
      readonly rate: number | null;
      readonly compared: number;
      readonly bound: number | null;
    }
    const [{ decision, evidence }, domain, { domains }, routes] = await Promise.all([
      get<{
        decision: { epoch: number; bound: { rate: number; n: number; upper: number } };
        evidence: {
          epoch: { beganAt: number };
          routes: { key: string; distinct: number; distinctMismatches: number }[];
        };
      }>('gates/payments'),
      get<Rated & { epoch: object; routes: (Rated & { key: string })[] }>('domains/payments'),
      get<{ domains: (Rated & { domain: string })[] }>('overview?hours=1'),
      get<{ key: string; mismatchRate: number | null; compared: number }[]>('routes'),
    ]);
    expect(domain.epoch).to.deep.equal({ ordinal: decision.epoch, beganAt: evidence.epoch.beganAt });
    const { rate, n, upper } = decision.bound;
    expect(domain).to.include({ rate, compared: n, bound: upper });
    expect(domains.find((row) => row.domain === 'payments')).to.include({ rate, compared: n, bound: upper });
    expect(domain.routes.length).to.be.at.least(evidence.routes.length);
    for (const { key, distinct, distinctMismatches } of evidence.routes) {
      const expected = distinct === 0 ? null : distinctMismatches / distinct;
      expect(
        domain.routes.find((row) => row.key === key),
        key,
      ).to.include({ rate: expected, compared: distinct });
      expect(
        routes.find((row) => row.key === key),
        key,
      ).to.include({ mismatchRate: expected, compared: distinct });
    }
  });

  it('gives the cutover table, a row a domain, with what the stores hold', async () => {
    const { domains } = await get<{ domains: { domain: string; backfilled: unknown; dualWritten: unknown }[] }>(
      'cutover',
    );
    expect(domains).to.have.length(11);
    const payments = domains.find(({ domain }) => domain === 'payments');
    expect(payments?.backfilled).to.include({ complete: true, rejects: 0 });
    expect(payments?.dualWritten).to.have.keys('lagMs', 'openGaps');
  });

  it('shows every gate as a metric, and verifies first what the gates still lack', async () => {
    const metrics = async (): Promise<string> => (await fetch(`${service.proxy.admin}/metrics`)).text();
    await until(async () => (await metrics()).includes('shadow_gate_pass{'), 300);
    expect((await metrics()).match(/^shadow_gate_pass\{[^}]*domain="[a-z]+"[^}]*\} (-1|0|1)$/gm)).to.have.length(11);
    // Three comparisons are the minimum here: the busiest route has them, some quiet one has not.
    await until(async () => {
      const routes = await get<{ policy: { priority: number } }[]>('routes');
      for (const { policy } of routes) expect(policy.priority).to.be.within(0, 1);
      return [true, false].every((lacks) => routes.some(({ policy }) => policy.priority > 0 === lacks));
    }, 300);
  });

  it('pages mismatches by keyset, each once and newest first, and filters them', async () => {
    const all = (await get<{ mismatches: Mismatch[] }>('mismatches?limit=1000')).mismatches;
    const paged: Mismatch[] = [];
    let next: string | null = null;
    do {
      const page: { mismatches: Mismatch[]; next: string | null } = await get(
        `mismatches?limit=4${next === null ? '' : `&before=${next}`}`,
      );
      paged.push(...page.mismatches);
      next = page.next;
    } while (next !== null);
    expect(paged.map(({ id }) => id)).to.deep.equal(all.map(({ id }) => id));
    expect(paged.map(({ at }) => at)).to.deep.equal(all.map(({ at }) => at).toSorted((one, other) => other - one));
    const [first] = all;
    for (const [name, value] of [
      ['domain', first?.domain],
      ['fingerprint', first?.fingerprint],
      ['cause', first?.cause],
    ] as const) {
      const { mismatches } = await get<{ mismatches: Mismatch[] }>(`mismatches?limit=1000&${name}=${value}`);
      expect(mismatches.length).to.equal(all.filter((row) => row[name] === value).length);
    }
    expect((await ask('mismatches?cause=none')).status).to.equal(400);
    expect((await ask('mismatches?limit=x')).body.error?.code).to.equal('SHADOW_USAGE');
  });

  it('gives one mismatch with verdict, both answers, trace link and curl line, with no value that no rule shows', async () => {
    const { mismatches } = await get<{ mismatches: Mismatch[] }>(
      'mismatches?cause=data_drift&limit=1&route=GET%20/api/payments/:id',
    );
    const { status, body } = await ask(`mismatches/${mismatches[0]?.id}`);
    expect(status).to.equal(200);
    expect(body).to.include.keys('verdict', 'answers', 'canRecheck', 'traceLink', 'curl', 'epoch');
    expect(body.canRecheck).to.equal(true);
    expect(body.epoch).to.have.property('backfill').that.is.a('string');
    expect(body.traceLink).to.match(/^https:\/\/traces\.example\/trace\/[0-9a-f]{32}$/);
    const answers = JSON.stringify(body.answers);
    expect(answers).to.contain('"differs":true');
    // What rules call harmless, words of a list, currencies and instants, and nothing else.
    for (const [, value = ''] of answers.matchAll(/"value":("(?:[^"\\]|\\.)*"|[^,}]+)/g))
      expect(value).to.match(/^(?:"[a-z_]+"|"[A-Z]{3,5}"|"\d{4}-\d\d-\d\dT[\d:.]+Z"|null|true|false)$/);
    expect((await ask('mismatches/0mwvj4riv-000000000000')).status).to.equal(404);
    expect((await ask('mismatches/nonsense')).body.error?.code).to.equal('SHADOW_NOT_FOUND');
  });

  it('asks both sides again', async () => {
    const { mismatches } = await get<{ mismatches: Mismatch[] }>('mismatches?cause=data_drift&limit=1');
    const { status, body } = await ask(`mismatches/${mismatches[0]?.id}/recheck`, 'POST', {});
    expect(status).to.equal(200);
    expect(body.verdict).to.include({ kind: 'mismatch' }).and.not.have.property('evidence');
  });

  it('lists fingerprints by weight and moves one through its states, each change in the audit trail', async () => {
    const { fingerprints } = await get<{ fingerprints: Fingerprint[] }>('fingerprints');
    expect(fingerprints.map(({ count }) => count)).to.deep.equal(
      fingerprints.map(({ count }) => count).toSorted((one, other) => other - one),
    );
    const id = fingerprints[0]?.id ?? '';
    expect(fingerprints[0]?.trend.reduce((sum, n) => sum + n, 0)).to.equal(fingerprints[0]?.count);
    const path = `fingerprints/${id}`;
    const expiresAt = Date.now() + DAY;
    const acknowledged = await ask(path, 'PATCH', { state: 'acknowledged', owner: 'Ada', reason: 'known', expiresAt });
    expect(acknowledged.body).to.include({ state: 'acknowledged', owner: 'Ada', reason: 'known', updatedBy: 'Ada' });
    expect((await get<{ fingerprints: Fingerprint[] }>('fingerprints?state=acknowledged')).fingerprints).to.have.length(
      1,
    );
    expect((await ask(path, 'PATCH', { state: 'fixed', reason: 'fixed' })).body).to.include({ state: 'fixed' });
    expect((await ask(path, 'PATCH', { state: 'open' })).body).to.include({ state: 'open', owner: null });
    const { audit } = await get<{ audit: { what: string; subject: string; who: string }[] }>('control');
    expect(audit.filter(({ subject }) => subject === id).map(({ who, what }) => `${who} ${what}`)).to.deep.equal(
      Array.from({ length: 3 }, () => 'Ada fingerprint'),
    );
  });

  it('lists faults in sentences, what nobody answers for first, and moves one through its states', async () => {
    const { faults } = await get<{ faults: Told[] }>('faults');
    expect(faults.length).to.be.at.least(8);
    expect(new Set(faults.map(({ id }) => id)).size).to.equal(faults.length);
    for (const { sentence, routes } of faults) {
      expect(sentence).to.match(/\.$/);
      expect(routes).not.to.deep.equal([]);
    }
    const first = await get<{ faults: Told[]; next: string }>('faults?limit=1');
    expect(first.faults.map(({ id }) => id)).to.deep.equal([faults[0]?.id]);
    expect((await get<{ faults: Told[] }>(`faults?limit=1000&after=${first.next}`)).faults).to.have.length(
      faults.length - 1,
    );
    const id = faults[0]?.id ?? '';
    const change = { state: 'acknowledged', owner: 'Ada', reason: 'known', expiresAt: Date.now() + DAY };
    expect((await ask(`faults/${id}`, 'PATCH', change)).body).to.include({ state: 'acknowledged', owner: 'Ada' });
    expect((await get<{ faults: Told[] }>('faults')).faults.at(-1)?.id).to.equal(id);
    expect(await get<Told>(`faults/${id.slice(0, 8)}`)).to.include({ id, state: 'acknowledged' });
    expect((await ask(`faults/${id}`, 'PATCH', { ...change, owner: undefined })).status).to.equal(400);
    expect((await ask(`faults/${id}`, 'PATCH', { state: 'returned' })).status).to.equal(400);
    expect((await ask('faults/none', 'PATCH', { state: 'open' })).status).to.equal(404);
    expect((await ask(`faults/${id}`, 'PATCH', { state: 'open' })).body).to.include({ state: 'open', owner: null });
    const { gates } = await get<{ gates: { faults?: { open: number; names: string[] } }[] }>('gates');
    expect(gates.flatMap((gate) => gate.faults?.names ?? []).length).to.be.at.least(8);
  });

  it('repairs the row of a fault, asks its reads again, and the fault returns when a later read shows it', async () => {
    const { faults } = await get<{ faults: Told[] }>('faults?domain=payments&cause=data_drift');
    const fault = faults.find(({ field }) => field === 'status');
    if (fault === undefined) throw new Error('no payment has a wrong status');
    expect(fault.repairable).to.equal(true);
    const path = `faults/${fault.id}`;
    const dry = await ask(`${path}/repair`, 'POST', { dryRun: true });
    expect(dry.status, JSON.stringify(dry.body)).to.equal(200);
    expect(dry.body).to.deep.include({ faults: [] });
    expect(dry.body.repair).to.include({ result: 'planned', action: 'update', mongoId: fault.entity });
    expect((await ask(path)).body.state).to.equal('open');
    // Nothing was repaired: the reads still show it, and it stays open.
    const still = await ask(`${path}/recheck`, 'POST', {});
    expect(still.body).to.include({ state: 'open' });
    expect(JSON.stringify(still.body.asked)).to.include('"shows"').and.include('/status');
    expect((await ask(path)).body.reason).to.match(/asked again, GET .* still differs at \//);

    const done = await ask(`${path}/repair`, 'POST', { reason: 'ticket 8' });
    expect(done.body.repair).to.include({ result: 'repaired', action: 'update' });
    const settled = done.body.faults as { id: string; state: string; asked: { outcome: string }[] }[];
    expect(settled.map(({ id, state }) => ({ id, state }))).to.deep.equal([{ id: fault.id, state: 'repaired' }]);
    expect(settled[0]?.asked.map(({ outcome }) => outcome))
      .to.include('gone')
      .and.not.include('shows');
    const { audit } = await get<{ audit: { what: string; subject: string; who: string; reason: string }[] }>('audit');
    const row = audit.find(({ what }) => what === 'repair');
    expect(row).to.include({ subject: `payments/${fault.entity}`, who: 'Ada', reason: 'ticket 8' });
    const commandLine = {
      ...{ SHADOWREAD_PRIMARY_URL: service.amanat.reference, SHADOWREAD_TWIN_URL: service.amanat.twin },
      ...{ SHADOWREAD_JOURNAL_URL: service.journalUrl, SHADOWREAD_EVIDENCE_KEY: 'a5'.repeat(32) },
      ...{ MONGODB_URI: service.amanat.mongoUri, MIGRATION_PG_URL: service.amanat.databaseUrl },
    };
    const again = await runCommand(['recheck', fault.id, '--json'], commandLine);
    expect(again.status, again.err + again.out).to.equal(0);
    expect(JSON.parse(again.out)).to.include({ id: fault.id, state: 'repaired' });

    const twin = postgres(service.amanat.databaseUrl, { max: 1 });
    await twin`update payments set status = 'failed' where mongo_id = ${fault.entity} and provider is not null`;
    await twin.end({ timeout: 1 });
    await (await fetch(`${service.proxy.url}/api/payments/${fault.entity}`)).text();
    await until(async () => (await ask(path)).body.state === 'returned', 100);
    expect((await runCommand(['recheck', fault.id], commandLine)).status).to.equal(1);
    expect((await ask(path)).body, 'it still shows, and was repaired once').to.include({ state: 'returned' });
    expect((await ask(`${path}/repair`, 'POST', {})).body.repair).to.include({ result: 'repaired' });
    expect((await ask(path)).body.state).to.equal('repaired');
    expect((await ask('faults/none/repair', 'POST', {})).status).to.equal(404);
  });

  it('refuses an acknowledgement without owner, reason or a future expiry, and names what is wrong', async () => {
    const { fingerprints } = await get<{ fingerprints: Fingerprint[] }>('fingerprints');
    const path = `fingerprints/${fingerprints[0]?.id}`;
    const whole = { state: 'acknowledged', owner: 'Ada', reason: 'known', expiresAt: Date.now() + DAY };
    for (const [body, named] of [
      [{ ...whole, owner: ' ' }, 'owner'],
      [{ ...whole, reason: undefined }, 'reason'],
      [{ ...whole, expiresAt: 'soon' }, 'expiresAt'],
      [{ ...whole, expiresAt: 1 }, 'future'],
      [{ state: 'gone' }, 'state'],
      [{ state: 'open', extra: 1 }, 'extra'],
      [[], 'body'],
    ] as const) {
      const { status, body: said } = await ask(path, 'PATCH', body);
      expect(status, named).to.equal(400);
      expect(said.error?.message).to.contain(named);
    }
    expect((await ask('fingerprints/none', 'PATCH', { state: 'open' })).status).to.equal(404);
    expect((await ask('fingerprints/none', 'PATCH', { ...whole, reason: 'x'.repeat(100_000) })).status).to.equal(413);
  });

  it('decides gates with every condition, figure and Markdown, and keeps a decision on request', async () => {
    const { gates } = await get<{ gates: { domain: string; outcome: string; conditions: unknown[] }[] }>('gates');
    expect(gates).to.have.length(11);
    for (const gate of gates) expect(gate.conditions.length).to.equal(16);
    const { body } = await ask('gates/payments');
    expect(body).to.include.keys('decision', 'evidence', 'markdown');
    expect(body.markdown).to.contain('### Gate of payments');
    const decided = await ask('gates/payments/decide', 'POST', {});
    expect(decided.body.id).to.be.greaterThan(0);
    const { decisions } = await get<{ decisions: { who: string; outcome: string }[] }>('gates/payments/decisions');
    expect(decisions).to.have.length(1);
    expect(decisions[0]?.who).to.equal('Ada');
    expect((await ask('gates/none')).status).to.equal(404);
  });

  it('changes control at once, shows it, and refuses what is not in the table', async () => {
    const key = 'GET /api/levels';
    const { body } = await ask('control', 'PATCH', {
      routes: { [key]: { paused: true, sample: 0.25, sampleBy: 'entity' } },
    });
    const routes = body.routes as { key: string; policy: Record<string, unknown> }[];
    expect(routes.find((route) => route.key === key)?.policy).to.include({
      paused: true,
      sample: 0.25,
      sampleBy: 'entity',
    });
    const before = (await service.proxy.status()).verdicts.skipped;
    await (await fetch(`${service.proxy.url}/api/levels`)).text();
    await service.proxy.until(({ verdicts }) => verdicts.skipped === before + 1);
    await ask('control', 'PATCH', { routes: { [key]: { paused: false, sample: 1, sampleBy: 'read' } } });
    expect((await ask('control', 'PATCH', { routes: { 'GET /none': { paused: true } } })).status).to.equal(404);
    expect((await ask('control', 'PATCH', { domains: { none: { paused: true } } })).status).to.equal(404);
    expect((await ask('control', 'PATCH', { routes: { [key]: { sample: 2 } } })).status).to.equal(400);
    expect((await ask('control', 'PATCH', { unknown: 1 })).status).to.equal(400);
  });

  it('tells open event streams that something changed', async () => {
    const stop = new AbortController();
    const stream = await fetch(`${service.proxy.admin}/api/events`, { signal: stop.signal });
    expect(stream.headers.get('content-type')).to.contain('text/event-stream');
    await ask('control', 'PATCH', { shadowing: true });
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('"control"')) break;
    }
    expect(text)
      .to.match(/^retry: \d+\n\n/)
      .and.match(/data: \{"changed":\[.*"control".*\],"at":\d+\}\n\n/);
    stop.abort();
  });

  it('gives 404 and 400 as JSON with a code', async () => {
    expect((await ask('nothing')).body.error?.code).to.equal('SHADOW_NOT_FOUND');
    const broken = await fetch(`${service.proxy.admin}/api/control`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).to.equal(400);
    expect(((await broken.json()) as Answer['body']).error?.code).to.equal('SHADOW_USAGE');
  });

  it('works without journal and twin: figures of the process, no gate, nothing mirrored', async () => {
    const proxy = await startProxyProcess({ SHADOWREAD_PRIMARY_URL: service.amanat.reference });
    try {
      await (await fetch(`${proxy.url}/api/levels`)).text();
      const now = await proxy.status();
      expect([now.shadowing, now.seen, now.verdicts.skipped]).to.deep.equal([false, 1, 1]);
      const overview = await proxy.get<{ journal: boolean; domains: unknown[] }>('/api/overview');
      expect(overview.journal).to.equal(false);
      expect(overview.domains).to.have.length(11);
      expect((await proxy.get<{ points: unknown[] }>('/api/series')).points).to.deep.equal([]);
      expect((await fetch(`${proxy.admin}/api/domains/payments`)).status).to.equal(200);
      expect((await fetch(`${proxy.admin}/api/mismatches`)).status).to.equal(503);
    } finally {
      await proxy.stop();
    }
  });
});
