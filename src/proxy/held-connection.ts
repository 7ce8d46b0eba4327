/**
 * A client's connection while Node's parser does not have it: from the head of a request with Upgrade to that request's
 * end. Node releases a connection at such a head, whatever becomes of the offer; if the primary does not take it, the
 * request is one as any. So what Node's server does for a request is done for this one here, and then Node gets the
 * connection back. What the client sends behind the request waits unread: it is either the next request or, once
 * switched, another protocol.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { nominatedBy } from '../base/fields.ts';
import type { RawHeaders } from '../types.ts';
import { type ContentReader, contentOf } from './request-content.ts';

declare module 'node:net' {
  interface Socket {
    /** We must end its idle time: Node begins to count only after an answer that Node itself wrote. */
    idleSinceHeld?: boolean;
    /** What it had read when it was given back; -1 where a part of the next request came with that. */
    readWhenHeld?: number;
  }
}

export interface HoldOptions {
  /** Bytes of a request's trailers. */
  readonly headBytes: number;
  readonly keepAliveMs: number;
  /** Gives the connection to Node's server, as if it were new, to be read on. */
  readonly giveBack: (client: Socket) => void;
  /** Refuses a client whose content is not HTTP. */
  readonly refuse: (error: Error, client: Socket) => void;
}

export class HeldConnection {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  /** Connection and Upgrade as the primary is to be offered them; empty where there is nothing to offer. */
  readonly offered: readonly string[];
  readonly #client: Socket;
  readonly #options: HoldOptions;
  readonly #content: ContentReader;
  #answered = false;

  /** @throws Error with a parser's code where the head frames its content in a way that nobody may trust */
  constructor(original: IncomingMessage, client: Socket, head: Buffer, options: HoldOptions) {
    this.#client = client;
    this.#options = options;
    this.#content = contentOf(original.rawHeaders, options.headBytes);
    this.offered = offerOf(original);
    // The one that Node made has come to its end, with the head.
    this.request = copyOf(original, client);
    this.answer = answerTo(this.request, options.keepAliveMs);
    // Where Node had stopped reading, for answers that wait, it did so beneath the stream, which would wait for ever; and it
    // would resume the stream when they are sent, with nobody there to take what comes.
    if ('_paused' in client) client._paused = false;
    client._read(0);
    client.on('drain', this.#onDrain);
    client.on('close', this.#onClose);
    if (head.length > 0) client.unshift(head);
  }

  /** It is this request's turn on its connection. False where the connection is not one any more. */
  begin(): boolean {
    const client = this.#client;
    client.setTimeout(0);
    if (client.destroyed || !client.writable || this.answer.destroyed) return false;
    if (client.readableEnded && !this.#content.done) {
      // Its client has ended its side while the request waited for its turn: nobody would tell it of that end again.
      this.#onEnd();
      return false;
    }
    try {
      this.answer.assignSocket(client);
    } catch {
      // The answer before it was cut, and takes the connection with it.
      client.destroy();
      return false;
    }
    this.answer.on('finish', () => this.#finished());
    if (this.#content.done) this.#complete();
    else {
      client.on('data', this.#onData);
      client.on('end', this.#onEnd);
      client.resume();
    }
    return true;
  }

  /** The connection speaks another protocol from here on: nothing here may touch it any more. */
  letGo(): void {
    this.#stopReading();
    this.#client.off('drain', this.#onDrain);
    this.#client.off('close', this.#onClose);
    this.#client.off('timeout', this.#onIdle);
    if (this.answer.socket === this.#client) this.answer.detachSocket(this.#client);
  }

  readonly #onData = (chunk: Buffer): void => {
    const { request } = this;
    try {
      const taken = this.#content.take(chunk, (content) => {
        if (!request.destroyed && !request.push(content)) this.#client.pause();
      });
      if (!this.#content.done) return;
      this.#stopReading();
      if (taken < chunk.length) this.#client.unshift(chunk.subarray(taken));
      this.#complete();
    } catch (thrown) {
      this.#refuse(thrown instanceof Error ? thrown : new Error('the content cannot be read'));
    }
  };

  readonly #onEnd = (): void => {
    this.#refuse(Object.assign(new Error('the request broke off'), { code: 'HPE_INVALID_EOF_STATE' }));
  };

  #refuse(error: Error): void {
    this.#stopReading();
    this.#options.refuse(error, this.#client);
  }

  #complete(): void {
    const { request } = this;
    request.complete = true;
    request.rawTrailers = this.#content.trailers;
    if (!request.destroyed) request.push(null);
    // A client that leaves is noticed while nobody reads: up to a buffer's worth keeps coming.
    this.#client.read(0);
    if (this.#answered) this.#giveBack();
  }

  #stopReading(): void {
    this.#client.off('data', this.#onData);
    this.#client.off('end', this.#onEnd);
    this.#client.pause();
  }

  /** The answers before this one write to the same connection, and Node has stopped telling them too. */
  readonly #onDrain = (): void => {
    for (let passage = this.#client.lastPassage ?? null; passage !== null; passage = passage.before) {
      if (passage.answer.socket === this.#client) passage.answer.emit('drain');
    }
  };

  readonly #onClose = (): void => {
    if (this.request.complete || this.request.destroyed) return;
    this.request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  };

  readonly #onIdle = (): void => {
    this.#client.destroy();
  };

