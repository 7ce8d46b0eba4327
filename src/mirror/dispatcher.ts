/**
 * From the queue to the workers and back. Hands reads over ahead of need, in slices of time; a worker asks for the next as
 * soon as a slot of its share is free. Until it does, a read counts as queued, and can be shed or taken back.
 */
import { Sliced } from '../base/sliced.ts';
import type { IncomingRead, Limits, Side } from '../types.ts';
import {
  decodeEnds,
  type FromWorker,
  type JobId,
  type ToWorker,
  type VerdictBody,
  type VerifierSettings,
} from '../verifier/protocol.ts';
import { BREAKER_DEFAULTS } from './breaker.ts';
import type { DispatcherEvents, DispatcherFigures } from './dispatching.ts';
import { freeWorker, Outgoing, representationOf } from './handing-over.ts';
import type { MirrorOptions } from './options.ts';
import { Patience } from './patience.ts';
import { POOL_DEFAULTS, type PoolWorker, WorkerPool } from './pool.ts';
import { Pressure } from './pressure.ts';
import { PriorityQueue } from './queue.ts';
import type { MirroredRead } from './read.ts';
import { ReadAgainBudget } from './read-again.ts';
import { workersOf } from './settings.ts';
import { spread } from './shares.ts';
import { WaitingAhead } from './waiting-ahead.ts';

const SIDES: readonly Side[] = ['primary', 'twin'];

export class Dispatcher {
  readonly #options: MirrorOptions;
  readonly #events: DispatcherEvents;
  readonly #queues: Readonly<Record<Side, PriorityQueue<MirroredRead>>>;
  readonly #pressure: Readonly<Record<Side, Pressure>>;
  readonly #again: ReadAgainBudget;
  readonly #pool: WorkerPool;
  readonly #ahead: WaitingAhead;
  readonly #jobMs: number;
  readonly #sliced: Sliced;
  readonly #patience = new Patience();
  #limits: Limits;
  /** Bytes of the bodies that came into the queue since the last handing over. */
  #gathered = 0;
  #short = false;
  #resent = 0;
  #askedWhole = 0;
  #remembered = 0;

