import type { Sql } from 'postgres';
import { openPostgresPool } from '../../src/base/postgres.ts';
import { type MongoStore, withMongoDatabase } from '../../src/stores/mongo.ts';
import { createDatabase, type PostgresStore } from '../../src/stores/postgres.ts';
import { givenStores, openTestMongo, openTestPostgres } from './lane-stores.ts';

/**
 * One Postgres and one MongoDB: those of all lanes, or for a mocha that runs by itself two of its own, started by the
 * first test that asks and closed when mocha has run them all. Each test takes a database of its own.
 */
const given = givenStores();
const left = { close: async () => undefined };
let postgres: Promise<PostgresStore> | undefined;
let mongo: Promise<MongoStore> | undefined;
let making: Sql | undefined;
let made = 0;
/** Of `onceForAllLanes`; nothing else locks by a number in the server's own database. */
const LANES_LOCK = 7_201;

/** The shared Postgres: that of `MIGRATION_PG_URL` where it is set. */
export function sharedPostgres(): Promise<PostgresStore> {
  postgres ??= given === null ? openTestPostgres() : Promise.resolve({ ...given.postgres, ...left });
  return postgres;
}

/** The shared MongoDB: `MONGODB_URI` when it is set, so that the same tests run against a real server. */
export function sharedMongo(): Promise<MongoStore> {
  mongo ??= given === null ? openTestMongo() : Promise.resolve({ ...given.mongo, ...left });
  return mongo;
}

/** What `make` gives, which is JSON and says where in the stores it made something: made once for all lanes. */
export async function onceForAllLanes<T>(name: string, make: () => Promise<T>): Promise<T> {
  // What an external server keeps may be of an earlier run.
  if (given === null || given.postgres.kind === 'external' || given.mongo.kind === 'external') return make();
  const sql = openPostgresPool(given.postgres.url, { name: 'shadowread-tests', max: 1 });
  try {
    return await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LANES_LOCK})`;
      await tx`create table if not exists made (name text primary key, value text not null)`;
      const [known] = await tx<{ value: string }[]>`select value from made where name = ${name}`;
      if (known !== undefined) return JSON.parse(known.value);
      const value = await make();
      await tx`insert into made values (${name}, ${JSON.stringify(value)})`;
      return value;
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The URL of a new, empty Postgres database. */
export function freshDatabase(): Promise<string> {
  return newDatabase('template0');
}

/** The URL of a new Postgres database with all that `of` holds; nobody may be connected to that one. */
export function copyOfDatabase(of: string): Promise<string> {
  return newDatabase(decodeURIComponent(new URL(of).pathname.slice(1)));
}

const originals = new Map<string, Promise<string>>();

/** The URL of a new Postgres database with all that `make` puts into one, which it does once for all lanes. */
export async function copyOfMade(name: string, make: (url: string) => Promise<void>): Promise<string> {
  const original =
    originals.get(name) ??
    onceForAllLanes(name, async () => {
      const url = await freshDatabase();
      await make(url);
      return url;
    });
  originals.set(name, original);
  return copyOfDatabase(await original);
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

// Imported while mocha loads the files, so this hook belongs to the root suite and runs after every test. A lane loads
// its files one by one, and what it has open ends with it.
if (given === null)
  after(async function closeSharedStores() {
    const open = [postgres, mongo];
    await making?.end({ timeout: 1 });
    postgres = undefined;
    mongo = undefined;
    making = undefined;
    await Promise.all(open.map(async (store) => (await store)?.close()));
  });
