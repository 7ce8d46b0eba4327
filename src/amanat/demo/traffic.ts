/** A bounded run of realistic reads through the proxy: every endpoint, hot entities, cursors followed, a few at a time. */
import { Agent, request } from 'undici';
import type { Catalogue } from './catalogue.ts';
import type { Random } from './random.ts';
import { type DemoRequest, drawRequest, REQUESTS } from './requests.ts';

export interface TrafficOptions {
  readonly proxy: string;
  readonly catalogue: Catalogue;
  readonly random: Random;
  /** Reads to send. */
  readonly reads: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Sent first, before the drawn reads: those that show a fault. */
  readonly first?: readonly DemoRequest[];
  readonly signal: AbortSignal;
  onProgress(sent: number): void;
  onSend?(request: DemoRequest): void;
  /**
   * Called now and then: false while the traffic should pause, so that the verifier catches up and the run verifies
   * what it sends.
   */
  ready(): Promise<boolean>;
}

export interface TrafficOutcome {
  readonly sent: number;
  /** Answers by status class: `2xx`, `4xx`, `5xx`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that got no answer at all. */
  readonly failed: number;
}

/** Reads between two looks at how far the verifier is, and milliseconds between two looks while it is behind. */
const PACED = 4;
const LOOK_MS = 40;

/** Lists and aggregates come less often than single documents, as in real traffic. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'GET /api/payments/export.csv': 0.2,
  'GET /api/payments/stats': 0.4,
  'GET /api/admin/dashboard': 0.4,
  'GET /api/categories': 0.4,
  'GET /api/payments/:id': 3,
  'GET /api/payments': 2,
  'GET /api/requests': 2,
};

export async function runTraffic(options: TrafficOptions): Promise<TrafficOutcome> {
  const agent = new Agent({ connections: options.concurrency });
  const waiting: DemoRequest[] = [...(options.first ?? [])];
  const deck = Object.keys(REQUESTS).flatMap((key) =>
    Array.from({ length: Math.round((WEIGHTS[key] ?? 1) * 5) }, () => key),
  );
  const statuses: Record<string, number> = {};
  let sent = 0;
  let failed = 0;

  const draw = (): DemoRequest => drawRequest(options.random.pick(deck), options.random, options.catalogue);
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    while (!options.signal.aborted && !(await options.ready()))
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    looking = null;
  };
  // One look for all who wait: each costs the proxy what a read costs.
  const caughtUp = (): Promise<void> => {
    looking ??= look();
    return looking;
  };
  const worker = async (): Promise<void> => {
    while (sent < options.reads && !options.signal.aborted) {
      const next = waiting.shift() ?? draw();
      sent += 1;
      options.onSend?.(next);
      if (sent % PACED === 0) await caughtUp();
      try {
        const answer = await request(`${options.proxy}${next.target}`, {
          dispatcher: agent,
          headers: next.caller === undefined ? {} : { authorization: `Bearer ${next.caller}` },
        });
        const kind = `${Math.floor(answer.statusCode / 100)}xx`;
        statuses[kind] = (statuses[kind] ?? 0) + 1;
        const body = await answer.body.text();
        const further = nextPage(next, body);
        if (further !== null && waiting.length < 100 && options.random.chance(0.5)) waiting.push(further);
      } catch {
        failed += 1;
      }
      options.onProgress(sent);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  await agent.close();
  return { sent, statuses, failed };
}

/** The request that follows a cursor list's `nextCursor`. */
function nextPage(previous: DemoRequest, body: string): DemoRequest | null {
  const cursor = /"nextCursor":"([^"\\]+)"/.exec(body)?.[1];
  if (cursor === undefined) return null;
  const url = new URL(previous.target, 'http://demo');
  url.searchParams.set(url.pathname.endsWith('/messages') ? 'before' : 'after', cursor);
  return { ...previous, target: `${url.pathname}${url.search}` };
}
