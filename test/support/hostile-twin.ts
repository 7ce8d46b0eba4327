/** Twins that misbehave, by hand over sockets: what a twin can do to those who ask it. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

export type Misdeed = (socket: Socket) => void;

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n';
const chunk = (data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);

function answer(body: Buffer | string, fields = ''): Misdeed {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(`${HEAD}${fields}content-length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  };
}

let bomb: Buffer | null = null;
/** 100 MB of spaces in about 100 KB. */
function gzipBomb(): Buffer {
  bomb ??= gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20), { level: 9 });
  return bomb;
}

export const MISDEEDS: Readonly<Record<string, Misdeed>> = {
  'hangs before its headers': () => undefined,
  'hangs in the middle of its headers': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-ty'),
  'hangs in the middle of its body': (socket) => void socket.write(`${HEAD}content-length: 100\r\n\r\n{"_id":"64`),
  'sends a byte a second': (socket) => {
    socket.write(`${HEAD}content-length: 100\r\n\r\n`);
    const drip = setInterval(() => socket.write(' '), 1_000);
    socket.on('close', () => clearInterval(drip));
  },
  'answers 500': (socket) => void socket.write('HTTP/1.1 500 Internal\r\ncontent-length: 4\r\n\r\noops'),
  'sends 200 MB': (socket) => {
    const piece = chunk(Buffer.alloc(256 * 1024, 0x20));
    let left = 200 * 4;
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const more = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', more);
    more();
  },
  'sends a gzip bomb': (socket) => answer(gzipBomb(), 'content-encoding: gzip\r\n')(socket),
  'sends invalid JSON': answer('{"_id": "64b0'),
  'sends invalid UTF-8': answer(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])),
  'sends JSON nested 10,000 deep': answer(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
  'sends corrupt gzip': answer('this is not gzip', 'content-encoding: gzip\r\n'),
  'resets before its headers': (socket) => void socket.resetAndDestroy(),
  'resets in the middle of its body': (socket) => {
    socket.write(`${HEAD}content-length: 100\r\n\r\n{"_id":"64`);
    setTimeout(() => socket.resetAndDestroy(), 5);
  },
  'ends in the middle of its body': (socket) => {
    socket.end(`${HEAD}content-length: 100\r\n\r\n{"_id":"64`);
  },
  'does not speak HTTP': (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'sends endless headers': (socket) => {
    socket.write(HEAD);
    const line = `x-pad: ${'a'.repeat(1000)}\r\n`;
    let left = 500;
    const more = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        if (!socket.write(line)) return;
      }
    };
    socket.on('drain', more);
    more();
  },
};

export interface HostileTwin {
  readonly url: string;
  /** What it does from now on; null: it answers with the body given. */
  misdeed: Misdeed | null;
  body: string;
  readonly sockets: number;
  readonly peakSockets: number;
  readonly asked: number;
  close(): Promise<void>;
}

export async function hostileTwin(body: string): Promise<HostileTwin> {
  const sockets = new Set<Socket>();
  let peak = 0;
  let asked = 0;
  const twin = {
    misdeed: null as Misdeed | null,
    body,
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    peak = Math.max(peak, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        asked += 1;
        (twin.misdeed ?? answer(twin.body))(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(
    Object.create(null, {
      sockets: { get: () => sockets.size, enumerable: true },
      peakSockets: { get: () => peak, enumerable: true },
      asked: { get: () => asked, enumerable: true },
      misdeed: {
        get: () => twin.misdeed,
        set: (misdeed: Misdeed | null) => {
          twin.misdeed = misdeed;
        },
        enumerable: true,
      },
      body: {
        get: () => twin.body,
        set: (next: string) => {
          twin.body = next;
        },
        enumerable: true,
      },
    }),
    {
      url: `http://127.0.0.1:${port}`,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    },
  );
}
