/** The real service over Amanat with known faults in the twin: real mismatches, fingerprints and gates to look at. */
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { type Catalogue, readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { type Injected, injectFaults } from '../../src/amanat/demo/faults.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { runTraffic } from '../../src/amanat/demo/traffic.ts';
import { type Amanat, freshAmanat } from './amanat.ts';
import { freshJournal } from './journal-database.ts';
import { type ProxyProcess, startProxyProcess } from './proxy-process.ts';

export interface FaultyService {
  readonly amanat: Amanat;
  readonly proxy: ProxyProcess;
  readonly journalUrl: string;
  readonly catalogue: Catalogue;
  /** The journal's tables, for rows that no traffic would bring. */
  readonly journal: postgres.Sql;
  /**
   * The id of a mismatch that shows the fault of this name for certain (`injectFaults`), of a cause that was found. Which
   * mismatch is the first of a list depends on which read was verified first.
   */
  mismatchOf(what: string): Promise<string>;
  close(): Promise<void>;
}

export const SERVICE_CONFIG = `
routes: { table: amanat }
settle: { delaysMs: [20, 60] }
shadow: { control: 0.2 }
journal: { flushMs: 100 }
verifier: { niceness: 0 }
gate: { watchMs: 5000, minimumPerRoute: 3, minimumPerShape: 1, mismatchLimit: 0.5, failureLimit: 0.5, latencyRatio: 50, settleP99Ms: 20000 }
repair: { enabled: true }
admin: { traceLink: 'https://traces.example/trace/{traceId}' }
`;

/** Starts everything, breaks the twin in every known way, and reads until it shows. To be closed by whoever asked. */
export async function faultyService(
  options: {
    readonly reads?: number;
    /** Opens sealed answers. */
    readonly revealToken?: string;
  } = {},
): Promise<FaultyService> {
  const { revealToken } = options;
  const [amanat, journalUrl] = await Promise.all([freshAmanat(), freshJournal()]);
  const journal = postgres(journalUrl, { max: 1, onnotice: () => undefined });
  const proxy = await startProxyProcess(
    {
      SHADOWREAD_PRIMARY_URL: amanat.reference,
      SHADOWREAD_TWIN_URL: amanat.twin,
      SHADOWREAD_JOURNAL_URL: journalUrl,
      MIGRATION_PG_URL: amanat.databaseUrl,
      MONGODB_URI: amanat.mongoUri,
      SHADOWREAD_EVIDENCE_KEY: 'a5'.repeat(32),
      ...(revealToken === undefined ? {} : { SHADOWREAD_REVEAL_TOKEN: revealToken }),
    },
    revealToken === undefined ? SERVICE_CONFIG : `${SERVICE_CONFIG}evidence: { reveal: true }\n`,
  );
  const { catalogue, injected } = await broken(amanat, proxy, options.reads ?? 60);
  return {
    amanat,
    proxy,
    journalUrl,
    catalogue,
    journal,
    async mismatchOf(what) {
      const fault = injected.find((one) => one.what === what);
      const id = fault === undefined ? null : await shownBy(proxy, fault);
      if (id === null) throw new Error(`nothing shows ${what}`);
      return id;
    },
    async close() {
      await proxy.stop();
      await journal.end({ timeout: 1 });
      await amanat.close();
    },
  };
}

async function broken(
  amanat: Amanat,
  proxy: ProxyProcess,
  reads: number,
): Promise<{ readonly catalogue: Catalogue; readonly injected: readonly Injected[] }> {
  const mongo = await MongoClient.connect(amanat.mongoUri);
  const sql = postgres(amanat.databaseUrl, { max: 2, onnotice: () => undefined });
  try {
    const catalogue = await readCatalogue(mongo.db());
    const random = seeded(1);
    const injected = await injectFaults({ sql, catalogue, random });
    await runTraffic({
      proxy: proxy.url,
      catalogue,
      random,
      reads,
      concurrency: 4,
      first: injected.flatMap((fault) => [...fault.reads, ...fault.reads]),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ready: async () => (await proxy.status()).queued < 16,
    });
    await proxy.quiet();
    for (const fault of injected) {
      // A busy machine sheds reads, and those of a fault may be among them.
      while ((await shownBy(proxy, fault)) === null) {
        for (const { target, caller } of fault.reads)
          await (
            await fetch(
              proxy.url + target,
              caller === undefined ? {} : { headers: { authorization: `Bearer ${caller}` } },
            )
          ).text();
        await proxy.quiet();
      }
    }
    return { catalogue, injected };
  } finally {
    await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
  }
}

async function shownBy(proxy: ProxyProcess, { sure: { route, path } }: Injected): Promise<string | null> {
  const { mismatches } = await proxy.get<{
    readonly mismatches: readonly { readonly id: string; readonly cause: string; readonly paths: readonly string[] }[];
  }>(`/api/mismatches?limit=1000&route=${encodeURIComponent(route)}`);
  const found = mismatches.find((one) => one.cause !== 'unknown' && one.paths.some((shown) => path.test(shown)));
  return found?.id ?? null;
}
