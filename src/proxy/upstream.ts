/**
 * One side as it is asked: where it is, its sockets, and the request options that httpxy fills in.
 */

import http from 'node:http';
import https from 'node:https';
import { ShadowError } from '../errors.ts';
import type { Side } from '../types.ts';
import type { FullOptions } from './options.ts';

/** What httpxy reads of a target. Its identity tells the attempts of one passage apart. */
export interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * httpxy writes what it asks for into the `ssl` object that it is handed, and gives that object to http.request. Two of
 * its entries it gets wrong for us: it joins and lower-cases fields, and puts a slash before absolute-form targets. So
 * these two ignore what is written, and read as what the client sent. All of it happens in one synchronous step, which
 * `aim` begins.
 */
export interface Outgoing {
  readonly setDefaultHeaders: false;
  readonly maxHeaderSize: number;
  headers: readonly string[];
  path: string;
  aim(target: string, fields: readonly string[]): void;
}

export interface Upstream {
  readonly url: URL;
  readonly secure: boolean;
  /** Path of the base URL without its last slash; put before origin-form targets. */
  readonly basePath: string;
  /** What the side is called in its own Host field. */
  readonly authority: string;
  readonly agent: http.Agent;
  readonly target: Target;
  /** For a request sent once more, on a socket that nobody has used. */
  readonly freshAgent: http.Agent;
  readonly freshTarget: Target;
  readonly outgoing: Outgoing;
  close(): void;
}

export function openUpstream(base: string, side: Side, options: FullOptions): Upstream {
  const tls = options.tls[side] ?? {};
  const url = sideUrl(base);
  const secure = url.protocol === 'https:';
  const kind = secure ? https.Agent : http.Agent;
  // The most recently used socket first: the other end is least likely to close that one.
  const agent = new kind({
    ...tls,
    keepAlive: true,
    scheduling: 'lifo',
    maxSockets: options.limits.sockets,
    maxFreeSockets: options.limits.idleSockets,
  });
  const freshAgent = new kind({ ...tls, keepAlive: false, maxSockets: options.limits.sockets });
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const target: Target = {
    protocol: url.protocol,
    hostname,
    port: url.port === '' ? (secure ? '443' : '80') : url.port,
  };
  return {
    url,
    secure,
    basePath: url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname,
    authority: url.host,
    agent,
    target,
    freshAgent,
    freshTarget: { ...target },
    outgoing: createOutgoing(options, tls),
    close() {
      agent.destroy();
      freshAgent.destroy();
    },
  };
}

function sideUrl(base: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ShadowError('SHADOW_CONFIG', 'the URL of a side cannot be used', {
      expected: 'an http:// or https:// URL',
      actual: JSON.stringify(base),
      example: 'http://127.0.0.1:3000',
    });
  }
  return url;
}

function createOutgoing(options: FullOptions, tls: Readonly<Record<string, unknown>>): Outgoing {
  let fields: readonly string[] = [];
  let path = '/';
  return {
    ...tls,
    // Node would add its own Connection, Host and framing fields.
    setDefaultHeaders: false,
    maxHeaderSize: options.limits.headBytes,
    aim(target, forward) {
      path = target;
      fields = forward;
    },
    get headers() {
      return fields;
    },
    set headers(_joined) {
      // What httpxy joined and lower-cased.
    },
    get path() {
      return path;
    },
    set path(_mended) {
      // What httpxy made of the target.
    },
  };
}
