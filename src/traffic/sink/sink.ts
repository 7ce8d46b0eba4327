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
import { listenOn } from '../../base/listening.ts';
import { burstOf, TokenBucket } from '../../base/token-bucket.ts';
import type { Admission, IncomingRead, ReadGate, Route, TraceIds } from '../../types.ts';
import { type FetchPrimary, handOver } from '../hand-over.ts';
import { refuseOwnAddress } from './own-address.ts';
import { type Restored, type RestoreOptions, restored } from './restore.ts';

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
  server.on('clientError', (_error, socket) => socket.destroy());

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const read = restored(
      { method: request.method ?? '', target: request.url ?? '', rawHeaders: request.rawHeaders },
      options.restore,
    );
    const route = read === null ? null : options.match(read.method, read.target);
    if (read === null || route === null) {
      request.resume();
      request.once('end', () => answer(response));
      return;
    }
    if (fieldOf(read.rawHeaders, 'x-shadow-read') !== null) {
      options.onLoop(request.socket.remoteAddress ?? '', callerKeyOf(read.rawHeaders));
    }
    const at = Date.now();
    if (bodyless(request)) offer(read, route, at, null);
    else collect(request, response, (body) => offer(read, route, at, body));
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

  function offer({ method, target, rawHeaders }: Restored, route: Route, at: number, body: Collected): void {
    const trace = options.traceOf(fieldOf(rawHeaders, 'traceparent'));
    const read: IncomingRead = { route, served: 'primary', source: 'sink', method, target, rawHeaders, trace, at };
    const work = handOver(read, typeof body === 'string' ? null : body, limited(body), options.fetchPrimary)
      .catch((thrown: unknown) => options.onFault('sink', thrown))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** The gate, which a read passes only where rate, share and room allow one more question to the primary. */
  function limited(body: Collected): ReadGate {
    return {
      admit(read): Admission | null {
        const admission = options.gate.admit(read);
        if (admission === null) return null;
        if (typeof body === 'string') admission.skip(body);
        else if (options.share < 1 && Math.random() >= options.share) admission.skip('not_sampled');
        else if (!bucket.take(performance.now())) admission.skip('not_sampled');
        else if (underWay.size >= options.concurrency) admission.skip('overload');
        else return admission;
        return null;
      },
    };
  }

  return {
    async listen(port, host = '127.0.0.1') {
      const own = await listenOn(server, port, host, { what: 'the sink', example: 'SHADOWREAD_PORT=8081' });
      try {
        await Promise.all(options.sides.map(([side, url]) => refuseOwnAddress(side, url, own)));
      } catch (error) {
        server.close();
        throw error;
      }
      return { port: own };
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
