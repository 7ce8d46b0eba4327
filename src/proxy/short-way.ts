/**
 * The short way to the primary, for reads of known routes: undici's dispatch on kept connections, without Express,
 * http-proxy-middleware and Node's client, which cost more than half of a small read. What the client and the primary see
 * is the same by either way. See docs/decisions/0006-a-short-way-for-known-reads.md.
 */
import Pool from 'undici/lib/dispatcher/pool.js';
import { fieldsFor, targetFor } from './forwarding.ts';
import type { FullOptions } from './options.ts';
import type { Passage } from './passage.ts';
import { type NextHead, primaryConnector } from './primary-socket.ts';
import { ShortRead } from './short-read.ts';

export interface ShortWay {
  /** True for reads that go this way: GET and POST of known routes, without content and expectations. HEAD costs undici a connection. */
  takes(passage: Passage): boolean;
  forward(passage: Passage): void;
  close(): void;
}

/** Null where it is switched off, and for a primary behind TLS: which name is asked for there is Node's to say. */
export function openShortWay(url: URL, options: FullOptions): ShortWay | null {
  if (!options.shortWay || url.protocol !== 'http:') return null;
  const next: NextHead = { next: null };
  const pool = new Pool(url.origin, {
    connections: options.limits.sockets,
    pipelining: 1,
    allowH2: false,
    // Deadlines are watched for all passages together.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: options.limits.headBytes,
    connect: primaryConnector(next, options.timeouts.connectMs),
  });
  return {
    takes({ side, fresh, method, route, fields, held }) {
      if (route === null || side !== 'primary' || fresh || fields.hasBody || fields.expects) return false;
      if (held !== null && held.offered.length > 0) return false;
      return method === 'GET' || method === 'POST';
    },
    forward(passage) {
      passage.forwardedMs = performance.now();
      passage.askedAt = Date.now();
      passage.overheadMs = passage.forwardedMs - passage.arrivedMs;
      const read = new ShortRead(passage, headOf(passage), next);
      passage.short = read;
      passage.attempt = read;
      // The path stands in for the one in the head that is written in its place.
      pool.dispatch({ method: passage.method === 'POST' ? 'POST' : 'GET', path: '/' }, read);
    },
    close() {
      void pool.destroy();
    },
  };
}

function headOf(passage: Passage): string {
  const fields = fieldsFor(passage);
  let head = `${passage.method} ${targetFor(passage)} HTTP/1.1\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${head}\r\n`;
}
