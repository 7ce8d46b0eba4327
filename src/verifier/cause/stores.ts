import type { Collection, Document, MongoClient } from 'mongodb';
import type { Sql } from 'postgres';
import { keyColumn, type ModelMapping, ownColumn } from '../../api/mapping.ts';
import { readChildRows } from '../../api/rows/child-rows.ts';
import type { RowRange } from '../../api/rows/document-id.ts';
import type { StoredRow } from '../../api/rows/document-row.ts';
import { inRange, keylessNamed, keylessRows, ofDocuments, rowName, rowsByName } from '../../api/rows/row-name.ts';
import { inTime } from '../../base/in-time.ts';
import { isMissingTable } from '../../base/postgres.ts';
import { ShadowError } from '../../errors.ts';
import type { CauseSource, Counterparts } from './source.ts';

const BATCH = 500;
/** A store that does not answer in time is one that cannot be asked. */
const MONGO_MS = 3_000;
/** The same for Postgres, whose statements end before. */
const POSTGRES_MS = 10_000;

/** Its module loads the driver of MongoDB: a worker that never sees a mismatch starts without it. */
const documentIds = () => import('../../api/rows/document-id.ts');

/** MongoDB by the native driver, connected at the first question, and Postgres by the verifier's read-only pool. */
export class Stores implements CauseSource {
  readonly #uri: string;
  readonly #sql: Sql;
  #client: Promise<MongoClient> | null = null;
  #closed = false;

  constructor(mongodbUri: string, sql: Sql) {
    this.#uri = mongodbUri;
    this.#sql = sql;
  }

  async lookUp(mapping: ModelMapping, mongoIds: readonly string[]): Promise<readonly Counterparts[]> {
    if (mongoIds.length === 0) return [];
    const collection = await this.#collection(mapping);
    const { keysOf } = await documentIds();
    const filter: Document = { _id: { $in: mongoIds.flatMap((id) => keysOf(id, mapping)) } };
    const [docs, rows, gaps] = await inTime(
      this.#sql,
      POSTGRES_MS,
      Promise.all([
        collection.find(filter, { maxTimeMS: MONGO_MS }).toArray(),
        this.#rows(mapping, mongoIds),
        this.#gaps(mapping, mongoIds),
      ]),
    );
    return this.#pairUp(mapping, mongoIds, docs, rows, gaps);
  }

  async ownIds(mapping: ModelMapping, mongoIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const sql = this.#sql;
    const key = sql(keyColumn(mapping));
    const rows = await sql<{ key: string; own: string }[]>`
      select ${key}::text as key, ${sql(ownColumn(mapping))}::text as own from ${sql(mapping.table)}
      where ${key} = any(${[...mongoIds]}::text[])`;
    return new Map(rows.map((row) => [row.key, row.own]));
  }

  async claimedBy(mapping: ModelMapping, own: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const sql = this.#sql;
    const column = sql(ownColumn(mapping));
    const wanted =
      mapping.identity === 'column'
        ? sql`${column}::text = any(${[...own]}::text[])`
        : sql`${column} = any(${[...own]}::uuid[])`;
    const key = sql`${sql(keyColumn(mapping))}::text`;
    // A row without a document's id is called by its own.
    const claim = mapping.identity === 'column' ? sql`coalesce(${key}, ${column}::text)` : key;
    const rows = await sql<{ own: string; key: string }[]>`
      select ${column}::text as own, ${claim} as key from ${sql(mapping.table)} where ${wanted}`;
    return new Map(rows.map((row) => [row.own, row.key.trim()]));
  }

  async size(mapping: ModelMapping): Promise<number> {
    const collection = await this.#collection(mapping);
    return collection.estimatedDocumentCount({ maxTimeMS: MONGO_MS });
  }

