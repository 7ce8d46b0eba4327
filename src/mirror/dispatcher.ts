/**
 * From the queue to the workers and back. Hands over only what a side may be asked right now, so that the limits hold
 * over all workers together, and grants each reading again.
 */
import type { Limits, Side, SkipReason } from '../types.ts';
import {
  encodeBatch,
  type FromWorker,
  type JobId,
  type JobOfChunks,
  type ToWorker,
  type VerdictBody,
  type VerifierSettings,
} from '../verifier/protocol.ts';
import { BREAKER_DEFAULTS, type BreakerState } from './breaker.ts';
import type { MirrorOptions } from './options.ts';
import { POOL_DEFAULTS, type PoolWorker, type RunningVerifier, WorkerPool } from './pool.ts';
import { Pressure } from './pressure.ts';
import { PriorityQueue } from './queue.ts';
import type { MirroredRead } from './read.ts';
import { ReadAgainBudget } from './read-again.ts';
import { workersOf } from './settings.ts';

export interface DispatcherEvents {
  /** The read ends without a worker's verdict. */
  skip(read: MirroredRead, reason: SkipReason, detail: string | null): void;
  verdict(read: MirroredRead, body: VerdictBody, evidence: Uint8Array | null): void;
  /** More bytes that a read holds from now on; false where there is no room. */
  holdMore(read: MirroredRead, bytes: number): boolean;
  readOf(job: JobId): MirroredRead | undefined;
  ready(digests: Readonly<Record<string, string>>): void;
  /** A worker is gone and will be replaced. */
  lost(why: string): void;
  askedAgain(message: Extract<FromWorker, { type: 'asked_again' }>): void;
}

/** `off`: without a twin nothing is verified. */
export type VerifierState = RunningVerifier | 'off';

export interface DispatcherFigures {
  readonly verifier: VerifierState;
  /** Why the last worker was lost, where the verifier has failed; else null. */
  readonly verifierError: string | null;
  readonly queued: number;
  /** Requests to the twin: allowed at once right now, and out right now. */
  readonly twinConcurrency: { readonly limit: number; readonly ceiling: number; readonly inUse: number };
  readonly breaker: BreakerState;
  readonly breakerOpened: number;
  /** What of the twin is not asked right now: `everything`, or a route and its kind of failure. */
  readonly breakerParts: readonly string[];
  /** Requests to either side that were sent again, since their kept connection was reset before it brought anything. */
  readonly resent: number;
  /** Pairs that wait for leave to be read again. */
  readonly waitingToReadAgain: number;
  readonly workers: { readonly running: number; readonly replaced: number; readonly lastDeath: string | null };
}

/** Bodies up to this size share a batch, which is sent when it has grown to so much. */
const BATCH_BYTES = 128 * 1024;
/** A read that waits longer for a worker would be compared with a twin of another time. */
const QUEUE_MS = 2_000;
const SIDES: readonly Side[] = ['primary', 'twin'];

export class Dispatcher {
  readonly #options: MirrorOptions;
  readonly #events: DispatcherEvents;
  readonly #queues: Readonly<Record<Side, PriorityQueue<MirroredRead>>>;
  readonly #pressure: Readonly<Record<Side, Pressure>>;
  readonly #again: ReadAgainBudget;
  readonly #pool: WorkerPool;
  readonly #jobMs: number;
  #limits: Limits;
  #pumping: NodeJS.Timeout | null = null;
  #resent = 0;

