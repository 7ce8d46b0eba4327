/**
 * Asks one side, once: no redirect, one deadline from asking to the last byte, a limit of bytes. The one thing that is
 * sent again is a GET or HEAD whose kept connection was reset before it brought anything: the other end had closed it
 * meanwhile, which says nothing of the side. undici's dispatch with an own handler, since its promise API would cost a
 * stream per answer.
 */

import { isIP, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import buildConnector from 'undici/lib/core/connect.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { type TlsTrust, tlsOptionsOf } from '../base/tls-trust.ts';
import { messageOf } from '../errors.ts';
import type { Answer, TwinFailure } from '../types.ts';
import { failureOf } from './failure.ts';

export interface SideRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: string[];
  readonly body: Uint8Array | null;
}

export type SideResult = {
  /** Sent a second time, on a fresh connection. */
  readonly resent: boolean;
} & (
  | { readonly ok: true; readonly answer: Answer }
  | {
      readonly ok: false;
      readonly failure: TwinFailure;
      readonly timeout: boolean;
      /** Without values: an error code, a state. */
      readonly detail: string;
      readonly askedAt: number;
      /** Milliseconds until it was given up. */
      readonly ms: number;
      /** Status, where headers came. */
      readonly status: number | null;
    }
);

export interface SideClientOptions {
  readonly url: string;
  /** At most; null: as many as there are requests at once. */
  readonly connections: number | null;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly bodyBytes: number;
  readonly tls: TlsTrust;
}

/** A pool of kept-alive connections to one side. */
export class SideClient {
  readonly host: string;
  /** Path of the URL without its last slash; put before every target. */
  readonly basePath: string;
  readonly #pool: Pool;
  /** Whose connections carry one request each. */
  readonly #fresh: Pool;
  readonly #options: SideClientOptions;
  readonly #servername: string;
  /** The library says which request it begins right before it writes it, in one synchronous step. */
  next: SentOn | null = null;

