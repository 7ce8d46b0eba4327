/** The tap in an Express app that has its own proxy or API: on Express's answer, between its writer and the socket. */
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { IncomingRead, RawHeaders, ReadGate } from '../types.ts';
import type { ProxyOptions } from './options.ts';
import { isEventStream, verdictOfHead } from './reading.ts';
import { Tap } from './tap.ts';
import { traceOf } from './trace-context.ts';

export interface TappingOptions {
  readonly match: ProxyOptions['match'];
  readonly gate: ReadGate;
  readonly onFault: (stage: string, thrown: unknown) => void;
}

type Request = IncomingMessage & {
  /** The target before a router took its part of it away: Express and Connect set it. */
  readonly originalUrl?: string;
};

/** A middleware of Express or Connect, in Node's own types: nobody who imports it needs those of Express. */
export type Middleware = (request: Request, response: ServerResponse, next: (error?: unknown) => void) => void;

/** GET and HEAD of known routes are offered; all else passes. Never throws, and never changes what is written. */
export function tapping(options: TappingOptions): Middleware {
  return (request, response, next) => {
    try {
      const tap = offered(request, options);
      if (tap !== null) listen(tap, request, response);
    } catch (thrown) {
      options.onFault('offer', thrown);
    }
    next();
  };
}

function offered(request: Request, { match, gate, onFault }: TappingOptions): Tap | null {
  const { method, rawHeaders } = request;
  const target = targetOf(request);
  if (method !== 'GET' && method !== 'HEAD') return null;
  // The verifier's own, which asks the primary again by this way.
  if (request.headers['x-shadow-read'] !== undefined) return null;
  const route = match(method, target);
  if (route === null) return null;
  const read: IncomingRead = {
    route,
    served: 'primary',
    method,
    target,
    rawHeaders,
    trace: traceOf(request.headers.traceparent?.toString() ?? null),
    at: Date.now(),
  };
  const admission = gate.admit(read);
  return admission === null ? null : new Tap(admission, onFault);
}

const targetOf = ({ originalUrl, url }: Request): string => originalUrl ?? url ?? '';

function listen(tap: Tap, request: Request, response: ServerResponse): void {
  const askedAt = Date.now();
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  let headersMs = 0;
  let given: RawHeaders | null = null;
  const { writeHead, write, end } = response;

  const heads = (args: readonly unknown[]): void => {
    if (given !== null) return;
    headersMs = elapsed();
    given = rawHeadersOf(
      response,
      args.find((one) => typeof one === 'object' && one !== null),
    );
  };
  const keep = ([chunk, encoding]: readonly unknown[]): void => {
    if (!tap.open) return;
    if (typeof chunk === 'string') tap.keep(Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8'));
    else if (chunk instanceof Uint8Array) tap.keep(chunk);
  };
  // Node calls writeHead itself if the app has not, so the head is always seen before the first byte.
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    heads(args);
    return Reflect.apply(writeHead, this, args);
  };
  response.write = function (this: ServerResponse, ...args: unknown[]) {
    keep(args);
    return Reflect.apply(write, this, args);
  };
  response.end = function (this: ServerResponse, ...args: unknown[]) {
    keep(args);
    return Reflect.apply(end, this, args);
  };
  response.once('finish', () => {
    const rawHeaders = given ?? rawHeadersOf(response, undefined);
    const type = response.getHeader('content-type')?.toString();
    const reason = isEventStream(type) ? 'unsupported_media' : verdictOfHead(response.statusCode, type);
    if (reason !== null) return tap.skip(reason);
    tap.complete(
      { method: request.method ?? '', target: targetOf(request), rawHeaders: request.rawHeaders, body: null },
      { status: response.statusCode, rawHeaders, askedAt, headersMs, totalMs: elapsed(), overheadMs: 0 },
    );
  });
  // After `finish` the tap has ended, and this does nothing.
  response.once('close', () => tap.skip('client_aborted'));
}

/** What was set on the answer, and what `writeHead` was given over it: an object, or names and values alternating. */
function rawHeadersOf(response: ServerResponse, given: unknown): RawHeaders {
  const fields = new Map<string, [name: string, value: OutgoingHttpHeader]>();
  for (const name of response.getHeaderNames()) fields.set(name.toLowerCase(), [name, response.getHeader(name) ?? '']);
  const raw: string[] = [];
  if (Array.isArray(given) && given.every((one) => typeof one === 'string')) {
    for (const [index, name] of given.entries()) if (index % 2 === 0) fields.delete(name.toLowerCase());
    raw.push(...given);
  } else if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given))
      if (value !== undefined) fields.set(name.toLowerCase(), [name, Array.isArray(value) ? value : String(value)]);
  }
  for (const [name, value] of fields.values())
    for (const one of Array.isArray(value) ? value : [value]) raw.push(name, String(one));
  return Object.freeze(raw);
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}
