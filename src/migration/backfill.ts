/** Mongo -> Postgres: streams every document into its row, in batches, so that a killed run can continue. */
import { type Db, type Document, MongoClient } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { isObjectId } from '../api/rows/bson-type.ts';
import type { Stored } from '../api/rows/convert.ts';
import { exactText, idText } from '../api/rows/document-id.ts';
import { transaction } from '../base/postgres.ts';
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import { applyDocuments, forgetRowless } from './apply.ts';
import { firstSize, nextSize } from './batch-size.ts';
import { openMigrationDatabase } from './db.ts';
import { readPage } from './documents.ts';
import { finishRows } from './finish-rows.ts';
import { mapIds } from './id-map.ts';
import { byDependency, withDependencies } from './order.ts';
import {
  beginAnew,
  type Checkpoint,
  checkpointOf,
  idsOf,
  type Phase,
  readCheckpoints,
  saveCheckpoint,
  saveFindings,
} from './progress.ts';
import { beginRun, completeRun } from './runs.ts';

export interface BackfillOptions {
  readonly mongoUri: string;
  /** The tables must be there (`migrate`). */
  readonly databaseUrl: string;
  readonly mappings: readonly ModelMapping[];
  /** Only these domains, and what their rows refer to. */
  readonly domains?: readonly string[];
  /** Documents a transaction at most; fewer where they are big. */
  readonly batch?: number;
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** Stops after the present batch; the next run continues from there. */
  readonly signal?: AbortSignal;
}

export interface BackfillProgress {
  readonly collection: string;
  readonly phase: Phase;
  /** Documents of this collection and phase so far, and how many there are. */
  readonly documents: number;
  readonly total: number;
  /** Documents a second of this run, over both phases. */
  readonly rate: number;
}

export interface BackfillReport {
  /** Of the run, with all its continuations. */
  readonly runId: string;
  /** Documents read into rows, by all runs since the last one that came to its end. */
  readonly documents: number;
  /** False where the signal stopped it. */
  readonly complete: boolean;
  readonly rejects: readonly BackfillReject[];
  readonly orphans: readonly BackfillOrphan[];
  readonly seconds: number;
  /** Documents a second of this run. */
  readonly rate: number;
}

export interface BackfillReject {
  readonly collection: string;
  readonly mongoId: string;
  readonly path: string;
  readonly reason: string;
}

export interface BackfillOrphan {
  readonly collection: string;
  readonly mongoId: string;
  readonly path: string;
  readonly refersTo: string;
  readonly missingId: string;
}

/**
 * Gives every document an id first, then writes the rows in the order of their references. A run that was killed
 * continues at its last batch. After a complete run, all is done again, which repairs rows and changes nothing where
 * they agree. Rejects are recorded and reported, and the run goes on. Fails with SHADOW_MONGO or SHADOW_POSTGRES.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillReport> {
  const all = options.mappings;
  const mappings = byDependency(options.domains === undefined ? all : withDependencies(all, options.domains));
  const client = new MongoClient(options.mongoUri, { serverSelectionTimeoutMS: 5000 });
  const sql = openMigrationDatabase(options.databaseUrl, 4);
  try {
    await connected(client);
    return await new Run(client.db(), sql, all, mappings, options).run();
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 5 })]);
  }
}

/** Ids read and mapped at once. */
const IDS = 5_000;

async function connected(client: MongoClient): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    throw new ShadowError('SHADOW_MONGO', 'the backfill cannot reach MongoDB', {
      expected: 'a server that answers',
      actual: messageOf(error),
      example: 'MONGODB_URI=mongodb://127.0.0.1:27017/amanat',
      cause: error,
      exit: EXIT.undecided,
    });
  }
}

class Run {
  readonly #mongo: Db;
  readonly #sql: Sql;
  readonly #all: readonly ModelMapping[];
  readonly #mappings: readonly ModelMapping[];
  readonly #options: BackfillOptions;
  readonly #startedAt = performance.now();
  #checkpoints: ReadonlyMap<string, Checkpoint> = new Map();
  #read = 0;

  constructor(
    mongo: Db,
    sql: Sql,
    all: readonly ModelMapping[],
    mappings: readonly ModelMapping[],
    options: BackfillOptions,
  ) {
    this.#mongo = mongo;
    this.#sql = sql;
    this.#all = all;
    this.#mappings = mappings;
    this.#options = options;
  }

