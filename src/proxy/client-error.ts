/** What Node's parser refuses of a client: 400, 413, 431 or 408, after the answers that are still due on its connection. */
import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { codeOf } from './ending.ts';
import { isIdleSinceHeld } from './held-connection.ts';
import type { Passage } from './passage.ts';

export function refuseClient(thrown: Error, stream: Duplex): void {
  const code = codeOf(thrown);
  if (code === 'ECONNRESET' || code === 'EPIPE' || !stream.writable || isUnused(stream)) {
    stream.destroy();
    return;
  }
  // To Node it is new, and has to begin its first request soon; its idle time, which is ours to end, is longer.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && stream instanceof Socket && isIdleSinceHeld(stream)) return;
  // The rest of the same comes in pieces.
  if (stream instanceof Socket && stream.refused === true) return;
  if (stream instanceof Socket) stream.refused = true;
  const pending = stream instanceof Socket ? stream.lastPassage : undefined;
  if (pending === undefined || pending.closed) {
    end(stream, code, protocolOf(thrown));
    return;
  }
  if (!pending.request.complete) {
    // The content of the latest request cannot be parsed: a side that has its first part must not take it for complete.
    pending.sideRequest?.destroy();
    pending.short?.abandon();
    if (pending.answer.headersSent) {
      stream.destroy();
      return;
    }
    const { before } = pending;
    dismiss(pending);
    if (before === null || before.closed) end(stream, code);
    else before.answer.once('finish', () => end(stream, code));
    return;
  }
  // Answers before this one are still due, in order (RFC 9112 section 9.3.2).
  pending.answer.once('finish', () => end(stream, code));
}

/** Opened ahead of need, and in time not needed: an answer would be taken for that to the first request, were it sent now. */
function isUnused(stream: Duplex): boolean {
  return stream instanceof Socket && stream.bytesRead === 0;
}

function dismiss(passage: Passage): void {
  passage.attempt = null;
  passage.error = 'the request broke off';
  const { socket } = passage.answer;
  if (socket !== null) passage.answer.detachSocket(socket);
  passage.answer.emit('close');
}

/** What gateways begin a connection with that is no HTTP/1.1; in words, for whoever has set one up. */
const PROTOCOLS: readonly (readonly [begins: string, what: string])[] = [
  ['PRI * HTTP/2', 'HTTP/2 without TLS; only HTTP/1.1 is spoken here'],
  ['PROXY ', 'the PROXY protocol, which is not spoken here; X-Forwarded-For tells the client'],
  ['\r\n\r\n\0\r\nQUIT\n', 'the PROXY protocol, which is not spoken here; X-Forwarded-For tells the client'],
  ['\x16\x03', 'a TLS handshake, and listen.tls is not set'],
];

function protocolOf(thrown: Error): string | null {
  if (!('rawPacket' in thrown && Buffer.isBuffer(thrown.rawPacket))) return null;
  const text = thrown.rawPacket.toString('latin1', 0, 16);
  return PROTOCOLS.find(([begins]) => text.startsWith(begins))?.[1] ?? null;
}

function end(stream: Duplex, code: string, protocol: string | null = null): void {
  if (!stream.writable) return;
  const status = statusOf(code);
  const message = `the request is not HTTP/1.1: ${code}${protocol === null ? '' : ` (${protocol})`}`;
  const body = JSON.stringify({ error: { code: 'SHADOW_PRIMARY', message } });
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}

function statusOf(code: string): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}
