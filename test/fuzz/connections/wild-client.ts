/** One connection of a client that may do anything: what it sends, in which pieces, and how it leaves. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../../../src/amanat/demo/random.ts';

export interface Wild {
  readonly pieces: readonly Buffer[];
  /** Milliseconds between pieces. */
  readonly pauses: readonly number[];
  readonly leaves: 'resets' | 'ends' | 'stays' | 'reads nothing' | 'reads late';
  /** Milliseconds after the last piece until it leaves. */
  readonly staysMs: number;
}

const UPGRADES = [
  'Connection: Upgrade\r\nUpgrade: foo\r\n',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n',
  'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
  'Connection: upgrade\r\nUpgrade: h2c, foo\r\nUpgrade: bar\r\n',
];
const ODD = [
  'X-Shadow-Read: 1\r\n',
  'X-Twin-Representation: x\r\n',
  'X-Shadow-Loop: x\r\n',
  'traceparent: 00-zz\r\n',
  'Authorization: Bearer \xe9\xff\r\n',
  'Connection: close\r\n',
  'Connection: X-A, close, content-length\r\n',
  'TE: trailers\r\n',
  'Accept-Encoding: gzip\r\n',
  'Range: bytes=0-1\r\n',
  'If-None-Match: "a"\r\n',
  'Cookie: a=b\r\nCookie: c\r\n',
  'X-Empty:\r\n',
  'X-Folded: a\r\n b\r\n',
  'X Bad: 1\r\n',
  ': none\r\n',
  'X-Control: \x01\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Content-Length: 1\r\nContent-Length: 2\r\n',
  'Content-Length: -1\r\n',
];
const METHODS = [
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  'M-SEARCH',
];
/** Odd heads for the admin port. */
const ADMIN = [
  '/healthz',
  '/api/status',
  '/metrics',
  '/',
  '/api/events',
  '/api/control',
  '/api/mismatches?limit=%00',
  '//',
  '/%',
  '*',
];

/** `answers`: how many answers the sides know. */
export function wildClient(random: Random, admin: boolean, answers: number): Wild {
  let text = '';
  for (let left = 1 + random.below(random.chance(0.5) ? 1 : 6); left > 0; left -= 1) {
    text += admin ? request(random, random.pick(ADMIN)) : request(random, target(random, answers));
  }
  if (random.chance(0.05))
    text += random.pick(['\x16\x03\x01\x02', 'GET / HTTP/9.9\r\n\r\n', '\r\n\r\n', 'x'.repeat(140_000)]);
  const all = Buffer.from(text, 'latin1');
  const sent = random.chance(0.15) ? all.subarray(0, random.below(all.length)) : all;
  const pieces: Buffer[] = [];
  for (let at = 0; at < sent.length; ) {
    const size = random.chance(0.5) ? sent.length : 1 + random.below(Math.min(4_000, sent.length));
    pieces.push(sent.subarray(at, at + size));
    at += size;
  }
  return {
    pieces,
    pauses: pieces.map(() => (random.chance(0.7) ? 0 : random.below(4))),
    leaves: random.pick(['resets', 'ends', 'stays', 'stays', 'reads nothing', 'reads late']),
    staysMs: random.below(random.chance(0.7) ? 20 : 120),
  };
}

function target(random: Random, answers: number): string {
  const nth = random.below(answers);
  const path = random.pick(['/w/', '/w/', '/w/', '/u/', '/p/']) + nth;
  return random.chance(0.05)
    ? random.pick([`http://a${path}`, `//${path}`, `${path}#f`, `${path}?a=%`, '*', `/\xe9${path}`])
    : path;
}

function request(random: Random, path: string): string {
  const method = random.pick(METHODS);
  let head = `${method} ${path} HTTP/1.${random.chance(0.08) ? 0 : 1}\r\n`;
  if (!random.chance(0.03)) head += 'Host: a\r\n';
  if (random.chance(0.35)) head += random.pick(UPGRADES);
  while (random.chance(0.2)) head += random.pick(ODD);
  if (random.chance(0.1)) head += 'Expect: 100-continue\r\n';
  const writes = method !== 'GET' && method !== 'HEAD';
  if (!(writes ? random.chance(0.7) : random.chance(0.05))) return `${head}\r\n`;
  const size = random.chance(0.1) ? random.below(100_000) : random.below(40);
  if (random.chance(0.5)) {
    const told = random.chance(0.1) ? size + random.below(3) : size;
    return `${head}Content-Length: ${told}\r\n\r\n${'b'.repeat(size)}`;
  }
  const end = random.pick([
    '0\r\n\r\n',
    '0\r\n\r\n',
    '0\r\nX-T: 1\r\n\r\n',
    '0\r\nX-T: \x01\r\n\r\n',
    '0\r\nX-Shadow-Read: 1\r\n\r\n',
    'zz\r\n',
    '',
  ]);
  return `${head}Transfer-Encoding: chunked\r\n\r\n${size === 0 ? '' : `${size.toString(16)}\r\n${'c'.repeat(size)}\r\n`}${end}`;
}

/** Lives it. Resolves when the connection is gone. */
export async function liveWild(wild: Wild, port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  if (wild.leaves === 'reads nothing' || wild.leaves === 'reads late') socket.pause();
  else socket.resume();
  for (const [i, piece] of wild.pieces.entries()) {
    if (socket.destroyed) break;
    socket.write(piece);
    const pause = wild.pauses[i] ?? 0;
    if (pause > 0) await wait(pause);
  }
  await Promise.race([closed, wait(wild.staysMs)]);
  if (wild.leaves === 'reads late') {
    // By then the proxy has stopped to read from it, where its answers are large.
    socket.resume();
    await Promise.race([closed, wait(wild.staysMs)]);
  }
  if (wild.leaves === 'ends') {
    socket.end();
    socket.resume();
    await Promise.race([closed, wait(20)]);
  }
  if (wild.leaves === 'resets') socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}
