import { LEVELS } from '../base/priority-queue.ts';
import type { Side } from '../types.ts';
import type { JobId } from './protocol.ts';

const CELLS = 1_024;
/** A cell or mark without a read. */
const NONE = 0;
/** Job ids as 32-bit marks: no two reads that are with one worker at once are so far apart. */
const MARKS = 0x3fff_ffff;

const SHARE = 0;
const IN_USE = 2;
const HURRY = 4;
const WAITING = 8;
const FIRST_CELL = WAITING + LEVELS;

/**
 * What the main thread and one worker share, so that neither has to wait for a message of the other: how many requests the
 * worker may have out to each side, how many it has, and which of the reads that it was handed ahead of need still wait.
 * The main thread writes the shares and puts reads in, the worker writes what is in use; either may take a read out, and
 * exactly one of them gets it.
 */
export class Slots {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  #next = 0;

  constructor(buffer = new SharedArrayBuffer((FIRST_CELL + CELLS) * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  // ------------------------------------------------------------------------------------------------------- requests

  share(side: Side): number {
    return Atomics.load(this.#words, SHARE + at(side));
  }

  setShare(side: Side, share: number): void {
    Atomics.store(this.#words, SHARE + at(side), share);
  }

  inUse(side: Side): number {
    return Atomics.load(this.#words, IN_USE + at(side));
  }

  /** By the worker: one slot; false where its share is used up. */
  take(side: Side): boolean {
    if (this.inUse(side) >= this.share(side)) return false;
    Atomics.add(this.#words, IN_USE + at(side), 1);
    // Read again: the thread that lowers the share reads `inUse` afterwards, so that one of the two sees the other's change.
    if (this.inUse(side) <= this.share(side)) return true;
    this.free(side);
    return false;
  }

  free(side: Side): void {
    Atomics.sub(this.#words, IN_USE + at(side), 1);
  }

  /** Held bytes are short: what a worker is done with should be told at once. */
  get hurry(): boolean {
    return Atomics.load(this.#words, HURRY) === 1;
  }

  setHurry(hurry: boolean): void {
    Atomics.store(this.#words, HURRY, hurry ? 1 : 0);
  }

  // ----------------------------------------------------------------------------------------------------- reads ahead

  /** By the main thread: where the read waits from now on. @throws RangeError where all cells are taken */
  put(job: JobId, level: number): number {
    for (let tries = 0; tries < CELLS; tries += 1) {
      const cell = this.#next;
      this.#next = (cell + 1) % CELLS;
      if (Atomics.load(this.#words, FIRST_CELL + cell) !== NONE) continue;
      Atomics.add(this.#words, WAITING + level, 1);
      Atomics.store(this.#words, FIRST_CELL + cell, markOf(job));
      return cell;
    }
    throw new RangeError(`more than ${CELLS} reads wait with one worker`);
  }

  /** Takes a waiting read out; true for the one thread that has it from now on. */
  takeOut(cell: number, job: JobId, level: number): boolean {
    const mark = markOf(job);
    if (Atomics.compareExchange(this.#words, FIRST_CELL + cell, mark, NONE) !== mark) return false;
    Atomics.sub(this.#words, WAITING + level, 1);
    return true;
  }

  waits(cell: number, job: JobId): boolean {
    return Atomics.load(this.#words, FIRST_CELL + cell) === markOf(job);
  }

  /** Reads that wait, of this level and all above. */
  waiting(from = 0): number {
    let sum = 0;
    for (let level = from; level < LEVELS; level += 1) sum += Atomics.load(this.#words, WAITING + level);
    return sum;
  }
}

function at(side: Side): 0 | 1 {
  return side === 'primary' ? 0 : 1;
}

function markOf(job: JobId): number {
  return (job % MARKS) + 1;
}
