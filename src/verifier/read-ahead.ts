/**
 * The reads that a worker was handed ahead of need. It asks for the next as soon as a slot is free and the rate allows one,
 * without a word from the main thread, which shares the limits and may take back what still waits.
 */
import { PriorityQueue } from '../base/priority-queue.ts';
import type { Side } from '../types.ts';
import type { Job } from './protocol.ts';
import type { SharedRate } from './shared-rate.ts';
import type { Slots } from './slots.ts';

export interface ReadAheadOptions {
  readonly slots: Slots;
  readonly rates: Readonly<Record<Side, SharedRate>>;
  /** Verifies it; a slot of the side that it asks is taken for it, to be given to `free`. */
  start(job: Job): void;
  /** Calls back after this many milliseconds. */
  later(ms: number, call: () => void): void;
  /** Monotonic nanoseconds, one clock for all threads. */
  readonly now?: () => bigint;
}

interface Waiting {
  readonly job: Job;
  readonly cell: number;
  readonly level: number;
}

const SIDES: readonly Side[] = ['primary', 'twin'];
/** Most reads kept that the main thread has taken back; beyond it they are searched for and removed. */
const TAKEN_BACK = 64;

export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #queues: Readonly<Record<Side, PriorityQueue<Waiting>>> = {
    primary: new PriorityQueue(),
    twin: new PriorityQueue(),
  };
  /** Permitted re-reads: they go first, since the work on them would be lost. */
  readonly #again: Readonly<Record<Side, (() => void)[]>> = { primary: [], twin: [] };
  readonly #due: Record<Side, boolean> = { primary: false, twin: false };
  #unheard = 0;
  #refilling = false;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** Reads in here, those included that were taken back and not looked at since. */
  get size(): number {
    return this.#queues.primary.size + this.#queues.twin.size;
  }

  add(job: Job, cell: number, level: number): void {
    const { slots } = this.#options;
    const queue = this.#queues[job.exchange.served === 'primary' ? 'twin' : 'primary'];
    queue.push({ job, cell, level });
    // Else those of low levels that were taken back would lie here, with their bodies, while higher ones go first.
    if (this.size > 2 * slots.waiting() + TAKEN_BACK) {
      for (const side of SIDES) {
        this.#queues[side].removeWhere((waiting) => !slots.waits(waiting.cell, waiting.job.id));
      }
    }
  }

  /** A reading again with leave: `go` has a slot. */
  again(side: Side, go: () => void): void {
    this.#again[side].push(go);
    this.refill();
  }

  free(side: Side): void {
    this.#options.slots.free(side);
    this.refill();
  }

  /** A side shows itself ill: nothing more is asked until the main thread, which has the breaker, has heard of it. */
  stop(): void {
    this.#unheard += 1;
  }

  /** The main thread has heard of so many of those times. */
  heard(times: number): void {
    this.#unheard -= times;
    this.refill();
  }

  /** Starts what the limits allow. */
  refill(): void {
    // A read that ends before it asks anything frees its slot within its start.
    if (this.#refilling) return;
    this.#refilling = true;
    try {
      for (const side of SIDES) while (this.#startOne(side));
    } finally {
      this.#refilling = false;
    }
  }

  #startOne(side: Side): boolean {
    const { slots, rates, start } = this.#options;
    if (this.#unheard > 0) return false;
    const again = this.#again[side];
    const next = again.length > 0 ? undefined : this.#next(side);
    if ((next === undefined && again.length === 0) || !slots.take(side)) return false;
    const wait = rates[side].take(this.#options.now?.());
    if (wait > 0) {
      slots.free(side);
      this.#lookAgain(side, wait);
      return false;
    }
    if (next === undefined) again.shift()?.();
    else {
      this.#queues[side].shift();
      if (slots.takeOut(next.cell, next.job.id, next.level)) start(next.job);
      else {
        slots.free(side);
        rates[side].giveBack();
      }
    }
    return true;
  }

  /** The first that has not been taken back. */
  #next(side: Side): Waiting | undefined {
    const queue = this.#queues[side];
    for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
      if (this.#options.slots.waits(next.cell, next.job.id)) return next;
      queue.shift();
    }
    return undefined;
  }

  #lookAgain(side: Side, wait: number): void {
    // At a rate of 0 only a new limit helps, which the main thread sends.
    if (this.#due[side] || !Number.isFinite(wait)) return;
    this.#due[side] = true;
    this.#options.later(wait, () => {
      this.#due[side] = false;
      this.refill();
    });
  }
}
