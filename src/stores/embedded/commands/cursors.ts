import { encode } from '../bson/encode.ts';
import { type Doc, type Encodable, Raw, reply } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { Reply } from './context.ts';

/** What a cursor gives: stored documents as their bytes, computed ones as they are. */
export type Item = Doc | Raw;

const FIRST_BATCH = 101;
const BATCH_BYTES = 16 * 1024 * 1024;
/** A cursor nobody asks for is closed after ten minutes, as MongoDB does. */
const IDLE = 10 * 60_000;

interface Cursor {
  readonly namespace: string;
  readonly items: Iterator<Item>;
  /** Taken from the items, and too large for the batch before. */
  held: Raw | undefined;
  used: number;
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor>();
  #last = BigInt(Date.now()) * 1000n;

  get size(): number {
    return this.#open.size;
  }

  /** The first batch as a reply, with a cursor for the rest where there is one. */
  open(namespace: string, items: Iterable<Item>, batchSize: number | undefined, single = false): Reply {
    this.#closeIdle();
    const cursor: Cursor = { namespace, items: items[Symbol.iterator](), held: undefined, used: Date.now() };
    const { batch, done } = take(cursor, batchSize ?? FIRST_BATCH);
    let id = 0n;
    if (!done && !single) {
      this.#last += 1n;
      id = this.#last;
      this.#open.set(id, cursor);
    } else if (!done) {
      cursor.items.return?.();
    }
    return reply({ cursor: reply({ firstBatch: batch, id, ns: namespace }), ok: 1 });
  }

  more(id: bigint, namespace: string, batchSize: number | undefined): Reply {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    cursor.used = Date.now();
    let next: ReturnType<typeof take>;
    try {
      next = take(cursor, batchSize ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
    if (next.done) this.#open.delete(id);
    return reply({ cursor: reply({ nextBatch: next.batch, id: next.done ? 0n : id, ns: namespace }), ok: 1 });
  }

  kill(id: bigint): boolean {
    this.#open.get(id)?.items.return?.();
    return this.#open.delete(id);
  }

  #closeIdle(): void {
    const limit = Date.now() - IDLE;
    for (const [id, cursor] of this.#open) if (cursor.used < limit) this.kill(id);
  }
}

function take(cursor: Cursor, most: number): { batch: Encodable[]; done: boolean } {
  const batch: Encodable[] = [];
  let bytes = 0;
  if (cursor.held !== undefined && most > 0) {
    batch.push(cursor.held);
    bytes += cursor.held.bytes.length;
    cursor.held = undefined;
  }
  while (batch.length < most) {
    const next = cursor.items.next();
    if (next.done) return { batch, done: true };
    const item = next.value instanceof Raw ? next.value : new Raw(encode(next.value));
    if (item.bytes.length > BATCH_BYTES + 16 * 1024) {
      throw new MongoError(
        'BSONObjectTooLarge',
        `a document of ${item.bytes.length} bytes is too large to be returned`,
      );
    }
    if (bytes + item.bytes.length > BATCH_BYTES && batch.length > 0) {
      cursor.held = item;
      return { batch, done: false };
    }
    bytes += item.bytes.length;
    batch.push(item);
  }
  return { batch, done: false };
}
