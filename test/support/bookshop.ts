/** The example's two servers on stores of their own, and traffic like that of its clients. */
import { MongoClient } from 'mongodb';
import postgres, { type Sql } from 'postgres';
import { authors, books, copyReview, fillMongo, fillPostgres, readers } from '../../examples/bookshop/data.ts';
import { serveMongo } from '../../examples/bookshop/mongo-api.ts';
import { SCHEMA, servePostgres } from '../../examples/bookshop/postgres-api.ts';
import type { Random } from '../../src/amanat/demo/random.ts';
import { freshDatabase, freshMongo } from './stores.ts';

export interface Bookshop {
  readonly primary: string;
  readonly twin: string;
  readonly sql: Sql;
  close(): Promise<void>;
}

export async function openBookshop(): Promise<Bookshop> {
  const [mongoUri, databaseUrl] = await Promise.all([freshMongo(), freshDatabase()]);
  const client = await MongoClient.connect(mongoUri);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  await fillMongo(client.db());
  await sql.unsafe(SCHEMA);
  await fillPostgres(sql);
  await client.close();
  const [primary, twin] = [await serveMongo(mongoUri, 0), await servePostgres(databaseUrl, 0)];
  return {
    primary: primary.url,
    twin: twin.url,
    sql,
    async close() {
      await Promise.all([primary.close(), twin.close(), sql.end({ timeout: 1 })]);
    },
  };
}

/** Milliseconds until a write has reached Postgres. */
const COPIED_MS = 20;

/**
 * Reads at this address, with a write for every thirty of them that reaches the twin a moment later. `ready`: resolves
 * when more can be taken, however slow the machine is.
 */
export async function visit(
  shop: Bookshop,
  at: string,
  reads: number,
  random: Random,
  ready: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  let left = reads;
  const copies: Promise<unknown>[] = [];
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      if (left % 20 === 0) await ready();
      if (left % 30 === 0) copies.push(write(shop, at, random));
      await read(at, random);
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  await Promise.all(copies);
}

async function read(at: string, random: Random): Promise<void> {
  const book = String(random.pick(books)._id);
  const author = String(random.pick(authors)._id);
  const { genre, isbn, words } = random.pick(books);
  const ask = async (path: string, init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(`${at}${path}`, init);
    await answer.arrayBuffer();
  };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  switch (random.below(12)) {
    case 0:
      return ask(`/v1/authors/${author}`);
    case 1:
      return ask(
        `/v1/authors/${author}/books?sort=${random.pick(['price', '-price', 'published'])}&limit=${random.pick([10, 20])}`,
      );
    case 2:
      return ask(`/v1/authors/${author}/books?page=${1 + random.below(2)}`);
    case 3:
      return ask(`/v1/books?after=${isbn}`);
    case 4:
      return ask(`/v1/books?genre=${genre}`);
    case 5:
      return ask(`/v1/books/${book}/reviews${random.below(2) === 0 ? '' : '?limit=5'}`);
    case 6:
      return ask(`/v1/books/${book}/rating`);
    case 7:
      return ask('/v1/search', { method: 'POST', body: JSON.stringify({ word: random.pick(words) }) });
    case 8:
      return ask('/v1/feed', bearer(random.pick(readers).token));
    case 9:
      return random.below(3) === 0 ? ask(`/v1/books/${'f'.repeat(24)}`) : ask(`/v1/books/${book}`);
    default:
      return ask(`/v1/books/${book}`);
  }
}

async function write(shop: Bookshop, at: string, random: Random): Promise<void> {
  const answer = await fetch(`${at}/v1/books/${random.pick(books)._id}/reviews`, {
    method: 'POST',
    headers: { authorization: `Bearer ${random.pick(readers).token}` },
    body: JSON.stringify({ stars: 1 + random.below(5), text: `written ${random.below(1_000_000)}` }),
  });
  const review = (await answer.json()) as Parameters<typeof copyReview>[1];
  await new Promise((resolve) => setTimeout(resolve, COPIED_MS));
  await copyReview(shop.sql, review);
}
