/**
 * The data plane's front: an Express app whose one handler is http-proxy-middleware, behind a server that changes
 * nothing of valid HTTP.
 *
 *     client -> receive (route, side, gate) -> Express -> http-proxy-middleware
 *                 plugins: forwarding (fields as sent) -> answering (exact answer, tap) -> failing (again, other side, 502)
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { requestFields } from '../base/fields.ts';
import type { LoopFigures } from '../base/loop-figures.ts';
import { listenApart } from '../base/own-address.ts';
import { ShadowError } from '../errors.ts';
import { answering, failing } from './answering.ts';
import { refuseClient } from './client-error.ts';
import { crashed, endedByException, onBehalf, step } from './crash.ts';
import { createDrain } from './drain.ts';
import { attemptFailed, ignore } from './ending.ts';
import { forwarding } from './forwarding.ts';
import { openFront } from './front-server.ts';
import type { HeldConnection } from './held-connection.ts';
import { isBeforeHttp11 } from './http-version.ts';
import { InFlight } from './in-flight.ts';
import { LoopClaims } from './loop-claims.ts';
import { fullOptions, PROBE_AFTER_MS, type ProxyOptions, type ServedCertificate } from './options.ts';
import { type Front, Passage } from './passage.ts';
import { openShortWay } from './short-way.ts';
import { begin, onClose, takesTurn } from './turns.ts';
import { describePassage, describeTunnel } from './under-way.ts';
import { holdConnection } from './upgrade.ts';
import { openUpstream } from './upstream.ts';
import { watchDeadlines } from './watch.ts';

export interface ProxyServer {
  /** Resolves with the port, which the system chose where `port` is 0. @throws ShadowError SHADOW_PORT_IN_USE */
  listen(port: number, host?: string): Promise<{ readonly port: number }>;
  /** Stops accepting, lets requests under way finish, and cuts what is left at the deadline. Resolves when all is closed. */
  close(how: { readonly deadlineMs: number }): Promise<void>;
  /** New connections are served with this certificate; those that are open keep theirs. Nothing where clients use plain HTTP. */
  renew(certificate: ServedCertificate): void;
  /** Requests under way, upgraded connections included. */
  readonly inFlight: number;
  /** The same, one line each, for whoever looks why something does not end. */
  underWay(): string[];
  /** Reads that said they were shadow reads, by caller. */
  loops(): LoopFigures;
  /** For an exception that came through to the process: true where it has ended the request that it came of. */
  endedBy(thrown: unknown): boolean;
}

