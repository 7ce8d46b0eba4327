import { createServer, type Server, type Socket } from 'node:net';
import type { Encodable } from '../bson/values.ts';
import {
  HEADER,
  MAX_MESSAGE,
  ProtocolError,
  type Request,
  readMessage,
  type Unreadable,
  writeReply,
} from './message.ts';

export interface WireServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers one command. What it throws becomes an error answer, never the end of the connection. */
export type Answer = (request: Request | Unreadable, connection: number) => ReadonlyMap<string, Encodable>;

/**
 * Speaks the wire protocol on a loopback port. One command runs at a time in the whole server, from its first byte to
 * its answer: that is what makes every command atomic.
 */
export async function serveWire(port: number, answer: Answer): Promise<WireServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    connections += 1;
    const connection = connections;
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readFrames(socket, (bytes) => {
      const request = readMessage(bytes);
      const result = answer(request, connection);
      if (request.silent) return;
      socket.cork();
      for (const part of writeReply(request, result)) socket.write(part);
      socket.uncork();
    });
  });
  await listen(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Cuts the stream into messages. Whatever is not one closes this connection, and only this one. */
function readFrames(socket: Socket, handle: (bytes: Buffer) => void): void {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = HEADER;
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts);
    try {
      while (bytes.length >= HEADER) {
        const length = bytes.readInt32LE(0);
        if (length < HEADER || length > MAX_MESSAGE) throw new ProtocolError(`a message of ${length} bytes`);
        wanted = length;
        if (bytes.length < length) break;
        handle(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
        wanted = HEADER;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError) && !(error instanceof RangeError)) console.error(error);
      socket.destroy();
      return;
    }
    parts = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
  });
}
