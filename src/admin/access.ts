/**
 * Who may do what on the admin port. Loopback without a token; anywhere else a token. A browser is kept to our own
 * pages: the Host must be one of ours (DNS rebinding) and a change must come from our own Origin (CSRF).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { hostName } from '../base/fields.ts';
import { ShadowError } from '../errors.ts';
import { createGuesses } from './guesses.ts';

export type Access = 'none' | 'read' | 'change';

export interface AccessOptions {
  /** May look and change; null where none is set. */
  readonly token: string | null;
  /** May look. */
  readonly readToken: string | null;
  /** May look, and open sealed answers; no other token may open them. */
  readonly revealToken: string | null;
  /** Host names besides loopback's that the port answers to. */
  readonly hosts: readonly string[];
  readonly now: () => number;
}

/** Different wrong tokens from one address in the window before it has to wait. */
const WRONG_AT_MOST = 10;
/** Most changes with a read-only token: a page that offers them by mistake stays below it, a program that probes does not. */
const REFUSED_AT_MOST = 30;
const WINDOW_MS = 60_000;

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** @throws ShadowError SHADOW_CONFIG where the port would be open to a network without a token. */
export function requireTokenBeyondLoopback(host: string, token: string | null): void {
  if (token !== null || LOOPBACK_HOSTS.has(host) || host.startsWith('127.')) return;
  throw new ShadowError('SHADOW_CONFIG', 'the admin port may leave loopback only with a token', {
    expected: 'admin.tokenFile or SHADOWREAD_ADMIN_TOKEN, or admin.host 127.0.0.1',
    actual: `admin.host ${host} without a token`,
    example: 'SHADOWREAD_ADMIN_TOKEN=$(openssl rand -hex 24)',
  });
}

/** Security header fields of every answer; scripts and styles only from our own files, nothing inline. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
  });
  response.removeHeader('X-Powered-By');
  next();
};

/** Refuses a Host that is not ours: a page of another site that resolves to us gets nothing. */
export function ourHost(options: AccessOptions): RequestHandler {
  const known = new Set([...LOOPBACK_HOSTS, ...options.hosts.map(hostName)]);
  return (request, response, next) => {
    const host = hostName(request.headers.host ?? '');
    if (known.has(host)) return next();
    refuse(response, 421, 'SHADOW_REFUSED', 'This port does not answer to that Host; see admin.hosts.');
  };
}

export interface Doorkeeper {
  /** Sets `response.locals.access`; answers 401, 403 or 429 where it does not suffice. */
  readonly enter: RequestHandler;
  /** What a token that came in a body may do; answers by itself and gives null where it may nothing. */
  signIn(request: Request, response: Response, token: string): Exclude<Access, 'none'> | null;
}

/** Wrong tokens and changes that a token may not make are counted apart, and what is right resets neither. */
export function createDoorkeeper(options: AccessOptions): Doorkeeper {
  const window = { windowMs: WINDOW_MS, now: options.now };
  const wrongTokens = createGuesses({ ...window, atMost: WRONG_AT_MOST });
  const refusedChanges = createGuesses({ ...window, atMost: REFUSED_AT_MOST });
  const admit = (request: Request, response: Response, token: string | null): Exclude<Access, 'none'> | null => {
    const address = request.socket.remoteAddress ?? 'unknown';
    // A right token has to wait too, else the answer would say which guess was right.
    const seconds = wrongTokens.waits(address);
    if (seconds > 0) return wait(response, seconds, 'Too many wrong tokens from this address.');
    const access = accessOf(token, options);
    if (access !== 'none') return access;
    if (token !== null) wrongTokens.wrong(address, token);
    response.set('WWW-Authenticate', 'Bearer realm="shadowread"');
    refuse(response, 401, 'SHADOW_REFUSED', 'This needs the admin token: Authorization: Bearer <token>.');
    return null;
  };
  return {
    enter(request, response, next) {
      const access = admit(request, response, tokenOf(request));
      if (access === null) return;
      if (isChange(request)) {
        if (!fromOurOrigin(request)) return notOurOrigin(response);
        // Opening answers changes nothing and takes a token of its own, whatever the call says.
        if (isReveal(request)) {
          if (!isRevealing(tokenOf(request), options)) return refuse(response, 403, 'SHADOW_ROLE', NO_REVEAL);
        } else if (access !== 'change') {
          const address = request.socket.remoteAddress ?? 'unknown';
          const seconds = refusedChanges.waits(address);
          if (seconds > 0) return void wait(response, seconds, 'Too many changes with a token that may only look.');
          refusedChanges.wrong(address, `${request.method} ${request.originalUrl} ${options.now()}`);
          return refuse(response, 403, 'SHADOW_REFUSED', 'This token may look and not change.');
        }
      }
      response.locals.access = access;
      next();
    },
    signIn(request, response, token) {
      if (fromOurOrigin(request)) return admit(request, response, token);
      notOurOrigin(response);
      return null;
    },
  };
}

const NO_REVEAL =
  'This token does not open sealed answers: that takes the token of admin.revealTokenFile or SHADOWREAD_REVEAL_TOKEN.';

/** The one call that takes another token than changes do. Express matches paths whatever their case. */
const isReveal = ({ method, path }: Request): boolean =>
  method === 'POST' && /^\/mismatches\/[^/]+\/reveal\/?$/i.test(path);

function isRevealing(given: string | null, { revealToken }: AccessOptions): boolean {
  return given !== null && revealToken !== null && same(given, revealToken);
}

function wait(response: Response, seconds: number, why: string): null {
  response.set('Retry-After', String(seconds));
  refuse(response, 429, 'SHADOW_REFUSED', `${why} Wait ${seconds} s.`);
  return null;
}

const notOurOrigin = (response: Response): void =>
  refuse(response, 403, 'SHADOW_REFUSED', 'A change must come from this port’s own pages.');

/** Who asked, for the audit trail: a name the caller gives, never the token. */
export function whoOf(request: Request): string {
  const named = request.get('x-shadow-who');
  const clean = named
    ?.replace(/[^\p{L}\p{N} ._@+-]/gu, '')
    .trim()
    .slice(0, 80);
  return clean === undefined || clean === '' ? `admin port, ${request.socket.remoteAddress ?? 'unknown'}` : clean;
}

function accessOf(given: string | null, options: AccessOptions): Access {
  if (options.token === null && options.readToken === null) return 'change';
  if (given === null) return 'none';
  // Both are always compared, so that the time says nothing about which one was near.
  const full = options.token !== null && same(given, options.token);
  const look = options.readToken !== null && same(given, options.readToken);
  const reveal = isRevealing(given, options);
  return full ? 'change' : look || reveal ? 'read' : 'none';
}

function same(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** `Authorization: Bearer`, or the dashboard's cookie (EventSource cannot set a header). */
function tokenOf(request: Request): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const cookie = /(?:^|;\s*)shadowread_token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (cookie === undefined) return null;
  try {
    return decodeURIComponent(cookie);
  } catch {
    return null;
  }
}

const isChange = (request: Request): boolean => request.method !== 'GET' && request.method !== 'HEAD';

/** A program sends neither field; a browser sends at least one of them. */
function fromOurOrigin(request: Request): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.headers.origin;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.headers.host;
}

export function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}
