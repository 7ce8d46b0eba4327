/** The drain as a worker: passes one after another, gaps tried again, and the lag written down about once a second. */
import { counted } from '../base/figure-words.ts';
import { messageOf } from '../errors.ts';
import { readDeferrals } from './deferrals.ts';
import { type Doorbell, hangDoorbell, hasChangeStreams } from './doorbell.ts';
import { type DrainOptions, drainOnce } from './drain.ts';
import { repairGaps } from './gaps.ts';
import { type DrainReport, lagSince, saveDrainReport } from './lag.ts';
import { PACE, Pace, type PaceOptions } from './pace.ts';
import { anyPending } from './pending.ts';

export interface Drain {
  lag(): DrainReport;
  /** Resolves when a pass that began after the call has ended. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface DrainWorkerOptions extends DrainOptions {
  /** Other pauses than usual. */
  readonly pace?: Partial<PaceOptions>;
  /** A failed pass, a repaired gap: for the log. */
  readonly onNote?: (text: string) => void;
}

const REPORT_MS = 1_000;
/** Nothing waits, as the last report says: only so that it does not grow stale. */
const IDLE_REPORT_MS = 5_000;
/** Between looks at the gaps, ms. */
const REPAIR_MS = 2_000;
/** The same while there is nothing to carry over, ms. */
const IDLE_REPAIR_MS = 5_000;
/** Between looks at what waits for another write, while nothing is found, ms: another drain may have put it off. */
const WAITING_MS = 10_000;
/** Until a change stream that failed is tried again, ms. */
const BELL_AGAIN_MS = 30_000;

/** A pass that fails is tried again, more slowly: a store that is down is waited for. */
export function startDrain(options: DrainWorkerOptions): Drain {
  const worker = new DrainWorker(options);
  worker.run();
  return worker;
}

class DrainWorker implements Drain {
  readonly #options: DrainWorkerOptions;
  readonly #pace: Pace;
  #report: DrainReport = { lagMs: 0, drained: 0, failed: 0, error: null };
  /** Of the last pass that was whole: what was written since is not known while passes fail. */
  #known = { lagMs: 0, at: performance.now() };
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** The last report says that nothing waits. */
  #saidEmpty = false;
  #repairedAt = performance.now();
  /** When it was last known whether anything waits for another write. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closing = false;
  #wake: () => void = () => undefined;
  #passes = 0;
  #failures = 0;
  /** False while something waits or was just carried over: then a look would find what is known. */
  #empty = false;
  /** When a change stream is tried next; never where the server has none. */
  #bellFrom = Number.NEGATIVE_INFINITY;
  #bell: Doorbell | null = null;
  /** Since the last pause: else a ring just before the next one would go unheard. */
  #rung = false;
  #waiting: { readonly after: number; readonly resolve: () => void }[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: DrainWorkerOptions) {
    this.#options = options;
    this.#pace = new Pace({ ...PACE, ...options.pace });
  }

  run(): void {
    this.#running = this.#loop();
  }

  lag(): DrainReport {
    return this.#report;
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      // The pass in hand may have read before the caller's write.
      this.#waiting.push({ after: this.#passes + 1, resolve });
      this.#wake();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#closing) {
      const pauseMs = await this.#round();
      this.#passes += 1;
      const done = this.#waiting.filter(({ after }) => this.#passes > after);
      this.#waiting = this.#waiting.filter(({ after }) => this.#passes <= after);
      for (const { resolve } of done) resolve();
      if (pauseMs > 0 && !this.#closing) await this.#pause(pauseMs);
    }
    await this.#takeBellDown();
    for (const { resolve } of this.#waiting) resolve();
  }

  /** One look, and one pass where it may find something; the pause after it, ms. */
  async #round(): Promise<number> {
    try {
      // Before the look: a write between the two must ring.
      if (this.#empty && this.#pace.isQuiet) await this.#hangBell();
      const worked = await this.#passOrLook();
      await this.#repair();
      await this.#write();
      this.#failures = 0;
      this.#known = { lagMs: this.#report.lagMs, at: performance.now() };
      if (!worked) return this.#pace.idle(this.#bell !== null);
      this.#pace.worked();
      return 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) this.#options.onNote?.(`a pass failed and is tried again: ${messageOf(error)}`);
      this.#report = { ...this.#report, lagMs: lagSince(this.#known), error: messageOf(error) };
      this.#empty = false;
      // Where it is Postgres that is down, this fails too, and the last report grows stale, which says the same.
      await this.#write().catch(() => undefined);
      return this.#pace.failed(this.#failures);
    }
  }

  /** True where something was carried over. */
  async #passOrLook(): Promise<boolean> {
    const { mongo, sql, mappings } = this.#options;
    let looked = this.#empty;
    if (looked && performance.now() - this.#lookedAt >= WAITING_MS) {
      looked = (await readDeferrals(sql)).since === null;
      this.#lookedAt = performance.now();
    }
    if (looked && !(await anyPending(mongo, mappings))) return false;
    if (looked) await this.#takeBellDown();
    const { drained, failed, oldest } = await drainOnce(this.#options);
    this.#lookedAt = performance.now();
    this.#empty = oldest === null;
    this.#report = {
      lagMs: oldest === null ? 0 : Math.max(0, Date.now() - oldest.getTime()),
      drained: this.#report.drained + drained,
      failed: this.#report.failed + failed,
      error: null,
    };
    return drained > 0;
  }

  async #repair(): Promise<void> {
    if (performance.now() - this.#repairedAt < (this.#empty ? IDLE_REPAIR_MS : REPAIR_MS)) return;
    const { repaired } = await repairGaps({ ...this.#options, dueOnly: true });
    if (repaired > 0) this.#options.onNote?.(`${counted(repaired, 'gap')} repaired`);
    this.#repairedAt = performance.now();
  }

  async #write(): Promise<void> {
    const due = this.#empty && this.#saidEmpty ? IDLE_REPORT_MS : REPORT_MS;
    if (performance.now() - this.#reportedAt < due) return;
    this.#reportedAt = performance.now();
    await saveDrainReport(this.#options.sql, 'outbox', this.#report);
    this.#saidEmpty = this.#empty;
  }

  /** Without a change stream the worker only polls more often. */
  async #hangBell(): Promise<void> {
    const { mongo, mappings } = this.#options;
    if (this.#bell !== null || performance.now() < this.#bellFrom) return;
    if (!(await hasChangeStreams(mongo))) {
      this.#bellFrom = Number.POSITIVE_INFINITY;
      return;
    }
    const collections = mappings.map(({ collection }) => collection);
    const bell = await hangDoorbell(mongo, collections).catch((error: unknown) => {
      this.#bellFrom = performance.now() + BELL_AGAIN_MS;
      this.#options.onNote?.(`no change stream, outboxes are looked at instead: ${messageOf(error)}`);
      return null;
    });
    this.#bell = bell;
    void bell?.rung.then((what) => {
      if (this.#bell !== bell) return;
      // It rings once; a new one is hung when it is quiet again, so that writes of others do not ring without end.
      this.#bell = null;
      this.#pace.worked();
      this.#rung = true;
      if (what === 'failed') {
        this.#bellFrom = performance.now() + BELL_AGAIN_MS;
        this.#options.onNote?.('the change stream ended, outboxes are looked at instead until it is opened again');
      }
      void bell.close();
      this.#wake();
    });
  }

  async #takeBellDown(): Promise<void> {
    const bell = this.#bell;
    this.#bell = null;
    await bell?.close();
  }

  #pause(ms: number): Promise<void> {
    const rung = this.#rung;
    this.#rung = false;
    if (rung) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
