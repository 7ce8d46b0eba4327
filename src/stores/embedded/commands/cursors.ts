import { encode } from '../bson/encode.ts';
import { type Doc, type Encodable, Raw, reply } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { ChangeStream, StreamBatch } from '../replica/change-stream.ts';
import type { Reply } from './context.ts';

/** What a cursor gives: stored documents as their bytes, computed ones as they are. */
export type Item = Doc | Raw;

const FIRST_BATCH = 101;
const BATCH_BYTES = 16 * 1024 * 1024;
/** A cursor nobody asks for is closed after ten minutes, as MongoDB does. */
const IDLE = 10 * 60_000;

/** How long a stream that is asked for more waits where the client does not say, milliseconds. */
const AWAIT = 1000;

interface StreamCursor {
  readonly namespace: string;
  readonly stream: ChangeStream;
  used: number;
  /** The connection whose question waits. */
  waiting: number | undefined;
}

/** What `getMore` asks. */
export interface More {
  readonly id: bigint;
  readonly namespace: string;
  readonly batchSize: number | undefined;
  readonly maxTimeMS: number | undefined;
  readonly connection: number;
}

interface Cursor {
  readonly namespace: string;
  readonly items: Iterator<Item>;
  /** Taken from the items, and too large for the batch before. */
  held: Raw | undefined;
  used: number;
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor | StreamCursor>();
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
      id = this.#keep(cursor);
    } else if (!done) {
      cursor.items.return?.();
    }
    return reply({ cursor: reply({ firstBatch: batch, id, ns: namespace }), ok: 1 });
  }

  /** The first batch of a change stream, which stays open whatever is in it. */
  openStream(namespace: string, stream: ChangeStream, batchSize: number | undefined): Reply {
    this.#closeIdle();
    const batch = stream.take(batchSize ?? FIRST_BATCH);
    const id = batch.closed ? 0n : this.#keep({ namespace, stream, used: Date.now(), waiting: undefined });
    return streamReply('firstBatch', batch, id, namespace);
  }

  more(question: More): Reply | Promise<Reply> {
    const { id, namespace, batchSize } = question;
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    cursor.used = Date.now();
    if ('stream' in cursor) return this.#moreOfStream(cursor, question);
    if (question.maxTimeMS !== undefined)
      throw new MongoError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
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

  async #moreOfStream(cursor: StreamCursor, { id, batchSize, maxTimeMS, connection }: More): Promise<Reply> {
    const { namespace, stream } = cursor;
    if (cursor.waiting !== undefined) throw new MongoError('CursorInUse', `cursor id ${id} is already in use`);
    cursor.waiting = connection;
    try {
      const batch = await stream.next(batchSize ?? Number.POSITIVE_INFINITY, maxTimeMS || AWAIT);
      if (batch.closed) this.#open.delete(id);
      return streamReply('nextBatch', batch, batch.closed ? 0n : id, namespace);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    } finally {
      cursor.waiting = undefined;
      cursor.used = Date.now();
    }
  }

  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    if (cursor === undefined) return false;
    if ('stream' in cursor) cursor.stream.kill();
    else cursor.items.return?.();
    return this.#open.delete(id);
  }

  /** Ends the streams that a connection was waiting for when it broke. */
  disconnected(connection: number): void {
    for (const [id, cursor] of this.#open) if ('stream' in cursor && cursor.waiting === connection) this.kill(id);
  }

  #keep(cursor: Cursor | StreamCursor): bigint {
    this.#last += 1n;
    this.#open.set(this.#last, cursor);
    return this.#last;
  }

  #closeIdle(): void {
    const limit = Date.now() - IDLE;
    for (const [id, cursor] of this.#open) {
      const waits = 'stream' in cursor && cursor.waiting !== undefined;
      if (!waits && cursor.used < limit) this.kill(id);
    }
  }
}

function streamReply(name: 'firstBatch' | 'nextBatch', batch: StreamBatch, id: bigint, namespace: string): Reply {
  const { events, token } = batch;
  return reply({ cursor: reply({ [name]: events, postBatchResumeToken: token, id, ns: namespace }), ok: 1 });
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
