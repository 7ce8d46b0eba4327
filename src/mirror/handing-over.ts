/** Which worker a read is handed to, in which form it is asked for, and how reads travel there. */
import type { Representation, Side } from '../types.ts';
import { encodeBatch, type JobOfChunks, type Place } from '../verifier/protocol.ts';
import type { MirrorOptions } from './options.ts';
import type { PoolWorker, WorkerPool } from './pool.ts';
import type { MirroredRead } from './read.ts';

/** Bodies up to this size share a batch, which is sent when it has grown to so much. */
const BATCH_BYTES = 128 * 1024;
/**
 * Reads of one level and all above that wait with one worker: more than it is done with in a slice. What comes later and
 * matters more is handed over all the same, and goes first there.
 */
const AHEAD = 64;

/** The least busy one that is ready, has slots, and does not have enough of what matters as much. */
export function freeWorker(workers: readonly PoolWorker[], side: Side, level: number): PoolWorker | null {
  let best: PoolWorker | null = null;
  for (const worker of workers) {
    if (!worker.ready || worker.slots.share(side) === 0 || worker.slots.waiting(level) >= AHEAD) continue;
    if (best === null || worker.jobs.size < best.jobs.size) best = worker;
  }
  return best;
}

/** What a client is served is in the primary's forms; pairing ids needs `id_map`, or rules for them. */
export function representationOf(read: MirroredRead, options: MirrorOptions): Representation {
  const pairs = options.migrationPgUrl != null || Object.keys(options.ids ?? {}).length > 0;
  if (!pairs || read.read.served !== 'primary') return 'primary';
  const wanted = options.representation ?? 'both';
  return wanted === 'both' ? (read.id % 2 === 0 ? 'twin' : 'primary') : wanted;
}

/** Reads on their way to the workers, in batches. */
export class Outgoing {
  readonly #jobs = new Map<PoolWorker, (readonly [job: JobOfChunks, place: Place])[]>();

  add(worker: PoolWorker, job: JobOfChunks, place: Place): void {
    const jobs = this.#jobs.get(worker) ?? [];
    jobs.push([job, place]);
    this.#jobs.set(worker, jobs);
  }

  send(pool: WorkerPool): void {
    for (const [worker, jobs] of this.#jobs) sendTo(pool, worker, jobs);
  }
}

function sendTo(
  pool: WorkerPool,
  worker: PoolWorker,
  jobs: readonly (readonly [job: JobOfChunks, place: Place])[],
): void {
  let part: JobOfChunks[] = [];
  let places: Place[] = [];
  let size = 0;
  const flush = (): void => {
    if (part.length === 0) return;
    const batch = encodeBatch(part);
    pool.send(worker, { type: 'batch', batch, places }, [batch.bytes]);
    part = [];
    places = [];
    size = 0;
  };
  for (const [job, place] of jobs) {
    const bytes = job.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (size + bytes > BATCH_BYTES) flush();
    part.push(job);
    places.push(place);
    size += bytes;
  }
  flush();
}
