/** The admin port: health, metrics, the API and the dashboard. Reads the journal; never in a client's way. */
import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { closeNow, listenOn, urlOf } from '../base/listening.ts';
import type { Log } from '../base/log.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { createDoorkeeper, ourHost, refuse, requireTokenBeyondLoopback, securityHeaders } from './access.ts';
import { assets } from './assets.ts';
import { limitConnections, oneAtATime, shared } from './connections.ts';
import type { AdminContext, AdminOptions } from './context.ts';
import { checked, mount, otherMethods } from './endpoint.ts';
import { endpointsOf } from './endpoints.ts';
import { createEvents } from './events.ts';
import { openAdminJournal } from './journal.ts';

export interface Admin {
  readonly url: string;
  close(): Promise<void>;
}

/** Figures change all the time: open dashboards are updated at this interval. */
const PULSE_MS = 5_000;

/** @throws ShadowError SHADOW_CONFIG beyond loopback without a token; SHADOW_PORT_IN_USE. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { config, tokens } = options;
  requireTokenBeyondLoopback(config.admin.host, tokens.change);
  const events = createEvents();
  const journal = config.journal.url === undefined ? null : openAdminJournal(config.journal.url, options);
  const context: AdminContext = { ...options, journal, changed: events.changed };
  const access = {
    token: tokens.change,
    readToken: tokens.read,
    revealToken: tokens.reveal,
    hosts: config.admin.hosts,
    now: Date.now,
  };

  // For these nobody needs a token.
  const primaryReady = shared(() => options.plane.primaryReady());
  const metrics = shared(() => options.plane.metrics());

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(securityHeaders);
  // Probes and scrapers come by addresses of their own choice, and what they get is for anyone who can reach the port.
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.get('/readyz', async (_request, response) => {
    const ready = await primaryReady();
    if (options.stopping()) {
      response.status(503).json({ ok: false, stopping: true });
      return;
    }
    response
      .status(ready ? 200 : 503)
      .json({ ok: ready, primary: ready ? 'accepts connections' : 'does not accept connections' });
  });
  const known = ourHost(access);
  app.get(
    '/metrics',
    tokens.change === null ? known : (_request, _response, next) => next(),
    async (_request, response) => {
      response.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics());
    },
  );
  app.all(['/healthz', '/readyz', '/metrics'], otherMethods(['get']));
  app.use(known, assets());
  const doorkeeper = createDoorkeeper(access);
  const json = express.json({ limit: '64kb', reviver: withoutPrototype });
  app.post('/api/session', json, (request, response) => {
    const { token } = checked(signIn, request.body, 'the body', '{"token":"…"}');
    const may = doorkeeper.signIn(request, response, token);
    if (may === null) return;
    response
      .cookie('shadowread_token', token, { httpOnly: true, sameSite: 'strict', path: '/' })
      .json({ ok: true, access: may });
  });
  app.all('/api/session', otherMethods(['post']));
  const api = Router();
  api.use(doorkeeper.enter, json);
  mount(api, endpointsOf(context, events));
  app.use('/api', api);
  app.use((_request, response) => refuse(response, 404, 'SHADOW_NOT_FOUND', 'There is nothing here.'));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    failed(error, response, options.log),
  );

  const serve = oneAtATime((request, response) => {
    // Writing to a client that has just left is no error.
    response.on('error', () => undefined);
    app(request, response);
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, serve);
  limitConnections(server);
  const { host } = config.admin;
  const port = await listenOn(server, config.admin.port, host, {
    what: 'the admin port',
    example: 'SHADOWREAD_ADMIN_PORT=9465',
  });
  const pulse = setInterval(() => events.changed('figures'), PULSE_MS);
  pulse.unref();
  return {
    url: urlOf(host, port),
    async close() {
      clearInterval(pulse);
      events.close();
      await closeNow(server);
      await options.faultWork.close();
      await journal?.close();
    },
  };
}

/** The dashboard's sign-in. A token is one word; a pasted one may have blanks around it. */
const signIn = z.strictObject({
  token: z
    .string({ error: 'expected the token as text' })
    .trim()
    .regex(/^[\x21-\x7e]{1,512}$/, { error: 'expected 1 to 512 characters without blanks' }),
});

/** `__proto__` names nothing here, and what copies an object would lose it without a word. */
function withoutPrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__ is no name');
  return value;
}

const STATUS_OF: Readonly<Partial<Record<ShadowError['code'], number>>> = {
  SHADOW_NOT_FOUND: 404,
  SHADOW_ROUTE: 404,
  SHADOW_DOMAIN: 404,
  SHADOW_USAGE: 400,
  SHADOW_KEY: 409,
  SHADOW_REFUSED: 409,
  SHADOW_ROLE: 403,
  SHADOW_JOURNAL: 503,
  SHADOW_POSTGRES: 503,
  SHADOW_MONGO: 503,
};

const UNREADABLE: Readonly<Record<number, string>> = {
  400: 'The request cannot be read: the path must be valid percent-encoded UTF-8, the body valid JSON.',
  413: 'The body is too large; 64 KB is the most.',
  415: 'The body cannot be read: send UTF-8 JSON, plain or as gzip, deflate or br.',
};

function failed(error: unknown, response: Response, log: Log): void {
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof ShadowError) {
    refuse(response, STATUS_OF[error.code] ?? 500, error.code, error.message);
  } else if (statusOf(error) < 500) {
    refuse(response, statusOf(error), 'SHADOW_USAGE', UNREADABLE[statusOf(error)] ?? 'The request cannot be read.');
  } else {
    log.often('admin', `admin: ${messageOf(error)}`);
    refuse(response, 500, 'SHADOW_INTERNAL', 'The admin port failed; its log says why.');
  }
}

/** The status that Express's own errors carry; 500 for any other. */
function statusOf(error: unknown): number {
  const held = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof held === 'number' ? held : 500;
}
