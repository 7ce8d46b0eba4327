import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import postgres from 'postgres';
import { journalPage } from '../../config/reference/journal-page.ts';
import { REFERENCE } from '../../config/reference/pages.ts';
import { latency } from '../../src/gate/conditions/latency.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import type { JournalOptions } from '../../src/journal/options.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { JOURNAL_SCHEMA } from '../../src/journal/schema/migrate.ts';
import { forJournal } from '../../src/service/journal-of.ts';
import { VERDICT_KINDS, type Verdict } from '../../src/types.ts';
import { limits } from '../gate/evidence.ts';
import { freshJournal } from '../support/journal-database.ts';
import { startTcpGate } from '../support/tcp-gate.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

const quiet = (): void => undefined;
const rulesOf = ({ rulesDigest }: Verdict): string | null => (rulesDigest === '' ? null : rulesDigest);

describe('journal', () => {
  let url: string;
  let reader: JournalReader;
  let sql: postgres.Sql;
  const opened: Journal[] = [];

  function open(change: Partial<JournalOptions> = {}): Journal {
    const journal = openJournal({
      url,
      instance: 'a',
      limits: { journalBuffer: 1_000 },
      log: quiet,
      rulesOf,
      ...change,
    });
    opened.push(journal);
    return journal;
  }

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    sql = postgres(url, { max: 1, onnotice: quiet });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((journal) => journal.close(2_000)));
    await reader.close();
    await sql.end();
  });

  it('has the tables that docs/reference/journal.md tells of (run npm run reference)', async () => {
    const kept = await readFile(new URL('journal.md', REFERENCE), 'utf8');
    expect(kept.split('\n')).to.deep.equal((await journalPage(url)).split('\n'));
  });

  it('writes every verdict into exactly one count', async () => {
    const journal = open();
    for (let i = 0; i < 50; i += 1) journal.record(verdict());
    for (let i = 0; i < 3; i += 1) journal.record(mismatch());
    for (let i = 0; i < 7; i += 1) journal.record(skipped('overload'));
    for (const kind of ['settled', 'unstable', 'twin_error', 'twin_timeout'] as const)
      journal.record(verdict({ kind }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(journal.stats()).to.include({ pending: 0, written: 64, lost: 0, droppedEvidence: 0, lagSeconds: 0 });
    const [row] = await reader.report({ from: Date.now() - 3_600_000 });
    const expected = { match: 50, settled: 1, mismatch: 3, unstable: 1, twin_error: 1, twin_timeout: 1, skipped: 7 };
    expect(row?.verdicts).to.deep.equal(expected);
    expect(row?.reasons).to.deep.equal({ overload: 7 });
    expect(row).to.include({ compared: 54, fatal: 3, mismatchRate: 3 / 54 });
    const evidence = await reader.evidence('payments');
    expect(evidence.counts).to.include({ match: 50, mismatch: 3, fatal: 3, skippedByForce: 7, twinErrors: 1 });
    expect(evidence.lastDay).to.deep.equal(evidence.counts);
    expect(evidence.routes[0]).to.include({ compared: 54, distinct: 54, distinctMismatches: 3, entities: 54 });
  });

  it('compares latencies by the control reads, which one client asked of both, as soon as there are enough', async () => {
    const journal = open();
    const side = (headersMs: number) => ({ askedAt: 0, headersMs, totalMs: headersMs, status: 200 });
    // The proxy's client and the verifier's see different times; only the control reads are like for like.
    const read = (controlled: boolean) =>
      verdict({
        primary: side(1),
        twin: side(9),
        control: controlled ? { agreed: true, paths: [], timing: { primary: side(8), twin: side(9) } } : null,
      });
    const latency = async () => (await reader.evidence('payments')).routes[0]?.latency;
    for (let i = 0; i < 300; i += 1) journal.record(read(i < 99));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await latency()).to.include({ samples: 300, sameClient: false });
    expect((await latency())?.primary.p99).to.be.within(0.97, 1.03);
    journal.record(read(true));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(await latency()).to.include({ samples: 301, sameClient: true });
    expect((await latency())?.primary.p99).to.be.within(7.8, 8.2);
  });

  it("judges the latency of a sink's reads by the times of our own asking of both sides", async () => {
    const journal = open();
    const side = (headersMs: number) => ({ askedAt: 0, headersMs, totalMs: headersMs, status: 200 });
    const read = verdict({ source: 'sink', primary: side(10), twin: side(40) });
    for (let i = 0; i < 300; i += 1) journal.record(forJournal(read, ['live', 'sink']));
    expect(await journal.flush(120_000)).to.equal(true);
    const evidence = await reader.evidence('payments');
    const declared = [{ key: 'GET /api/payments/:id', domain: 'payments', fewAnswers: null, shapes: [] }];
    const condition = latency({ domain: 'payments', evidence, limits, declared, alpha: 0.01, window: 'epoch 1' });
    expect(condition.holds).to.equal(false);
    expect(condition.figure).to.be.within(3.8, 4.2);
  });

  it('adds up replicas as if they were one, histograms included', async () => {
    const journals = ['a', 'b', 'c', 'd'].map((instance) => open({ instance }));
    const one = { entityHash: '00000000000000aa', answerHash: '00000000000000bb' };
    for (const [index, journal] of journals.entries()) {
      for (let i = 1; i <= 250; i += 1) {
        const headersMs = index * 250 + i;
        const side = { askedAt: 0, headersMs, totalMs: headersMs, status: 200 };
        journal.record(verdict({ ...one, primary: side, twin: side }));
      }
    }
    expect(await Promise.all(journals.map((journal) => journal.flush(120_000)))).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
    const evidence = await reader.evidence('payments');
    const [route] = evidence.routes;
    expect(evidence.counts.match).to.equal(1_000);
    expect(route).to.include({ compared: 1_000, distinct: 1, entities: 1, answers: 1 });
    expect(route?.latency?.samples).to.equal(1_000);
    expect(route?.latency?.twin.p99).to.be.within(990 * 0.978, 990 * 1.022);
    expect(route?.latency?.primary.p50).to.be.within(500 * 0.978, 500 * 1.022);
    expect((await reader.instances()).map(({ state }) => state)).to.deep.equal([
      'running',
      'running',
      'running',
      'running',
    ]);
  });

  it('applies a batch once though the connection is lost after its commit', async () => {
    const proxied = await losingProxy(url);
    const journal = open({ url: proxied.url, limits: { journalBuffer: 1_000, flushMs: 20 } });
    journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 20; i += 1) journal.record(i % 5 === 0 ? mismatch() : verdict());
      proxied.loseAnswerToCommit();
      expect(await journal.flush(120_000)).to.equal(true);
    }
    expect(proxied.lost(), 'commits whose answer was lost').to.equal(5);
    const { counts, routes } = await reader.evidence('payments');
    expect(counts).to.include({ match: 1 + 5 * 16, mismatch: 5 * 4 });
    expect(routes[0]).to.include({ compared: 101, distinct: 101 });
    expect((await reader.fingerprints({})).rows[0]?.count).to.equal(20);
    expect((await reader.mismatches({})).rows).to.have.length(20);
    expect(journal.stats().written).to.equal(101);
    await journal.close();
    await proxied.close();
  });

  it('neither waits nor throws while the journal is down, and catches up alone', async () => {
    const proxied = await losingProxy(url);
    await proxied.refuse(true);
    const journal = open({ url: proxied.url, limits: { journalBuffer: 5, flushMs: 10 } });
    for (let i = 0; i < 5_000; i += 1) journal.record(verdict());
    for (let i = 0; i < 12; i += 1) journal.record(mismatch());
    expect(await journal.flush(300)).to.equal(false);
    const down = journal.stats();
    expect(down).to.include({ pending: 5_012, written: 0, buffered: 5, droppedEvidence: 7, connected: false });
    expect(down.lagSeconds).to.be.greaterThan(0);
    expect(down.lastError).to.not.equal(null);
    await proxied.refuse(false);
    expect(await journal.flush(120_000)).to.equal(true);
    expect(journal.stats()).to.include({ pending: 0, written: 5_012, lagSeconds: 0, connected: true });
    const evidence = await reader.evidence('payments');
    expect(evidence.counts).to.include({ match: 5_000, mismatch: 12, fatal: 12 });
    expect((await reader.mismatches({})).rows).to.have.length(5);
    expect((await reader.instances())[0]?.droppedEvidence).to.equal(7);
    await journal.close();
    await proxied.close();
  });

  it('keeps counts exact by hour where an outage outlasts its minutes', async () => {
    const journal = open({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const begin = Date.UTC(2026, 0, 1);
    for (let i = 0; i < 24_000; i += 1) {
      journal.record(
        verdict({
          key: `GET /api/r${i % 20}`,
          at: begin + Math.floor(i / 20) * 60_000,
          kind: VERDICT_KINDS[i % 2] ?? 'match',
        }),
      );
    }
    expect(journal.stats()).to.include({ pending: 24_000, lost: 0 });
  });

  it('lets evidence go that the database refuses, and keeps its counts', async () => {
    const journal = open();
    journal.record(mismatch({ request: { method: 'GET', target: '/a\0b\ud800c' }, fingerprint: 'fp\0' }));
    journal.record(mismatch({ trace: { ...verdict().trace, traceId: 'a\0' } }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect(journal.stats()).to.include({ written: 2 });
    expect((await reader.evidence('payments')).counts.mismatch).to.equal(2);
  });

  it('begins an epoch at a change of backfill, twin build or rules and at no other moment', async () => {
    let backfill: string | null = null;
    const journal = open({ backfillOf: () => backfill });
    const epochs = async (): Promise<string[]> => {
      expect(await journal.flush(120_000)).to.equal(true);
      const rows = await sql`select ordinal, backfill, twin_build, rules from shadowread.epochs order by ordinal`;
      return rows.map((row) => `${row.ordinal} ${row.backfill} ${row.twin_build} ${row.rules}`);
    };
    journal.record(skipped('breaker_open'));
    expect(await epochs()).to.deep.equal(['1 null null null']);
    journal.record(verdict());
    expect(await epochs(), 'what was not known is filled in').to.deep.equal(['1 null build-1 rules-1']);
    backfill = 'b1';
    journal.record(verdict());
    expect(await epochs()).to.deep.equal(['1 b1 build-1 rules-1']);
    journal.record(verdict({ shape: 'another', key: 'GET /api/payments' }));
    journal.record(verdict({ kind: 'twin_error', twinBuild: null }));
    journal.record(skipped('overload'));
    expect(await epochs()).to.deep.equal(['1 b1 build-1 rules-1']);
    journal.record(verdict({ twinBuild: 'build-2' }));
    expect(await epochs()).to.have.length(2);
    journal.record(verdict({ twinBuild: 'build-2', rulesDigest: 'rules-2' }));
    expect(await epochs()).to.have.length(3);
    backfill = 'b2';
    journal.record(verdict({ twinBuild: 'build-2', rulesDigest: 'rules-2' }));
    expect((await epochs()).at(-1)).to.equal('4 b2 build-2 rules-2');
    const evidence = await reader.evidence('payments');
    expect(evidence.epoch).to.include({ ordinal: 4, backfill: 'b2' });
    expect(evidence.counts.match).to.equal(1);
    // A domain of its own is not touched by another's changes.
    journal.record(verdict({ domain: 'ledger', key: 'GET /api/ledger/entries' }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.evidence('ledger')).epoch?.ordinal).to.equal(1);
  });

  it('continues an epoch that comes back: the same data, build and rules are the same evidence', async () => {
    const journal = open();
    journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    journal.record(verdict({ twinBuild: 'build-2', at: Date.now() + 10 }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.evidence('payments')).epoch?.ordinal).to.equal(2);
    journal.record(verdict({ at: Date.now() + 20 }));
    expect(await journal.flush(120_000)).to.equal(true);
    const evidence = await reader.evidence('payments');
    expect(evidence.epoch?.ordinal).to.equal(1);
    expect(evidence.counts.match).to.equal(2);
    expect(evidence.journal.activeEpochs).to.equal(2);
  });

  it("keeps out of the gate's evidence what the twin served and its own representation", async () => {
    const journal = open();
    journal.record(verdict());
    journal.record(verdict({ served: 'twin' }));
    journal.record(mismatch({ served: 'twin' }));
    journal.record(mismatch({ representation: 'twin' }));
    expect(await journal.flush(120_000)).to.equal(true);
    const evidence = await reader.evidence('payments');
    expect(evidence.counts).to.include({ match: 1, mismatch: 0, fatal: 0 });
    expect(evidence).to.include({ servedByTwin: 2, otherRepresentation: 1 });
    expect(evidence.fingerprints).to.deep.equal([]);
    expect(evidence.routes[0]).to.include({ compared: 1, distinct: 1 });
  });

  it('counts distinct comparisons exactly up to the cap, and mismatching ones beyond it', async () => {
    const journal = open({ limits: { journalBuffer: 1_000, distinctCap: 10 } });
    for (let i = 0; i < 10; i += 1) journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    for (let i = 0; i < 10; i += 1) journal.record(verdict());
    for (let i = 0; i < 4; i += 1) journal.record(mismatch());
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.evidence('payments')).routes[0]).to.include({
      compared: 24,
      distinct: 14,
      distinctMismatches: 4,
    });
  });

  it('counts a few answers over all shapes of a route once', async () => {
    const journal = open();
    for (const shape of ['limit=1', 'limit=2', 'limit=3']) {
      for (const answerHash of ['00000000000000a1', '00000000000000a2']) journal.record(verdict({ shape, answerHash }));
    }
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.evidence('payments')).routes[0]).to.include({ answers: 2, distinct: 2 });
  });

  it('counts among a few answers no errors, and none of the form that does not count', async () => {
    const journal = open();
    const [good, error, other] = ['00000000000000a1', '00000000000000a2', '00000000000000a3'];
    for (const shape of ['limit=1 200', 'limit=2 200']) journal.record(verdict({ shape, answerHash: good }));
    const side = { askedAt: 0, headersMs: 3, totalMs: 4, status: 404 };
    journal.record(verdict({ shape: 'limit=1 404', answerHash: error, primary: side, twin: side }));
    journal.record(verdict({ shape: 'limit=1 200', answerHash: other, representation: 'twin' }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.evidence('payments')).routes[0]).to.include({ answers: 1, distinct: 1 });
  });

  it('reads a gate in four round trips, in one snapshot', async () => {
    const journal = open();
    journal.record(verdict());
    journal.record(mismatch());
    expect(await journal.flush(120_000)).to.equal(true);
    const { hostname, port } = new URL(url);
    const gate = await startTcpGate(hostname, Number(port));
    const through = new URL(url);
    through.port = String(gate.port);
    const far = openReader({ url: through.href, max: 1 });
    try {
      const first = await far.evidence('payments');
      const before = gate.turns;
      expect(await far.evidence('payments')).to.deep.include({ counts: first.counts, routes: first.routes });
      expect(gate.turns - before).to.be.at.most(4);
    } finally {
      await far.close();
      await gate.close();
    }
  });

  it('counts a comparison as distinct where its question and its answer are both new', async () => {
    const journals = [open({ instance: 'a' }), open({ instance: 'b' })];
    const record = async (entityHash: string, answerHash: string, journal = journals[0]): Promise<void> => {
      journal?.record(verdict({ entityHash, answerHash, shape: '200' }));
      await journal?.flush(120_000);
    };
    const hash = (name: string, i: number): string => `${name}${i.toString(16).padStart(15, '0')}`;
    // One question with many answers, many questions with one answer, and both by either replica.
    for (let i = 0; i < 5; i += 1) await record(hash('a', 0), hash('b', i), journals[i % 2]);
    for (let i = 0; i < 5; i += 1) await record(hash('a', 10 + i), hash('b', 0), journals[i % 2]);
    const [route] = (await reader.evidence('payments')).routes;
    expect(route).to.include({ compared: 10, entities: 6, answers: 5, distinct: 1 });
    // A pair of its own, sent with what others have sent before.
    journals[1]?.record(verdict({ entityHash: hash('a', 30), answerHash: hash('b', 30), shape: '200' }));
    journals[1]?.record(verdict({ entityHash: hash('a', 30), answerHash: hash('b', 31), shape: '200' }));
    await journals[1]?.flush(120_000);
    expect((await reader.evidence('payments')).routes[0]).to.include({ compared: 12, distinct: 2 });
  });

  it('counts agreement by the kind of answer: good answers, redirects, errors', async () => {
    const journal = open();
    const answered = (status: number, key: string): void => {
      const side = { askedAt: 0, headersMs: 3, totalMs: 4, status };
      journal.record(verdict({ key, shape: String(status), primary: side, twin: side }));
    };
    for (let i = 0; i < 3; i += 1) answered(200, 'GET /orders/:id');
    for (let i = 0; i < 4; i += 1) answered(404, 'GET /orders/:id');
    for (let i = 0; i < 5; i += 1) answered(302, 'GET /orders/:id');
    for (let i = 0; i < 6; i += 1) answered(301, 'GET /old/:id');
    for (let i = 0; i < 7; i += 1) answered(401, 'GET /mine/:id');
    journal.record(mismatch({ key: 'GET /orders/:id', shape: '404' }));
    expect(await journal.flush(120_000)).to.equal(true);
    const { counts, routes } = await reader.evidence('payments');
    expect(counts).to.include({ match: 9, agreedInError: 16, mismatch: 1 });
    const [mine, old, orders] = [...routes].sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(mine).to.deep.include({ compared: 0, distinct: 0, answers: 0, statuses: { '401': 7 }, latency: null });
    expect(old).to.include({ compared: 6, distinct: 6 });
    expect(orders).to.include({ compared: 3, distinct: 3, distinctMismatches: 1 });
    expect(orders?.latency?.samples).to.equal(9);
    const declared = (await reader.evidence('payments', 'primary', ['GET /orders/:id'])).routes;
    expect(declared.find(({ key }) => key === 'GET /orders/:id')).to.include({ compared: 8, distinct: 8 });
  });

  it('counts blameless skips separately, and counts either form of the twin where that is asked for', async () => {
    const journal = open();
    for (const reason of ['not_modified', 'primary_error', 'overload', 'paused'] as const)
      journal.record(skipped(reason));
    const one = { entityHash: '00000000000000aa', answerHash: '00000000000000bb' };
    journal.record(verdict({ ...one, undeclared: ['_', 'utm_source'] }));
    journal.record(verdict({ ...one, representation: 'twin' }));
    journal.record(verdict({ representation: 'twin' }));
    expect(await journal.flush(120_000)).to.equal(true);
    const own = await reader.evidence('payments');
    expect(own.counts).to.include({ match: 1, skippedBlameless: 2, skippedByForce: 1, skippedByChoice: 1 });
    expect(own).to.include({ otherRepresentation: 2 });
    expect(own.routes[0]).to.deep.include({ compared: 1, distinct: 1, undeclared: ['_', 'utm_source'] });
    const twins = await reader.evidence('payments', 'twin');
    expect(twins.counts.match).to.equal(2);
    expect(twins.routes[0]).to.include({ compared: 2, distinct: 2 });
    expect(twins.routes[0]?.shapes[0]?.shape).to.equal('id=known 2xx');
    const any = await reader.evidence('payments', 'any');
    expect(any).to.include({ otherRepresentation: 0 });
    expect(any.routes[0]).to.include({ compared: 3, distinct: 2 });
  });

  it('shows a replica that fell silent as a gap, and a clock that is off', async () => {
    const journal = open();
    journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    await journal.close();
    expect((await reader.evidence('payments')).journal).to.deep.include({ gaps: [], replicas: 1 });
    await sql`update shadowread.instances set stopped_at = null, heartbeat = now() - interval '2 minutes', skew_ms = 4000`;
    const { journal: health } = await reader.evidence('payments');
    expect(health.gaps.map(({ instance }) => instance.split('/')[0])).to.deep.equal(['a']);
    expect(health.clockSkewMs).to.equal(4_000);
  });

  it('migrates once though many replicas start together', async () => {
    const journals = Array.from({ length: 8 }, (_, i) => open({ instance: `r${i}` }));
    for (const journal of journals) journal.record(verdict());
    expect(await Promise.all(journals.map((journal) => journal.flush(120_000)))).to.not.include(false);
    const versions = await sql<{ version: number }[]>`select version from shadowread.schema_version order by version`;
    expect(versions.map(({ version }) => version)).to.deep.equal(JOURNAL_SCHEMA.versions.map((_, at) => at + 1));
    expect((await reader.evidence('payments')).counts.match).to.equal(8);
  });
});

interface LosingProxy {
  readonly url: string;
  refuse(refusing: boolean): Promise<void>;
  /** The next COMMIT reaches Postgres; its answer does not reach the client. */
  loseAnswerToCommit(): void;
  lost(): number;
  close(): Promise<void>;
}

/** A TCP proxy before Postgres that can refuse, or cut a connection right after its commit went through. */
async function losingProxy(url: string): Promise<LosingProxy> {
  const target = new URL(url);
  let armed = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', quiet);
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('error', quiet);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.end());
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (armed && data.toString('latin1').includes('COMMIT')) {
        armed = false;
        lost += 1;
        client.destroy();
      } else client.write(data);
    });
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${port}`;
  return {
    url: proxied.href,
    refuse: (refusing) => (refusing ? stop() : listen(port)),
    loseAnswerToCommit() {
      armed = true;
    },
    lost: () => lost,
    close: stop,
  };
}