  constructor(options: MirrorOptions, settings: VerifierSettings, events: DispatcherEvents) {
    const now = performance.now();
    this.#options = options;
    this.#events = events;
    this.#limits = options.policy.limits;
    this.#queues = { primary: new PriorityQueue(), twin: new PriorityQueue() };
    const breaker = { ...BREAKER_DEFAULTS, ...options.breaker };
    this.#pressure = {
      primary: new Pressure(this.#limits, breaker, now),
      twin: new Pressure(this.#limits, breaker, now),
    };
    this.#again = new ReadAgainBudget(this.#limits.recheckPerSecond, now);
    // All that asking, settling and looking for the cause may take, with room to spare.
    this.#jobMs = options.jobMs ?? settings.timeoutMs * 2 + 30_000 + (settings.settle.delaysMs.at(-1) ?? 0) * 4;
    this.#pool = new WorkerPool(
      {
        size: workersOf(options),
        settings,
        resourceLimits: options.resourceLimits ?? POOL_DEFAULTS.resourceLimits,
        hangMs: options.hangMs ?? POOL_DEFAULTS.hangMs,
        startMs: POOL_DEFAULTS.startMs,
        backoffMs: POOL_DEFAULTS.backoffMs,
      },
      {
        onReady: (_worker, digests) => {
          events.ready(digests);
          this.#pump();
        },
        onMessage: (worker, message) => this.#received(worker, message),
        onLost: (_worker, jobs, why) => this.#lost(jobs, why),
        onFault: (stage, thrown) => options.onFault?.(stage, thrown),
      },
    );
  }

  get queued(): number {
    return this.#queues.primary.size + this.#queues.twin.size;
  }

  /** Why no worker can start; null where one has started, or may yet. */
  get failure(): string | null {
    return this.#pool.state === 'failed' ? (this.#pool.lastDeath ?? 'unknown') : null;
  }

  /** False while every worker waits out a crash loop, and while none can start. */
  get hopeful(): boolean {
    return this.#pool.hopeful && this.#pool.state !== 'failed';
  }

  /** True where this side's breaker is open for the route: a read need not even queue. */
  refuses(side: Side, route: string): boolean {
    return this.#pressure[side].breaker.refuses(route, performance.now());
  }

  /** True where the queue has room, or has made some by shedding what matters less. */
  hasRoom(level: number): boolean {
    return this.queued < this.#limits.queue || this.shed(level);
  }

  /** Gives up the place, and the bytes, of one waiting read that matters less. */
  shed(level: number): boolean {
    const shed = this.#queues.twin.shed(level) ?? this.#queues.primary.shed(level);
    if (shed === undefined) return false;
    this.#events.skip(shed, 'overload', null);
    return true;
  }

  enqueue(read: MirroredRead): void {
    read.state = 'queued';
    read.since = performance.now();
    this.#queues[read.shadowed].push(read);
    this.#pumpSoon(1);
  }

