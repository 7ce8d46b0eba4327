/**
 * Asks one side, once: no retry, no redirect, one deadline from asking to the last byte, a limit of bytes. undici's
 * dispatch with an own handler, since its promise API would cost a stream per answer.
 */
import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import { messageOf } from '../errors.ts';
import type { Answer, TwinFailure } from '../types.ts';
import { failureOf } from './failure.ts';

export interface AskRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: string[];
  readonly body: Uint8Array | null;
}

export type AskResult =
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
    };

export interface AskerOptions {
  readonly url: string;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly bodyBytes: number;
  readonly rejectUnauthorized: boolean;
}

/** A pool of kept-alive connections to one side. */
export class Asker {
  readonly host: string;
  readonly #pool: Pool;
  readonly #options: AskerOptions;
  readonly #servername: string;

  constructor(options: AskerOptions) {
    const url = new URL(options.url);
    this.host = url.host;
    this.#options = options;
    this.#servername = url.hostname.replace(/^\[|\]$/g, '');
    // TLS is with the side itself, not with the Host that the client asked for, which the library would take by default.
    const connect = buildConnector({
      timeout: options.connectTimeoutMs,
      rejectUnauthorized: options.rejectUnauthorized,
    });
    const servername = isIP(this.#servername) === 0 ? this.#servername : '';
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 4_000,
      maxHeaderSize: 64 * 1024,
      connect: (to, done) => connect({ ...to, servername }, done),
    });
  }

  ask(request: AskRequest): Promise<AskResult> {
    return new Promise((resolve) => new Asking(this.#pool, this.#options, this.#servername, request, resolve));
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

type Controller = { abort(reason: Error): void; rawHeaders?: unknown };

/** One request; resolves exactly once, whatever the library calls afterwards. */
class Asking {
  readonly #options: AskerOptions;
  readonly #resolve: (result: AskResult) => void;
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

  constructor(
    pool: Pool,
    options: AskerOptions,
    servername: string,
    request: AskRequest,
    resolve: (result: AskResult) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#expired(), options.timeoutMs);
    const sent = {
      path: request.target,
      method: request.method,
      headers: request.headers,
      body: request.body === null ? null : Buffer.from(request.body),
      // One for all: the library would break a connection at every other Host. Its types know nothing of this option.
      servername,
    };
    try {
      pool.dispatch(sent, {
        onRequestStart: (controller: Controller) => {
          this.#controller = controller;
          this.#sent = performance.now();
          if (this.#done) controller.abort(new Error('too late'));
        },
        onResponseStart: (controller: Controller, status: number) => this.#started(controller, status),
        onResponseData: (_controller: Controller, chunk: Buffer) => this.#received(chunk),
        onResponseEnd: () => this.#ended(),
        onResponseError: (_controller: Controller, error: Error) => {
          const { failure, detail } = failureOf(error);
          this.#fail(failure, detail);
        },
      });
    } catch (error) {
      // The library refuses to send it: a target or field that it will not write.
      this.#fail('protocol', messageOf(error).slice(0, 120));
    }
  }

  #started(controller: Controller, status: number): void {
    // Interim answers (100, 103) are not the answer.
    if (status < 200) return;
    this.#status = status;
    this.#headersAt = performance.now();
    this.#rawHeaders = textFields(controller.rawHeaders);
  }

  #received(chunk: Buffer): void {
    if (this.#done) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.bodyBytes) {
      this.#fail('oversized', `more than ${this.#options.bodyBytes} bytes`);
      return;
    }
    this.#chunks.push(chunk);
  }

  #ended(): void {
    if (this.#done) return;
    this.#finish();
    const now = performance.now();
    const [only] = this.#chunks;
    this.#resolve({
      ok: true,
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
