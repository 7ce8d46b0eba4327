/** A TCP door before a server: open, shut (connections are reset), or stuck (they are accepted and nothing moves). */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export type Door = 'open' | 'shut' | 'stuck';

export interface TcpGate {
  readonly port: number;
  /** Takes effect on new and on standing connections. */
  set(door: Door): void;
  close(): Promise<void>;
}

export async function startTcpGate(host: string, port: number): Promise<TcpGate> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let door: Door = 'open';
  const server = createServer((inside) => {
    inside.on('error', () => undefined);
    if (door === 'shut') return void inside.resetAndDestroy();
    const outside = connect({ host, port });
    const pair = [inside, outside] as const;
    pairs.add(pair);
    outside.on('error', () => inside.destroy());
    inside.on('close', () => {
      outside.destroy();
      pairs.delete(pair);
    });
    outside.on('close', () => inside.destroy());
    inside.pipe(outside);
    outside.pipe(inside);
    if (door === 'stuck') for (const socket of pair) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      door = next;
      for (const [inside, outside] of pairs) {
        if (next === 'shut') inside.resetAndDestroy();
        else for (const socket of [inside, outside]) next === 'stuck' ? socket.pause() : socket.resume();
      }
    },
    async close() {
      for (const [inside] of pairs) inside.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
