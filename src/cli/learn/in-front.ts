/** Live traffic as a source: a proxy in front of the primary, or a gateway's mirror; both sides are asked in addition. */

import { createRouteMatcher } from '../../api/route-matcher.ts';
import { type Certificate, readCertificate } from '../../base/certificate.ts';
import type { Config } from '../../config.ts';
import { createProxy } from '../../proxy/proxy.ts';
import { traceOf } from '../../proxy/trace-context.ts';
import { proxyOptionsOf } from '../../service/proxy-options.ts';
import { createSink } from '../../traffic/sink/sink.ts';
import type { Admission, ExchangeRequest, IncomingRead, ReadGate, Route } from '../../types.ts';
import type { BothSides } from './both-sides.ts';

const ANY: Route = Object.freeze({ key: 'GET *', method: 'GET', pattern: '*', domain: 'all' });

/** What brings reads in. */
export interface Front {
  listen(port: number, host?: string): Promise<{ readonly port: number }>;
  close(how: { readonly deadlineMs: number }): Promise<void>;
}

/** Serves clients as `shadowread proxy` does with this config. `posts`: patterns of POST requests that are reads. */
export function proxyInFront(config: Config, primary: string, posts: readonly string[], both: BothSides): Front {
  return createProxy({
    ...proxyOptionsOf(config, primary),
    twin: null,
    match: anyRead(posts),
    gate: gateOf(both),
    certificate: certificateOf(config),
  });
}

const certificateOf = ({ listen }: Config): Certificate | null =>
  listen.tls === undefined ? null : readCertificate(listen.tls);

/** The far end of a gateway's mirroring, as `shadowread sink` is: what comes is answered at once and then learned from. */
export function sinkBehind(config: Config, posts: readonly string[], both: BothSides): Front {
  const { perSecond, share, concurrency, targetFields, methodFields, hostFields, hostSuffix } = config.sink;
  const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
  return createSink({
    gate: gateOf(both),
    // Both sides are asked by the learner: here the question is all that is needed.
    fetchPrimary: async () => ({
      ok: true,
      answer: { status: 204, rawHeaders: [], body: new Uint8Array(0), askedAt: Date.now(), headersMs: 0, totalMs: 0 },
    }),
    match: anyRead(posts),
    traceOf,
    restore: {
      targetFields: lower(targetFields),
      methodFields: lower(methodFields),
      hostFields: lower(hostFields),
      hostSuffix,
    },
    perSecond,
    share,
    concurrency,
    bodyBytes: config.limits.bodyBytes,
    certificate: certificateOf(config),
    sides: [],
    onLoop: () => undefined,
    onFault: () => undefined,
  });
}

/** Every GET, and the POST requests of these patterns. */
export function anyRead(posts: readonly string[]): (method: string, target: string) => Route | null {
  const reads = createRouteMatcher(
    posts.map((pattern) => Object.freeze({ key: `POST ${pattern}`, method: 'POST', pattern, domain: 'all' })),
  );
  return (method, target) => (method === 'GET' ? ANY : method === 'POST' ? reads.match(method, target) : null);
}

function gateOf(both: BothSides): ReadGate {
  return {
    admit(read) {
      if (isOwn(read)) return null;
      if (read.method === 'POST') return admission(both);
      both.offer({ method: 'GET', target: read.target, rawHeaders: read.rawHeaders, body: null });
      return null;
    },
  };
}

/** The question of a POST read is known when it has been answered; the answer itself is not needed. */
function admission(both: BothSides): Admission {
  return {
    hold: () => 'held',
    complete({ target, rawHeaders, body }: ExchangeRequest) {
      both.offer({ method: 'POST', target, rawHeaders, body });
    },
    skip: () => undefined,
  };
}

/** What we, or another shadowread, ask is nobody's traffic. */
function isOwn(read: IncomingRead): boolean {
  return read.rawHeaders.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'x-shadow-read');
}
