/** Puts a mirror to work in tests: hand-written sides over loopback, reads as the proxy would offer them. */

import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NO_API } from '../../src/api/load.ts';
import { createMirror, type Mirror } from '../../src/mirror/mirror.ts';
import type { MirrorOptions } from '../../src/mirror/options.ts';
import type { Limits, Policy, RawHeaders, Route, Side, Verdict } from '../../src/types.ts';
import { thingsRoutes } from './things-routes.ts';

export interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<Listening> {
  return opened(createServer({ keepAliveTimeout: 60_000 }, listener));
}

export async function opened(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Nothing ends by time unless a test wants it to: a machine may stand still for seconds. */
const LONG_MS = 60_000;

export const LIMITS: Limits = Object.freeze({
  heldBytes: 64 * 1024 * 1024,
  bodyBytes: 4 * 1024 * 1024,
  queue: 500,
  waitMs: LONG_MS,
  twinConcurrency: 8,
  twinPerSecond: 10_000,
  twinTimeoutMs: LONG_MS,
  journalBuffer: 1_000,
  recheckPerSecond: 1_000,
});

export function policyOf(limits: Partial<Limits> = {}, more: Partial<Policy> = {}): Policy {
  return {
    version: 1,
    shadowing: true,
    domains: {
      things: { stage: 'shadow', percent: 100 },
      poison: { stage: 'shadow', percent: 100 },
    },
    routes: {},
    limits: { ...LIMITS, ...limits },
    ...more,
  };
}

export function routeOf(key: string): Route {
  const entry = thingsRoutes.find((route) => route.key === key);
  if (entry === undefined) throw new Error(`no route ${key}`);
  const { method, pattern, domain } = entry;
  return { key, method, pattern, domain };
}

export interface Offer {
  /** Of `things` by its key, or any route that the mirror was given. */
  readonly route: string | Route;
  readonly target: string;
  readonly method?: string;
  readonly served?: Side;
  /** Host first. */
  readonly rawHeaders?: RawHeaders;
}

export class MirrorBench {
  readonly mirror: Mirror;
  readonly verdicts: Verdict[] = [];
  readonly logs: string[] = [];
  readonly #waiting = new Map<number, () => void>();
  readonly #primaryUrl: string;
  readonly #twinUrl: string;

  constructor(primaryUrl: string, twinUrl: string, options: Partial<MirrorOptions> = {}) {
    this.#primaryUrl = primaryUrl;
    this.#twinUrl = twinUrl;
    this.mirror = createMirror({
      policy: policyOf(),
      primaryUrl,
      twinUrl,
      api: { ...NO_API, module: new URL('./things-routes.ts', import.meta.url).href },
      workers: 1,
      settle: { delaysMs: [20, 60, 150], busyRounds: 5 },
      representation: 'primary',
      niceness: 0,
      connectTimeoutMs: LONG_MS,
      hangMs: LONG_MS,
      log: (message) => this.logs.push(message),
      ...options,
      onVerdict: (verdict) => {
        this.verdicts.push(verdict);
        for (const [count, resolve] of this.#waiting) {
          if (this.verdicts.length < count) continue;
          this.#waiting.delete(count);
          resolve();
        }
        options.onVerdict?.(verdict);
      },
    });
  }

  /** Asks the serving side as a client of the proxy would, and offers the exchange. */
  async read(offer: Offer): Promise<void> {
    const method = offer.method ?? 'GET';
    const rawHeaders = offer.rawHeaders ?? ['Host', 'api.example', 'Accept', 'application/json'];
    const at = Date.now();
    const served = offer.served ?? 'primary';
    const admission = this.mirror.admit({
      route: typeof offer.route === 'string' ? routeOf(offer.route) : offer.route,
      served,
      method,
      target: offer.target,
      rawHeaders,
      trace: {
        traceId: randomBytes(16).toString('hex'),
        parentSpanId: null,
        spanId: randomBytes(8).toString('hex'),
        twinSpanId: randomBytes(8).toString('hex'),
        sampled: true,
      },
      at,
    });
    const base = served === 'primary' ? this.#primaryUrl : this.#twinUrl;
    const answer = await fetchRaw(base, method, offer.target, (offer.rawHeaders ?? []).slice(2));
    if (admission === null) return;
    for (const chunk of answer.chunks) {
      const held = admission.hold(chunk.length);
      if (held !== 'held') {
        admission.skip(held);
        return;
      }
    }
    admission.complete(
      { method, target: offer.target, rawHeaders, body: null },
      { ...answer, askedAt: at, headersMs: 1, totalMs: 2, overheadMs: 0.1 },
    );
  }

  /** Resolves when so many verdicts have come since the start. */
  async until(count: number): Promise<readonly Verdict[]> {
    if (this.verdicts.length < count) await new Promise<void>((resolve) => this.#waiting.set(count, resolve));
    return this.verdicts;
  }

  async one(offer: Offer): Promise<Verdict> {
    const before = this.verdicts.length;
    await this.read(offer);
    const verdicts = await this.until(before + 1);
    const verdict = verdicts[before];
    if (verdict === undefined) throw new Error('no verdict came');
    return verdict;
  }

  kinds(): Record<string, number> {
    const kinds: Record<string, number> = {};
    for (const { kind, reason } of this.verdicts) {
      const key = reason === null ? kind : `${kind}:${reason}`;
      kinds[key] = (kinds[key] ?? 0) + 1;
    }
    return kinds;
  }

  close(deadlineMs = 2_000): Promise<void> {
    return this.mirror.close({ deadlineMs });
  }
}

export interface RawAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly chunks: readonly Uint8Array[];
}

export function fetchRaw(
  base: string,
  method: string,
  target: string,
  headers: readonly string[] = [],
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(target, base),
      { method, headers: ['Host', new URL(base).host, ...headers] },
      (incoming) => {
        const chunks: Uint8Array[] = [];
        incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, rawHeaders: incoming.rawHeaders, chunks }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
