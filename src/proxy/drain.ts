/** How the front ends: no new connections, requests under way are served, and at the deadline the rest is cut. */
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FrontServer } from './front-server.ts';

/**
 * How long kept connections stay open, at most: a client that is sending on one in this moment then gets an answer that
 * says `Connection: close`, instead of a broken connection.
 */
const GRACE_MS = 500;

export interface Drain {
  /** Resolves when every connection has ended. `onDeadline` is called before what is left is cut. */
  drain(deadlineMs: number, onDeadline: () => void): Promise<void>;
  /** A request has been answered meanwhile. */
  settled(): void;
}

export function createDrain(
  { server, arrival }: Pick<FrontServer, 'server' | 'arrival'>,
  tunnels: ReadonlySet<Duplex>,
): Drain {
  const connections = new Set<Socket>();
  // Below TLS: only they end a connection that is still in its handshake.
  const beneath = new Set<Socket>();
  let graceOver = false;
  let running: Promise<void> | null = null;
  const keep = (held: Set<Socket>) => (socket: Socket) => {
    // It comes back from an upgrade that was not taken.
    if (held.has(socket)) return;
    held.add(socket);
    socket.on('close', () => held.delete(socket));
  };
  server.on(arrival, keep(connections));
  if (arrival === 'secureConnection') server.on('connection', keep(beneath));

  function closeIdle(): void {
    if (!graceOver) return;
    for (const socket of connections) {
      if (socket.lastPassage === undefined && !tunnels.has(socket)) socket.destroySoon();
    }
  }

  async function run(deadlineMs: number, onDeadline: () => void): Promise<void> {
    // Not http's close, which breaks kept connections at once.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
    const grace = setTimeout(
      () => {
        graceOver = true;
        closeIdle();
      },
      Math.min(GRACE_MS, deadlineMs / 4),
    );
    const deadline = setTimeout(() => {
      onDeadline();
      for (const socket of [...connections, ...beneath]) socket.destroy();
    }, deadlineMs);
    await closed;
    clearTimeout(grace);
    clearTimeout(deadline);
    // Ends http's own timer over its connections.
    server.close(() => {});
  }

  return {
    settled: () => {
      if (graceOver) setImmediate(closeIdle);
    },
    drain(deadlineMs, onDeadline) {
      running ??= run(deadlineMs, onDeadline);
      return running;
    },
  };
}
