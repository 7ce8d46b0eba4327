/**
 * Stage 2: which reads are verified, and that verifying them can hurt nobody. Runs on the main thread, never parses a
 * body, never waits: what it cannot take at once it refuses and counts.
 */
import { randomBytes } from 'node:crypto';
import { messageOf, ShadowError } from '../errors.ts';
import type {
  Admission,
  IncomingRead,
  Limits,
  Policy,
  ReadGate,
  RoutePolicy,
  Side,
  SkipReason,
  Verdict,
} from '../types.ts';
import { BREAKER_DEFAULTS, type BreakerState } from './breaker.ts';
import { ByteBudget } from './byte-budget.ts';
import { encodeBatch, type FromWorker, type JobId, type JobOfChunks, type VerdictBody } from './handover.ts';
import type { MirrorOptions } from './options.ts';
import { POOL_DEFAULTS, type PoolWorker, WorkerPool } from './pool.ts';
import { Pressure } from './pressure.ts';
import { levelOf, PriorityQueue } from './queue.ts';
import { MirroredRead, type ReadOwner } from './read.ts';
import { ReadAgainBudget } from './read-again.ts';
import { isNamed, isSampled } from './sampling.ts';
import { settingsOf, workersOf } from './settings.ts';
import { Tally, type TallySnapshot } from './tally.ts';
import { fullVerdict, skippedVerdict } from './verdicts.ts';

export interface MirrorCounts extends TallySnapshot {
  readonly queued: number;
  readonly heldBytes: number;
  readonly heldBytesPeak: number;
  readonly limits: Limits;
  /** Requests to the twin: allowed at once right now, and out right now. */
  readonly twinConcurrency: { readonly limit: number; readonly ceiling: number; readonly inUse: number };
  readonly breaker: BreakerState;
  readonly breakerOpened: number;
  /** Pairs that wait for leave to be read again. */
  readonly waitingToReadAgain: number;
  readonly workers: { readonly running: number; readonly replaced: number; readonly lastDeath: string | null };
}

export interface Mirror extends ReadGate {
  /** The first worker has its routes; rejects where it could not load them. */
  readonly ready: Promise<void>;
  /** In force from the next read on; what waits for a worker follows it too. */
  setPolicy(policy: Policy): void;
  /** The sync's lag as measured, milliseconds: how long a pair may take to agree. */
  setSyncLag(ms: number): void;
  counts(): MirrorCounts;
  /** Asks both sides again with sealed evidence. @throws ShadowError SHADOW_KEY, SHADOW_REFUSED */
  recheck(evidence: Uint8Array): Promise<Verdict>;
  /** Takes no more reads, lets those in flight end for so long, then ends the rest as `skipped: shutdown`. */
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

/** Bodies up to this size share a batch, which is sent when it has grown to so much. */
const BATCH_BYTES = 128 * 1024;
/** A read that waits longer for a worker would be compared with a twin of another time. */
const QUEUE_MS = 2_000;
const SWEEP_MS = 50;
const RECHECK_MS = 30_000;
const UNKNOWN_ROUTE: RoutePolicy = Object.freeze({ paused: false, sample: 1, sampleBy: 'read', priority: 0 });
const SIDES: readonly Side[] = ['primary', 'twin'];

export function createMirror(options: MirrorOptions): Mirror {
  return new MirrorStage(options);
}

class MirrorStage implements Mirror, ReadOwner {
  readonly ready: Promise<void>;
  readonly #options: MirrorOptions;
  readonly #log: (message: string) => void;
  readonly #instance: string;
  readonly #tally = new Tally();
  readonly #reads = new Map<JobId, MirroredRead>();
  readonly #bytes: ByteBudget;
  readonly #queues: Readonly<Record<Side, PriorityQueue<MirroredRead>>> = {
    primary: new PriorityQueue(),
    twin: new PriorityQueue(),
  };
  readonly #pressure: Readonly<Record<Side, Pressure>>;
  readonly #again: ReadAgainBudget;
  readonly #pool: WorkerPool | null;
  readonly #sweep: NodeJS.Timeout;
  readonly #calls = new Map<number, { resolve: (verdict: Verdict) => void; reject: (error: Error) => void }>();
  readonly #jobMs: number;
  #policy: Policy;
  #digests: Readonly<Record<string, string>> = {};
  #next = 1;
  #pumping: NodeJS.Timeout | null = null;
  #closing = false;
  #onIdle: (() => void) | null = null;
  #onReady: () => void = () => undefined;
  #onFailed: (error: Error) => void = () => undefined;

