/** A seeded MongoDB, its twin, and writes as the reference API makes them: the document and its outbox entry at once. */
import { type Db, Decimal128, type Document, MongoClient, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { inserted, outboxed, type UpdateOperators } from '../../src/amanat/reference/outbox.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { freshSeeded } from '../support/seeded.ts';

export interface Synced {
  readonly mongoUri: string;
  readonly databaseUrl: string;
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: typeof amanatMappings;
  close(): Promise<void>;
}

export async function synced(): Promise<Synced> {
  const { mongoUri, databaseUrl } = await freshSeeded();
  const client = await MongoClient.connect(mongoUri);
  const sql = openMigrationDatabase(databaseUrl, 4);
  const close = async (): Promise<void> => {
    await Promise.all([client.close(), sql.end({ timeout: 1 })]);
  };
  return { mongoUri, databaseUrl, mongo: client.db(), sql, mappings: amanatMappings, close };
}

/** The first document in order of ids. */
export async function first(mongo: Db, collection: string, filter: Document = {}): Promise<Document> {
  const doc = await mongo.collection(collection).findOne(filter, { sort: { _id: 1 } });
  if (doc === null) throw new Error(`${collection} has no document that fits`);
  return doc;
}

/** A copy of an existing document under an id of its own, with its first outbox entry. */
export async function copied(mongo: Db, collection: string, change: Document, from?: Document): Promise<ObjectId> {
  const { _outbox, _rev, ...rest } = from ?? (await first(mongo, collection));
  const _id = new ObjectId();
  await mongo.collection(collection).insertOne({ ...inserted({ ...rest, ...change }), _id });
  return _id;
}

export async function updated(mongo: Db, collection: string, id: unknown, update: UpdateOperators): Promise<void> {
  await mongo.collection(collection).updateOne({ _id: id } as Document, outboxed(update) as Document);
}

export const waitingIn = (mongo: Db, collection: string): Promise<number> =>
  mongo.collection(collection).countDocuments({ '_outbox.pending': true });

export const money = (text: string): Decimal128 => Decimal128.fromString(text);
