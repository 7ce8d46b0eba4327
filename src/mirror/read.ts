import type {
  Admission,
  CompletedAnswer,
  Exchange,
  ExchangeRequest,
  IncomingRead,
  Side,
  SkipReason,
} from '../types.ts';
import type { JobId, JobOfChunks } from '../verifier/protocol.ts';
import type { Ticket } from './breakers.ts';
import type { PoolWorker } from './pool.ts';

/** What a read needs of the mirror it belongs to. */
export interface ReadOwner {
  hold(read: MirroredRead, bytes: number): 'held' | 'overload' | 'too_large';
  completed(read: MirroredRead): void;
  skipped(read: MirroredRead, reason: SkipReason): void;
}

/** The way of one read through the mirror: the answer streams by, waits for a worker, is with one, has its verdict. */
export type ReadState = 'streaming' | 'queued' | 'handed' | 'ended';

const NOTHING: readonly Uint8Array[] = Object.freeze([]);

/** One admitted read until its verdict. The proxy holds it as its admission. */
export class MirroredRead implements Admission {
  readonly id: JobId;
  readonly read: IncomingRead;
  readonly exchangeId: string;
  readonly level: number;
  readonly #owner: ReadOwner;
  state: ReadState = 'streaming';
  /** Bytes of the byte budget that this read holds. */
  bytes = 0;
  job: JobOfChunks | null = null;
  overheadMs = 0;
  /** Monotonic ms since when it waits to be asked, here or with a worker. */
  queuedAt = 0;
  /** Monotonic ms since when it is with a worker. */
  handedAt = 0;
  /** Monotonic ms when its worker last asked for leave to read again, or got an answer to that; 0: not yet. */
  signAt = 0;
  worker: PoolWorker | null = null;
  /** Where it waits with its worker. */
  cell = -1;
  /** Leave of the breaker to ask the shadowed side, until that has answered. */
  ticket: Ticket | null = null;

  constructor(owner: ReadOwner, id: JobId, exchangeId: string, read: IncomingRead, level: number) {
    this.#owner = owner;
    this.id = id;
    this.exchangeId = exchangeId;
    this.read = read;
    this.level = level;
  }

  /** Handed ahead of need, and not begun. */
  get isAhead(): boolean {
    return this.state === 'handed' && this.worker?.slots.waits(this.cell, this.id) === true;
  }

  /** Takes it back from its worker; false where that has begun with it. */
  takeBack(): boolean {
    return this.state === 'handed' && this.worker?.slots.takeOut(this.cell, this.id, this.level) === true;
  }

  /** The side that did not answer the client and is asked by the verifier. */
  get shadowed(): Side {
    return this.read.served === 'primary' ? 'twin' : 'primary';
  }

  hold(bytes: number): 'held' | 'overload' | 'too_large' {
    return this.state === 'streaming' ? this.#owner.hold(this, bytes) : 'overload';
  }

  complete(request: ExchangeRequest, answer: CompletedAnswer): void {
    if (this.state !== 'streaming') return;
    this.overheadMs = answer.overheadMs;
    const exchange: Exchange = {
      id: this.exchangeId,
      route: this.read.route,
      served: this.read.served,
      request,
      answer: {
        status: answer.status,
        rawHeaders: answer.rawHeaders,
        body: EMPTY,
        askedAt: answer.askedAt,
        headersMs: answer.headersMs,
        totalMs: answer.totalMs,
      },
      trace: this.read.trace,
      overheadMs: answer.overheadMs,
    };
    this.job = {
      id: this.id,
      exchange,
      representation: 'primary',
      control: false,
      whole: false,
      chunks: answer.chunks,
    };
    this.#owner.completed(this);
  }

  skip(reason: SkipReason): void {
    if (this.state === 'streaming') this.#owner.skipped(this, reason);
  }

  /** Releases the chunks: they have been copied or nobody will read them. */
  letGo(): void {
    if (this.job !== null) this.job = { ...this.job, chunks: NOTHING };
  }
}

const EMPTY = new Uint8Array(0);