  constructor(options: MirrorOptions) {
    const now = performance.now();
    this.#options = options;
    this.#policy = options.policy;
    this.#log = options.log ?? (() => undefined);
    this.#instance = options.instance ?? randomBytes(6).toString('hex');
    const { limits } = options.policy;
    this.#bytes = new ByteBudget(limits.heldBytes);
    const breaker = { ...BREAKER_DEFAULTS, ...options.breaker };
    this.#pressure = { primary: new Pressure(limits, breaker, now), twin: new Pressure(limits, breaker, now) };
    this.#again = new ReadAgainBudget(limits.recheckPerSecond, now);
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailed = reject;
    });
    this.ready.catch(() => undefined);
    const settings = settingsOf(options);
    this.#jobMs = options.jobMs ?? settings.timeoutMs * 2 + 30_000 + (settings.settle.delaysMs.at(-1) ?? 0) * 4;
    this.#pool =
      settings.twinUrl === ''
        ? null
        : new WorkerPool(
            {
              size: workersOf(options),
              workerData: { settings },
              resourceLimits: options.resourceLimits ?? POOL_DEFAULTS.resourceLimits,
              hangMs: options.hangMs ?? POOL_DEFAULTS.hangMs,
              startMs: POOL_DEFAULTS.startMs,
              backoffMs: POOL_DEFAULTS.backoffMs,
            },
            {
              onReady: (_worker, digests) => {
                this.#digests = digests;
                this.#onReady();
                this.#pump();
              },
              onMessage: (worker, message) => this.#received(worker, message),
              onLost: (worker, jobs, why) => this.#lost(worker, jobs, why),
            },
          );
    if (this.#pool === null) this.#onReady();
    this.#sweep = setInterval(() => this.#tidy(), SWEEP_MS);
    this.#sweep.unref();
  }

  // ------------------------------------------------------------------------------------------------ what the proxy asks

  admit(read: IncomingRead): Admission | null {
    this.#tally.see(read.route.key);
    const policy = this.#policy.routes[read.route.key] ?? UNKNOWN_ROUTE;
    const id = this.#next;
    this.#next += 1;
    const refused = this.#refusal(read, policy);
    if (refused !== null) {
      this.#emit(this.#skipVerdict(read, `${this.#instance}-${id}`, refused, 0, null));
      return null;
    }
    const mirrored = new MirroredRead(this, id, `${this.#instance}-${id}`, read, levelOf(policy.priority));
    this.#reads.set(id, mirrored);
    return mirrored;
  }

  #refusal(read: IncomingRead, policy: RoutePolicy): SkipReason | null {
    if (this.#closing) return 'shutdown';
    if (isLoop(read)) return 'loop';
    if (this.#pool === null || !this.#mirrors(read, policy)) return 'paused';
    if (!isSampled(read, policy, Math.random)) return 'not_sampled';
    const shadowed: Side = read.served === 'primary' ? 'twin' : 'primary';
    if (this.#pressure[shadowed].breaker.refuses(performance.now())) return 'breaker_open';
    if (!this.#pool.hopeful) return 'verifier_error';
    if (this.#queued >= this.#policy.limits.queue && !this.#makeRoom(levelOf(policy.priority))) return 'overload';
    return null;
  }

  #mirrors(read: IncomingRead, policy: RoutePolicy): boolean {
    if (!this.#policy.shadowing || policy.paused) return false;
    return (this.#policy.domains[read.route.domain]?.stage ?? 'off') !== 'off';
  }

  hold(read: MirroredRead, bytes: number): 'held' | 'overload' | 'too_large' {
    if (read.bytes + bytes > this.#policy.limits.bodyBytes) return 'too_large';
    while (!this.#bytes.hold(bytes)) {
      if (!this.#makeRoom(read.level)) return 'overload';
    }
    read.bytes += bytes;
    return 'held';
  }

  /** Gives up the place, and the bytes, of one waiting read that matters less. */
  #makeRoom(level: number): boolean {
    const shed = this.#queues.twin.shed(level) ?? this.#queues.primary.shed(level);
    if (shed === undefined) return false;
    this.#skip(shed, 'overload', null);
    return true;
  }

  completed(read: MirroredRead): void {
    const status = read.job?.exchange.answer.status;
    if (status === 304) this.#skip(read, 'not_modified', null);
    else if (status === 206) this.#skip(read, 'partial', null);
    else if (this.#queued >= this.#policy.limits.queue && !this.#makeRoom(read.level)) {
      this.#skip(read, 'overload', null);
    } else {
      read.state = 'queued';
      read.since = performance.now();
      this.#queues[read.shadowed].push(read);
      this.#pumpSoon(1);
    }
  }

  skipped(read: MirroredRead, reason: SkipReason): void {
    this.#skip(read, reason, null);
  }

  get #queued(): number {
    return this.#queues.primary.size + this.#queues.twin.size;
  }

  // --------------------------------------------------------------------------------------------- towards the workers

  /** A millisecond gathers what comes in it into one batch: handing over costs more than a small compare. */
  #pumpSoon(ms: number): void {
    if (this.#pumping !== null) return;
    this.#pumping = setTimeout(() => {
      this.#pumping = null;
      this.#pump();
    }, ms);
  }

  #pump(): void {
    const pool = this.#pool;
    if (pool === null) return;
    const now = performance.now();
    this.#serveAgain(pool, now);
    const outgoing = new Map<PoolWorker, JobOfChunks[]>();
    for (const side of SIDES) this.#pumpSide(pool, side, now, outgoing);
    for (const [worker, jobs] of outgoing) this.#send(pool, worker, jobs);
  }

  #pumpSide(pool: WorkerPool, side: Side, now: number, outgoing: Map<PoolWorker, JobOfChunks[]>): void {
    const queue = this.#queues[side];
    const pressure = this.#pressure[side];
    for (let read = queue.peek(); read !== undefined; read = queue.peek()) {
      const worker = this.#freeWorker(pool);
      if (worker === null) return;
      const ticket = pressure.acquire(now);
      if (ticket === 'wait') {
        const wait = pressure.rateWaitMs(now);
        if (wait > 0 && Number.isFinite(wait)) this.#pumpSoon(Math.max(1, Math.ceil(wait)));
        return;
      }
      queue.shift();
      if (ticket === 'breaker_open') {
        this.#skip(read, 'breaker_open', null);
        continue;
      }
      if (read.job === null) continue;
      read.ticket = ticket;
      read.worker = worker;
      read.state = 'handed';
      read.since = now;
      worker.asking += 1;
      pool.assign(worker, read.id);
      const jobs = outgoing.get(worker) ?? [];
      jobs.push(this.#jobOf(read.job, read, now));
      outgoing.set(worker, jobs);
      read.letGo();
    }
  }

  #jobOf(job: JobOfChunks, read: MirroredRead, now: number): JobOfChunks {
    const wanted = this.#options.representation ?? 'both';
    const own = this.#options.migrationPgUrl != null && read.read.served === 'primary';
    const twinForms = own && (wanted === 'twin' || (wanted === 'both' && read.id % 2 === 0));
    const control = Math.random() < (this.#options.control ?? 0) && this.#again.takeNow(now);
    return { ...job, representation: twinForms ? 'twin' : 'primary', control };
  }

  /** The least busy one that is ready and has connections left. */
  #freeWorker(pool: WorkerPool): PoolWorker | null {
    const share = Math.ceil(this.#policy.limits.twinConcurrency / pool.workers.length);
    let best: PoolWorker | null = null;
    for (const worker of pool.workers) {
      if (worker.ready && worker.asking < share && (best === null || worker.jobs.size < best.jobs.size)) best = worker;
    }
    return best;
  }

  #send(pool: WorkerPool, worker: PoolWorker, jobs: readonly JobOfChunks[]): void {
    let part: JobOfChunks[] = [];
    let size = 0;
    const flush = (): void => {
      if (part.length === 0) return;
      const batch = encodeBatch(part);
      pool.send(worker, { type: 'batch', batch }, [batch.bytes]);
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

  #serveAgain(pool: WorkerPool, now: number): void {
    if (this.#again.waiting === 0) return;
    const granted = this.#again.serve(now, (job) => {
      const read = this.#reads.get(job);
      if (read === undefined || read.worker === null) return true;
      const ticket = this.#pressure[read.shadowed].acquire(now);
      if (typeof ticket !== 'number') return false;
      read.ticket = ticket;
      read.worker.asking += 1;
      return true;
    });
    this.#tell(pool, 'granted', granted);
  }

  #tell(pool: WorkerPool, type: 'granted' | 'denied', jobs: readonly JobId[]): void {
    const byWorker = new Map<PoolWorker, JobId[]>();
    for (const job of jobs) {
      const worker = this.#reads.get(job)?.worker;
      if (worker == null) continue;
      const list = byWorker.get(worker) ?? [];
      list.push(job);
      byWorker.set(worker, list);
    }
    for (const [worker, list] of byWorker) pool.send(worker, { type, jobs: list });
  }

  // ------------------------------------------------------------------------------------------------ from the workers

  #received(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'report': {
        const now = performance.now();
        for (const asked of message.asked) {
          const read = this.#reads.get(asked.job);
          if (read?.worker !== worker || read.ticket === null) continue;
          this.#pressure[read.shadowed].done(read.ticket, asked.outcome, asked.ms, now);
          read.ticket = null;
          worker.asking -= 1;
        }
        for (const wish of message.wishes) this.#wished(worker, wish.job, wish.round, wish.bytes, now + wish.waitMs);
        const evidence = new Map(message.evidence);
        const bodies: readonly VerdictBody[] = message.verdicts === '' ? [] : JSON.parse(message.verdicts);
        for (const body of bodies) {
          const read = this.#reads.get(body.job);
          if (read?.worker !== worker) continue;
          const sealed = evidence.get(body.job) ?? null;
          this.#end(read, fullVerdict(body, read.read, read.exchangeId, read.overheadMs, sealed));
        }
        this.#pump();
        return;
      }
      case 'asked_again':
        this.#answerCall(message.call, message.verdict, message.error);
        return;
    }
  }

  #wished(worker: PoolWorker, job: JobId, round: number, bytes: number, until: number): void {
    const read = this.#reads.get(job);
    const pool = this.#pool;
    if (read?.worker !== worker || pool === null) return;
    const room = this.#again.waiting < this.#policy.limits.queue;
    if (!room || !this.#bytes.hold(bytes)) {
      pool.send(worker, { type: 'denied', jobs: [job] });
      return;
    }
    read.bytes += bytes;
    this.#again.wish(job, round, until);
  }

  #lost(_worker: PoolWorker, jobs: readonly JobId[], why: string): void {
    this.#log(`a verifier worker is replaced: ${why}`);
    for (const job of jobs) {
      const read = this.#reads.get(job);
      if (read === undefined) continue;
      this.#again.forget(job);
      read.worker = null;
      this.#skip(read, 'verifier_error', why);
    }
    this.#onFailed(new ShadowError('SHADOW_INTERNAL', 'the verifier does not start', { actual: why }));
  }

  // ------------------------------------------------------------------------------------------------------- endings

  #skip(read: MirroredRead, reason: SkipReason, detail: string | null): void {
    this.#end(read, this.#skipVerdict(read.read, read.exchangeId, reason, read.overheadMs, detail));
  }

  #skipVerdict(read: IncomingRead, id: string, reason: SkipReason, overheadMs: number, detail: string | null): Verdict {
    return skippedVerdict(read, id, reason, {
      rulesDigest: this.#digests[read.route.key] ?? '',
      overheadMs,
      detail,
    });
  }

  /** The one place where a read ends: what it held is given back, it is counted, and its verdict goes out. */
  #end(read: MirroredRead, verdict: Verdict): void {
    if (read.state === 'ended') return;
    read.state = 'ended';
    this.#bytes.release(read.bytes);
    read.bytes = 0;
    read.job = null;
    if (read.ticket !== null) {
      this.#pressure[read.shadowed].done(read.ticket, 'none', 0, performance.now());
      read.ticket = null;
      if (read.worker !== null) read.worker.asking -= 1;
    }
    if (read.worker !== null) this.#pool?.unassign(read.worker, read.id);
    this.#reads.delete(read.id);
    this.#emit(verdict);
    if (this.#reads.size === 0) this.#onIdle?.();
  }

  #emit(verdict: Verdict): void {
    this.#tally.end(verdict, verdict.route.key);
    try {
      this.#options.onVerdict(verdict);
    } catch (error) {
      this.#log(`a listener of verdicts threw: ${messageOf(error)}`);
    }
  }

  /** What timing alone ends: reads that wait too long for a worker, for leave to be read again, or for their verdict. */
  #tidy(): void {
    const pool = this.#pool;
    if (pool === null) return;
    const now = performance.now();
    const late = this.#again.expire(now);
    if (late.length > 0) this.#tell(pool, 'denied', late);
    for (const side of SIDES) {
      const queue = this.#queues[side];
      if (queue.size === 0) continue;
      for (const read of queue.removeWhere((waiting) => now - waiting.since > QUEUE_MS)) {
        this.#skip(read, 'overload', null);
      }
    }
    for (const worker of pool.workers) {
      for (const job of worker.jobs) {
        const read = this.#reads.get(job);
        // Jobs are kept in order of handing over: the first young one ends the look.
        if (read !== undefined && now - read.since <= this.#jobMs) break;
        if (read === undefined) continue;
        this.#again.forget(job);
        this.#skip(read, 'verifier_error', `no verdict within ${this.#jobMs} ms`);
      }
    }
    if (this.#queued > 0 || this.#again.waiting > 0) this.#pump();
  }

  // ------------------------------------------------------------------------------------------------------- controls

  setPolicy(policy: Policy): void {
    const now = performance.now();
    this.#policy = policy;
    this.#bytes.setLimit(policy.limits.heldBytes);
    for (const side of SIDES) this.#pressure[side].setLimits(policy.limits, now);
    this.#again.setRate(policy.limits.recheckPerSecond, now);
    for (const side of SIDES) {
      const stopped = this.#queues[side].removeWhere(
        ({ read }) => !this.#mirrors(read, policy.routes[read.route.key] ?? UNKNOWN_ROUTE),
      );
      for (const read of stopped) this.#skip(read, 'paused', null);
    }
  }

  setSyncLag(ms: number): void {
    for (const worker of this.#pool?.workers ?? []) this.#pool?.send(worker, { type: 'lag', ms });
  }

  counts(): MirrorCounts {
    const { breaker, concurrency } = this.#pressure.twin;
    const workers = this.#pool?.workers ?? [];
    return {
      ...this.#tally.snapshot(this.#reads.size),
      queued: this.#queued,
      heldBytes: this.#bytes.held,
      heldBytesPeak: this.#bytes.peak,
      limits: this.#policy.limits,
      twinConcurrency: { limit: concurrency.limit, ceiling: concurrency.ceiling, inUse: concurrency.inUse },
      breaker: breaker.state,
      breakerOpened: breaker.opened,
      waitingToReadAgain: this.#again.waiting,
      workers: {
        running: workers.filter((worker) => worker.ready).length,
        replaced: this.#pool?.replaced ?? 0,
        lastDeath: this.#pool?.lastDeath ?? null,
      },
    };
  }

  recheck(evidence: Uint8Array): Promise<Verdict> {
    const pool = this.#pool;
    const worker = pool?.workers.find((candidate) => candidate.ready);
    if (pool === null || worker === undefined || !this.#again.takeNow(performance.now())) {
      const actual = worker === undefined ? 'no worker is ready' : 'the budget of re-reads is used up';
      return Promise.reject(new ShadowError('SHADOW_REFUSED', 'both sides cannot be asked again now', { actual }));
    }
    const call = this.#next;
    this.#next += 1;
    return new Promise<Verdict>((resolve, reject) => {
      const timer = setTimeout(() => this.#answerCall(call, null, `no answer within ${RECHECK_MS} ms`), RECHECK_MS);
      this.#calls.set(call, {
        resolve: (verdict) => {
          clearTimeout(timer);
          resolve(verdict);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      pool.send(worker, { type: 'ask_again', call, evidence, credentials: [] });
    });
  }

  #answerCall(call: number, verdict: string | null, error: string | null): void {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (verdict === null) {
      waiting?.reject(new ShadowError('SHADOW_KEY', error ?? 'the evidence cannot be used', { exit: 2 }));
      return;
    }
    const parsed: Verdict = JSON.parse(verdict);
    waiting?.resolve(parsed);
  }

  async close(options: { readonly deadlineMs: number }): Promise<void> {
    this.#closing = true;
    if (this.#reads.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.deadlineMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#onIdle = null;
    for (const queue of Object.values(this.#queues)) queue.removeWhere(() => true);
    for (const read of [...this.#reads.values()]) this.#skip(read, 'shutdown', null);
    clearInterval(this.#sweep);
    if (this.#pumping !== null) clearTimeout(this.#pumping);
    for (const call of [...this.#calls.keys()]) this.#answerCall(call, null, 'the mirror is closed');
    await this.#pool?.close();
  }
}

function isLoop(read: IncomingRead): boolean {
  for (let i = 0; i < read.rawHeaders.length; i += 2) {
    if (isNamed(read.rawHeaders[i] ?? '', 'x-shadow-read')) return true;
  }
  return false;
}
