/**
 * The same sync from a replica set's change streams, for writes that leave no outbox entry. Where it stands is kept
 * in the transaction of the rows, so a batch has its effect once, whatever interrupts it.
 */
import type { ChangeStream, ChangeStreamDocument, Db, Document, ResumeToken } from 'mongodb';
import type { Sql, TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { applyDocuments, forgetRowless } from './apply.ts';
import { readDocuments } from './documents.ts';
import { hasChangeStreams } from './doorbell.ts';
import { drainAll, mendReferences } from './drain.ts';
import type { Drain } from './drain-worker.ts';
import { closeGaps, noteGap, reasonOf, removeRow, repairGaps } from './gaps.ts';
import { type DrainReport, saveDrainReport } from './lag.ts';
import { byDependency } from './order.ts';

export interface FollowOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  readonly onNote?: (text: string) => void;
}

const BATCH = 500;
/** How long the server may keep an empty answer, ms: also how often the lag is written down. */
const AWAIT_MS = 500;
const REPAIR_MS = 2_000;

/**
 * Follows from where it was, or from now on, after the outbox was carried over: start it before a backfill. Rejects with
 * SHADOW_MONGO where the server is no replica set.
 */
export async function followChanges(options: FollowOptions): Promise<Drain> {
  await needReplicaSet(options.mongo);
  const [kept] = await options.sql<{ token: ResumeToken }[]>`
    select resume_token as token from drain_status where source = 'changestream' and resume_token is not null`;
  const follower = new Follower(options);
  await follower.open(kept?.token);
  if (kept === undefined) await drainAll(options);
  follower.run();
  return follower;
}

async function needReplicaSet(mongo: Db): Promise<void> {
  if (await hasChangeStreams(mongo)) return;
  throw new ShadowError('SHADOW_MONGO', 'change streams need a replica set', {
    expected: 'MONGODB_URI of a replica set or a sharded cluster',
    actual: 'a standalone server',
    example: 'shadowread drain --follow --source outbox',
  });
}

class Follower implements Drain {
  readonly #options: FollowOptions;
  #stream: ChangeStream | null = null;
  #report: DrainReport = { lagMs: 0, drained: 0, failed: 0, error: null };
  #closing = false;
  #running: Promise<void> = Promise.resolve();
  #rounds = 0;
  #repairedAt = performance.now();

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  async open(token: ResumeToken | undefined): Promise<void> {
    const names = this.#options.mappings.map(({ collection }) => collection);
    this.#stream = this.#options.mongo.watch([{ $match: { 'ns.coll': { $in: names } } }], {
      maxAwaitTimeMS: AWAIT_MS,
      batchSize: BATCH,
      ...(token === undefined ? {} : { resumeAfter: token }),
    });
    // The first answer fixes where the stream begins.
    await this.#stream.tryNext().then((change) => change && this.#apply([change]));
  }

  run(): void {
    this.#running = this.#loop();
  }

  lag(): DrainReport {
    return this.#report;
  }

  async settled(): Promise<void> {
    const until = this.#rounds + 2;
    while (this.#rounds < until && !this.#closing) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
    await this.#stream?.close();
  }

  async #loop(): Promise<void> {
    while (!this.#closing) {
      try {
        const changes = await this.#next();
        await this.#apply(changes);
        if (performance.now() - this.#repairedAt > REPAIR_MS) {
          this.#repairedAt = performance.now();
          await repairGaps({ ...this.#options, dueOnly: true });
        }
      } catch (error) {
        this.#report = { ...this.#report, error: messageOf(error) };
        this.#options.onNote?.(`the change stream failed and is opened again: ${messageOf(error)}`);
        await this.#reopen();
      }
      this.#rounds += 1;
    }
  }

  /** The changes that are there, at most a batch. */
  async #next(): Promise<ChangeStreamDocument[]> {
    const changes: ChangeStreamDocument[] = [];
    while (changes.length < BATCH && !this.#closing) {
      const change = await this.#stream?.tryNext();
      if (change == null) break;
      changes.push(change);
    }
    return changes;
  }

  async #reopen(): Promise<void> {
    await this.#stream?.close().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    try {
      const [kept] = await this.#options.sql<{ token: ResumeToken }[]>`
        select resume_token as token from drain_status where source = 'changestream'`;
      await this.open(kept?.token ?? undefined);
    } catch (error) {
      this.#report = { ...this.#report, error: messageOf(error) };
    }
  }

  async #apply(changes: readonly ChangeStreamDocument[]): Promise<void> {
    const { mongo, sql, mappings } = this.#options;
    const ids = new Map<string, Set<string>>();
    let oldest = Date.now();
    for (const change of changes) {
      if (!('documentKey' in change) || !('ns' in change) || !('coll' in change.ns)) continue;
      const collection = change.ns.coll;
      ids.set(collection, (ids.get(collection) ?? new Set()).add(String(change.documentKey?._id)));
      if ('wallTime' in change && change.wallTime instanceof Date) oldest = Math.min(oldest, change.wallTime.getTime());
    }
    let failed = 0;
    await sql.begin(async (tx) => {
      for (const mapping of byDependency(mappings)) {
        const changed = [...(ids.get(mapping.collection) ?? [])].sort();
        if (changed.length === 0) continue;
        failed += await bring(tx, { mongo, mappings }, mapping, changed);
      }
      this.#report = {
        lagMs: changes.length === 0 ? 0 : Math.max(0, Date.now() - oldest),
        drained: this.#report.drained + [...ids.values()].reduce((sum, { size }) => sum + size, 0),
        failed: this.#report.failed + failed,
        error: null,
      };
      await saveDrainReport(tx, 'changestream', this.#report);
      const token = this.#stream?.resumeToken;
      if (token !== undefined && token !== null) {
        await tx`update drain_status set resume_token = ${JSON.stringify(token)}::text::jsonb where source = 'changestream'`;
      }
    });
  }
}

/** The rows of these documents as they are now; returns how many were refused. */
async function bring(
  tx: TransactionSql,
  context: Pick<FollowOptions, 'mongo' | 'mappings'>,
  mapping: ModelMapping,
  ids: readonly string[],
): Promise<number> {
  const docs: Document[] = await readDocuments(context.mongo, mapping.collection, ids);
  const applied = await applyDocuments(tx, context, mapping, docs, { overwrite: 'sameOrOlder' });
  const failed = new Map(applied.refused.map((refusal) => [refusal.id, reasonOf(refusal)]));
  const there = new Set(docs.map(({ _id }) => String(_id)));
  for (const id of ids) {
    const error = there.has(id) ? null : await removeRow(tx, mapping, id);
    if (error !== null) failed.set(id, error);
  }
  await forgetRowless(tx, mapping, [...failed.keys()]);
  for (const [mongoId, error] of failed) {
    await noteGap(tx, { collection: mapping.collection, mongoId, operation: 'changestream', error });
  }
  const good = ids.filter((id) => !failed.has(id));
  await closeGaps(tx, mapping.collection, good);
  await mendReferences(tx, context, mapping, good, applied);
  return failed.size;
}
