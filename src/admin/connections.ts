/**
 * What one connection may take of the admin port. It shares its thread with what serves clients, so that nobody who can reach
 * it, and needs no token for it, may keep that thread busy or fill the memory.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests that wait on a connection for the answer before theirs. Browsers and scrapers send none ahead. */
const AHEAD_AT_MOST = 16;
/** A connection on which nothing moves for so long, milliseconds: its reader does not read. Event streams beat more often. */
const STILL_MS = 60_000;
/** Far above what dashboards, probes and scrapers of one replica open, far below what a process may have open. */
const CONNECTIONS_AT_MOST = 512;

/** Connections beyond the limit, and those that stand still, are closed. */
export function limitConnections(server: Server): void {
  server.maxConnections = CONNECTIONS_AT_MOST;
  server.timeout = STILL_MS;
}

/**
 * Begins a request when the answer before it on its connection is sent: Node begins all that arrive together. A connection
 * that sends many more ahead is closed.
 */
export function oneAtATime(serve: RequestListener): RequestListener {
  const waiting = new WeakMap<Duplex, (() => void)[]>();
  return (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }) => {
    const { socket } = request;
    const queue = waiting.get(socket) ?? [];
    waiting.set(socket, queue);
    queue.push(() => serve(request, response));
    response.once('close', () => {
      queue.shift();
      if (!socket.destroyed) queue[0]?.();
    });
    if (queue.length === 1) queue[0]?.();
    else if (queue.length > AHEAD_AT_MOST) socket.destroy();
  };
}

/** Work that is asked for again while it runs is done once, for all who asked. */
export function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}
