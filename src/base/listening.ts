/** Opening and closing a server of ours: one sentence where the port is not to be had, and no client that keeps it from closing. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, ShadowError } from '../errors.ts';

/**
 * Resolves with the port, which the system chose where `port` is 0. `what` cannot listen and what to set instead are for the message.
 *
 * @throws ShadowError SHADOW_PORT_IN_USE where the address cannot be had.
 */
export async function listenOn(
  server: Server,
  port: number,
  host: string,
  { what, example }: { readonly what: string; readonly example: string },
): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ShadowError('SHADOW_PORT_IN_USE', `${what} cannot listen`, {
      expected: 'a free port',
      actual: `${host}:${port}: ${messageOf(error)}`,
      example,
      cause: error,
    });
  }
  const address: AddressInfo | string | null = server.address();
  if (address !== null && typeof address === 'object') return address.port;
  throw new ShadowError('SHADOW_INTERNAL', `${what} listens on no port`, { actual: String(address) });
}

/** Where a server that listens is reached from this machine. */
export function urlOf(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${scheme}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** Ends the server with every connection to it; nothing where it does not listen. */
export async function closeNow(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
