/** Stage 4 of a read: takes verdicts at any rate, at once, and writes them when the journal's Postgres lets it. */

import { randomBytes } from 'node:crypto';
import type postgres from 'postgres';
import { counted } from '../base/figure-words.ts';
import { inTime, within } from '../base/in-time.ts';
import { codeOf } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import type { Verdict } from '../types.ts';
import { type ApplyContext, applyBatch, SHARDS } from './apply.ts';
import type { Batch } from './batch.ts';
import { MINUTE } from './coarser.ts';
import { connectJournal, leaveStandby } from './connection.ts';
import { Gathering } from './gathering/gathering.ts';
import { Keys } from './keys.ts';
import type { JournalOptions, JournalStats } from './options.ts';
import { PER_ROUTE } from './room.ts';
import { migrate } from './schema/migrate.ts';

export interface Journal {
  /** Takes one verdict. Never waits, never throws. */
  record(verdict: Verdict): void;
  /** Age of the oldest verdict that is not written yet, in seconds; 0 without one. */
  lagSeconds(): number;
  stats(): JournalStats;
  /** Writes all that was recorded before the call, histograms included; false where `deadlineMs` passed first. */
  flush(deadlineMs?: number): Promise<boolean>;
  /** Flushes, says that this replica stopped, and ends the connections. */
  close(deadlineMs?: number): Promise<boolean>;
}

const BACKOFF = [250, 500, 1_000, 2_000, 5_000] as const;
/** A batch that neither commits nor fails for so long is tried again on a new connection. */
const BATCH_DEADLINE = 45_000;

/** Returns at once: connecting, migrating and every retry happen in the background. */
export function openJournal(options: JournalOptions): Journal {
  return new PostgresJournal(options);
}

class PostgresJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #flushMs: number;
  readonly #histogramMs: number;
  readonly #instance: string;
  readonly #startedAt = Date.now();
  readonly #gathering: Gathering;
  readonly #keys: Keys;
  readonly #days = new Set<string>();
  readonly #context: Omit<ApplyContext, 'skewMs' | 'droppedEvidence' | 'unknown'>;
  readonly #sql: postgres.Sql;
  #migrated = false;
  /** The batch being written: it keeps its sequence until it is known to be applied. */
  #inFlight: { readonly sequence: number; readonly batch: Batch } | null = null;
  #sequence = 0;
  #skewMs = 0;
  #skewAt = 0;
  /** How far the wall clock was ahead of the steady one when the skew was measured, ms: it tells that the clock was set. */
  #wallAhead = 0;
  #heartbeatAt = 0;
  #refused = 0;
  #written = 0;
  #lost = 0;
  #failures = 0;
  #lastError: string | null = null;
  #lastCode = '';
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: JournalOptions) {
    const { limits } = options;
    this.#options = options;
    this.#flushMs = limits.flushMs ?? 1_000;
    this.#histogramMs = limits.histogramMs ?? 10 * this.#flushMs;
    this.#instance = `${options.instance}/${randomBytes(4).toString('hex')}`;
    this.#keys = new Keys(limits.perRoute ?? PER_ROUTE);
    this.#gathering = new Gathering({
      evidenceRows: limits.journalBuffer,
      rulesOf: options.rulesOf,
      backfillOf: options.backfillOf,
    });
    this.#context = {
      instance: this.#instance,
      startedAt: this.#startedAt,
      shard: randomBytes(1).readUInt8() % SHARDS,
      evidenceTtlMs: limits.evidenceTtlMs ?? 7 * 86_400_000,
      distinctCap: limits.distinctCap ?? 20_000,
    };
    this.#sql = this.#connect();
    this.#schedule(0);
  }

  record(verdict: Verdict): void {
    try {
      this.#gathering.add(verdict, steadyNow());
    } catch (error) {
      this.#lost += 1;
      this.#lastError = messageOf(error);
      return;
    }
    const due = this.#gathering.verdicts >= (this.#options.limits.batchVerdicts ?? 5_000);
    if (due && this.#running === null && this.#failures === 0 && !this.#closed) this.#schedule(0);
  }

  lagSeconds(): number {
    const since =
      this.#inFlight !== null && this.#inFlight.batch.verdicts > 0 ? this.#inFlight.batch.since : this.#gathering.since;
    return since === 0 ? 0 : Math.max(0, (steadyNow() - since) / 1_000);
  }

  stats(): JournalStats {
    return {
      instance: this.#instance,
      pending: this.#gathering.verdicts + (this.#inFlight?.batch.verdicts ?? 0),
      buffered: this.#gathering.evidenceRows + (this.#inFlight?.batch.mismatches.length ?? 0),
      droppedEvidence: this.#gathering.dropped + this.#refused,
      written: this.#written,
      lost: this.#lost,
      lagSeconds: this.lagSeconds(),
      connected: this.#migrated && this.#failures === 0,
      lastError: this.#lastError,
    };
  }

  async flush(deadlineMs = 10_000): Promise<boolean> {
    const deadline = steadyNow() + deadlineMs;
    const before = this.#sequence;
    clearTimeout(this.#timer);
    try {
      // The batch that is being written may lack the last verdicts: it is awaited, then one more is made.
      for (;;) {
        const left = deadline - steadyNow();
        if (left <= 0) return false;
        await within(left, this.#turn(true));
        const mine = this.#inFlight === null && (this.#sequence > before || this.#empty());
        if (mine && this.#failures === 0 && this.#empty()) return true;
        if (this.#failures > 0) await pause(Math.min(100, Math.max(0, deadline - steadyNow())));
      }
    } catch {
      return false;
    } finally {
      if (!this.#closed) this.#schedule(this.#delay());
    }
  }

  async close(deadlineMs = 10_000): Promise<boolean> {
    if (this.#closed) return true;
    this.#closed = true;
    const flushed = await this.flush(deadlineMs);
    clearTimeout(this.#timer);
    if (flushed && this.#migrated) {
      await within(
        2_000,
        this.#sql`update shadowread.instances set stopped_at = clock_timestamp(), heartbeat = clock_timestamp()
        where instance = ${this.#instance}`,
      ).catch(() => undefined);
    }
    await this.#sql.end({ timeout: 1 }).catch(() => undefined);
    return flushed;
  }

  #connect(): postgres.Sql {
    const name = `shadowread ${this.#options.instance}`.slice(0, 63);
    return connectJournal(this.#options.url, { name, statementMs: 30_000 });
  }

  #empty(): boolean {
    return this.#gathering.verdicts === 0 && !this.#gathering.hasHistograms && !this.#gathering.hasRows;
  }

  #delay(): number {
    if (this.#failures === 0) return this.#flushMs;
    return BACKOFF[Math.min(this.#failures, BACKOFF.length) - 1] ?? 5_000;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#turn(false).then(() => {
        if (!this.#closed) this.#schedule(this.#delay());
      });
    }, ms);
    this.#timer.unref();
  }

  /** One attempt to write; never rejects. Attempts do not overlap: a call during one waits for the same end. */
  #turn(everything: boolean): Promise<void> {
    this.#running ??= this.#attempt(everything).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #attempt(everything: boolean): Promise<void> {
    try {
      await inTime(this.#sql, BATCH_DEADLINE, this.#write(everything));
      if (this.#failures > 0)
        this.#options.log('info', `journal: writing again after ${counted(this.#failures, 'failed attempt')}`);
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    }
  }

  async #write(everything: boolean): Promise<void> {
    const sql = this.#sql;
    if (!this.#migrated) {
      await migrate(sql);
      this.#migrated = true;
    }
    const now = steadyNow();
    if (now - this.#skewAt > 10_000 || Math.abs(Date.now() - now - this.#wallAhead) > 1_000)
      await this.#measureClock(sql);
    if (this.#inFlight === null) {
      const withHistograms = everything || this.#gathering.histogramsDue(now, this.#histogramMs);
      const idle =
        this.#gathering.verdicts === 0 &&
        !this.#gathering.hasRows &&
        !(withHistograms && this.#gathering.hasHistograms);
      if (idle && now - this.#heartbeatAt < 5_000) return;
      this.#sequence += 1;
      this.#inFlight = { sequence: this.#sequence, batch: this.#gathering.take(now, withHistograms, Date.now()) };
    }
    const { sequence, batch } = this.#inFlight;
    await this.#ensureDays(sql, batch);
    let keys = await this.#keys.resolve(sql, batch);
    if (await this.#keys.forgetClosed(sql, batch, keys)) keys = await this.#keys.resolve(sql, batch);
    if (keys.begun) this.#gathering.sendAgain();
    const droppedEvidence = this.#gathering.dropped + this.#refused;
    const { full } = await applyBatch(sql, sequence, batch, keys, {
      ...this.#context,
      skewMs: this.#skewMs,
      unknown: this.#options.unknown?.() ?? { reads: 0, paths: [] },
      droppedEvidence,
    });
    // A repeat of a batch that was already applied counts as written too: only the answer to its first commit was
    // lost.
    if (this.#inFlight?.sequence !== sequence) return;
    this.#inFlight = null;
    this.#gathering.full(full);
    this.#heartbeatAt = now;
    this.#written += batch.verdicts;
    this.#lastError = null;
  }

  async #measureClock(sql: postgres.Sql): Promise<void> {
    const sentAt = Date.now();
    const [row] = await sql<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
    const answered = Date.now();
    if (row === undefined) return;
    this.#skewMs = (sentAt + answered) / 2 - row.ms;
    this.#skewAt = steadyNow();
    this.#wallAhead = answered - this.#skewAt;
  }

  async #ensureDays(sql: postgres.Sql, batch: Batch): Promise<void> {
    const days = new Set<string>();
    for (const { minute } of [...batch.counts, ...batch.histograms, ...batch.control]) days.add(dayOf(minute));
    for (const { hour } of batch.combinations) days.add(dayOf(hour));
    for (const { at } of batch.mismatches) days.add(dayOf(at));
    // Tomorrow's tables are made an hour early, so that midnight finds them there.
    if (batch.verdicts > 0) days.add(dayOf(batch.watermark + 60 * MINUTE));
    for (const day of days) {
      if (this.#days.has(day)) continue;
      await sql`select shadowread.ensure_day(${day}::date)`;
      this.#days.add(day);
    }
  }

  #failed(error: unknown): void {
    const code = codeOf(error);
    this.#failures += 1;
    this.#lastError = messageOf(error);
    // A new reason is logged: first the lost connection, then why no new one can be opened.
    const news = this.#failures === 1 || code !== this.#lastCode;
    this.#lastCode = code;
    if (news || this.#failures % 20 === 0) {
      this.#options.log('warn', `journal: attempt ${this.#failures} failed (${code || 'no code'}): ${this.#lastError}`);
    }
    // Remembered rows may be gone: a day was pruned, or the journal was created again.
    this.#keys.forget();
    this.#days.clear();
    leaveStandby(this.#sql, error);
    if (code === '42P01' || code === '3F000' || code === '42883') this.#migrated = false;
    // A value that the database refuses would stop every later batch: its evidence is dropped, its counts are kept.
    if (code.startsWith('22') && this.#inFlight !== null && this.#inFlight.batch.mismatches.length > 0) {
      this.#refused += this.#inFlight.batch.mismatches.length;
      this.#inFlight.batch.mismatches = [];
    }
  }
}

/** Epoch ms by a monotonic clock: for lengths of time. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
