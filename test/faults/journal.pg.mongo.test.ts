import { expect } from 'chai';
import postgres from 'postgres';
import { type Amanat, amanat } from '../support/amanat.ts';
import { conserved, type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { freshDatabase } from '../support/stores.ts';
import { type Door, startTcpGate, type TcpGate } from '../support/tcp-gate.ts';

const PATHS = ['/api/levels', '/api/categories', '/api/payments?limit=3', '/api/points/leaderboard'];
const READS = 60;

describe('faults of the journal', function () {
  this.timeout(120_000);
  let on: Amanat;
  let journal: string;
  let gate: TcpGate;
  let proxy: ProxyProcess;
  const direct = new Map<string, string>();

  before(async () => {
    on = await amanat();
    journal = await freshDatabase();
    const url = new URL(journal);
    gate = await startTcpGate(url.hostname, Number(url.port));
    url.port = String(gate.port);
    url.hostname = '127.0.0.1';
    for (const path of PATHS) direct.set(path, await (await fetch(`${on.reference}${path}`)).text());
    gate.set('shut');
    proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: on.reference,
        SHADOWREAD_TWIN_URL: on.twin,
        MIGRATION_PG_URL: on.databaseUrl,
        SHADOWREAD_JOURNAL_URL: url.href,
      },
      'journal: { flushMs: 50 }\nsettle: { delaysMs: [20] }\nlimits: { queue: 5000 }\n',
    );
  });
  after(async () => {
    gate.set('open');
    await proxy.stop();
    await gate.close();
  });

  /** Reads while the journal is as it is; every client must get what the primary gives. */
  const load = async (): Promise<{ changed: number; failed: number }> => {
    let changed = 0;
    let failed = 0;
    await Promise.all(
      Array.from({ length: READS }, async (_, turn) => {
        const path = PATHS[turn % PATHS.length] ?? '';
        try {
          const answer = await fetch(`${proxy.url}${path}`);
          if ((await answer.text()) !== direct.get(path)) changed += 1;
        } catch {
          failed += 1;
        }
      }),
    );
    return { changed, failed };
  };
  const written = async (): Promise<number> => {
    const sql = postgres(journal, { max: 1, onnotice: () => undefined });
    try {
      const [row] = await sql<{ n: number }[]>`select coalesce(sum(n), 0)::int as n from shadowread.counts`;
      return row?.n ?? 0;
    } finally {
      await sql.end({ timeout: 1 });
    }
  };

  const cases: readonly [what: string, door: Door][] = [
    ['down at the start', 'shut'],
    ['back again', 'open'],
    ['stuck in the middle of a batch', 'stuck'],
    ['killed under load', 'shut'],
  ];
  let seen = 0;
  for (const [what, door] of cases) {
    it(`${what}: no client byte changes, nothing fails, verdicts are conserved`, async () => {
      const half = load();
      gate.set(door);
      const [one, two] = [await half, await load()];
      seen += 2 * READS;
      const now = await proxy.until(({ inFlight }) => inFlight === 0);
      console.log(
        `      ${what}: ${2 * READS} reads, lag ${now.journal.lagSeconds.toFixed(1)} s, ${now.journal.buffered} rows buffered`,
      );
      expect([one, two]).to.deep.equal([
        { changed: 0, failed: 0 },
        { changed: 0, failed: 0 },
      ]);
      expect(conserved(now)).to.equal(true);
      expect(now.seen).to.equal(seen);
    });
  }

  it('recovers by itself, and has counted every read exactly once', async () => {
    gate.set('open');
    await proxy.until(({ journal: { lagSeconds } }) => lagSeconds === 0, 60_000);
    expect(await written()).to.equal(seen);
  });
});
