/**
 * HTTP/1 over raw sockets, written for the tests: a reader that keeps every byte that a client or server could notice,
 * and knows nothing of Node's parser. What it reads is what the wire said.
 */
import { connect, type Socket } from 'node:net';

export type Field = readonly [name: string, value: string];

export interface Head {
  readonly startLine: string;
  readonly fields: readonly Field[];
}

/** How far a message came: to its end, to a break behind its head, to a break before that, or to what is not HTTP. */
export type MessageEnd = 'complete' | 'cut' | 'none' | 'garbage';

export interface SeenMessage {
  readonly interims: readonly Head[];
  readonly head: Head | null;
  readonly body: Buffer;
  readonly trailers: readonly Field[];
  readonly end: MessageEnd;
}

type Mode = 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'close' | 'done' | 'garbage';

/** Reads one message (with the interim answers before it) from bytes that may be cut anywhere. */
export class MessageReader {
  readonly #kind: 'request' | 'answer';
  readonly #method: string;
  #pending: Buffer = Buffer.alloc(0);
  #mode: Mode = 'head';
  #left = 0;
  #head: Head | null = null;
  readonly #interims: Head[] = [];
  readonly #body: Buffer[] = [];
  readonly #trailers: Field[] = [];
  #ended: 'open' | 'closed' = 'open';
  onHead: ((head: Head) => void) | null = null;
  onInterim: ((head: Head) => void) | null = null;

  /** `method` is the request's, since an answer to HEAD has no content. */
  constructor(kind: 'request' | 'answer', method = 'GET') {
    this.#kind = kind;
    this.#method = method;
  }

  get done(): boolean {
    return this.#mode === 'done' || this.#mode === 'garbage';
  }

  /** Bytes behind the message's end. */
  get rest(): Buffer {
    return this.#pending;
  }

  get bodyBytes(): number {
    return this.#body.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let before = -1;
    while (!this.done && this.#pending.length !== before) {
      before = this.#pending.length;
      this.#step();
      if (this.#pending.length === 0 && this.#mode !== 'length') break;
    }
  }

  /** The connection has ended. */
  eof(): void {
    if (this.#mode === 'close') this.#mode = 'done';
    this.#ended = 'closed';
  }

  /** The connection has been reset: a message that only its end would end is cut. */
  reset(): void {
    this.#ended = 'closed';
  }

  result(): SeenMessage {
    return {
      interims: this.#interims,
      head: this.#head,
      body: Buffer.concat(this.#body),
      trailers: this.#trailers,
      end:
        this.#mode === 'done'
          ? 'complete'
          : this.#mode === 'garbage'
            ? 'garbage'
            : this.#head === null
              ? 'none'
              : 'cut',
    };
  }

  get closed(): boolean {
    return this.#ended === 'closed';
  }

  #step(): void {
    switch (this.#mode) {
      case 'head':
        this.#readHead();
        return;
      case 'length':
      case 'chunk':
        this.#readCounted();
        return;
      case 'size':
        this.#readSize();
        return;
      case 'chunk-end':
        if (this.#pending.length < 2) return;
        this.#mode = this.#take(2).equals(CRLF) ? 'size' : 'garbage';
        return;
      case 'trailers':
        this.#readTrailers();
        return;
      case 'close':
        this.#body.push(this.#take(this.#pending.length));
        return;
      case 'done':
      case 'garbage':
        return;
    }
  }

  #readHead(): void {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const lines = this.#take(end + 4)
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n');
    const startLine = lines[0] ?? '';
    const fields = fieldsOf(lines.slice(1));
    if (fields === null) {
      this.#mode = 'garbage';
      return;
    }
    const head = { startLine, fields };
    if (this.#kind === 'answer') {
      const status = statusOf(head);
      if (status === null) {
        this.#mode = 'garbage';
        return;
      }
      if (status >= 100 && status < 200 && status !== 101) {
        this.#interims.push(head);
        this.onInterim?.(head);
        return;
      }
    }
    this.#head = head;
    this.#frame(head);
    this.onHead?.(head);
  }

  /** RFC 9112 section 6.3. */
  #frame(head: Head): void {
    const coding = valuesOf(head.fields, 'transfer-encoding').join(',').toLowerCase();
    const length = valuesOf(head.fields, 'content-length')[0];
    if (this.#kind === 'answer') {
      const status = statusOf(head) ?? 0;
      if (this.#method === 'HEAD' || status === 204 || status === 304 || status === 101) {
        this.#mode = 'done';
        return;
      }
    }
    if (coding.endsWith('chunked')) this.#mode = 'size';
    else if (length !== undefined) {
      this.#left = Number(length);
      this.#mode = this.#left === 0 ? 'done' : 'length';
    } else this.#mode = this.#kind === 'answer' ? 'close' : 'done';
  }

  #readCounted(): void {
    const taken = this.#take(Math.min(this.#left, this.#pending.length));
    this.#left -= taken.length;
    if (taken.length > 0) this.#body.push(taken);
    if (this.#left === 0) this.#mode = this.#mode === 'chunk' ? 'chunk-end' : 'done';
  }

  #readSize(): void {
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return;
    const line = this.#take(end + 2)
      .subarray(0, end)
      .toString('latin1');
    const size = /^([0-9A-Fa-f]+)\s*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) {
      this.#mode = 'garbage';
      return;
    }
    this.#left = Number.parseInt(size, 16);
    this.#mode = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #readTrailers(): void {
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return;
    const line = this.#take(end + 2)
      .subarray(0, end)
      .toString('latin1');
    if (line === '') {
      this.#mode = 'done';
      return;
    }
    const fields = fieldsOf([line]);
    if (fields === null) this.#mode = 'garbage';
    else this.#trailers.push(...fields);
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }
}

