/** Real writes of the reference API race reads through the real mirror, while the sync is 0 to 3 s late. */

import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { REQUESTS } from '../../src/amanat/demo/requests.ts';
import { startWrites } from '../../src/amanat/demo/writes.ts';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { NO_API } from '../../src/api/load.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { drainOnce } from '../../src/migration/drain.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { Route, Verdict } from '../../src/types.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { MirrorBench, type Offer, policyOf } from '../support/mirror-bench.ts';
import { sized } from '../support/sized.ts';

/** What the writes touch, and what is made of it. */
const READ = [
  'GET /api/payments/:id',
  'GET /api/payments',
  'GET /api/payments/stats',
  'GET /api/ledger/entries',
  'GET /api/ledger/balances/:userId',
  'GET /api/requests',
  'GET /api/chats',
  'GET /api/chats/:id',
  'GET /api/chats/:id/messages',
  'GET /api/points/:userId',
  'GET /api/points/:userId/transactions',
  'GET /api/points/leaderboard',
  'GET /api/admin/dashboard',
];
const DRIFTING = 'GET /api/chats/:id';
const READS = sized(80, 240);
const READING_MS = sized(2_000, 6_000);
const LATEST_MS = 3_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('reads that race writes', () => {
  let on: Amanat;

  before(async () => {
    on = await freshAmanat();
  });
  after(() => on?.close());

  it('are never a mismatch, and a row that drifts while it is written is one', async () => {
    const client = await MongoClient.connect(on.mongoUri);
    const mongo = client.db();
    const sql = openMigrationDatabase(on.databaseUrl, 4);
    const catalogue = await readCatalogue(mongo);
    const random = seeded(21);
    const drifting = catalogue.chats[0];
    if (drifting === undefined) throw new Error('there are no chats');
    // Whatever the sync brings, this one row ends up wrong.
    await sql.unsafe(`
      create function drift() returns trigger language plpgsql as $$
        begin new.created_at := new.created_at + interval '1 second'; return new; end $$;
      create trigger drift before insert or update on chats for each row
        when (new.mongo_id = '${drifting.id}') execute function drift();
      update chats set created_at = created_at where mongo_id = '${drifting.id}'`);
    const bench = new MirrorBench(on.reference, on.twin, {
      // Both sides, the mirror and this test share a machine: the limits are not what is tried here.
      policy: policyOf(
        { twinConcurrency: 64, queue: 2_000, twinTimeoutMs: 30_000, recheckPerSecond: 10_000 },
        {
          domains: Object.fromEntries(
            [...new Set(amanatRoutes.map(({ domain }) => domain))].map((name) => [
              name,
              { stage: 'shadow', percent: 100 },
            ]),
          ),
        },
      ),
      api: { ...NO_API, module: new URL('../../src/amanat/index.ts', import.meta.url).href },
      migrationPgUrl: on.databaseUrl,
      mongodbUri: on.mongoUri,
      representation: 'both',
      settle: { delaysMs: [100, 400, 1_000], busyRounds: 12 },
    });
    let syncing = true;
    let wake = (): void => undefined;
    const sync = (async () => {
      while (syncing) {
        await Promise.race([pause(random.next() * LATEST_MS), new Promise<void>((resolve) => (wake = resolve))]);
        await drainOnce({ mongo, sql, mappings: amanatMappings });
      }
    })();
    const writes = startWrites({ proxy: on.reference, catalogue, random: seeded(22), onlyNew: false, pauseMs: 15 });
    const toDrifting = startWrites({
      proxy: on.reference,
      catalogue: { ...catalogue, chats: [drifting], buyers: [], payments: [] },
      random: { ...seeded(23), pick: (items) => items[3] ?? items[0] ?? seeded(1).pick(items) },
      onlyNew: false,
      pauseMs: 200,
    });
    const asking = (key: string, target: string, caller?: string): Offer => {
      const authorization = caller === undefined ? [] : ['Authorization', `Bearer ${caller}`];
      return { route: routeOf(key), target, rawHeaders: ['Host', 'api.example', ...authorization] };
    };
    const drifted = asking(DRIFTING, `/api/chats/${drifting.id}`, drifting.caller);
    for (let i = 0; i < READS; i += 1) {
      const key = random.pick(READ);
      const asked = REQUESTS[key]?.(random, catalogue);
      if (i % 20 === 10 || asked === undefined) await bench.read(drifted);
      else await bench.read(asking(key, asked.target, asked.caller));
      await pause(READING_MS / READS);
    }
    const { accepted } = await writes.stop();
    const isFound = ({ kind, route }: Verdict): boolean => kind === 'mismatch' && route.key === DRIFTING;
    let verdicts = await bench.until(READS);
    // A busy machine sheds reads: none of those that were looked at may have been of that row.
    while (!verdicts.some(isFound)) verdicts = [...verdicts, await bench.one(drifted)];
    await toDrifting.stop();
    syncing = false;
    wake();
    await sync;
    console.log(`      ${accepted} writes, ${READS} reads: ${JSON.stringify(bench.kinds())}`);
    await bench.close();
    await Promise.all([client.close(), sql.end({ timeout: 1 })]);

    const mismatches = verdicts.filter(({ kind }) => kind === 'mismatch');
    const names = (verdict: Verdict): boolean =>
      verdict.cause?.entities.some(({ mongoId }) => mongoId === drifting.id) === true;
    expect(mismatches.filter((verdict) => !names(verdict)).map(told)).to.deep.equal([]);
    const found = mismatches.filter(isFound);
    for (const verdict of found) expect(verdict.cause?.cause, told(verdict)).to.equal('data_drift');
    expect(bench.kinds().settled ?? 0).to.be.greaterThan(0);
  });
});

function routeOf(key: string): Route {
  const entry = amanatRoutes.find((route) => route.key === key);
  if (entry === undefined) throw new Error(`no route ${key}`);
  const { method, pattern, domain } = entry;
  return { key, method, pattern, domain };
}

const told = ({ route, differences, cause, rechecks }: Verdict): string =>
  JSON.stringify({
    route: route.key,
    paths: differences.map(({ path, kind }) => `${path} ${kind}`),
    cause,
    rechecks: rechecks.length,
  });
