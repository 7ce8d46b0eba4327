import type { Sql } from 'postgres';
import { openPostgresPool } from '../../src/base/postgres.ts';
import { type MongoStore, openMongo, withMongoDatabase } from '../../src/stores/mongo.ts';
import { createDatabase, openPostgres, type PostgresStore } from '../../src/stores/postgres.ts';

/**
 * One Postgres and one MongoDB for a whole run of mocha, started by the first test that asks and closed when mocha has
 * run them all. Each test takes a database of its own.
 */
let postgres: Promise<PostgresStore> | undefined;
let mongo: Promise<MongoStore> | undefined;
let making: Sql | undefined;
let made = 0;

/** The shared Postgres: that of `MIGRATION_PG_URL` where it is set. */
export function sharedPostgres(): Promise<PostgresStore> {
  postgres ??= openPostgres({ url: process.env.MIGRATION_PG_URL || undefined });
  return postgres;
}

/** The shared MongoDB: `MONGODB_URI` when it is set, so that the same tests run against a real server. */
export function sharedMongo(): Promise<MongoStore> {
  mongo ??= openMongo({ ttlInterval: 100 });
  return mongo;
}

/** The URL of a new, empty Postgres database. */
export function freshDatabase(): Promise<string> {
  return newDatabase('template0');
}

/** The URL of a new Postgres database with all that `of` holds; nobody may be connected to that one. */
export function copyOfDatabase(of: string): Promise<string> {
  return newDatabase(decodeURIComponent(new URL(of).pathname.slice(1)));
}

/**
 * A server that waits for no disk copies the files of a database in a tenth of the time that it takes to write them to
 * its log; another one waits for a checkpoint then. One connection makes them all, since each costs a process.
 */
async function newDatabase(copyOf: string): Promise<string> {
  const { url, kind } = await sharedPostgres();
  const name = freshName();
  if (kind === 'external') return createDatabase(url, name, copyOf);
  making ??= openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
  await making`create database ${making(name)} template ${making(copyOf)} strategy file_copy`;
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

/** The URI of a MongoDB database that nothing has written to yet. */
export async function freshMongo(): Promise<string> {
  const store = await sharedMongo();
  return withMongoDatabase(store.uri, freshName());
}

function freshName(): string {
  made += 1;
  return `test_${process.pid}_${made}_${Date.now().toString(36)}`;
}

// Imported while mocha loads the files, so this hook belongs to the root suite and runs after every test.
after(async function closeSharedStores() {
  this.timeout(30_000);
  const open = [postgres, mongo];
  await making?.end({ timeout: 1 });
  postgres = undefined;
  mongo = undefined;
  making = undefined;
  await Promise.all(open.map(async (store) => (await store)?.close()));
});
