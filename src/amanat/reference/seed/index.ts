/** Fills a MongoDB database with Amanat's data. */
import mongoose from 'mongoose';
import { bindModels, modelNames } from '../models/index.ts';
import { seedChat } from './chat.ts';
import { seedContent } from './content.ts';
import { createSeedContext, type SeedContext, type SeedDocument, type SeedOptions } from './context.ts';
import { collectionNames } from './counts.ts';
import { seedDisputes } from './disputes.ts';
import { seedIdentity } from './identity.ts';
import { seedLedger } from './ledger.ts';
import { seedMarketplace } from './marketplace.ts';
import { seedNotifications } from './notifications.ts';
import { seedPayments } from './payments.ts';
import { seedPoints } from './points.ts';
import { seedWallet } from './wallet.ts';

type Seeder = (context: SeedContext) => Iterable<SeedDocument> | AsyncIterable<SeedDocument>;

const seeders: readonly Seeder[] = [
  seedIdentity,
  seedMarketplace,
  seedPayments,
  seedLedger,
  seedWallet,
  seedDisputes,
  seedPoints,
  seedChat,
  seedNotifications,
  seedContent,
];

export interface SeedProgress {
  readonly collection: string;
  /** Documents inserted so far, of all collections. */
  readonly documents: number;
}

const BATCH = 1000;

/** Inserts everything into an empty database and builds the indexes. Resolves to the number of documents. */
export async function seedAll(
  mongoUri: string,
  options: SeedOptions,
  onProgress: (progress: SeedProgress) => void = () => undefined,
): Promise<number> {
  const connection = mongoose.createConnection(mongoUri, { autoIndex: false, autoCreate: false });
  try {
    await connection.asPromise();
    const models = bindModels(connection);
    for (const name of modelNames) await models[name].createIndexes();
    const context = createSeedContext(options);
    const waiting = new Map<string, Record<string, unknown>[]>(collectionNames.map((name) => [name, []]));
    let documents = 0;
    const flush = async (collection: string): Promise<void> => {
      const docs = waiting.get(collection) ?? [];
      if (docs.length === 0) return;
      waiting.set(collection, []);
      await connection.collection(collection).insertMany(docs, { ordered: false });
      documents += docs.length;
      onProgress({ collection, documents });
    };
    for (const seeder of seeders) {
      for await (const { collection, doc } of seeder(context)) {
        const docs = waiting.get(collection);
        if (docs === undefined) throw new Error(`no collection ${collection}`);
        docs.push(doc);
        if (docs.length >= BATCH) await flush(collection);
      }
    }
    for (const collection of waiting.keys()) await flush(collection);
    return documents;
  } finally {
    await connection.close();
  }
}