  /** Takes out of the queues what the policy no longer mirrors. */
  withdraw(test: (read: MirroredRead) => boolean): MirroredRead[] {
    return SIDES.flatMap((side) => this.#queues[side].removeWhere(test));
  }

  /** A read has ended: its leave to ask and its place with a worker are free. */
  release(read: MirroredRead): void {
    if (read.ticket !== null) {
      this.#pressure[read.shadowed].done(read.ticket, 'none', 0, performance.now());
      read.ticket = null;
      if (read.worker !== null) read.worker.asking -= 1;
    }
    if (read.worker !== null) this.#pool.unassign(read.worker, read.id);
  }

  setLimits(limits: Limits): void {
    const now = performance.now();
    this.#limits = limits;
    for (const side of SIDES) this.#pressure[side].setLimits(limits, now);
    this.#again.setRate(limits.recheckPerSecond, now);
  }

  toAll(message: ToWorker): void {
    for (const worker of this.#pool.workers) this.#pool.send(worker, message);
  }

  /** To any worker that is ready, with one token of the re-read budget; false where there is none. */
  toOne(message: ToWorker): boolean {
    const worker = this.#pool.workers.find((candidate) => candidate.ready);
    if (worker === undefined || !this.#again.takeNow(performance.now())) return false;
    this.#pool.send(worker, message);
    return true;
  }

  figures(): DispatcherFigures {
    const { breaker, concurrency } = this.#pressure.twin;
    return {
      verifier: this.#pool.state,
      verifierError: this.failure,
      queued: this.queued,
      twinConcurrency: { limit: concurrency.limit, ceiling: concurrency.ceiling, inUse: concurrency.inUse },
      breaker: breaker.state,
      breakerOpened: breaker.opened,
      breakerParts: breaker.open,
      resent: this.#resent,
      waitingToReadAgain: this.#again.waiting,
      workers: {
        running: this.#pool.workers.filter((worker) => worker.ready).length,
        replaced: this.#pool.replaced,
        lastDeath: this.#pool.lastDeath,
      },
    };
  }

  /** What time alone ends: reads that wait too long for a worker, for leave to be read again, or for their verdict. */
  tidy(): void {
    const now = performance.now();
    const late = this.#again.expire(now);
    if (late.length > 0) this.#tell('denied', late);
    const { failure } = this;
    // A first start that takes its time is no fault of the verifier, which a gate would not forgive; one that failed is.
    const absent = failure ?? (this.#pool.state === 'running' ? null : this.#pool.lastDeath);
    for (const read of this.withdraw((waiting) => failure !== null || now - waiting.since > QUEUE_MS)) {
      this.#events.skip(read, absent === null ? 'overload' : 'verifier_error', absent);
    }
    for (const worker of this.#pool.workers) {
      for (const job of worker.jobs) {
        const read = this.#events.readOf(job);
        // Jobs are kept in order of handing over: the first young one ends the look.
        if (read !== undefined && now - read.since <= this.#jobMs) break;
        if (read === undefined) continue;
        this.#again.forget(job);
        this.#events.skip(read, 'verifier_error', `no verdict within ${this.#jobMs} ms`);
      }
    }
    if (this.queued > 0 || this.#again.waiting > 0) this.#pump();
  }

  async close(): Promise<void> {
    if (this.#pumping !== null) clearTimeout(this.#pumping);
    this.withdraw(() => true);
    await this.#pool.close();
  }

  // ---------------------------------------------------------------------------------------------- towards the workers

  /** A millisecond gathers what comes in it into one batch: handing over costs more than a small compare. */
  #pumpSoon(ms: number): void {
    if (this.#pumping !== null) return;
    this.#pumping = setTimeout(() => {
      this.#pumping = null;
      try {
        this.#pump();
      } catch (thrown) {
        // What was taken from the queue and not sent ends by its time.
        this.#options.onFault?.('mirror pump', thrown);
      }
    }, ms);
  }

  #pump(): void {
    const now = performance.now();
    this.#grantAgain(now);
    const outgoing = new Map<PoolWorker, JobOfChunks[]>();
    for (const side of SIDES) this.#pumpSide(side, now, outgoing);
    for (const [worker, jobs] of outgoing) this.#send(worker, jobs);
  }

  #pumpSide(side: Side, now: number, outgoing: Map<PoolWorker, JobOfChunks[]>): void {
    const queue = this.#queues[side];
    const pressure = this.#pressure[side];
    for (let read = queue.peek(); read !== undefined; read = queue.peek()) {
      const worker = this.#freeWorker();
      if (worker === null) return;
      const ticket = pressure.acquire(read.read.route.key, now);
      if (ticket === 'wait') {
        const wait = pressure.rateWaitMs(now);
        if (wait > 0 && Number.isFinite(wait)) this.#pumpSoon(Math.max(1, Math.ceil(wait)));
        return;
      }
      queue.shift();
      if (ticket === 'breaker_open' || read.job === null) {
        this.#events.skip(read, 'breaker_open', null);
        continue;
      }
      read.ticket = ticket;
      read.worker = worker;
      read.state = 'handed';
      read.since = now;
      worker.asking += 1;
      this.#pool.assign(worker, read.id);
      const jobs = outgoing.get(worker) ?? [];
      jobs.push(this.#jobOf(read.job, read, now));
      outgoing.set(worker, jobs);
      read.letGo();
    }
  }

  #jobOf(job: JobOfChunks, read: MirroredRead, now: number): JobOfChunks {
    const wanted = this.#options.representation ?? 'both';
    // What a client is served is in the primary's forms, and pairing ids needs id_map.
    const pairs = this.#options.migrationPgUrl != null || Object.keys(this.#options.ids ?? {}).length > 0;
    const may = pairs && read.read.served === 'primary';
    const twinForms = may && (wanted === 'twin' || (wanted === 'both' && read.id % 2 === 0));
    const control = Math.random() < (this.#options.control ?? 0) && this.#again.takeNow(now);
    return { ...job, representation: twinForms ? 'twin' : 'primary', control };
  }

  /** The least busy one that is ready and has connections left. */
  #freeWorker(): PoolWorker | null {
    const { workers } = this.#pool;
    const share = Math.ceil(this.#limits.twinConcurrency / workers.length);
    let best: PoolWorker | null = null;
    for (const worker of workers) {
      if (worker.ready && worker.asking < share && (best === null || worker.jobs.size < best.jobs.size)) best = worker;
    }
    return best;
  }

  #send(worker: PoolWorker, jobs: readonly JobOfChunks[]): void {
    let part: JobOfChunks[] = [];
    let size = 0;
    const flush = (): void => {
      if (part.length === 0) return;
      const batch = encodeBatch(part);
      this.#pool.send(worker, { type: 'batch', batch }, [batch.bytes]);
      part = [];
      size = 0;
    };
    for (const job of jobs) {
      const bytes = job.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (size + bytes > BATCH_BYTES) flush();
      part.push(job);
      size += bytes;
    }
    flush();
  }

  #grantAgain(now: number): void {
    if (this.#again.waiting === 0) return;
    const granted = this.#again.serve(now, (job) => {
      const read = this.#events.readOf(job);
      if (read === undefined || read.worker === null) return true;
      const ticket = this.#pressure[read.shadowed].acquire(read.read.route.key, now);
      if (typeof ticket !== 'object') return false;
      read.ticket = ticket;
      read.worker.asking += 1;
      return true;
    });
    this.#tell('granted', granted);
  }

  #tell(type: 'granted' | 'denied', jobs: readonly JobId[]): void {
    const byWorker = Map.groupBy(jobs, (job) => this.#events.readOf(job)?.worker ?? null);
    for (const [worker, list] of byWorker) if (worker !== null) this.#pool.send(worker, { type, jobs: list });
  }

  // ------------------------------------------------------------------------------------------------- from the workers

  #received(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'asked_again':
        this.#events.askedAgain(message);
        return;
      case 'report':
        this.#reported(worker, message);
    }
  }

  #reported(worker: PoolWorker, report: Extract<FromWorker, { type: 'report' }>): void {
    const now = performance.now();
    for (const asked of report.asked) {
      if (asked.resent) this.#resent += 1;
      const read = this.#events.readOf(asked.job);
      if (read?.worker !== worker || read.ticket === null) continue;
      this.#pressure[read.shadowed].done(read.ticket, asked.outcome, asked.ms, now);
      read.ticket = null;
      worker.asking -= 1;
    }
    for (const { job, round, bytes, waitMs } of report.wishes) {
      const read = this.#events.readOf(job);
      if (read?.worker !== worker) continue;
      const room = this.#again.waiting < this.#limits.queue;
      if (room && this.#events.holdMore(read, bytes)) this.#again.wish(job, round, now + waitMs);
      else this.#pool.send(worker, { type: 'denied', jobs: [job] });
    }
    const evidence = new Map(report.evidence);
    const bodies: readonly VerdictBody[] = report.verdicts === '' ? [] : JSON.parse(report.verdicts);
    for (const body of bodies) {
      const read = this.#events.readOf(body.job);
      if (read?.worker === worker) this.#events.verdict(read, body, evidence.get(body.job) ?? null);
    }
    this.#pump();
  }

  #lost(jobs: readonly JobId[], why: string): void {
    for (const job of jobs) {
      const read = this.#events.readOf(job);
      if (read === undefined) continue;
      this.#again.forget(job);
      // Its place counts from zero again.
      read.worker = null;
      this.#events.skip(read, 'verifier_error', why);
    }
    this.#events.lost(why);
  }
}