  constructor(options: SideClientOptions) {
    const url = new URL(options.url);
    this.host = url.host;
    this.basePath = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname;
    this.#options = options;
    this.#servername = url.hostname.replace(/^\[|\]$/g, '');
    // TLS is with the side itself, not with the Host that the client asked for, which the library would take by default.
    const connect = buildConnector({
      timeout: options.connectTimeoutMs,
      ...tlsOptionsOf(options.tls),
    });
    const servername = isIP(this.#servername) === 0 ? this.#servername : '';
    const common = {
      connections: options.connections,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
    };
    const watched: typeof connect = (to, done) =>
      connect({ ...to, servername }, (...made) => {
        if (made[0] === null) this.#watch(made[1]);
        done(...made);
      });
    this.#pool = new Pool(url.origin, { ...common, pipelining: 1, keepAliveTimeout: 4_000, connect: watched });
    this.#fresh = new Pool(url.origin, { ...common, pipelining: 0, connect: watched });
  }

  fetch(request: SideRequest): Promise<SideResult> {
    return new Promise((resolve) => new PendingRequest(this, this.#options, this.#servername, request, resolve));
  }

  /** Sends it; on a fresh connection where it is sent again. @throws what the library refuses to send */
  dispatch(sent: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, again: boolean): void {
    (again ? this.#fresh : this.#pool).dispatch(sent, handler);
  }

  /** Tells each request which connection it went onto, and whether that had carried others. */
  #watch(socket: Socket): void {
    const write = socket.write.bind(socket);
    let requests = 0;
    Object.defineProperty(socket, 'write', {
      // Node sets it anew when a socket ends.
      writable: true,
      configurable: true,
      value: (...args: Parameters<Socket['write']>) => {
        if (this.next !== null) {
          requests += 1;
          this.next.sentOn(socket, requests > 1);
          this.next = null;
        }
        return write(...args);
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#fresh.destroy()]);
  }
}

/** A request that is about to be written. */
interface SentOn {
  sentOn(socket: Socket, reused: boolean): void;
}

type Controller = { abort(reason: Error): void; rawHeaders?: unknown };

/** One request; resolves exactly once, whatever the library calls afterwards. */
class PendingRequest implements SentOn {
  readonly #client: SideClient;
  readonly #request: SideRequest;
  readonly #servername: string;
  readonly #options: SideClientOptions;
  readonly #resolve: (result: SideResult) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #began = performance.now();
  readonly #beganAt = Date.now();
  #controller: Controller | null = null;
  /** When the request went onto its connection: waiting for one is not the side's time. */
  #sent = 0;
  #headersAt = 0;
  #status = 0;
  #rawHeaders: string[] = [];
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #done = false;
  #again = false;
  #socket: Socket | null = null;
  #reused = false;
  #bytesBefore = 0;

  constructor(
    client: SideClient,
    options: SideClientOptions,
    servername: string,
    request: SideRequest,
    resolve: (result: SideResult) => void,
  ) {
    this.#client = client;
    this.#request = request;
    this.#servername = servername;
    this.#options = options;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#expired(), options.timeoutMs);
    this.#send();
  }

  #send(): void {
    const request = this.#request;
    const sent = {
      path: this.#client.basePath + request.target,
      method: request.method,
      headers: request.headers,
      body: request.body === null ? null : Buffer.from(request.body),
      // One for all: the library would break a connection at every other Host. Its types know nothing of this option.
      servername: this.#servername,
    };
    try {
      // It is its own handler: closures for each request would cost what they are made of, and be collected.
      this.#client.dispatch(sent, this, this.#again);
    } catch (error) {
      // The library refuses to send it: a target or field that it will not write.
      this.#fail('protocol', messageOf(error).slice(0, 120));
    }
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    this.#sent = performance.now();
    if (this.#done) controller.abort(new Error('too late'));
    else this.#client.next = this;
  }

  onResponseError(_controller: Controller, error: Error): void {
    const { failure, detail } = failureOf(error);
    if (failure !== 'reset' || !this.#mayGoAgain()) {
      this.#fail(failure, detail);
      return;
    }
    this.#again = true;
    this.#send();
  }

  sentOn(socket: Socket, reused: boolean): void {
    this.#socket = socket;
    this.#reused = reused;
    this.#bytesBefore = socket.bytesRead;
  }

  /** A safe request whose kept connection ended before it brought anything for it. */
  #mayGoAgain(): boolean {
    const { method } = this.#request;
    if (this.#done || this.#again || !this.#reused || (method !== 'GET' && method !== 'HEAD')) return false;
    return this.#socket !== null && this.#socket.bytesRead === this.#bytesBefore;
  }

  onResponseStart(controller: Controller, status: number): void {
    // Interim answers (100, 103) are not the answer.
    if (status < 200) return;
    this.#status = status;
    this.#headersAt = performance.now();
    this.#rawHeaders = textFields(controller.rawHeaders);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#done) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.bodyBytes) {
      this.#fail('oversized', `more than ${this.#options.bodyBytes} bytes`);
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#done) return;
    // The library takes a reset for the end of an answer that says no length: it may as well be cut in the middle.
    if (this.#socket?.errored != null) {
      this.#fail('reset', 'the connection was reset before the end of an answer without a length');
      return;
    }
    this.#finish();
    const now = performance.now();
    const [only] = this.#chunks;
    this.#resolve({
      ok: true,
      resent: this.#again,
      answer: {
        status: this.#status,
        rawHeaders: this.#rawHeaders,
        body: this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#bytes),
        askedAt: this.#beganAt + (this.#sent - this.#began),
        headersMs: this.#headersAt - this.#sent,
        totalMs: now - this.#sent,
      },
    });
  }

  #expired(): void {
    const where = this.#sent === 0 ? 'connect' : this.#headersAt === 0 ? 'headers' : 'body';
    this.#fail(`${where}_timeout`, `no ${where} within ${this.#options.timeoutMs} ms`);
  }

  #fail(failure: TwinFailure, detail: string): void {
    if (this.#done) return;
    this.#finish();
    const from = this.#sent === 0 ? this.#began : this.#sent;
    this.#chunks = [];
    this.#resolve({
      ok: false,
      resent: this.#again,
      failure,
      timeout: failure.endsWith('_timeout'),
      detail,
      askedAt: this.#beganAt + (from - this.#began),
      ms: performance.now() - from,
      status: this.#headersAt === 0 ? null : this.#status,
    });
    this.#controller?.abort(new Error(failure));
  }

  #finish(): void {
    this.#done = true;
    clearTimeout(this.#deadline);
  }
}

/** The fields as received; the library gives them as bytes. */
function textFields(raw: unknown): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: unknown) => (Buffer.isBuffer(part) ? part.toString('latin1') : String(part)));
}
