/**
 * A TCP door before a server: open, shut (connections are reset), stuck (they are accepted and nothing moves), slow (every
 * piece waits), or gone (nobody listens: connections are refused).
 */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export type Door = 'open' | 'shut' | 'stuck' | 'slow' | 'gone';

/** How long every piece waits at a slow door. */
const SLOW_MS = 40;

export interface TcpGate {
  readonly port: number;
  /** Connections that stand now. */
  readonly connections: number;
  /** How often somebody outside has spoken after the server had answered: round trips. */
  readonly turns: number;
  /** Takes effect on new and on standing connections. */
  set(door: Door): Promise<void>;
  /** What stands stays silent for good, as where a network has forgotten it; new connections are as the door says. */
  forget(): void;
  /** Where new connections lead from now on. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

export async function startTcpGate(host: string, port: number): Promise<TcpGate> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const forgotten = new Set<readonly [Socket, Socket]>();
  let door: Door = 'open';
  let behind = port;
  let turns = 0;
  const waiting = (): Transform =>
    new Transform({
      transform: (piece, _encoding, pass) => {
        if (door === 'slow') setTimeout(() => pass(null, piece), SLOW_MS);
        else pass(null, piece);
      },
    });
  const server = createServer((inside) => {
    inside.on('error', () => undefined);
    if (door === 'shut') return void inside.resetAndDestroy();
    const outside = connect({ host, port: behind });
    const pair = [inside, outside] as const;
    pairs.add(pair);
    outside.on('error', () => inside.destroy());
    inside.on('close', () => {
      outside.destroy();
      pairs.delete(pair);
    });
    outside.on('close', () => inside.destroy());
    let answered = true;
    inside.on('data', () => {
      if (answered) turns += 1;
      answered = false;
    });
    outside.on('data', () => {
      answered = true;
    });
    inside.pipe(waiting()).pipe(outside);
    outside.pipe(waiting()).pipe(inside);
    if (door === 'stuck') for (const socket of pair) socket.pause();
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  };
  const leave = async (): Promise<void> => {
    for (const [inside] of [...pairs, ...forgotten]) inside.resetAndDestroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    get connections() {
      return pairs.size;
    },
    get turns() {
      return turns;
    },
    forget() {
      for (const pair of pairs) {
        for (const socket of pair) socket.pause();
        forgotten.add(pair);
        pairs.delete(pair);
      }
    },
    leadTo(next) {
      behind = next;
    },
    async set(next) {
      door = next;
      if (next === 'gone') return leave();
      if (!server.listening) await listen(own);
      for (const [inside, outside] of pairs) {
        if (next === 'shut') inside.resetAndDestroy();
        else for (const socket of [inside, outside]) next === 'stuck' ? socket.pause() : socket.resume();
      }
    },
    close: leave,
  };
}
