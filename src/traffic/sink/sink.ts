/**
 * The far end of a gateway's mirroring. Answers 204 at once, whatever comes, so that the gateway never waits; then each
 * read of a known route is asked of the primary and goes the live way.
 *
 *     gateway's copy -> 204 -> restore -> rate and share -> primary (our own client) -> gate
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { callerKeyOf } from '../../base/caller.ts';
import { fieldOf } from '../../base/fields.ts';
import { listenApart } from '../../base/own-address.ts';
import { burstOf, TokenBucket } from '../../base/token-bucket.ts';
import type { Admission, IncomingRead, RawHeaders, ReadGate, Route, SkipReason, TraceIds } from '../../types.ts';
import { type FetchPrimary, handOver } from '../hand-over.ts';
import { type Asked, askedOf, fieldsOf, type RestoreOptions } from './restore.ts';

export interface ServedCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface SinkOptions {
  readonly gate: ReadGate;
  readonly fetchPrimary: FetchPrimary;
  readonly match: (method: string, target: string) => Route | null;
  /** The trace of a request that arrived with this `traceparent`. */
  readonly traceOf: (traceparent: string | null) => TraceIds;
  readonly restore: RestoreOptions;
  /** Reads a second that are verified: the primary is asked once more for each. */
  readonly perSecond: number;
  /** Share of the mirrored reads that are offered, 0..1. */
  readonly share: number;
  /** Reads that may be out to the primary at once. */
  readonly concurrency: number;
  /** Largest body of a POST read, bytes. */
  readonly bodyBytes: number;
  /** PEM; null for plain HTTP. */
  readonly certificate: ServedCertificate | null;
  /** Addresses that must not be the sink's own. */
  readonly sides: readonly (readonly [side: string, url: string])[];
  /** A read of a known route said that it was a shadow read; by address, and by credentials where there are some. */
  readonly onLoop: (address: string, caller: string) => void;
  readonly onFault: (stage: string, thrown: unknown) => void;
}

export interface Sink {
  listen(port: number, host?: string): Promise<{ readonly port: number }>;
  /** New connections are served with this certificate; nothing where the gateway speaks plain HTTP. */
  renew(certificate: ServedCertificate): void;
  /** Takes no more copies, and lets those under way come to their end until the deadline. */
  close(how: { readonly deadlineMs: number }): Promise<void>;
}

export function createSink(options: SinkOptions): Sink {
  const bucket = new TokenBucket(options.perSecond, burstOf(options.perSecond), performance.now());
  const underWay = new Set<Promise<unknown>>();

  const limits = { keepAliveTimeout: 75_000, maxHeaderSize: 64 * 1024, optimizeEmptyRequests: true };
  const { certificate } = options;
  const secured = certificate === null ? null : https.createServer({ ...limits, ...certificate }, take);
  const server = secured ?? http.createServer(limits, take);

  function take(request: IncomingMessage, response: ServerResponse): void {
    // A gateway that mirrors reads has no use for a refusal of ours, and clients would pay for its wait.
    if (bodyless(request)) answer(response);
    try {
      receive(request, response);
    } catch (thrown) {
      options.onFault('sink', thrown);
      answer(response);
    }
  }
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    server.emit('request', request, response);
  });
  // Node would answer 417 by itself; what the client expected was of the API, and is a field like any other here.
  server.on('checkExpectation', take);
  server.on('clientError', (_error, socket) => socket.destroy());

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const { rawHeaders } = request;
    const asked = askedOf({ method: request.method ?? '', target: request.url ?? '', rawHeaders }, options.restore);
    const route = asked === null ? null : options.match(asked.method, asked.target);
    if (asked === null || route === null) {
      request.resume();
      request.once('end', () => answer(response));
      return;
    }
    if (fieldOf(rawHeaders, 'x-shadow-read') !== null) {
      options.onLoop(request.socket.remoteAddress ?? '', callerKeyOf(rawHeaders));
    }
    const copy = { ...asked, rawHeaders, route, at: Date.now() };
    if (bodyless(request)) offer(copy, null);
    else collect(request, response, (body) => offer(copy, body));
  }

  /** The body as mirrored; null if it is too large or incomplete. */
  function collect(request: IncomingMessage, response: ServerResponse, done: (body: Collected) => void): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= options.bodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once('end', () => {
      answer(response);
      done(bytes <= options.bodyBytes ? Buffer.concat(chunks) : 'too_large');
    });
    request.once('error', () => done('client_aborted'));
  }

  function offer(copy: Copy, body: Collected): void {
    const { route, method, target, host, at } = copy;
    const refused = refusal(body);
    if (refused !== null) {
      // Most copies of a busy gateway: they are counted, and nothing else is made of them.
      const { rawHeaders } = copy;
      options.gate
        .admit({ route, served: 'primary', source: 'sink', method, target, rawHeaders, trace: UNTRACED, at })
        ?.skip(refused);
      return;
    }
    const rawHeaders = fieldsOf(copy.rawHeaders, host, options.restore);
    const trace = options.traceOf(fieldOf(rawHeaders, 'traceparent'));
    const read: IncomingRead = { route, served: 'primary', source: 'sink', method, target, rawHeaders, trace, at };
    const work = handOver(read, typeof body === 'string' ? null : body, limited, options.fetchPrimary)
      .catch((thrown: unknown) => options.onFault('sink', thrown))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** Why the primary would not be asked now, whatever the gate says; null where it would. */
  function refusal(body: Collected): SkipReason | null {
    if (typeof body === 'string') return body;
    if (options.share < 1 && Math.random() >= options.share) return 'not_sampled';
    if (bucket.waitMs(performance.now()) > 0) return 'not_sampled';
    return underWay.size >= options.concurrency ? 'overload' : null;
  }

  /** The gate; the rate is spent on reads that it takes alone. */
  const limited: ReadGate = {
    admit(read): Admission | null {
      const admission = options.gate.admit(read);
      if (admission === null) return null;
      if (bucket.take(performance.now())) return admission;
      admission.skip('not_sampled');
      return null;
    },
  };

  return {
    async listen(port, host = '127.0.0.1') {
      return { port: await listenApart(server, { front: 'sink', host, port }, options.sides) };
    },
    renew: (next) => secured?.setSecureContext(next),
    async close({ deadlineMs }) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), Math.min(deadlineMs, 1_000));
      await closed;
      clearTimeout(deadline);
      await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, deadlineMs).unref())]);
    },
  };
}

/** A mirrored read of a known route, with the fields as they came. */
interface Copy extends Asked {
  readonly rawHeaders: RawHeaders;
  readonly route: Route;
  readonly at: number;
}

/** Of reads that nobody is asked for. */
const UNTRACED: TraceIds = Object.freeze({
  traceId: '',
  parentSpanId: null,
  spanId: '',
  twinSpanId: '',
  sampled: false,
});

type Collected = Uint8Array | null | 'too_large' | 'client_aborted';

function answer(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return;
  // Nobody reads it, and each field costs.
  response.sendDate = false;
  response.writeHead(204);
  response.end();
}

function bodyless({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}
