/** Everything a demo needs, started in order: stores, data, reference API, backfill, drain, twin, proxy. */

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../base/own-module.ts';
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
  /** What a command needs that works on all of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The process of the proxy. */
  readonly proxyProcess: Child;
  /** Seconds from the first step to the last. */
  readonly seconds: number;
  close(): Promise<void>;
}

export interface StackOptions {
  readonly seed: number;
  onStep(step: string): void;
  /** Makes the twin's tables. Passed in, as the backfill is, because the demo imports no stage. */
  readonly prepare: (postgres: string) => Promise<void>;
  readonly backfill: (mongo: string, postgres: string) => Promise<void>;
  /** Config file of the proxy (default: that of the demo). */
  readonly config?: string;
  /**
   * Further environment variables of the proxy; they win over the stack's own. For example the address of a server
   * in between.
   */
  readonly proxyEnvironment?: (own: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, string>>>;
}

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
    const environment = {
      ...stores,
      SHADOWREAD_CONFIG: options.config ?? fileURLToPath(packageFile('config/demo.yaml')),
      SHADOWREAD_PRIMARY_URL: textOf(reference.ready.url),
      SHADOWREAD_TWIN_URL: textOf(twin.ready.url),
      SHADOWREAD_JOURNAL_URL: journal,
      SHADOWREAD_EVIDENCE_KEY: randomBytes(32).toString('hex'),
    };
    const between = await options.proxyEnvironment?.(environment);
    const ports = { SHADOWREAD_PORT: '0', SHADOWREAD_ADMIN_PORT: '0' };
    const [proxy] = await together(
      step('the proxy', () => startChild('proxy', ['proxy'], { ...environment, ...ports, ...between }), stopChild),
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
      environment,
      proxyProcess: proxy,
      seconds: (Date.now() - began) / 1_000,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Both at once; throws the first failure only when all have ended, so that nothing starts after a `close`. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