  #finished(): void {
    const { answer } = this;
    const client = this.#client;
    this.#answered = true;
    if (answer.socket === client) answer.detachSocket(client);
    process.nextTick(() => {
      answer.emit('close');
      if (!answer.shouldKeepAlive || isLast(answer)) client.destroySoon();
      else if (this.request.complete) this.#giveBack();
      else {
        // An unread body would block the request behind it. A part of it may take as long as the next request might.
        client.setTimeout(this.#options.keepAliveMs + 1_000);
        client.on('timeout', this.#onIdle);
        this.request.resume();
      }
    });
  }

  #giveBack(): void {
    const client = this.#client;
    this.letGo();
    if (client.destroyed) return;
    if (client.readableEnded) {
      client.end();
      return;
    }
    // As long as behind any other answer; whatever the client sends begins it anew.
    client.setTimeout(this.#options.keepAliveMs + 1_000);
    client.idleSinceHeld = true;
    client.readWhenHeld = client.readableLength > 0 ? -1 : client.bytesRead;
    this.#options.giveBack(client);
  }
}

function copyOf(original: IncomingMessage, client: Socket): IncomingMessage {
  const request = new IncomingMessage(client);
  request.httpVersionMajor = original.httpVersionMajor;
  request.httpVersionMinor = original.httpVersionMinor;
  request.httpVersion = original.httpVersion;
  request.method = original.method ?? 'GET';
  request.url = original.url ?? '/';
  request.rawHeaders = original.rawHeaders;
  request.headers = original.headers;
  return request;
}

/** With what Node's server notes on an answer that it makes. */
function answerTo(request: IncomingMessage, keepAliveMs: number): ServerResponse {
  const answer = new ServerResponse(request);
  const continued = request.httpVersionMinor > 0 && /(?:^|\W)100-continue(?:$|\W)/i.test(request.headers.expect ?? '');
  Object.assign(answer, { _keepAliveTimeout: keepAliveMs, _expect_continue: continued });
  const options = (request.headers.connection ?? '').toLowerCase().split(',');
  const closes = options.some((option) => option.trim() === 'close');
  const keeps = options.some((option) => option.trim() === 'keep-alive');
  answer.shouldKeepAlive = request.httpVersionMinor === 0 ? keeps && !closes : !closes;
  return answer;
}

/** True if Node's answer is the last on its connection. */
function isLast(answer: ServerResponse): boolean {
  return '_last' in answer && answer._last === true;
}

/**
 * Connection and Upgrade as they came: on this hop they are ours to repeat. h2c is never offered: it is an offer that a
 * server may ignore and every client can do without, and it would take all later reads of the connection out of sight.
 */
function offerOf(request: IncomingMessage): string[] {
  // HTTP/1.0 knows no upgrades (RFC 9110 section 7.8).
  if (request.httpVersionMinor === 0) return [];
  const raw: RawHeaders = request.rawHeaders;
  const upgrade: string[] = [];
  const connection: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'connection' && nominatedBy(value) === null) connection.push(name, value);
    if (lower !== 'upgrade') continue;
    const others = value
      .split(',')
      .filter((protocol) => protocol.trim() !== '' && protocol.trim().toLowerCase() !== 'h2c');
    if (others.length > 0)
      upgrade.push(name, others.length === value.split(',').length ? value : others.join(',').trim());
  }
  if (upgrade.length === 0) return [];
  if (!connection.some((value, i) => i % 2 === 1 && /(?:^|,)\s*upgrade\s*(?:$|,)/i.test(value))) {
    connection.push('Connection', 'Upgrade');
  }
  return [...upgrade, ...connection];
}

/** True for a connection that was given back and has brought nothing since. */
export function isIdleSinceHeld({ idleSinceHeld, readWhenHeld, bytesRead }: Socket): boolean {
  return idleSinceHeld === true && readWhenHeld === bytesRead;
}
