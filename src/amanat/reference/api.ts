/** The Mongo-served reference API: what the proxy's primary is in the demo and in the tests. */

import { createServer } from 'node:http';
import express, { type Express, type Request, type Response, Router } from 'express';
import mongoose from 'mongoose';
import { closeNow, listenOn, urlOf } from '../../base/listening.ts';
import { visible } from '../../base/plain-text.ts';
import { messageOf, ShadowError } from '../../errors.ts';
import type { ReferenceContext } from './context.ts';
import { mounts } from './handlers/index.ts';
import { HttpError, invalidId, notFound } from './http.ts';
import { bindModels } from './models/index.ts';
import { writeMounts } from './writes/index.ts';

export interface ReferenceOptions {
  readonly mongoUri: string;
  /** `ORACLE_QUOTING_ENABLED`: whether a created payment gets oracle quotes. */
  readonly oracleQuoting?: boolean;
  readonly now?: () => Date;
}

export interface Reference {
  readonly app: Express;
  readonly context: ReferenceContext;
  /** Resolves to the base URL. Port 0 takes a free one. Fails with SHADOW_PORT_IN_USE. */
  listen(port?: number, host?: string): Promise<string>;
  close(): Promise<void>;
}

/** Connects to MongoDB and makes the app. Fails with SHADOW_MONGO. */
export async function createReference(options: ReferenceOptions): Promise<Reference> {
  const connection = mongoose.createConnection(options.mongoUri, {
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: 5000,
    maxPoolSize: 20,
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close();
    throw new ShadowError('SHADOW_MONGO', 'the reference API cannot reach MongoDB', {
      expected: 'a server that answers',
      actual: messageOf(error),
      example: 'MONGODB_URI=mongodb://127.0.0.1:27017/amanat',
      cause: error,
    });
  }
  const context: ReferenceContext = {
    connection,
    models: bindModels(connection),
    now: options.now ?? (() => new Date()),
    oracleQuoting: options.oracleQuoting ?? false,
  };
  const app = appOf(context);
  // Else who writes on an idle connection after 5 seconds may write on one that is being closed.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, app);
  return {
    app,
    context,
    async listen(port = 0, host = '127.0.0.1') {
      return urlOf(host, await listenOn(server, port, host, { what: 'the reference API', example: '--port 0' }));
    },
    async close() {
      await closeNow(server);
      await connection.close();
    },
  };
}

function appOf(context: ReferenceContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '1mb' }));
  const router = Router();
  for (const mount of mounts) mount(router, context);
  for (const mount of writeMounts) mount(router, context);
  app.use(router);
  app.use(() => {
    throw notFound();
  });
  app.use((error: unknown, _request: Request, response: Response, _next: unknown) => refuse(error, response));
  return app;
}

function refuse(error: unknown, response: Response): void {
  if (response.headersSent) {
    // An export that was cut must not look complete.
    response.destroy();
    return;
  }
  const refusal = error instanceof URIError ? invalidId() : error;
  if (refusal instanceof HttpError) {
    response.status(refusal.status).json({ error: { code: refusal.code, message: refusal.message } });
  } else if (error instanceof SyntaxError) {
    response.status(400).json({ error: { code: 'invalid_body', message: 'The body is not JSON.' } });
  } else {
    console.error('reference:', visible(messageOf(error)));
    response.status(500).json({ error: { code: 'internal', message: 'The reference API failed.' } });
  }
}
