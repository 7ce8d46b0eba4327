/** The Postgres-backed twin: one router made from the list of routes. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type Express, type Request, type Response } from 'express';
import type { Sql } from 'postgres';
import { closeNow, listenOn, urlOf } from '../../base/listening.ts';
import { visible } from '../../base/plain-text.ts';
import { messageOf } from '../../errors.ts';
import type { Representation } from '../../types.ts';
import { openDatabase } from './db.ts';
import { ApiError, type Caller, MESSAGES, notFound, type TwinAnswer } from './handler.ts';
import { IdResolver } from './ids.ts';
import { parseQuery, wellFormedId } from './query.ts';
import { render, renderCell } from './render.ts';
import type { TwinRoute } from './route.ts';

export interface TwinOptions {
  readonly databaseUrl: string;
  readonly routes: readonly TwinRoute[];
  /** Sent as `X-Twin-Build`: a change of it begins a new evidence epoch. By default a digest of the handlers. */
  readonly build?: string;
  /** Connections to Postgres at most. */
  readonly connections?: number;
  /** The clock of time-dependent answers. */
  readonly now?: () => Date;
}

export interface Twin {
  readonly app: Express;
  readonly build: string;
  /** Resolves to the base URL. Port 0 takes a free one. Fails with SHADOW_PORT_IN_USE. */
  listen(port?: number, host?: string): Promise<string>;
  close(): Promise<void>;
}

/** A digest of what the twin would answer with: routes and their handlers' code. */
export function buildOf(routes: readonly TwinRoute[]): string {
  const hash = createHash('sha256');
  for (const route of routes) hash.update(`${route.key}\n${route.twin.toString()}\n`);
  return hash.digest('hex').slice(0, 16);
}

export function createTwin(options: TwinOptions): Twin {
  const sql = openDatabase(options.databaseUrl, options.connections ?? 10);
  const build = options.build ?? buildOf(options.routes);
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.setHeader('X-Twin-Build', build);
    next();
  });
  const resolver = new IdResolver(sql);
  const now = options.now ?? (() => new Date());
  for (const route of [...options.routes].sort(byPattern)) {
    if (route.method !== 'GET') continue;
    app.get(route.pattern, async (request, response) => {
      const representation = representationOf(request);
      const answer = await answerTo(route, request, sql, resolver, now);
      await send(answer, request, response, representation);
    });
  }
  app.use(() => {
    throw notFound();
  });
  app.use((error: unknown, _request: Request, response: Response, _next: unknown) => refuse(error, response));
  // Else who writes on an idle connection after 5 seconds may write on one that is being closed.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, app);
  return {
    app,
    build,
    async listen(port = 0, host = '127.0.0.1') {
      return urlOf(host, await listenOn(server, port, host, { what: 'the twin', example: '--port 0' }));
    },
    async close() {
      await closeNow(server);
      await sql.end({ timeout: 5 });
    },
  };
}

/** Literal segments come before parameters, so that `/stats` is not taken for an id. */
function byPattern(a: TwinRoute, b: TwinRoute): number {
  const rank = (route: TwinRoute): string => route.pattern.replaceAll(/:[^/]+/g, '~');
  return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0;
}

function representationOf(request: Request): Representation {
  return request.get('x-twin-representation') === 'primary' ? 'primary' : 'twin';
}

const NOBODY: Caller = Object.freeze({ id: '', mongoId: '', role: '' });

/** In this order: 401, 403, ids of the path 400, query 400, 404. */
async function answerTo(
  route: TwinRoute,
  request: Request,
  sql: Sql,
  resolver: IdResolver,
  now: () => Date,
): Promise<TwinAnswer> {
  const caller = route.access === 'public' ? NOBODY : await callerOf(request, sql);
  if (route.access === 'admin' && caller.role !== 'admin') throw new ApiError('forbidden', MESSAGES.forbidden);
  const params: Record<string, string> = {};
  const pathIds: [name: string, collection: string, id: string][] = [];
  for (const [name, value] of Object.entries(request.params)) {
    const text = typeof value === 'string' ? value : '';
    const collection = route.ids[name];
    if (collection === undefined) params[name] = text;
    else pathIds.push([name, collection, wellFormedId(text)]);
  }
  const mark = request.originalUrl.indexOf('?');
  const search = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark));
  const query = await parseQuery(route.query, search, (collection, id) => resolver.resolve(collection, id));
  for (const [name, collection, id] of pathIds) {
    const known = await resolver.resolve(collection, id);
    if (known === null) throw notFound();
    params[name] = known.uuid;
  }
  // Postgres cannot hold a NUL in text, so a text with one matches nothing.
  if (Object.values(params).some((text) => text.includes('\0'))) throw notFound();
  return route.twin({ sql, params, query, caller, now });
}

async function callerOf(request: Request, sql: Sql): Promise<Caller> {
  const token = /^Bearer ([0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i
    .exec(request.get('authorization') ?? '')?.[1]
    ?.toLowerCase();
  const refused = new ApiError('unauthenticated', MESSAGES.unauthenticated);
  if (token === undefined) throw refused;
  const [user] =
    token.length === 24
      ? await sql<Caller[]>`select id, mongo_id as "mongoId", role from users where mongo_id = ${token}`
      : await sql<Caller[]>`select id, mongo_id as "mongoId", role from users where id = ${token}`;
  if (user === undefined) throw refused;
  return user;
}

async function send(
  answer: TwinAnswer,
  request: Request,
  response: Response,
  representation: Representation,
): Promise<void> {
  if (answer.kind === 'json') {
    response.status(answer.status).json(render(answer.body, representation));
    return;
  }
  const file = request.path.split('/').at(-1) ?? 'export.csv';
  response.setHeader('Content-Type', 'text/csv; charset=utf-8');
  response.setHeader('Content-Disposition', `attachment; filename="${file}"`);
  let held = `${answer.header.map(quoted).join(',')}\r\n`;
  for await (const row of answer.rows) {
    held += `${row.map((cell) => quoted(renderCell(cell, representation))).join(',')}\r\n`;
    if (held.length < 16_384) continue;
    if (response.destroyed) return;
    if (!response.write(held)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    held = '';
  }
  response.end(held);
}

/** RFC 4180: quoted only where a comma, a quote or a line end makes it necessary. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function refuse(error: unknown, response: Response): void {
  if (response.headersSent) {
    // The client must see that the body is cut; ending it would make half an export look whole.
    response.destroy();
    return;
  }
  const refusal = error instanceof URIError ? new ApiError('invalid_id', MESSAGES.invalid_id) : error;
  if (refusal instanceof ApiError) {
    response.status(refusal.status).json({ error: { code: refusal.code, message: refusal.message } });
    return;
  }
  console.error('twin:', visible(messageOf(error)));
  response.status(500).json({ error: { code: 'internal', message: 'The twin failed.' } });
}
