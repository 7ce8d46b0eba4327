/** Both ways to the same primary: asked directly, and through the proxy with every read tapped. */

import type { ProxyOptions } from '../../../src/proxy/options.ts';
import { createProxy, type ProxyServer } from '../../../src/proxy/proxy.ts';
import type { Admission, ReadGate, Route } from '../../../src/types.ts';
import { type Noticed, noticed } from '../../support/noticed.ts';
import { endToEnd, type Head, type SeenMessage } from '../../support/raw-http.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../../support/scripted-upstream.ts';

/** A gate that holds everything and counts how each admission ended. */
export class CountingGate implements ReadGate {
  admitted = 0;
  completed = 0;
  readonly skipped = new Map<string, number>();
  /** Admissions that ended more than once, or were asked to hold after their end. */
  broken = 0;
  readonly bodies: Buffer[] = [];
  readonly #keepBodies: boolean;

  constructor(keepBodies = false) {
    this.#keepBodies = keepBodies;
  }

  get ended(): number {
    return this.completed + [...this.skipped.values()].reduce((sum, count) => sum + count, 0);
  }

  admit(): Admission {
    this.admitted += 1;
    let ended = false;
    const end = (): void => {
      if (ended) this.broken += 1;
      ended = true;
    };
    return {
      hold: () => {
        if (ended) this.broken += 1;
        return 'held';
      },
      complete: (_request, answer) => {
        end();
        this.completed += 1;
        if (this.#keepBodies) this.bodies.push(Buffer.concat(answer.chunks));
      },
      skip: (reason) => {
        end();
        this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
      },
    };
  }
}

export const ANY_ROUTE: Route = Object.freeze({ key: 'GET /:any', method: 'GET', pattern: '/:any', domain: 'test' });

export interface Pair {
  readonly upstream: ScriptedUpstream;
  readonly proxy: ProxyServer;
  readonly proxyPort: number;
  readonly gate: CountingGate;
  close(): Promise<void>;
}

export async function openPair(options: Partial<ProxyOptions> = {}): Promise<Pair> {
  const upstream = await startScriptedUpstream();
  const gate = new CountingGate();
  const proxy = createProxy({
    primary: `http://127.0.0.1:${upstream.port}`,
    twin: null,
    match: (method) => (method === 'GET' || method === 'HEAD' ? ANY_ROUTE : null),
    gate,
    ...options,
  });
  const { port } = await proxy.listen(0);
  return {
    upstream,
    proxy,
    proxyPort: port,
    gate,
    async close() {
      await proxy.close({ deadlineMs: 200 });
      await upstream.close();
    },
  };
}

/**
 * What the proxy owes a client for what the primary gave directly: the same, or 502 where the primary gave no head that
 * could be passed on. A field may then say so instead.
 */
export function owed(direct: SeenMessage): Noticed | 'gateway' {
  return direct.end === 'none' || direct.end === 'garbage' ? 'gateway' : noticed(direct);
}

/** What a primary may notice of a request; `Connection: TE` and chunk boundaries are of one hop. */
export function noticedRequest(seen: SeenMessage | undefined): unknown {
  if (seen === undefined || seen.head === null) return null;
  const [method, target] = splitStart(seen.head);
  return {
    method,
    target,
    fields: endToEnd(seen.head.fields),
    body: seen.body.toString('latin1'),
    trailers: seen.trailers,
    end: seen.end,
  };
}

function splitStart(head: Head): [string, string] {
  const first = head.startLine.indexOf(' ');
  const last = head.startLine.lastIndexOf(' ');
  return [head.startLine.slice(0, first), head.startLine.slice(first + 1, last)];
}
