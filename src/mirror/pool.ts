import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { Side } from '../types.ts';
import {
  type FromWorker,
  type JobId,
  Slots,
  type ToWorker,
  type VerifierSettings,
  type WorkerData,
} from '../verifier/protocol.ts';

export interface PoolOptions {
  readonly size: number;
  /** Given to each worker as it is: plain data, which survives a structured clone. */
  readonly settings: VerifierSettings;
  /** Of `SharedRate`: what all workers share. */
  readonly rates: Readonly<Record<Side, SharedArrayBuffer>>;
  readonly resourceLimits: ResourceLimits;
  /** A worker whose event loop does not react for this time is ended and replaced, ms. */
  readonly hangMs: number;
  /** How long a worker may take to load its routes, in milliseconds. */
  readonly startMs: number;
  /** Waits between replacements that die young: the first, doubled up to the last, in milliseconds. */
  readonly backoffMs: readonly [first: number, last: number];
}

export const POOL_DEFAULTS = Object.freeze({
  resourceLimits: Object.freeze({ maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 48, stackSizeMb: 4 }),
  hangMs: 10_000,
  startMs: 30_000,
  backoffMs: [100, 30_000] as const,
});

export interface PoolEvents {
  onReady(worker: PoolWorker, digests: Readonly<Record<string, string>>): void;
  onMessage(worker: PoolWorker, message: FromWorker): void;
  onFault(stage: string, thrown: unknown): void;
  /** The worker is gone with these reads; a replacement comes by itself. */
  onLost(worker: PoolWorker, jobs: readonly JobId[], why: string): void;
}

/** `failed`: no worker can start. */
export type RunningVerifier = 'starting' | 'running' | 'failed';

/** One place in the pool: the worker that has it now and the reads that are with it. */
export interface PoolWorker {
  readonly index: number;
  readonly ready: boolean;
  readonly jobs: ReadonlySet<JobId>;
  /** What this thread shares with it. */
  readonly slots: Slots;
}

/** So many starts in a row that came to nothing are no accident: its routes or its memory keep it from starting. */
const STARTS_THAT_FAIL = 3;
/** How often the main thread looks for a sign of life; also the worker's own beat. */
const BEAT_MS = 250;
/** While no worker has a read, it beats and is looked at so much more seldom: each time wakes a thread for nothing. */
const IDLE_TIMES = 8;
/** Having lived so long, a worker's death is no part of a crash loop. */
const GROWN_UP_MS = 30_000;

class Place implements PoolWorker {
  readonly index: number;
  ready = false;
  jobs = new Set<JobId>();
  slots = new Slots();
  worker: Worker | null = null;
  beats = new Int32Array(new SharedArrayBuffer(4));
  lastBeat = 0;
  /** For how long it has not beaten, by looks. */
  silentMs = 0;
  bornAt = 0;
  deaths = 0;
  /** Deaths in a row before it was ready. */
  failedStarts = 0;
  respawn: NodeJS.Timeout | null = null;

  constructor(index: number) {
    this.index = index;
  }
}

