import { expect } from 'chai';
import postgres from 'postgres';
import { ShadowError } from '../../src/errors.ts';
import { decide } from '../../src/gate/decide.ts';
import { type Followed, follow } from '../../src/journal/follow.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { prune } from '../../src/journal/prune.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { type JournalWriter, openWriter } from '../../src/journal/writer.ts';
import { takeDecision } from '../../src/service/take-decision.ts';
import { limits, setting } from '../gate/evidence.ts';
import { freshJournal } from '../support/journal-database.ts';
import { amountDiffers, mismatch, skipped, verdict } from '../support/verdicts.ts';

const quiet = (): void => undefined;
const DAY = 86_400_000;

describe('journal/reader', () => {
  let url: string;
  let reader: JournalReader;
  let writer: JournalWriter;
  let journal: Journal;
  let sql: postgres.Sql;

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    writer = openWriter({ url });
    sql = postgres(url, { max: 1, onnotice: quiet });
    journal = openJournal({ url, instance: 'a', limits: { journalBuffer: 20_000, flushMs: 60_000 }, log: quiet });
  });

  afterEach(async () => {
    await journal.close();
    await Promise.all([reader.close(), writer.close(), sql.end()]);
  });

  it('pages ten thousand mismatches without missing or repeating one, at an even cost', async () => {
    const now = Date.now();
    for (let i = 0; i < 10_000; i += 1) journal.record(mismatch({ at: now - Math.floor(i / 3), fatal: i % 2 === 0 }));
    expect(await journal.flush(60_000)).to.equal(true);
    await sql`analyze shadowread.mismatches`;
    const seen = new Set<string>();
    let before: string | undefined;
    const costs: number[] = [];
    for (;;) {
      const started = performance.now();
      const page = await reader.mismatches({
        domain: 'payments',
        limit: 250,
        ...(before === undefined ? {} : { before }),
      });
      costs.push(performance.now() - started);
      for (const { id, at } of page.rows) {
        seen.add(id);
        expect(at).to.be.at.most(now);
      }
      if (page.next === null) break;
      before = page.next;
    }
    expect(seen.size).to.equal(10_000);
    expect(costs).to.have.length(40);
    const [plan] = await sql`explain (format json) select id from shadowread.mismatches
      where domain = 'payments' and at <= now() and (at, id) < (now(), 'z') order by at desc, id desc limit 251`;
    expect(JSON.stringify(plan)).to.contain('Index');
    expect(JSON.stringify(plan)).to.not.contain('"Sort"');
  });

  it('finds mismatches by domain, route, fingerprint and cause, and one by a beginning of its id', async () => {
    journal.record(mismatch({ evidence: new Uint8Array([1, 2, 3]) }));
    journal.record(
      mismatch({
        key: 'GET /api/payments',
        fingerprint: 'fp-list',
        cause: { cause: 'missing_row', entities: [], note: null },
      }),
    );
    journal.record(mismatch({ domain: 'ledger', key: 'GET /api/ledger/entries' }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.mismatches({})).rows).to.have.length(3);
    expect((await reader.mismatches({ domain: 'payments' })).rows).to.have.length(2);
    expect((await reader.mismatches({ route: 'GET /api/ledger/entries' })).rows).to.have.length(1);
    expect((await reader.mismatches({ fingerprint: 'fp-list' })).rows).to.have.length(1);
    const [row] = (await reader.mismatches({ cause: 'data_drift', domain: 'payments' })).rows;
    if (row === undefined) throw new Error('no mismatch');
    expect(row).to.deep.include({
      paths: ['/amount'],
      hasEvidence: true,
      fatal: true,
      request: { method: 'GET', target: '/api/payments/…' },
    });
    const one = await reader.mismatch(row.id.slice(0, 16));
    expect(one?.id).to.equal(row.id);
    expect(one?.verdict.differences).to.deep.equal([amountDiffers]);
    expect(one?.verdict).to.not.have.property('evidence');
    expect([...((await reader.sealedEvidence(row.id))?.evidence ?? [])]).to.deep.equal([1, 2, 3]);
    expect(await reader.sealedSince(Date.now() - DAY, null)).to.have.length(1);
    expect(await reader.sealedSince(Date.now() - DAY, row.id)).to.have.length(0);
    expect(await reader.mismatch('zzz')).to.equal(null);
    expect((await reader.mismatches({ before: "x' or 1=1" })).rows).to.deep.equal([]);
  });

  it('takes a fingerprint from open over acknowledged to fixed, and flags one that comes back', async () => {
    journal.record(mismatch());
    journal.record(mismatch());
    expect(await journal.flush(120_000)).to.equal(true);
    const [found] = (await reader.fingerprints({ domain: 'payments' })).rows;
    expect(found).to.deep.include({
      fingerprint: 'fp-amount',
      state: 'open',
      count: 2,
      lastDay: 2,
      kinds: ['value'],
      causes: { data_drift: 2 },
      regressed: false,
    });
    const expiresAt = Date.now() + DAY;
    await writer.patchFingerprint(
      'fp-amount',
      { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt },
      'ada',
    );
    const evidence = await reader.evidence('payments');
    expect(evidence.counts).to.include({ mismatch: 0, acknowledged: 2, fatal: 2 });
    expect(evidence.routes[0]).to.include({ distinct: 0, distinctMismatches: 0 });
    await sql`update shadowread.fingerprints set expires_at = now() - interval '1 hour'`;
    expect((await reader.evidence('payments')).counts).to.include({ mismatch: 2, acknowledged: 0 });
    expect((await reader.fingerprint('fp-amount'))?.expired).to.equal(true);

    await writer.patchFingerprint('fp-amount', { state: 'fixed' }, 'bob');
    journal.record(mismatch({ at: Date.now() - 60_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.fingerprint('fp-amount'))?.state, 'an older read changes nothing').to.equal('fixed');
    journal.record(mismatch({ at: Date.now() + 1_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await reader.fingerprint('fp-amount')).to.include({ state: 'open', regressed: true, count: 4 });
    expect(
      (await reader.trends(['fp-amount'], 'day', Date.now() - DAY))
        .get('fp-amount')
        ?.reduce((sum, { count }) => sum + count, 0),
    ).to.equal(4);
    const trail = await reader.audit({ subject: 'fp-amount' });
    expect(trail.map(({ who, what }) => `${who} ${what}`)).to.deep.equal(['bob fingerprint', 'ada fingerprint']);
  });

  it('refuses an acknowledgement without an owner, a reason or an expiry to come', async () => {
    journal.record(mismatch());
    expect(await journal.flush(120_000)).to.equal(true);
    for (const patch of [
      { owner: '', reason: 'x', expiresAt: Date.now() + DAY },
      { owner: 'a', reason: ' ', expiresAt: Date.now() + DAY },
      { owner: 'a', reason: 'x', expiresAt: Date.now() - 1 },
      { owner: 'a', reason: 'x', expiresAt: Number.NaN },
    ]) {
      const thrown: unknown = await writer
        .patchFingerprint('fp-amount', { state: 'acknowledged', ...patch }, 'a')
        .catch((e: unknown) => e);
      expect(thrown).to.be.instanceOf(ShadowError).and.include({ code: 'SHADOW_USAGE' });
    }
    const missing: unknown = await writer.patchFingerprint('nope', { state: 'open' }, 'a').catch((e: unknown) => e);
    expect(missing).to.include({ code: 'SHADOW_NOT_FOUND' });
  });

  it('keeps decisions with their evidence, and lets nobody change or remove them', async () => {
    journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    const asked = await takeDecision({ reader, domain: 'payments', limits, setting, keep: { writer, who: 'ada' } });
    expect(asked.decision.outcome).to.equal('undecided');
    expect(asked.decision.missing).to.include('payments: 299 more comparisons on GET /api/payments/:id');
    const [row] = await reader.decisions({ domain: 'payments' });
    expect(row).to.deep.include({ id: asked.id, who: 'ada', outcome: 'undecided', configDigest: 'config-1' });
    const kept = await reader.decision(asked.id ?? 0);
    if (kept === null) throw new Error('no decision');
    expect(decide('payments', kept.evidence, limits, setting), 'the same evidence decides the same').to.deep.equal(
      kept.decision,
    );
    for (const change of [
      () => sql`update shadowread.decisions set outcome = 'pass'`,
      () => sql`delete from shadowread.decisions`,
      () => sql`truncate shadowread.decisions cascade`,
      () => sql`delete from shadowread.audit`,
    ]) {
      const thrown: unknown = await change().catch((error: unknown) => error);
      if (thrown instanceof Error) expect(thrown.message).to.contain('append-only');
      else expect(thrown, 'nothing to change').to.deep.equal([]);
    }
    expect(await reader.decisions({})).to.have.length(1);
  });

  it('cannot decide where the journal cannot be read, and keeps no such decision', async () => {
    const gone = openReader({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const asked = await takeDecision({
      reader: gone,
      domain: 'payments',
      limits,
      setting,
      keep: { writer, who: 'ada' },
    });
    expect(asked.decision.outcome).to.equal('undecided');
    expect(asked.id).to.equal(null);
    const thrown: unknown = await gone.stages().catch((error: unknown) => error);
    expect(thrown).to.include({ code: 'SHADOW_JOURNAL', exit: 2 });
    await gone.close();
  });

  it('tells every replica of a stage within two seconds, and keeps who changed it', async () => {
    expect(await journal.flush(120_000)).to.equal(true);
    const heard: Followed[] = [];
    let wake = quiet;
    const follower = follow({
      url,
      log: quiet,
      onChange: (followed) => {
        heard.push(followed);
        wake();
      },
    });
    const next = async (until: (followed: Followed) => boolean): Promise<Followed> => {
      for (;;) {
        const last = heard.at(-1);
        if (last !== undefined && until(last)) return last;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    expect((await next(() => true)).stages).to.deep.equal([]);
    const change = {
      domain: 'payments',
      stage: 'flipped',
      percent: 5,
      who: 'ada',
      reason: null,
      override: true,
      decision: null,
    } as const;
    const told = performance.now();
    // What this process stood still meanwhile, as it does on a busy machine, is none of the follower's doing.
    let beat = told;
    let stoodStill = 0;
    const beating = setInterval(() => {
      stoodStill += Math.max(0, performance.now() - beat - 20);
      beat = performance.now();
    }, 10);
    await writer.setStage(change);
    const flipped = await next(({ stages }) => stages.length === 1);
    clearInterval(beating);
    expect(performance.now() - told - stoodStill).to.be.below(2_000);
    expect(flipped.stages[0]).to.include({ stage: 'flipped', percent: 5, by: 'ada', override: true });
    await writer.setControls({
      values: { control: { shadowing: false } },
      subject: 'shadowing off',
      who: 'bob',
      reason: null,
    });
    const controlled = await next(({ controls }) => controls.length === 1);
    expect(controlled.controls[0]).to.deep.include({ name: 'control', value: { shadowing: false }, by: 'bob' });
    await writer.setStage({ ...change, stage: 'shadow', percent: 100, who: 'eve' });
    const back = await next(({ stages }) => stages[0]?.stage === 'shadow');
    expect(back.stages[0]?.version).to.be.greaterThan(flipped.stages[0]?.version ?? 0);
    expect((await reader.audit({ subject: 'payments' })).map(({ who }) => who)).to.deep.equal(['eve', 'ada']);
    await follower.close();
  });

  it('draws reads by verdict and the rate per minute, holes included', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    for (let i = 0; i < 9; i += 1) journal.record(verdict({ at: minute - 300_000 + 1 }));
    journal.record(mismatch({ at: minute - 300_000 + 2 }));
    journal.record(skipped('overload', { at: minute + 5 }));
    journal.record(verdict({ domain: 'ledger', key: 'GET /api/ledger/entries', at: minute }));
    expect(await journal.flush(120_000)).to.equal(true);
    const points = await reader.series({
      from: minute - 600_000,
      to: minute + 60_000,
      stepMs: 60_000,
      domain: 'payments',
    });
    expect(points).to.have.length(11);
    expect(points[5]).to.deep.include({ at: minute - 300_000, compared: 10, mismatchRate: 0.1 });
    expect(points[6]).to.deep.include({ compared: 0, mismatchRate: null });
    expect(points[10]?.verdicts.skipped).to.equal(1);
    const [hour] = await reader.series({
      from: minute - 3_600_000,
      to: minute,
      stepMs: 7_200_000,
      route: 'GET /api/payments/:id',
    });
    expect(hour?.compared).to.be.oneOf([0, 10]);
  });

  it('begins a chart a little before the first read, however young the service is', async () => {
    const to = Math.floor(Date.now() / 60_000) * 60_000 + 60_000;
    const minutesShown = async (): Promise<number> => Math.round((to - (await reader.beganAt({ to }))) / 60_000);
    journal.record(verdict({ at: to - 90_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await minutesShown()).to.equal(3);
    journal.record(verdict({ at: to - 10 * 60_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await minutesShown()).to.equal(11);
    journal.record(verdict({ at: to - 200 * 60_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await minutesShown()).to.equal(220);
    expect(await reader.beganAt({ to, domain: 'none' })).to.equal(to - DAY);
  });

  it('keeps what was timed by the hour, and a window has that of the hour in which it begins', async () => {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000;
    for (const minutes of [1, 20, 59, 61]) journal.record(verdict({ at: hour + minutes * 60_000 }));
    expect(await journal.flush(120_000)).to.equal(true);
    const [kept] = await sql<{ rows: number }[]>`select count(*)::int as rows from shadowread.histograms h
      join shadowread.series s on s.id = h.series where s.measure = 'twin'`;
    expect(kept?.rows).to.equal(2);
    const window = { from: hour + 1_800_000, to: hour + 3_600_000, domain: 'payments' };
    const [timed] = await reader.report(window);
    expect(timed).to.include({ compared: 1 });
    expect(timed?.latency?.twin.samples).to.equal(3);
    const [bare] = await reader.report({ ...window, timed: false });
    expect(bare).to.include({ compared: 1, latency: null });
  });

  it('reports the noise floor beside the rate, the paths that move, and the last failure of each kind', async () => {
    for (let i = 0; i < 8; i += 1)
      journal.record(verdict({ control: { agreed: i > 1, paths: i > 1 ? [] : ['/updatedAt'] } }));
    journal.record(verdict({ kind: 'twin_error', reason: 'status_5xx', detail: 'twin answered 503', settleMs: null }));
    journal.record(verdict({ kind: 'settled', settleMs: 400 }));
    expect(await journal.flush(120_000)).to.equal(true);
    const [row] = await reader.report({ from: Date.now() - DAY, domain: 'payments' });
    expect(row).to.deep.include({ noiseFloor: 0.25, controlReads: 8, reasons: { status_5xx: 1 } });
    expect(row?.settle?.p99).to.be.within(391, 409);
    expect(row?.latency?.primary.p50).to.be.within(3.9, 4.1);
    expect(await reader.noisyPaths('payments')).to.have.length(1);
    const [failure] = await reader.failures('payments');
    expect(failure).to.include({ reason: 'status_5xx', detail: 'twin answered 503', count: 1 });
    const [status] = await reader.status();
    expect(status).to.include({ domain: 'payments', epoch: 1, compared: 9, routes: 1, stage: null, lastOutcome: null });
  });

  it('prunes by dropping days, lets sealed evidence go by age and size, and keeps what decisions rest on', async () => {
    const now = Date.now();
    for (let day = 0; day < 5; day += 1) {
      for (let i = 0; i < 4; i += 1) {
        const at = now - day * DAY;
        journal.record(mismatch({ at, evidence: new Uint8Array(100) }));
        journal.record(verdict({ at }));
      }
    }
    expect(await journal.flush(120_000)).to.equal(true);
    const before = (await reader.evidence('payments')).counts;
    const pruned = await prune({ url, olderThan: now - 2 * DAY, evidenceBytes: 500 });
    expect(pruned.partitions.filter((name) => name.startsWith('mismatches_'))).to.have.length(2);
    expect(pruned.evidence).to.equal(12 - 5);
    expect((await reader.mismatches({})).rows).to.have.length(12);
    expect((await reader.mismatches({})).rows.filter(({ hasEvidence }) => hasEvidence)).to.have.length(5);
    expect((await reader.evidence('payments')).counts).to.deep.equal(before);
    const [row] = await reader.report({ from: now - 10 * DAY });
    expect(row?.compared).to.equal(24);
    journal.record(verdict({ at: now - 4 * DAY }));
    expect(await journal.flush(120_000), 'a straggler of a pruned day makes it anew').to.equal(true);
  });
});
