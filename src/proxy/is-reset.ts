/** Whether a client has left while nobody reads its connection. */
import type { Socket } from 'node:net';

/**
 * Node tells of a reset only where it reads: not behind answers that wait for the one before them, nor where the side
 * takes no more of an upload. The system knows it, and answers that such a connection has no other end.
 */
export function isReset(client: Socket): boolean {
  if (client.destroyed || !('_handle' in client)) return false;
  const { _handle: handle } = client;
  if (typeof handle !== 'object' || handle === null || !('reading' in handle) || handle.reading === true) return false;
  if (!('getpeername' in handle) || typeof handle.getpeername !== 'function') return false;
  return handle.getpeername({}) !== 0;
}
