import type { JobId } from '../verifier/protocol.ts';
import type { PoolWorker } from './pool.ts';
import type { MirroredRead } from './read.ts';

/** The reads that workers were handed ahead of need and have not begun: they can still be taken back. */
export class WaitingAhead {
  readonly #workers: readonly PoolWorker[];
  readonly #readOf: (job: JobId) => MirroredRead | undefined;

  constructor(workers: readonly PoolWorker[], readOf: (job: JobId) => MirroredRead | undefined) {
    this.#workers = workers;
    this.#readOf = readOf;
  }

  /** The longest there first. */
  reads(): MirroredRead[] {
    return this.#workers.flatMap((worker) =>
      [...worker.jobs].flatMap((job) => {
        const read = this.#readOf(job);
        return read?.isAhead === true ? [read] : [];
      }),
    );
  }

  /** One of the lowest level, where that is below this one. */
  takeBackBelow(level: number): MirroredRead | undefined {
    if (!this.#workers.some(({ slots }) => slots.waiting() > slots.waiting(level))) return undefined;
    const lower = this.reads().filter((read) => read.level < level);
    return lower.toSorted((a, b) => a.level - b.level).find((read) => read.takeBack());
  }
}
