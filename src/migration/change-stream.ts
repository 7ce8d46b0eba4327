/**
 * The same sync from a replica set's change streams, for writes that leave no outbox entry. Where it stands is kept
 * in the transaction of the rows, so a batch has its effect once, whatever interrupts it.
 */
import type { ChangeStream, ChangeStreamDocument, Db, Document, ResumeToken } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { hasChangeStreams } from './doorbell.ts';
import { drainAll } from './drain.ts';
import type { Drain } from './drain-worker.ts';
import { repairGaps } from './gaps.ts';
import { type DrainReport, lagSince, saveDrainReport } from './lag.ts';
import { lostBy } from './lost-stream.ts';
import { takeEntries } from './outbox-entries.ts';
import { Pace } from './pace.ts';
import { applyChanges } from './stream-batch.ts';

export interface FollowOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** Begins from now on, after the outboxes, and not where the last run stopped. */
  readonly restart?: boolean;
  readonly onNote?: (text: string) => void;
}

export interface Follower extends Drain {
  /** Resolves with the reason when the stream cannot be followed any further, for it has lost writes. */
  readonly lost: Promise<ShadowError>;
}

const BATCH = 500;
/** How long the server may keep an empty answer, ms. */
const AWAIT_MS = 2_000;
const REPAIR_MS = 2_000;
/** Between notes of where it stands while nothing is written, ms: a place that is too old cannot be gone on from. */
const IDLE_REPORT_MS = 5_000;

/**
 * Follows from where it was, or from now on, after the outbox was carried over: start it before a backfill. Rejects with
 * SHADOW_MONGO where the server is no replica set, or its log no longer reaches back to where the last run stopped.
 */
