/** Everything a demo needs, started in order: stores, data, reference API, backfill, drain, twin, proxy. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MongoStore, openMongo, withMongoDatabase } from '../../stores/mongo.ts';
import { createDatabase, openPostgres, type PostgresStore } from '../../stores/postgres.ts';
import { type Child, startChild } from './child.ts';

export interface Stack {
  readonly proxy: string;
  readonly admin: string;
  readonly primary: string;
  readonly twin: string;
  readonly mongo: string;
  readonly postgres: string;
  readonly journal: string;
  /** Seconds from the first step to the last. */
  readonly seconds: number;
  close(): Promise<void>;
}

export interface StackOptions {
  readonly seed: number;
  onStep(step: string): void;
  /** Makes the twin's tables. Handed in, as the backfill is: the demo imports no stage. */
  readonly prepare: (postgres: string) => Promise<void>;
  readonly backfill: (mongo: string, postgres: string) => Promise<void>;
}

/**
 * A gate that can be decided on a few thousand reads. The bounds are wide because the run is short; a real gate keeps
 * the defaults.
 */
const CONFIG = `
routes: { table: amanat }
shadow: { control: 0.01 }
settle: { delaysMs: [60, 200, 500, 1000] }
twin: { timeoutMs: 20000, connectTimeoutMs: 10000 }
verifier: { niceness: 0 }
journal: { flushMs: 200 }
limits: { queue: 4096, recheckPerSecond: 200 }
gate:
  minimumPerRoute: 3
  minimumPerShape: 1
  mismatchLimit: 0.5
  failureLimit: 0.5
  forcedSkipLimit: 0.5
  unstableLimit: 0.1
  settledLimit: 0.5
  settleP99Ms: 20000
  latencyRatio: 50
  fatalKinds: [missing, extra, value, type, order, status, header]
`;

/** @throws ShadowError of the step that failed, after everything started before it was stopped. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const began = Date.now();
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end().catch(() => undefined);
  };
  const step = async <T>(name: string, work: () => Promise<T>, end?: (made: T) => Promise<unknown>): Promise<T> => {
    options.onStep(name);
    const made = await work();
    if (end !== undefined) closing.push(() => end(made));
    return made;
  };
  const stopChild = (child: Child): Promise<void> => child.stop();
  try {
    const folder = await step(
      'a temporary folder',
      () => mkdtemp(join(tmpdir(), 'shadowread-demo-')),
      (path) => rm(path, { recursive: true, force: true }),
    );
    const [server, mongoServer] = await step(
      'PostgreSQL 18 and MongoDB',
      () => Promise.all([openPostgres({}), openMongo({})]) as Promise<[PostgresStore, MongoStore]>,
      ([postgres, mongo]) => Promise.all([postgres.close(), mongo.close()]),
    );
    const postgres = await createDatabase(server.url, 'amanat');
    const journal = await createDatabase(server.url, 'journal');
    const mongo = withMongoDatabase(mongoServer.uri, `amanat_demo_${randomBytes(4).toString('hex')}`);
    const stores = { MONGODB_URI: mongo, MIGRATION_PG_URL: postgres };
    const tables = step("the twin's tables", () => options.prepare(postgres));
    const [reference, twin] = await together(
      step(
        'seed data and the Mongo-served reference API',
        () =>
          startChild(
            'reference',
            ['reference', '--port', '0', '--seed-data', 'small', '--seed', String(options.seed)],
            { ...stores, ORACLE_QUOTING_ENABLED: 'true' },
          ),
        stopChild,
      ),
      tables.then(() =>
        step('the Postgres twin', () => startChild('twin', ['twin', '--port', '0'], stores), stopChild),
      ),
    );
    await step('backfill, Mongo to Postgres', () => options.backfill(mongo, postgres));
    const config = join(folder, 'demo.yaml');
    await writeFile(config, CONFIG);
    const [proxy] = await together(
      step(
        'the proxy',
        () =>
          startChild('proxy', ['proxy', '--config', config], {
            ...stores,
            SHADOWREAD_PRIMARY_URL: textOf(reference.ready.url),
            SHADOWREAD_TWIN_URL: textOf(twin.ready.url),
            SHADOWREAD_JOURNAL_URL: journal,
            SHADOWREAD_PORT: '0',
            SHADOWREAD_ADMIN_PORT: '0',
            SHADOWREAD_EVIDENCE_KEY: randomBytes(32).toString('hex'),
          }),
        stopChild,
      ),
      step('drain, which carries writes over', () => startChild('drain', ['drain', '--follow'], stores), stopChild),
    );
    return {
      proxy: textOf(proxy.ready.proxy),
      admin: textOf(proxy.ready.admin),
      primary: textOf(reference.ready.url),
      twin: textOf(twin.ready.url),
      mongo,
      postgres,
      journal,
      seconds: (Date.now() - began) / 1_000,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Both at once; throws the first failure only when all have ended, so that nothing starts behind a `close`. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
