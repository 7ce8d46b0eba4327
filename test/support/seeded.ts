/** A seeded MongoDB and its backfilled Postgres: made once for all lanes, copied for whoever asks. */

import { type IndexDescription, MongoClient } from 'mongodb';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { seedAll } from '../../src/amanat/reference/seed/index.ts';
import { migrate } from '../../src/amanat/twin/migrate.ts';
import { type BackfillReport, backfill } from '../../src/migration/backfill.ts';
import { copyOfDatabase, freshDatabase, freshMongo, onceForAllLanes } from './stores.ts';

export interface Seeded {
  readonly mongoUri: string;
  readonly databaseUrl: string;
  /** What the backfill of the seed reported. */
  readonly report: BackfillReport;
}

let original: Promise<Seeded> | undefined;

/** A copy of its own, which may be written to; of the documents in the MongoDB database of `inMongo`, where one is given. */
export async function freshSeeded(inMongo?: string): Promise<Seeded> {
  original ??= onceForAllLanes('seeded', seeded);
  const from = await original;
  const mongoUri = inMongo ?? (await freshMongo());
  const [databaseUrl] = await Promise.all([copyOfDatabase(from.databaseUrl), copyMongo(from.mongoUri, mongoUri)]);
  return { mongoUri, databaseUrl, report: from.report };
}

async function seeded(): Promise<Seeded> {
  const [mongoUri, databaseUrl] = await Promise.all([freshMongo(), freshDatabase()]);
  await Promise.all([seedAll(mongoUri, { seed: 1, size: 'small' }), migrate(databaseUrl)]);
  return { mongoUri, databaseUrl, report: await backfill({ mongoUri, databaseUrl, mappings: amanatMappings }) };
}

/** Every collection with its indexes, each number in the BSON type it was stored in. */
async function copyMongo(fromUri: string, toUri: string): Promise<void> {
  const [from, to] = await Promise.all([MongoClient.connect(fromUri), MongoClient.connect(toUri)]);
  try {
    for (const { name } of await from.db().listCollections({}, { nameOnly: true }).toArray()) {
      const original = from.db().collection(name);
      const indexes = (await original.indexes()).filter((index) => index.name !== '_id_');
      const docs = await original.find({}, { promoteValues: false }).toArray();
      const copy = to.db().collection(name);
      if (indexes.length > 0) await copy.createIndexes(indexes as IndexDescription[]);
      if (docs.length > 0) await copy.insertMany(docs, { ordered: false });
    }
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}
