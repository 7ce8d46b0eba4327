/** A real nginx that mirrors to a sink, before the real API and its twin. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { request } from 'undici';
import { readCatalogue } from '../../../src/amanat/demo/catalogue.ts';
import { type Child, startChild } from '../../../src/amanat/demo/child.ts';
import { injectFaults } from '../../../src/amanat/demo/faults.ts';
import { AdminClient, judge } from '../../../src/amanat/demo/outcome.ts';
import { seeded } from '../../../src/amanat/demo/random.ts';
import { runTraffic } from '../../../src/amanat/demo/traffic.ts';
import { startWrites } from '../../../src/amanat/demo/writes.ts';
import { openPostgresPool } from '../../../src/base/postgres.ts';
import { type Amanat, freshAmanat } from '../../support/amanat.ts';
import { freshJournal } from '../../support/journal-database.ts';
import { until } from '../../support/until.ts';
import { hasNginx, type Nginx, startNginx } from '../nginx.ts';

/** Reads beside writes before anything is broken. */
const READS = 5_000;
/** Drawn reads beside those that show the faults. */
const OTHERS = 200;

/** Longest wait for copies that are on their way when the last client has its answer. */
const ARRIVAL_MS = 120_000;

/** Everything is verified, and what settles is given the time that a busy machine needs. */
const CONFIG = `
routes: { table: amanat }
shadow: { control: 0.01 }
settle: { delaysMs: [60, 200, 500, 1000] }
twin: { timeoutMs: 60000, connectTimeoutMs: 60000 }
journal: { flushMs: 200 }
limits: { queue: 4096, recheckPerSecond: 200, waitMs: 60000 }
sink: { perSecond: 100000, concurrency: 256 }
`;

describe('a sink behind a real nginx', function () {
  this.timeout(900_000);
  this.retries(0);
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-sink-'));
  let on: Amanat;
  let journal: string;
  let drain: Child;
  let sink: Child;
  let nginx: Nginx;

  before(async function () {
    if (!hasNginx()) {
      process.stderr.write(
        'nginx is not installed (apt-get install nginx-light): the tests of a real mirror are skipped\n',
      );
      this.skip();
    }
    [on, journal] = await Promise.all([freshAmanat({ oracleQuoting: true }), freshJournal()]);
    const stores = { MONGODB_URI: on.mongoUri, MIGRATION_PG_URL: on.databaseUrl };
    drain = await startChild('drain', ['drain', '--follow'], stores);
    const config = join(folder, 'sink.yaml');
    writeFileSync(config, CONFIG);
    sink = await startChild('sink', ['sink', '--config', config], {
      ...stores,
      SHADOWREAD_PRIMARY_URL: on.reference,
      SHADOWREAD_TWIN_URL: on.twin,
      SHADOWREAD_JOURNAL_URL: journal,
      SHADOWREAD_PORT: '0',
      SHADOWREAD_ADMIN_PORT: '0',
    });
    nginx = await startNginx({ primary: on.reference, mirror: String(sink.ready.sink), patient: true });
  });
  after(async () => {
    await nginx?.stop();
    await sink?.stop();
    await drain?.stop();
    await on?.close();
    rmSync(folder, { recursive: true });
  });

  it(`judges ${READS} reads beside writes without one false mismatch, and finds every injected fault`, async () => {
    const admin = new AdminClient(String(sink.ready.admin));
    const mongo = await MongoClient.connect(on.mongoUri);
    const sql = openPostgresPool(on.databaseUrl, { name: 'shadowread-test', max: 2 });
    const random = seeded(11);
    let sent = 0;
    try {
      const catalogue = await readCatalogue(mongo.db());
      const round = async (reads: number, onlyNew: boolean, first: Parameters<typeof runTraffic>[0]['first'] = []) => {
        const writes = startWrites({ proxy: nginx.url, catalogue, random: seeded(12), onlyNew, pauseMs: 40 });
        const traffic = await runTraffic({
          proxy: nginx.url,
          catalogue,
          random,
          reads,
          concurrency: 4,
          first,
          signal: new AbortController().signal,
          onProgress: () => undefined,
          ready: async () => {
            const { queued, inFlight } = await admin.status();
            return queued < 3 && inFlight < 24;
          },
        });
        const { accepted } = await writes.stop();
        sent += traffic.sent;
        // A client has its answer before the sink has its copy: without a wait the last one may be missing.
        const waited = performance.now() + ARRIVAL_MS;
        await until(
          async () => (await admin.status()).seen >= sent - nginx.givenUp() || performance.now() > waited,
          100,
        );
        return { ...traffic, accepted, status: await admin.quiet(120_000, () => undefined) };
      };
      const before = await round(READS, false);
      expect(before.failed).to.equal(0);
      expect(before.accepted).to.be.above(READS / 100);
      expect(await admin.fingerprints()).to.deep.equal([]);
      expect(before.status.verdicts.mismatch ?? 0).to.equal(0);
      const { verdicts, seen } = before.status;
      // On a machine without a core to spare nginx gives up a copy now and then (proxy_connect_timeout).
      expect(seen).to.be.at.least(before.sent * 0.99);
      expect((verdicts.match ?? 0) + (verdicts.settled ?? 0)).to.be.above(seen * 0.8);

      const injected = await injectFaults({ sql, catalogue, random });
      const reads = injected.flatMap((fault) => Array.from({ length: 4 }, () => fault.reads).flat());
      let judged = judge(injected, [], []);
      for (let tries = 0; tries < 4 && !judged.injected.every(({ found }) => found); tries += 1) {
        await round(reads.length + OTHERS, true, reads);
        judged = judge(injected, await admin.fingerprints(), await admin.faults());
      }
      expect(judged.injected.filter(({ found }) => !found)).to.deep.equal([]);
      expect(judged.unexpected).to.deep.equal([]);
      expect(judged.invented).to.deep.equal([]);

      expect(await sourcesIn(journal)).to.deep.equal(['sink']);
    } finally {
      await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
    }
  });

  it('serves clients byte for byte as without a mirror', async () => {
    const mongo = await MongoClient.connect(on.mongoUri);
    try {
      const catalogue = await readCatalogue(mongo.db());
      const targets = [
        '/api/levels',
        '/api/categories',
        '/api/nowhere',
        '/api/payments/nothing',
        ...catalogue.payments.slice(0, 20).map((id) => `/api/payments/${id}?x=%20%41`),
      ];
      const caller = `Bearer ${catalogue.admins[0]}`;
      const answerOf = async (base: string, target: string) => {
        const { statusCode, headers, body } = await request(`${base}${target}`, { headers: { authorization: caller } });
        const { date: _date, ...fields } = headers;
        return { statusCode, fields, body: Buffer.from(await body.arrayBuffer()).toString('base64') };
      };
      for (const target of targets) {
        expect(await answerOf(nginx.url, target), target).to.deep.equal(await answerOf(nginx.plainUrl, target));
      }
    } finally {
      await mongo.close();
    }
  });

  it('hurts no client when the sink is gone', async () => {
    await sink.stop();
    for (let i = 0; i < 20; i += 1) {
      const { statusCode, body } = await request(`${nginx.url}/api/levels`);
      await body.dump();
      expect(statusCode).to.equal(200);
    }
  });
});

async function sourcesIn(url: string): Promise<string[]> {
  const sql = openPostgresPool(url, { name: 'shadowread-test', max: 1 });
  try {
    const rows = await sql<
      { source: string }[]
    >`select distinct verdict->>'source' as source from shadowread.mismatches`;
    return rows.map(({ source }) => source);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