const CRLF = Buffer.from('\r\n');

function fieldsOf(lines: readonly string[]): Field[] | null {
  const fields: Field[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0 || /[\s\0\r\n]/.test(line.slice(0, colon)) || /[\0\r\n]/.test(line)) return null;
    fields.push([line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  return fields;
}

export function statusOf(head: Head): number | null {
  const found = /^HTTP\/1\.[01] ([0-9]{3})(?: |$)/.exec(head.startLine)?.[1];
  return found === undefined ? null : Number(found);
}

export function reasonOf(head: Head): string {
  return head.startLine.slice('HTTP/1.1 200 '.length);
}

export function valuesOf(fields: readonly Field[], lowerName: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
}

/** The fields that RFC 9110 section 7.6.1 keeps to one hop, those that Connection names included, taken away. */
export function endToEnd(fields: readonly Field[]): Field[] {
  const hop = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade']);
  for (const value of valuesOf(fields, 'connection')) {
    for (const option of value.split(',')) hop.add(option.trim().toLowerCase());
  }
  hop.delete('content-length');
  hop.delete('host');
  return fields.filter(([name]) => !hop.has(name.toLowerCase()));
}

/** One connection of a raw client, which asks one request after another. */
export class RawClient {
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends the bytes and reads one answer. `later` is sent at the first interim answer, as with Expect. */
  ask(bytes: Buffer, method: string, later: Buffer | null = null): Promise<SeenMessage> {
    return new Promise((resolve, reject) => {
      const socket = this.#open();
      const reader = new MessageReader('answer', method);
      let waiting = later;
      reader.onInterim = () => {
        if (waiting !== null) socket.write(waiting);
        waiting = null;
      };
      const finish = (): void => {
        socket.off('data', onData);
        socket.off('end', onEnd);
        socket.off('close', onClose);
        // A connection in a state that nobody is sure of is not used again.
        const last = lastOnConnection(reader) || waiting !== null;
        if (last) this.close();
        resolve(reader.result());
      };
      const onData = (chunk: Buffer): void => {
        reader.push(chunk);
        if (reader.done) finish();
      };
      const onEnd = (): void => {
        reader.eof();
        finish();
      };
      const onClose = (): void => {
        reader.reset();
        finish();
      };
      socket.on('data', onData);
      socket.on('end', onEnd);
      socket.on('close', onClose);
      socket.write(bytes, (error) => {
        if (error && !('code' in error)) reject(error);
      });
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket !== null && !this.#socket.destroyed && !this.#socket.readableEnded) return this.#socket;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {});
    this.#socket = socket;
    return socket;
  }
}

function lastOnConnection(reader: MessageReader): boolean {
  if (reader.closed || reader.rest.length > 0) return true;
  const { head, end } = reader.result();
  if (head === null || end !== 'complete') return true;
  return (
    head.startLine.startsWith('HTTP/1.0') || valuesOf(head.fields, 'connection').some((value) => /close/i.test(value))
  );
}
