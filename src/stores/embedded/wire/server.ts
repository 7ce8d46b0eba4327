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
export type Answer = (request: Request | Unreadable, connection: number) => Reply | Promise<Reply>;

type Reply = ReadonlyMap<string, Encodable>;

export interface WireHandlers {
  readonly answer: Answer;
  /** The client of a connection is gone. */
  readonly disconnected: (connection: number) => void;
}

/**
 * Speaks the wire protocol on a loopback port. One command runs at a time in the whole server, from its first byte to
 * its answer: that is what makes every command atomic. Only an answer that is waited for leaves the others room; what
 * comes on its own connection waits behind it.
 */
export async function serveWire(port: number, { answer, disconnected }: WireHandlers): Promise<WireServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    connections += 1;
    const connection = connections;
    socket.on('close', () => {
      sockets.delete(socket);
      disconnected(connection);
    });
    socket.on('error', () => socket.destroy());
    readFrames(socket, (bytes) => {
      const request = readMessage(bytes);
      const send = (reply: Reply): void => {
        if (request.silent || socket.destroyed) return;
        socket.cork();
        for (const part of writeReply(request, reply)) socket.write(part);
        socket.uncork();
      };
      const result = answer(request, connection);
      return result instanceof Promise ? result.then(send) : send(result);
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

/**
 * Cuts the stream into messages and handles one after the other. Whatever is not one closes this connection, and only
 * this one.
 */
function readFrames(socket: Socket, handle: (bytes: Buffer) => void | Promise<void>): void {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = HEADER;
  let busy = false;
  const fail = (error: unknown): void => {
    if (!(error instanceof ProtocolError) && !(error instanceof RangeError)) console.error(error);
    socket.destroy();
  };
  const goOn = (): void => {
    busy = false;
    read();
  };
  const read = (): void => {
    if (busy || held < wanted) return;
    const [only] = parts;
    let bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    try {
      while (!busy && bytes.length >= HEADER) {
        const length = bytes.readInt32LE(0);
        if (length < HEADER || length > MAX_MESSAGE) throw new ProtocolError(`a message of ${length} bytes`);
        wanted = length;
        if (bytes.length < length) break;
        const waiting = handle(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
        wanted = HEADER;
        if (waiting === undefined) continue;
        busy = true;
        waiting.then(goOn, fail);
      }
    } catch (error) {
      fail(error);
      return;
    }
    parts = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
  };
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk);
    held += chunk.length;
    read();
  });
}