/** The worker threads: starts, watches and replaces them. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #events: PoolEvents;
  readonly #places: Place[];
  #watch: NodeJS.Timeout;
  /** Looks are as frequent as they get. */
  #watchful = true;
  #closing = false;
  #replaced = 0;
  #lastDeath: string | null = null;

  constructor(options: PoolOptions, events: PoolEvents) {
    this.#options = options;
    this.#events = events;
    this.#places = Array.from({ length: options.size }, (_, index) => new Place(index));
    for (const place of this.#places) this.#start(place);
    this.#watch = setInterval(() => this.#look(), BEAT_MS).unref();
  }

  #beWatchful(watchful: boolean): void {
    if (watchful === this.#watchful) return;
    this.#watchful = watchful;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), watchful ? BEAT_MS : BEAT_MS * IDLE_TIMES).unref();
  }

  get workers(): readonly PoolWorker[] {
    return this.#places;
  }

  /** Workers that died or were ended and had to be replaced, since the start. */
  get replaced(): number {
    return this.#replaced;
  }

  get lastDeath(): string | null {
    return this.#lastDeath;
  }

  /** False while every worker waits out a crash loop's backoff: nothing that comes now would be verified soon. */
  get hopeful(): boolean {
    return this.#places.some((place) => place.worker !== null);
  }

  /** `failed`: no worker is there, and one could not start three times in a row. It is tried again all the same. */
  get state(): RunningVerifier {
    if (this.#places.some((place) => place.ready)) return 'running';
    return this.#places.some((place) => place.failedStarts >= STARTS_THAT_FAIL) ? 'failed' : 'starting';
  }

  assign(worker: PoolWorker, job: JobId): void {
    const place = this.#place(worker);
    if (place.jobs.size === 0) place.silentMs = 0;
    place.jobs.add(job);
    this.#beWatchful(true);
  }

  unassign(worker: PoolWorker, job: JobId): void {
    this.#place(worker).jobs.delete(job);
  }

  send(worker: PoolWorker, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#place(worker).worker?.postMessage(message, [...transfer]);
  }

  /** Ends one worker as if it had died; its place gets a new one. */
  replace(worker: PoolWorker, why: string): void {
    this.#gone(this.#place(worker), why);
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watch);
    await Promise.all(
      this.#places.map(async (place) => {
        if (place.respawn !== null) clearTimeout(place.respawn);
        const worker = place.worker;
        place.worker = null;
        place.ready = false;
        await worker?.terminate();
      }),
    );
  }

  #start(place: Place): void {
    const entry = new URL(`../verifier/worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
    place.beats = new Int32Array(new SharedArrayBuffer(4));
    place.lastBeat = 0;
    place.silentMs = 0;
    place.bornAt = performance.now();
    place.respawn = null;
    const { settings, rates } = this.#options;
    const workerData: WorkerData = {
      settings,
      beats: place.beats,
      beatMs: BEAT_MS,
      idleBeatMs: (BEAT_MS * IDLE_TIMES) / 2,
      slots: place.slots.buffer,
      rates,
    };
    const worker = new Worker(entry, {
      workerData,
      resourceLimits: this.#options.resourceLimits,
      name: `verifier-${place.index}`,
      // A worker that writes must not hold up the main thread's pipes; what it has to say it says in messages.
      stdout: false,
      stderr: false,
    });
    place.worker = worker;
    worker.on('message', (message: FromWorker) => {
      if (place.worker !== worker) return;
      // A sign of life as good as a beat; while it loaded its modules it had no turn to beat.
      place.silentMs = 0;
      if (message.type === 'ready') {
        place.ready = true;
        place.failedStarts = 0;
        this.#events.onReady(place, message.digests);
      } else this.#take(place, message);
    });
    worker.on('error', (error) => {
      if (place.worker === worker) this.#gone(place, messageOf(error));
    });
    worker.on('exit', (code) => {
      if (place.worker === worker) this.#gone(place, `the worker exited with ${code}`);
    });
    worker.on('messageerror', (error) => {
      if (place.worker === worker) this.#gone(place, messageOf(error));
    });
  }

  /** What of its report was not taken is lost with the worker, and its reads end as such. */
  #take(place: Place, message: FromWorker): void {
    try {
      this.#events.onMessage(place, message);
    } catch (thrown) {
      this.#events.onFault('mirror report', thrown);
      this.#gone(place, 'its report could not be taken');
    }
  }

  #gone(place: Place, why: string): void {
    const worker = place.worker;
    if (worker === null) return;
    place.worker = null;
    if (!place.ready) place.failedStarts += 1;
    place.ready = false;
    void worker.terminate();
    const jobs = [...place.jobs];
    place.jobs = new Set();
    // Its requests end with it.
    place.slots = new Slots();
    this.#lastDeath = why;
    if (this.#closing) return;
    this.#replaced += 1;
    place.deaths = performance.now() - place.bornAt > GROWN_UP_MS ? 1 : place.deaths + 1;
    this.#events.onLost(place, jobs, why);
    // The first death is answered at once; only a loop of them has to wait.
    const [first, last] = this.#options.backoffMs;
    const wait = place.deaths === 1 ? 0 : Math.min(last, first * 2 ** (place.deaths - 2));
    if (wait === 0) this.#start(place);
    else {
      place.respawn = setTimeout(() => this.#start(place), wait);
      place.respawn.unref();
    }
  }

  /**
   * Counts looks without a new beat, not time passed: after the whole process was stopped (SIGSTOP, a sleeping laptop)
   * the clock has leapt while the worker had no chance.
   */
  #look(): void {
    const everyMs = this.#watchful ? BEAT_MS : BEAT_MS * IDLE_TIMES;
    for (const place of this.#places) {
      if (place.worker === null) continue;
      const beat = Atomics.load(place.beats, 0);
      place.silentMs = beat === place.lastBeat ? place.silentMs + everyMs : 0;
      place.lastBeat = beat;
      const allowed = place.ready ? this.#options.hangMs : this.#options.startMs;
      // One without a read beats seldom.
      const patience = place.jobs.size > 0 ? allowed : Math.max(allowed, 2 * IDLE_TIMES * BEAT_MS);
      if (place.silentMs >= patience) {
        this.#gone(place, `the worker gave no sign of life for ${allowed} ms`);
      }
    }
    this.#beWatchful(this.#places.some(({ ready, jobs }) => !ready || jobs.size > 0));
  }

  #place(worker: PoolWorker): Place {
    const place = this.#places[worker.index];
    if (place === undefined) throw new RangeError(`no worker ${worker.index}`);
    return place;
  }
}