  async run(): Promise<BackfillReport> {
    await this.#takeUp();
    const id = await beginRun(
      this.#sql,
      this.#mappings.map(({ collection }) => collection),
    );
    const withIds = this.#mappings.filter(({ identity }) => identity === 'objectId');
    for (const mapping of withIds) await this.#phase(mapping, 'ids');
    for (const mapping of this.#mappings) await this.#phase(mapping, 'rows');
    const report = await this.#report(id);
    const rejects = new Set(report.rejects.map(({ collection, mongoId }) => `${collection}/${mongoId}`)).size;
    if (report.complete) await completeRun(this.#sql, id, { documents: report.documents, rejects });
    return report;
  }

  async #takeUp(): Promise<void> {
    const collections = this.#mappings.map(({ collection }) => collection);
    this.#checkpoints = await readCheckpoints(this.#sql);
    if (collections.every((name) => checkpointOf(this.#checkpoints, name, 'rows').done)) {
      await this.#sql.begin((tx) => beginAnew(tx, collections));
      this.#checkpoints = new Map();
    }
  }

  async #phase(mapping: ModelMapping, phase: Phase): Promise<void> {
    const { collection } = mapping;
    const textOf = (doc: Stored): string => idText(doc, mapping);
    let at = checkpointOf(this.#checkpoints, collection, phase);
    if (at.done || this.#stopped) return;
    const total = await this.#mongo.collection(collection).estimatedDocumentCount();
    const most = this.#options.batch ?? 1000;
    let size = phase === 'ids' ? IDS : firstSize(most);
    let ahead = this.#after(mapping, phase, at.lastId, size);
    for (;;) {
      const docs = await ahead;
      const last = docs.at(-1);
      const done = last === undefined;
      const lastId = done ? at.lastId : exactText(last._id);
      if (phase === 'rows') size = nextSize(docs, most);
      // The next batch is read while this one is written.
      if (!done && !this.#stopped) {
        ahead = this.#after(mapping, phase, lastId, size);
        // Its failure is thrown where it is awaited; until then the writing may fail first.
        ahead.catch(() => undefined);
      }
      const next = { lastId, done: done && phase === 'ids', documents: at.documents + docs.length };
      await transaction(this.#sql, async (tx) => {
        if (phase === 'ids') {
          await mapIds(tx, collection, docs.filter(({ _id }) => isObjectId(_id)).map(textOf));
        } else {
          const applied = await applyDocuments(tx, this.#context, mapping, docs, { overwrite: 'sameOrOlder' });
          await saveFindings(tx, collection, docs.map(textOf), applied);
          await forgetRowless(tx, mapping, idsOf(applied.refused.filter(({ waits }) => !waits)));
        }
        await saveCheckpoint(tx, collection, phase, next);
      });
      at = next;
      this.#read += docs.length;
      this.#options.onProgress?.({ collection, phase, documents: at.documents, total, rate: this.#rate });
      if (done) break;
      if (this.#stopped) return;
    }
    if (phase !== 'rows') return;
    const earlier = this.#mappings.slice(0, this.#mappings.indexOf(mapping) + 1);
    await finishRows(this.#sql, this.#context, mapping, earlier);
    await saveCheckpoint(this.#sql, collection, 'rows', { ...at, done: true });
  }

  get #context() {
    return { mongo: this.#mongo, mappings: this.#all };
  }

  get #stopped(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get #rate(): number {
    return this.#read / Math.max(0.001, (performance.now() - this.#startedAt) / 1000);
  }

  #after(mapping: ModelMapping, phase: Phase, lastId: string | null, size: number): Promise<Document[]> {
    return readPage(this.#mongo, mapping, { after: lastId, size, idsOnly: phase === 'ids' });
  }

  async #report(runId: string): Promise<BackfillReport> {
    const collections = this.#mappings.map(({ collection }) => collection);
    const sql = this.#sql;
    const checkpoints = await readCheckpoints(sql);
    const rejects = await sql<BackfillReject[]>`
      select collection, mongo_id as "mongoId", path, reason from backfill_rejects
      where collection = any(${collections}) order by collection, mongo_id, path`;
    const orphans = await sql<BackfillOrphan[]>`
      select collection, mongo_id as "mongoId", path, refers_to as "refersTo", missing_id as "missingId"
      from backfill_orphans where collection = any(${collections}) order by collection, mongo_id, path`;
    const rows = collections.map((name) => checkpointOf(checkpoints, name, 'rows'));
    return {
      runId,
      documents: rows.reduce((sum, { documents }) => sum + documents, 0),
      complete: rows.every(({ done }) => done),
      rejects: [...rejects],
      orphans: [...orphans],
      seconds: (performance.now() - this.#startedAt) / 1000,
      rate: this.#rate,
    };
  }
}