  async *walk(mapping: ModelMapping): AsyncIterable<readonly Counterparts[]> {
    const { exactText, idText, rowRange } = await documentIds();
    let after: string | null = null;
    for (;;) {
      const docs: Document[] = await this.#page(mapping, after);
      const end = docs.at(-1);
      const last: string | null = end === undefined ? null : exactText(end._id);
      const range = rowRange(mapping, after, last);
      const rows = range === null ? [] : await this.#rowsBetween(mapping, range);
      if (last === null) rows.push(...(await keylessRows(this.#sql, mapping)));
      const ids = [
        ...new Set([...docs.map((doc) => idText(doc, mapping)), ...rows.map((row) => rowName(mapping, row))]),
      ];
      if (ids.length > 0) {
        const pairs = await this.#pairUp(mapping, ids, docs, rows, await this.#gaps(mapping, ids));
        yield mapping.identity === 'objectId' ? pairs : await this.#completed(mapping, pairs);
      }
      if (last === null) return;
      after = last;
    }
  }

  /** The next documents in order of their ids; none where there are no more. */
  async #page(mapping: ModelMapping, after: string | null): Promise<Document[]> {
    const collection = await this.#collection(mapping);
    const { filtersAfter } = await documentIds();
    for (const filter of filtersAfter(after)) {
      const docs = await collection.find(filter, { maxTimeMS: MONGO_MS }).sort({ _id: 1 }).limit(BATCH).toArray();
      if (docs.length > 0) return docs;
    }
    return [];
  }

  /** Where keys are texts, the other half may be on another page: MongoDB has another order than Postgres. */
  async #completed(mapping: ModelMapping, pairs: readonly Counterparts[]): Promise<readonly Counterparts[]> {
    const halves = pairs.filter(({ doc, row }) => doc === null || row === null).map(({ mongoId }) => mongoId);
    const found = new Map((await this.lookUp(mapping, halves)).map((one) => [one.mongoId, one]));
    return pairs.map((pair) => found.get(pair.mongoId) ?? pair);
  }

  async counters(mapping: ModelMapping): ReturnType<CauseSource['counters']> {
    const collection = await this.#collection(mapping);
    const docs = await collection.find({}, { maxTimeMS: MONGO_MS }).limit(100).toArray();
    return Promise.all(
      docs.map(async (doc) => {
        const name = String(doc._id);
        const rows = await this.#sql<{ last_value: string | null }[]>`
          select last_value::text from pg_sequences where schemaname = current_schema() and sequencename = ${name}`;
        const value = rows[0]?.last_value;
        return { id: name, doc: Number(doc.seq), row: value == null ? null : Number(value) };
      }),
    );
  }

  async oldestPending(mappings: readonly ModelMapping[]): Promise<Date | null> {
    const oldest = await Promise.all(
      mappings.map(async (mapping) => {
        const collection = await this.#collection(mapping);
        const doc = await collection.findOne(
          { '_outbox.pending': true },
          { sort: { '_outbox.at': 1 }, projection: { _outbox: 1 }, maxTimeMS: MONGO_MS },
        );
        return timesIn(doc?._outbox);
      }),
    );
    const first = Math.min(...oldest.flat());
    return Number.isFinite(first) ? new Date(first) : null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    await client?.close();
  }

  async #pairUp(
    mapping: ModelMapping,
    ids: readonly string[],
    docs: readonly Document[],
    rows: readonly StoredRow[],
    gaps: ReadonlySet<string>,
  ): Promise<Counterparts[]> {
    const { idText } = await documentIds();
    const byId = new Map(docs.map((doc) => [idText(doc, mapping), doc]));
    const rowById = rowsByName(mapping, rows, byId);
    const childrenOf = await readChildRows(this.#sql, mapping, [...rowById.values()]);
    return ids.map((mongoId) => {
      const row = rowById.get(mongoId) ?? null;
      return { mongoId, doc: byId.get(mongoId) ?? null, row, children: childrenOf(row), gap: gaps.has(mongoId) };
    });
  }

  async #rows(mapping: ModelMapping, ids: readonly string[]): Promise<StoredRow[]> {
    const sql = this.#sql;
    if (mapping.identity === 'objectId') {
      return sql`select * from ${sql(mapping.table)} where ${ofDocuments(sql, mapping, ids)}`;
    }
    return sql`select * from ${sql(mapping.table)} where ${ofDocuments(sql, mapping, ids)}
      or ${keylessNamed(sql, mapping, ids)}`;
  }

  async #rowsBetween(mapping: ModelMapping, range: RowRange): Promise<StoredRow[]> {
    const sql = this.#sql;
    return sql`select * from ${sql(mapping.table)} where ${inRange(sql, mapping, range)}`;
  }

  async #gaps(mapping: ModelMapping, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const gaps = this.#sql<{ mongo_id: string }[]>`
      select distinct mongo_id from pg_dualwrite_gaps
      where collection = ${mapping.collection} and mongo_id = any(${[...ids]}::text[]) and repaired_at is null`;
    // A database that the migration has never written to has no table of them.
    const rows = await gaps.catch((error: unknown) => {
      if (isMissingTable(error)) return [];
      throw error;
    });
    return new Set(rows.map((row) => row.mongo_id.trim()));
  }

  async #collection(mapping: ModelMapping): Promise<Collection> {
    // The driver would open a closed client again, and keep the process alive with it.
    if (this.#closed) throw new ShadowError('SHADOW_MONGO', 'the stores are closed');
    this.#client ??= this.#connect();
    try {
      return (await this.#client).db().collection(mapping.collection);
    } catch (error) {
      this.#client = null;
      throw error;
    }
  }

  async #connect(): Promise<MongoClient> {
    // Loaded when first needed: a worker that never sees a mismatch starts without it.
    const { MongoClient: Client } = await import('mongodb');
    const client = new Client(this.#uri, {
      maxPoolSize: 2,
      serverSelectionTimeoutMS: MONGO_MS,
      connectTimeoutMS: MONGO_MS,
      appName: 'shadowread-verifier',
    });
    return client.connect();
  }
}

function timesIn(outbox: unknown): number[] {
  if (!Array.isArray(outbox)) return [];
  return outbox.flatMap((entry: { readonly at?: unknown }) => (entry.at instanceof Date ? [entry.at.getTime()] : []));
}