export async function followChanges(options: FollowOptions): Promise<Follower> {
  await needReplicaSet(options.mongo);
  const follower = new ChangeFollower(options);
  await follower.begin();
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

class ChangeFollower implements Follower {
  readonly lost: Promise<ShadowError>;
  readonly #options: FollowOptions;
  #stream: ChangeStream | null = null;
  /** The change that came with the first answer. */
  #ahead: ChangeStreamDocument | null = null;
  /** Up to here all is in Postgres; undefined before the first stream was opened. */
  #token: ResumeToken | undefined;
  #report: DrainReport = { lagMs: 0, drained: 0, failed: 0, error: null };
  /** Of the last round that was whole. */
  #known = { lagMs: 0, at: performance.now() };
  #reportedAt = Number.NEGATIVE_INFINITY;
  #closing = false;
  #running: Promise<void> = Promise.resolve();
  #rounds = 0;
  #failures = 0;
  #repairedAt = performance.now();
  readonly #pace = new Pace();
  #wake: () => void = () => undefined;
  #lose: (reason: ShadowError) => void = () => undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  async begin(): Promise<void> {
    const { sql, restart = false } = this.#options;
    const [kept] = await sql<{ token: ResumeToken }[]>`
      select resume_token as token from drain_status where source = 'changestream' and resume_token is not null`;
    this.#token = restart ? undefined : kept?.token;
    await this.#open().catch((error: unknown) => {
      throw lostBy(error) ?? error;
    });
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
    this.#wake();
    // Its question may wait for an answer; what was not applied is read again by the next run.
    await this.#stream?.close().catch(() => undefined);
    await this.#running;
  }

  /** Its first answer, which does not wait for writes, fixes where it begins: that is kept before anything else is done. */
  async #open(): Promise<void> {
    const stream = this.#options.mongo.watch(stagesFor(this.#options.mappings), {
      maxAwaitTimeMS: AWAIT_MS,
      batchSize: BATCH,
      // Also after the event that ends a stream, when the database was dropped.
      ...(this.#token === undefined ? {} : { startAfter: this.#token }),
    });
    this.#stream = stream;
    const change = await stream.tryNext().catch(async (error: unknown) => {
      await stream.close().catch(() => undefined);
      throw error;
    });
    if (this.#token !== undefined) this.#ahead = change;
    else await this.#apply(change === null ? [] : [change]);
    // What was written before, and entries whose rows were committed when MongoDB could not be reached to take them out.
    await drainAll(this.#options);
  }

  async #loop(): Promise<void> {
    while (!this.#closing) {
      try {
        if (this.#stream === null) await this.#open();
        const changes = await this.#next();
        if (changes.length > 0 || this.#isDue()) await this.#apply(changes);
        if (this.#hasEnded(changes)) await this.#leave();
        await this.#repair();
        this.#failures = 0;
        this.#known = { lagMs: this.#report.lagMs, at: performance.now() };
      } catch (error) {
        if (this.#closing) break;
        await this.#failed(error);
      }
      this.#rounds += 1;
    }
  }

  /** The changes that are there, at most a batch; waits for the first of them, and for no other. */
  async #next(): Promise<ChangeStreamDocument[]> {
    const stream = this.#stream;
    const changes: ChangeStreamDocument[] = [];
    const ahead = this.#ahead;
    this.#ahead = null;
    for (let change = ahead ?? (await stream?.tryNext()); change != null; change = await stream?.tryNext()) {
      changes.push(change);
      if (changes.length >= BATCH || stream?.bufferedCount() === 0) break;
    }
    return changes;
  }

  async #failed(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#report = { ...this.#report, lagMs: lagSince(this.#known), error: messageOf(error) };
    // Where it is Postgres that is down, this fails too, and the last report grows stale, which says the same.
    await this.#save(this.#options.sql).catch(() => undefined);
    await this.#leave();
    const lost = lostBy(error);
    if (lost !== null) {
      this.#closing = true;
      this.#lose(lost);
      return;
    }
    if (this.#failures === 1)
      this.#options.onNote?.(`the change stream failed and is opened again: ${messageOf(error)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#pace.failed(this.#failures));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The database was dropped, or the server has closed the cursor: the driver would answer nothing at once and for ever. */
  #hasEnded(changes: readonly ChangeStreamDocument[]): boolean {
    const exhausted = this.#stream?.closed === true && this.#stream.bufferedCount() === 0;
    return exhausted || changes.at(-1)?.operationType === 'invalidate';
  }

  /** The next round opens another stream. */
  async #leave(): Promise<void> {
    await this.#stream?.close().catch(() => undefined);
    this.#stream = null;
  }

  #isDue(): boolean {
    return this.#report.lagMs > 0 || performance.now() - this.#reportedAt >= IDLE_REPORT_MS;
  }

  async #repair(): Promise<void> {
    if (performance.now() - this.#repairedAt < REPAIR_MS) return;
    this.#repairedAt = performance.now();
    await repairGaps({ ...this.#options, dueOnly: true });
  }

  async #apply(changes: readonly ChangeStreamDocument[]): Promise<void> {
    const { mongo, sql, onNote } = this.#options;
    const token = this.#stream?.resumeToken ?? this.#token;
    const applied = await sql.begin(async (tx) => {
      const done = await applyChanges(tx, this.#options, changes);
      this.#report = {
        lagMs: done.oldest === null ? 0 : Math.max(0, Date.now() - done.oldest.getTime()),
        drained: this.#report.drained + done.documents,
        failed: this.#report.failed + done.failed,
        error: null,
      };
      await this.#save(tx);
      if (token !== undefined && token !== null) {
        await tx`update drain_status set resume_token = ${JSON.stringify(token)}::text::jsonb where source = 'changestream'`;
      }
      return done;
    });
    this.#token = token;
    for (const { collection, docs } of applied.read) await takeEntries(mongo, collection, docs);
    if (applied.dropped.length > 0)
      onNote?.(
        `dropped or renamed: ${applied.dropped.join(', ')}; the rows in Postgres stay, and shadowread verify names them`,
      );
  }

  async #save(sql: Parameters<typeof saveDrainReport>[0]): Promise<void> {
    this.#reportedAt = performance.now();
    await saveDrainReport(sql, 'changestream', this.#report);
  }
}

function stagesFor(mappings: readonly ModelMapping[]): Document[] {
  const names = mappings.map(({ collection }) => collection);
  const ends = { operationType: { $in: ['dropDatabase', 'invalidate'] } };
  return [
    { $match: { $or: [{ 'ns.coll': { $in: names } }, ends] } },
    // An outbox that a drain has emptied tells nothing new.
    { $match: { $nor: [{ 'updateDescription.updatedFields': { _outbox: [] } }] } },
    // Rows are made from the documents as they are now; an event with its document could also be too large to be sent.
    { $project: { operationType: 1, documentKey: 1, ns: 1, clusterTime: 1, wallTime: 1 } },
  ];
}
