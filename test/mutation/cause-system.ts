/** Amanat of its own with the look-up of the cause on its real stores. */
import { MongoClient } from 'mongodb';
import postgres from 'postgres';
import { api } from '../../src/amanat/index.ts';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { CauseFinder } from '../../src/verifier/cause/cause.ts';
import { Stores } from '../../src/verifier/cause/stores.ts';
import { KnownIds } from '../../src/verifier/ids/known-ids.ts';
import { openReadOnly, PostgresIdMap } from '../../src/verifier/ids/postgres-source.ts';
import { Redactor } from '../../src/verifier/redactor.ts';
import { tableOf } from '../../src/verifier/table.ts';
import { freshAmanat } from '../support/amanat.ts';
import type { CauseSystem } from './causes.ts';

export interface OpenCauseSystem {
  readonly system: CauseSystem;
  close(): Promise<void>;
}

export async function openCauseSystem(): Promise<OpenCauseSystem> {
  const on = await freshAmanat();
  const client = await MongoClient.connect(on.mongoUri);
  const sql = postgres(on.databaseUrl, { max: 2, onnotice: () => undefined });
  const reading = openReadOnly(on.databaseUrl, 2, 5_000);
  const source = new Stores(on.mongoUri, reading);
  const ids = new KnownIds(new PostgresIdMap(reading));
  const mongo = client.db();
  const admin = await mongo.collection('users').findOne({ role: 'admin' });
  return {
    system: {
      ...on,
      routes: amanatRoutes,
      mappings: amanatMappings,
      table: tableOf(amanatRoutes, { primary: on.reference, twin: on.twin }),
      mongo,
      sql,
      ids,
      admin: String(admin?._id),
      finder: new CauseFinder({
        source,
        mappings: amanatMappings,
        callerOf: api.callerOf,
        ids,
        redactor: new Redactor({ key: Buffer.alloc(32, 7), shown: [] }),
        lagMs: () => 0,
        pauseMs: 1,
        sweepDocuments: 50_000,
      }),
    },
    async close() {
      await Promise.all([source.close(), reading.end({ timeout: 1 }), sql.end({ timeout: 1 }), client.close()]);
      await on.close();
    },
  };
}
