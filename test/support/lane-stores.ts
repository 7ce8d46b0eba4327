/** The Postgres and the MongoDB that test/lanes.ts starts once for all its lanes, which find them in the environment. */
import { type MongoStore, openMongo } from '../../src/stores/mongo.ts';
import { openPostgres, type PostgresStore } from '../../src/stores/postgres.ts';

const NAME = 'TESTS_STORES';

interface Given {
  readonly postgres: Omit<PostgresStore, 'close'>;
  readonly mongo: Omit<MongoStore, 'close'>;
}

export interface LaneStores {
  /** For the environment of a lane. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Postgres: that of `MIGRATION_PG_URL` where it is set. MongoDB: that of `MONGODB_URI`. */
export const openTestPostgres = (): Promise<PostgresStore> =>
  openPostgres({ url: process.env.MIGRATION_PG_URL || undefined });
export const openTestMongo = (): Promise<MongoStore> => openMongo({ ttlInterval: 100 });

export async function openLaneStores(): Promise<LaneStores> {
  const [postgres, mongo] = await Promise.all([openTestPostgres(), openTestMongo()]);
  const given: Given = { postgres, mongo };
  return {
    environment: { [NAME]: JSON.stringify(given) },
    async close() {
      await Promise.all([postgres.close(), mongo.close()]);
    },
  };
}

/** What this lane was given, to be closed by who started it; null for a mocha that runs by itself. */
export function givenStores(): Given | null {
  const text = process.env[NAME];
  return text === undefined ? null : JSON.parse(text);
}
