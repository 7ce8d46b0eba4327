import type { Doc, Value } from '../bson/values.ts';

/** What a write did to one document or collection, as a change stream tells it. */
export type Change =
  | { readonly kind: 'insert' | 'replace'; readonly document: Buffer }
  | { readonly kind: 'update'; readonly description: Doc }
  | { readonly kind: 'delete' | 'drop' | 'dropDatabase' };

export interface Entry {
  /** A timestamp's unsigned 64 bits: seconds, then a counter. No two entries share one. */
  readonly time: bigint;
  /** When it was written, milliseconds since 1970. */
  readonly wall: number;
  readonly database: string;
  /** Empty where the whole database is dropped. */
  readonly collection: string;
  /** The `_id`; undefined where no single document is changed. */
  readonly id: Value | undefined;
  readonly change: Change;
}

export interface ChangeLogLimits {
  readonly entries: number;
  readonly bytes: number;
}

const LIMITS: ChangeLogLimits = { entries: 100_000, bytes: 64 * 1024 * 1024 };
/** What an entry takes beside its document, roughly. */
const OVERHEAD = 200;

/** The log of all changes, from which change streams are read: what MongoDB's oplog is to a replica set. */
export class ChangeLog {
  readonly #limits: ChangeLogLimits;
  /** In order of their times; those before `#start` are forgotten. */
  #entries: (Entry | undefined)[] = [];
  #start = 0;
  #bytes = 0;
  #last: bigint;
  /** Since the log began or the last entry was forgotten: from here on nothing is missing. */
  #first: bigint;
  readonly #listeners = new Set<() => void>();
  #telling = false;

  constructor(limits: Partial<ChangeLogLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#last = timeOf(Date.now());
    this.#first = this.#last;
  }

  /** The time of the newest entry, or of the log's beginning. */
  get last(): bigint {
    return this.#last;
  }

  /** A stream that begins before this time may miss something. */
  get first(): bigint {
    return this.#first;
  }

  record(entry: Omit<Entry, 'time' | 'wall'>): void {
    const wall = Date.now();
    const now = timeOf(wall);
    this.#last = now > this.#last ? now : this.#last + 1n;
    this.#entries.push({ ...entry, time: this.#last, wall });
    this.#bytes += sizeOf(entry);
    this.#forget();
    this.#tell();
  }

  /** The entries at or after a time, in their order. */
  *from(time: bigint): Generator<Entry> {
    let [low, high] = [this.#start, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.time >= time) high = middle;
      else low = middle + 1;
    }
    for (let at = low; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry !== undefined) yield entry;
    }
  }

  /** Calls back after each command that changed something, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #forget(): void {
    while (this.#entries.length - this.#start > this.#limits.entries || this.#bytes > this.#limits.bytes) {
      const oldest = this.#entries[this.#start];
      if (oldest === undefined) break;
      this.#bytes -= sizeOf(oldest);
      this.#entries[this.#start] = undefined;
      this.#start += 1;
      this.#first = this.#entries[this.#start]?.time ?? this.#last;
    }
    if (this.#start > 1_000 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Once the command in hand is done: one that writes a thousand documents wakes a stream once. */
  #tell(): void {
    if (this.#telling || this.#listeners.size === 0) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

/** The first timestamp of a second. */
function timeOf(ms: number): bigint {
  return (BigInt(Math.floor(ms / 1000)) << 32n) + 1n;
}

function sizeOf({ change }: Pick<Entry, 'change'>): number {
  return OVERHEAD + ('document' in change ? change.document.length : 0);
}
