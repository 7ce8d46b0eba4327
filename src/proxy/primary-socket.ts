/** A connection to the primary on which each request's head is written as the client sent it. */
import { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { AnswerHeads } from './answer-heads.ts';
import { PROBE_AFTER_MS } from './options.ts';

/** A request whose head goes onto the next connection that undici writes to. */
export interface HeadToWrite {
  readonly head: string;
  /** Its head has been written to this socket, as the `nth` request on it. */
  written(socket: PrimarySocket, nth: number): void;
}

/** The request that undici is about to write: it says so right before it writes, in one synchronous step. */
export interface NextHead {
  next: HeadToWrite | null;
}

/**
 * undici writes its own form of a head: Host first and in lower case, Connection added, one spelling. This socket replaces
 * what undici writes by the head of the client; bodies never go this way.
 */
export class PrimarySocket extends Socket {
  readonly heads = new AnswerHeads();
  readonly #next: NextHead;
  #requests = 0;
  #held = false;

  constructor(next: NextHead) {
    super();
    this.#next = next;
  }

  override write(
    data: Uint8Array | string,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean {
    const callback = typeof encoding === 'function' ? encoding : done;
    const { next } = this.#next;
    this.#next.next = null;
    if (next === null || typeof data !== 'string') {
      // Never: only heads are written here. Better no request than another one.
      this.destroy(new Error('a write without a request'));
      return false;
    }
    this.heads.begin();
    this.#held = false;
    this.#requests += 1;
    next.written(this, this.#requests);
    return super.write(next.head, 'latin1', callback);
  }

  /** Nothing more is read until `readOn`: the primary waits, as it would for a client of its own. */
  hold(): void {
    this.#held = true;
  }

  readOn(): void {
    if (!this.#held) return;
    this.#held = false;
    // Not at once: undici's parser, which reads then, must not be resumed while it runs.
    process.nextTick(() => {
      if (!this.destroyed) this.emit('readable');
    });
  }

  override read(size?: number): unknown {
    if (this.#held) return null;
    const chunk: unknown = super.read(size);
    if (this.heads.open && chunk instanceof Uint8Array) this.heads.feed(chunk);
    return chunk;
  }
}

/** Opens such connections for undici. */
export function primaryConnector(next: NextHead, connectMs: number): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = new PrimarySocket(next);
    let told = false;
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      if (told) return;
      told = true;
      callback(error, null);
    };
    const deadline = setTimeout(() => {
      socket.destroy(Object.assign(new Error(`no connection within ${connectMs} ms`), { code: 'ETIMEDOUT' }));
    }, connectMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    socket.on('error', fail);
    socket.once('connect', () => {
      clearTimeout(deadline);
      if (told) return;
      told = true;
      // Socket.connect gives every socket the plain write as a property of its own.
      Reflect.deleteProperty(socket, 'write');
      callback(null, socket);
    });
    socket.connect({ host: hostname, port: port === '' ? 80 : Number(port) });
  };
}
