/** A seeded MongoDB, its twin, and writes as the reference API makes them: the document and its outbox entry at once. */
import { expect } from 'chai';
import { type Db, Decimal128, type Document, MongoClient, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { inserted, outboxed, type UpdateOperators } from '../../src/amanat/reference/outbox.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { reconcile } from '../../src/migration/reconcile/reconcile.ts';
import { verify } from '../../src/migration/verify/verify.ts';
import { freshSeeded } from '../support/seeded.ts';

export interface Synced {
  readonly mongoUri: string;
  readonly databaseUrl: string;
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: typeof amanatMappings;
  close(): Promise<void>;
}

/** `inMongo`: a database of another server than that of all tests. */
export async function synced(inMongo?: string): Promise<Synced> {
  const { mongoUri, databaseUrl } = await freshSeeded(inMongo);
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

const WRITTEN = ['identity', 'payments', 'ledger', 'disputes', 'wallet'];

/** A user, a payment of theirs, its ledger entries, evidence in a dispute, the counter, and an update of each kind. */
export async function writeEach({ mongo }: Pick<Synced, 'mongo'>): Promise<void> {
  const tag = new ObjectId().toHexString();
  const user = await copied(mongo, 'users', { email: `${tag}@example.com`, name: `New ${tag}` });
  const payment = await copied(mongo, 'payments', { buyer: user, reference: `PAY-${tag}`, quotes: [] });
  for (const amount of ['10.000000000000000001', '-2.5', '0.1']) {
    await copied(mongo, 'fundsledgerentries', { account: user, payment, amount: money(amount), currency: 'ETH' });
  }
  await updated(mongo, 'payments', payment, { $set: { status: 'completed', amount: 12.34 } });
  const dispute = await first(mongo, 'disputes');
  const evidence = {
    _id: new ObjectId(),
    kind: 'photo',
    url: 'https://example.com',
    submittedBy: user,
    at: new Date(),
  };
  await updated(mongo, 'disputes', dispute._id, { $push: { evidence }, $set: { updatedAt: new Date() } });
  const counter = await first(mongo, 'counters');
  await updated(mongo, 'counters', counter._id, { $inc: { seq: 1 } });
}

/** Both stores have the same of the domains that `writeEach` writes; `all`: of every one. */
export async function bothAgree(
  { mongo, sql, mappings }: Synced,
  domains: readonly string[] | 'all' = WRITTEN,
): Promise<void> {
  const some = domains === 'all' ? {} : { domains };
  const report = await verify({ mongo, sql, mappings, settleMs: 200, restart: true, ...some });
  expect(report.findings).to.deep.equal([]);
  expect((await reconcile({ mongo, sql, mappings, settleMs: 200 })).drift).to.deep.equal([]);
}