  constructor(options: MirrorOptions, settings: VerifierSettings, events: DispatcherEvents) {
    const now = performance.now();
    this.#options = options;
    this.#events = events;
    this.#limits = options.policy.limits;
    this.#queues = { primary: new PriorityQueue(), twin: new PriorityQueue() };
    const breaker = { ...BREAKER_DEFAULTS, ...options.breaker };
    this.#pressure = {
      primary: new Pressure(this.#limits, breaker),
      twin: new Pressure(this.#limits, breaker),
    };
    this.#sliced = new Sliced(() => {
      try {
        this.#pump();
      } catch (thrown) {
        // What was taken from the queue and not sent ends by its time.
        options.onFault?.('mirror pump', thrown);
      }
    });
    this.#again = new ReadAgainBudget(this.#limits.recheckPerSecond, now);
    // All that asking, settling and looking for the cause may take, with room to spare.
    const slowestMs = Math.max(settings.timeoutMs, settings.primaryTimeouts?.timeoutMs ?? 0);
    this.#jobMs = options.jobMs ?? slowestMs * 2 + 30_000 + (settings.settle.delaysMs.at(-1) ?? 0) * 4;
    this.#pool = new WorkerPool(
      {
        size: workersOf(options),
        settings,
        rates: { primary: this.#pressure.primary.rate.buffer, twin: this.#pressure.twin.rate.buffer },
        resourceLimits: options.resourceLimits ?? POOL_DEFAULTS.resourceLimits,
        hangMs: options.hangMs ?? POOL_DEFAULTS.hangMs,
        startMs: POOL_DEFAULTS.startMs,
        backoffMs: POOL_DEFAULTS.backoffMs,
      },
      {
        onReady: (_worker, digests) => {
          events.ready(digests);
          this.#spread();
          this.#pump();
        },
        onMessage: (worker, message) => this.#received(worker, message),
        onLost: (_worker, jobs, why) => this.#lost(jobs, why),
        onFault: (stage, thrown) => options.onFault?.(stage, thrown),
      },
    );
    this.#ahead = new WaitingAhead(this.#pool.workers, events.readOf);
  }

  /** Reads that still wait, here and with the workers. */
  get queued(): number {
    return this.#pool.workers.reduce((sum, { slots }) => sum + slots.waiting(), this.#inQueues);
  }

  get #inQueues(): number {
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

  /** True where this side's breaker is open for the read's route or caller: it need not even queue. */
  refuses(side: Side, read: IncomingRead): boolean {
    return this.#pressure[side].breaker.refuses(read, performance.now());
  }

  /** True where the queue has room, or has made some by shedding what matters less. */
  hasRoom(level: number): boolean {
    return this.queued < this.#limits.queue || this.shed(level);
  }

  /** Gives up the place, and the bytes, of one waiting read that matters less. */
  shed(level: number): boolean {
    const shed = this.#queues.twin.shed(level) ?? this.#queues.primary.shed(level) ?? this.#ahead.takeBackBelow(level);
    if (shed === undefined) return false;
    this.#events.skip(shed, 'overload', 'a read that matters more needed its place');
    return true;
  }

  enqueue(read: MirroredRead): void {
    read.state = 'queued';
    read.queuedAt = performance.now();
    this.#queues[read.shadowed].push(read);
    this.#gathered += read.bytes;
    this.#lookAtBytes();
    this.#sliced.gathered({ reads: this.#inQueues, bytes: this.#gathered }, this.#short);
  }

  /** Whether the primary, and then the twin, may be asked for what a client had no need to get; takes one token if so. */
  mayReadWhole(): boolean {
    if (Math.random() >= (this.#options.notModified ?? 0) || !this.#again.takeNow(performance.now())) return false;
    this.#askedWhole += 1;
    return true;
  }

  /** Removes the waiting reads that the policy no longer mirrors. */
  withdraw(test: (read: MirroredRead) => boolean): MirroredRead[] {
    const ahead = this.#ahead.reads().filter((read) => test(read) && read.takeBack());
    return [...SIDES.flatMap((side) => this.#queues[side].removeWhere(test)), ...ahead];
  }

  /** Where held bytes are short, workers tell at once what they are done with. */
  #lookAtBytes(): void {
    const short = this.#events.bytesAreShort();
    if (short === this.#short) return;
    this.#short = short;
    for (const { slots } of this.#pool.workers) slots.setHurry(short);
  }

  /** A read has ended: its leave to ask and its place with a worker are free. */
  release(read: MirroredRead): void {
    if (read.ticket !== null) {
      this.#pressure[read.shadowed].done(read.ticket, 'none', 0, false, performance.now());
      read.ticket = null;
    }
    if (read.worker !== null) this.#pool.unassign(read.worker, read.id);
  }

  setLimits(limits: Limits): void {
    const now = performance.now();
    this.#limits = limits;
    for (const side of SIDES) this.#pressure[side].setLimits(limits);
    this.#again.setRate(limits.recheckPerSecond, now);
    this.#spread();
    this.toAll({ type: 'go', heard: 0 });
  }

  /** Shares of what may be out to a side, anew; a worker whose share has risen is told. */
  #spread(): void {
    const { workers } = this.#pool;
    const risen = SIDES.flatMap((side) => spread(side, this.#pressure[side].concurrency.limit, workers));
    for (const worker of new Set(risen)) this.#pool.send(worker, { type: 'go', heard: 0 });
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
    const breakers = breaker.figures(performance.now());
    return {
      verifier: this.#pool.state,
      verifierError: this.failure,
      queued: this.queued,
      twinConcurrency: {
        limit: concurrency.limit,
        ceiling: concurrency.ceiling,
        inUse: this.#pool.workers.reduce((sum, { slots }) => sum + slots.inUse('twin'), 0),
      },
      breaker: breakers.state,
      breakerOpened: breakers.opened,
      breakerParts: breakers.open,
      resent: this.#resent,
      askedWhole: this.#askedWhole,
      remembered: this.#remembered,
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
    const patience = this.#patience.ms(now, this.#pool.state === 'running', absent !== null, this.#limits.waitMs);
    let longest = 0;
    const given = this.withdraw(({ queuedAt }) => {
      if (failure !== null || now - queuedAt > patience) return true;
      longest = Math.max(longest, now - queuedAt);
      return false;
    });
    this.#patience.longest(longest);
    for (const read of given) {
      if (absent !== null) this.#events.skip(read, 'verifier_error', absent);
      else this.#events.skip(read, 'overload', `no worker within ${patience / 1_000} s`);
    }
    for (const worker of this.#pool.workers) {
      for (const job of worker.jobs) {
        const read = this.#events.readOf(job);
        // Jobs are kept in order of handing over: the first young one ends the look.
        if (read !== undefined && now - read.handedAt <= this.#jobMs) break;
        // One that is read again and again on a busy machine is late, not lost.
        if (read === undefined || now - read.signAt <= this.#jobMs) continue;
        this.#again.forget(job);
        this.#events.skip(read, 'verifier_error', `no verdict within ${this.#jobMs} ms`);
      }
    }
    if (this.#inQueues > 0 || this.#again.waiting > 0) this.#pump();
    this.#spread();
  }

  async close(): Promise<void> {
    this.#sliced.stop();
    this.withdraw(() => true);
    await this.#pool.close();
  }

  // ---------------------------------------------------------------------------------------------- towards the workers

  #pump(): void {
    const now = performance.now();
    this.#gathered = 0;
    this.#lookAtBytes();
    this.#grantAgain(now);
    const outgoing = new Outgoing();
    for (const side of SIDES) this.#pumpSide(side, now, outgoing);
    outgoing.send(this.#pool);
  }

  #pumpSide(side: Side, now: number, outgoing: Outgoing): void {
    const queue = this.#queues[side];
    const { breaker } = this.#pressure[side];
    for (let read = queue.peek(); read !== undefined; read = queue.peek()) {
      const worker = freeWorker(this.#pool.workers, side, read.level);
      if (worker === null) return;
      queue.shift();
      const ticket = breaker.acquire(read.read, now);
      if (ticket === null || read.job === null) {
        this.#events.skip(read, 'breaker_open', null);
        continue;
      }
      read.ticket = ticket;
      read.worker = worker;
      read.state = 'handed';
      read.handedAt = now;
      read.cell = worker.slots.put(read.id, read.level);
      this.#pool.assign(worker, read.id);
      const control = Math.random() < (this.#options.control ?? 0) && this.#again.takeNow(now);
      const job = { ...read.job, representation: representationOf(read, this.#options), control };
      outgoing.add(worker, job, [read.cell, read.level]);
      read.letGo();
    }
  }

  #grantAgain(now: number): void {
    if (this.#again.waiting === 0) return;
    const granted = this.#again.serve(now, (job) => {
      const read = this.#events.readOf(job);
      if (read === undefined || read.worker === null) return true;
      const ticket = this.#pressure[read.shadowed].breaker.acquire(read.read, now);
      if (ticket === null) return false;
      read.ticket = ticket;
      return true;
    });
    this.#tell('granted', granted);
  }

  #tell(type: 'granted' | 'denied', jobs: readonly JobId[]): void {
    const now = performance.now();
    for (const job of jobs) {
      const read = this.#events.readOf(job);
      if (read !== undefined) read.signAt = now;
    }
    const byWorker = Map.groupBy(jobs, (job) => this.#events.readOf(job)?.worker ?? null);
    for (const [worker, list] of byWorker) if (worker !== null) this.#pool.send(worker, { type, jobs: list });
  }

  // ------------------------------------------------------------------------------------------------- from the workers

  #received(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'rechecked':
        this.#events.rechecked(message);
        return;
      case 'rejection':
        this.#options.onRejection?.(message.rejection);
        return;
      case 'report':
        this.#reported(worker, message);
    }
  }

  #reported(worker: PoolWorker, report: Extract<FromWorker, { type: 'report' }>): void {
    const now = performance.now();
    this.#remembered += report.remembered;
    for (const end of decodeEnds(report.ends)) {
      if (end.resent) this.#resent += 1;
      const read = this.#events.readOf(end.job);
      if (read?.worker !== worker || read.ticket === null) continue;
      this.#pressure[read.shadowed].done(read.ticket, end.outcome, end.ms, end.full, now);
      read.ticket = null;
    }
    if (report.ill) this.#takeBackRefused(now);
    for (const { job, round, bytes, waitMs } of report.wishes) {
      const read = this.#events.readOf(job);
      if (read?.worker !== worker) continue;
      read.signAt = now;
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
    this.#spread();
    if (report.ill) this.#pool.send(worker, { type: 'go', heard: 1 });
  }

  /** A breaker may have opened: what waits with the workers is not asked either. */
  #takeBackRefused(now: number): void {
    for (const read of this.#ahead.reads()) {
      const { breaker } = this.#pressure[read.shadowed];
      if (breaker.refuses(read.read, now) && read.takeBack()) this.#events.skip(read, 'breaker_open', null);
    }
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
