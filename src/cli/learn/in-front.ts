/** Live traffic as a source: a proxy in front of the primary, whose reads are asked of both sides beside. */
import { createProxy, type ProxyServer } from '../../proxy/proxy.ts';
import { createRouteMatcher } from '../../proxy/route-matcher.ts';
import type { Admission, ExchangeRequest, IncomingRead, ReadGate, Route } from '../../types.ts';
import type { BothSides } from './both-sides.ts';

const ANY: Route = Object.freeze({ key: 'GET *', method: 'GET', pattern: '*', domain: 'all' });

/** `posts`: patterns of POST requests that are reads. */
export function proxyInFront(primary: string, posts: readonly string[], both: BothSides): ProxyServer {
  const reads = createRouteMatcher(
    posts.map((pattern) => Object.freeze({ key: `POST ${pattern}`, method: 'POST', pattern, domain: 'all' })),
  );
  return createProxy({
    primary,
    twin: null,
    match: (method, target) => (method === 'GET' ? ANY : method === 'POST' ? reads.match(method, target) : null),
    gate: gateOf(both),
  });
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