export function createProxy(given: ProxyOptions): ProxyServer {
  const options = fullOptions(given);
  const primary = openUpstream(options.primary, 'primary', options);
  const twin = options.twin === null ? null : openUpstream(options.twin, 'twin', options);
  const shortWay = openShortWay(primary.url, options);
  const passages = new InFlight();
  const tunnels = new Set<Duplex>();
  const flushing: ServerResponse[] = [];
  let draining = false;
  let cutting = false;

  const forward = createProxyMiddleware({
    // Replaced by the router; http-proxy-middleware wants one from the start.
    target: primary.target,
    // The target that counts is the passage's: see receive.
    pathFilter: '',
    ejectPlugins: true,
    plugins: [forwarding, answering, failing],
    router: (request, _response, chosen) => {
      const { passage } = request;
      if (passage === undefined) throw new ShadowError('SHADOW_INTERNAL', 'a request without its passage');
      const { upstream, fresh } = passage;
      const target = fresh ? upstream.freshTarget : upstream.target;
      passage.attempt = target;
      chosen.agent = fresh ? upstream.freshAgent : upstream.agent;
      chosen.ssl = upstream.outgoing;
      // Whatever comes, httpxy writes nothing to the client.
      chosen.selfHandleResponse = true;
      if (passage.bodyChunks !== null) chosen.buffer = Readable.from(passage.bodyChunks, { objectMode: false });
      return target;
    },
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response) => {
    // http-proxy-middleware parses this for every request, and refuses what a URL parser cannot read.
    request.url = '';
    const { passage } = request;
    if (passage === undefined) throw new ShadowError('SHADOW_INTERNAL', 'a request without its passage');
    forward(request, response, (thrown) => {
      if (thrown !== undefined) step(passage, 'forward', () => attemptFailed(passage, thrown, null));
    }).catch((thrown: unknown) => crashed(passage, 'forward', thrown));
  });
  // Express would answer with a page of its own.
  app.use((thrown: unknown, request: express.Request, answer: express.Response, _next: express.NextFunction) => {
    if (request.passage === undefined) answer.destroy();
    else crashed(request.passage, 'express', thrown);
  });

  const claims = new LoopClaims(options.loop);
  const front: Front = {
    options,
    claims,
    primary,
    twin,
    passages,
    tunnels,
    get draining() {
      return draining;
    },
    get cutting() {
      return cutting;
    },
    forward(passage) {
      if (shortWay?.takes(passage)) {
        shortWay.forward(passage);
        return;
      }
      passage.request.url = '/';
      onBehalf.run(passage, () => void app(passage.request, passage.answer));
    },
    flushSoon(answer) {
      if (flushing.push(answer) === 1) setImmediate(flush);
    },
    fault(stage, thrown) {
      try {
        options.hooks.onFault?.(stage, thrown);
      } catch {
        // A reporter that throws cannot be reported.
      }
    },
    settled(passage) {
      passages.delete(passage);
      if (draining) drained.settled();
    },
  };

  function flush(): void {
    for (const answer of flushing) {
      // Not flushHeaders(): it writes the head as UTF-8, whatever bytes came.
      const { passage } = answer.req;
      if (passage === undefined || answer.writableEnded || answer.destroyed) continue;
      step(passage, 'flush', () => answer.write('', 'latin1'));
    }
    flushing.length = 0;
  }

  function receive(request: IncomingMessage, answer: ServerResponse): void {
    const { socket } = request;
    if (socket.idleSinceHeld === true) {
      socket.idleSinceHeld = false;
      socket.setTimeout(0);
    }
    arrive(request, answer, null);
  }

  function arrive(request: IncomingMessage, answer: ServerResponse, held: HeldConnection | null): void {
    const passage = new Passage(
      front,
      request,
      answer,
      requestFields(request.rawHeaders, {
        missingHost: isBeforeHttp11(request) ? primary.authority : null,
        replaceHost: options.changeOrigin ? primary.authority : null,
      }),
    );
    passage.held = held;
    if (passage.fields.control.length > 0) {
      passage.loop = passage.fields.shadowRead && claims.believes(passage.client.remoteAddress ?? '', passage.fields);
      if (passage.loop) passage.fields.forward.push(...passage.fields.control);
    }
    request.passage = passage;
    answer.sendDate = false;
    passages.add(passage);
    answer.on('close', onClose);
    // Writing to a client that has just left is no error.
    answer.on('error', ignore);
    if (takesTurn(passage)) begin(passage);
  }

  const { server, arrival, renew } = openFront(
    options,
    {
      maxHeaderSize: options.limits.headBytes,
      requireHostHeader: false,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
      keepAliveTimeout: options.timeouts.keepAliveMs,
      headersTimeout: options.timeouts.clientHeadMs,
      connectionsCheckingInterval: Math.min(30_000, options.timeouts.clientHeadMs),
      requestTimeout: 0,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_AFTER_MS,
      optimizeEmptyRequests: true,
    },
    receive,
  );
  server.maxHeadersCount = 0;
  server.timeout = 0;
  // A client may end its side after its request and still wait for the answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Whether a 100 comes, and when, is the primary's to say.
  server.on('checkContinue', receive);
  server.on('checkExpectation', receive);
  function refuseAlone(thrown: Error, client: Duplex): void {
    try {
      refuseClient(thrown, client);
    } catch (again) {
      front.fault('refuse', again);
      client.destroy();
    }
  }

  const hold = {
    headBytes: options.limits.headBytes,
    keepAliveMs: options.timeouts.keepAliveMs,
    giveBack(client: Socket): void {
      try {
        server.emit(arrival, client);
        client.resume();
      } catch (thrown) {
        front.fault('give back', thrown);
        client.destroy();
      }
    },
    refuse: refuseAlone,
  };
  const takeOver = (request: IncomingMessage, client: Duplex, head: Buffer): void => {
    try {
      const held = holdConnection(request, client, head, hold);
      if (held !== null) arrive(held.request, held.answer, held);
    } catch (thrown) {
      front.fault('upgrade', thrown);
      client.destroy();
    }
  };
  server.on('upgrade', takeOver);
  server.on('connect', takeOver);
  server.on('clientError', refuseAlone);
  const endWatch = watchDeadlines(front);
  const drained = createDrain({ server, arrival }, tunnels);

  return {
    renew,
    get inFlight() {
      return passages.size + tunnels.size;
    },
    underWay: () => [...passages.all().map(describePassage), ...[...tunnels].map(describeTunnel)],
    async listen(port, host = '127.0.0.1') {
      const sides: [side: string, url: string][] = [['primary', options.primary]];
      if (options.twin !== null) sides.push(['twin', options.twin]);
      return { port: await listenApart(server, { front: 'proxy', host, port }, sides) };
    },
    endedBy: endedByException,
    loops: () => claims.figures(),
    async close({ deadlineMs }) {
      draining = true;
      await drained.drain(deadlineMs, () => {
        cutting = true;
        for (const socket of tunnels) socket.destroy();
      });
      endWatch();
      primary.close();
      shortWay?.close();
      twin?.close();
    },
  };
}
