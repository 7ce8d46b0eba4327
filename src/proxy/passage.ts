/**
 * One request on its way through: what is known of it, and how far it has come. Everything that handles it (plugins of
 * http-proxy-middleware, the tap, the watch over deadlines) finds it on the request, so that nothing is looked up.
 */

import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { callerKeyOf } from '../base/caller.ts';
import { type RequestFields, withoutControl } from '../base/fields.ts';
import type { IncomingRead, RawHeaders, Route, Side, TraceIds } from '../types.ts';
import type { HeldConnection } from './held-connection.ts';
import type { InFlight } from './in-flight.ts';
import type { LoopClaims } from './loop-claims.ts';
import type { FullOptions } from './options.ts';
import type { ShortRead } from './short-read.ts';
import type { Tap } from './tap.ts';
import type { Target, Upstream } from './upstream.ts';

declare module 'node:http' {
  interface IncomingMessage {
    passage?: Passage;
  }
  interface ClientRequest {
    passage?: Passage;
  }
}
declare module 'node:net' {
  interface Socket {
    /** The latest request on a client's connection that has not been answered to its end. */
    lastPassage?: Passage | undefined;
    /** Its end is told to the requests that wait: one listener, however many they are. */
    endIsTold?: boolean;
    /** What came on it is no HTTP, and it will be told so, once. */
    refused?: boolean;
  }
}

/** The head of a side's answer, by whichever way it came. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly rawHeaders: RawHeaders;
}

/** What a passage needs of the front it goes through. */
export interface Front {
  readonly options: FullOptions;
  readonly claims: LoopClaims;
  readonly primary: Upstream;
  readonly twin: Upstream | null;
  readonly passages: InFlight;
  /** Clients whose connections speak another protocol by now. */
  readonly tunnels: Set<Duplex>;
  /** True once the deadline of a close has passed: what is cut now is cut by us. */
  readonly cutting: boolean;
  readonly draining: boolean;
  /** Sends the request on to the passage's side. */
  forward(passage: Passage): void;
  /** Sends an answer's head as soon as this turn of the event loop has brought no body for it. */
  flushSoon(answer: ServerResponse): void;
  fault(stage: string, thrown: unknown): void;
  settled(passage: Passage): void;
}

/** Methods that may run side by side on one pipelined connection (RFC 9112 section 9.3.2), and be sent once more. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export class Passage {
  readonly front: Front;
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly client: Socket;
  readonly method: string;
  /** As the client sent it, byte for byte. */
  readonly target: string;
  readonly safe: boolean;
  readonly fields: RequestFields;
  /** Epoch ms and monotonic ms of arrival. */
  readonly at: number;
  readonly arrivedMs: number;

  /** Set for a request with Upgrade: Node has released its connection. */
  held: HeldConnection | null = null;
  /** True where it says that it is a shadow read, and is believed. */
  loop = false;
  route: Route | null = null;
  trace: TraceIds | null = null;
  tap: Tap | null = null;
  /** A read is offered to the gate once; for flipped reads only when it is clear who answers. */
  offered = false;
  side: Side = 'primary';
  fellBack = false;
  /** Of a known route, and yet no read. */
  wrote = false;
  /** Sent once more, on a socket that nobody has used. */
  fresh = false;
  /** The current attempt; events of any other are stale. */
  attempt: Target | ShortRead | null = null;
  sideRequest: ClientRequest | null = null;
  sideAnswer: IncomingMessage | null = null;
  /** The read on the short way, in place of the two above. */
  short: ShortRead | null = null;
  head: AnswerHead | null = null;
  /** Bytes that the side's socket had brought before this request. */
  bytesBefore = 0;
  interim = false;
  /** Interim answers to be written when its turn on the connection has come. */
  heldInterims = '';
  /** While its side is not read, as the client takes no more interim answers: reads it on. */
  readOn: (() => void) | null = null;
  /** Of a flipped read, where a module gives them: fields to set for the twin. */
  credentials: Readonly<Record<string, string>> | null = null;
  /** A POST read's body, as far as it is kept. */
  bodyChunks: Uint8Array[] | null = null;
  /** While a POST read's body is collected for the twin: sends it on to the primary as far as it has come. */
  stopCollecting: (() => void) | null = null;
  error: string | null = null;
  /** Its answer is broken off, or will be when its turn on the connection has come. */
  cut = false;
  closed = false;
  #read: IncomingRead | null = null;
  /** Where InFlight keeps it. */
  slot = -1;

  /** Monotonic and epoch ms of asking; the rest in ms from asking. */
  forwardedMs = 0;
  askedAt = 0;
  headersMs = 0;
  totalMs = 0;
  overheadMs = 0;
  /** For the watch: bytes taken by the side so far, and since when there was no progress. */
  progress = -1;
  quietSince = 0;

  /** Pipelining: started when the request before it on its connection has been answered. */
  waiting = false;
  before: Passage | null = null;
  next: Passage | null = null;

  constructor(front: Front, request: IncomingMessage, answer: ServerResponse, fields: RequestFields) {
    this.front = front;
    this.request = request;
    this.answer = answer;
    this.client = request.socket;
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    this.safe = SAFE.has(this.method);
    this.fields = fields;
    this.at = Date.now();
    this.arrivedMs = performance.now();
  }

  get upstream(): Upstream {
    return this.side === 'twin' && this.front.twin !== null ? this.front.twin : this.front.primary;
  }

  /** The read as the gate and the decision see it; null for what is not a read of a known route. */
  read(served: Side): IncomingRead | null {
    if (this.route === null || this.trace === null) return null;
    if (this.#read?.served === served) return this.#read;
    this.#read = {
      route: this.route,
      served,
      method: this.method,
      target: originForm(this.target),
      rawHeaders: this.rawHeaders,
      trace: this.trace,
      at: this.at,
    };
    return this.#read;
  }

  /** What the client sent, less what it has no say in. */
  get rawHeaders(): RawHeaders {
    const { rawHeaders } = this.request;
    return this.loop || this.fields.control.length === 0 ? rawHeaders : withoutControl(rawHeaders);
  }

  get caller(): string {
    return callerKeyOf(this.request.rawHeaders);
  }
}

/** An absolute-form target without its scheme and authority; any other as it is. */
export function originForm(target: string): string {
  if (target.charCodeAt(0) === 47) return target;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(target);
  if (scheme === null) return target;
  const path = target.slice(scheme[0].length).search(/[/?#]/);
  if (path < 0) return '/';
  const rest = target.slice(scheme[0].length + path);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
