import { EJSON } from 'bson';
import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { freshMongo } from './stores.ts';

export type Fields = Record<string, unknown>;

/** A stored document of any form. */
export interface Stored extends Document {
  _id: number | string;
}

export interface MongoFixture {
  readonly client: MongoClient;
  readonly db: Db;
  /** A collection that nothing has written to, holding the documents. */
  with(documents: readonly Fields[], name?: string): Promise<Collection<Stored>>;
  /** The same collection read with every BSON type kept apart, for `typed`. */
  exact(collection: Collection<Stored>): Collection<Stored>;
  close(): Promise<void>;
}

let collections = 0;

/** A client of the official driver on a database of its own. */
export async function mongoFixture(): Promise<MongoFixture> {
  const client = await new MongoClient(await freshMongo()).connect();
  const db = client.db();
  return {
    client,
    db,
    async with(documents, name) {
      collections += 1;
      const collection = db.collection<Stored>(name ?? `c${collections}`);
      if (documents.length > 0)
        await collection.insertMany(documents.map((document): Stored => ({ _id: idOf(document), ...document })));
      return collection;
    },
    exact: (collection) => db.collection<Stored>(collection.collectionName, { promoteValues: false, bsonRegExp: true }),
    async close() {
      await db.dropDatabase();
      await client.close();
    },
  };
}

function idOf({ _id }: Fields): number | string {
  if (typeof _id === 'number' || typeof _id === 'string') return _id;
  throw new Error('a test document needs an _id');
}

/** Values with their BSON types spelled out, for comparing: `5` is `{$numberInt: "5"}`. Key order does not count. */
export function typed(value: unknown): unknown {
  return JSON.parse(EJSON.stringify(value, { relaxed: false }));
}

/** Documents in an order of their own, where MongoDB promises none. */
export function unordered(documents: readonly unknown[]): unknown[] {
  return documents.map(typed).sort((first, second) => (JSON.stringify(first) < JSON.stringify(second) ? -1 : 1));
}
