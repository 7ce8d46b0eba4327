/**
 * How passages end that do not end well: another attempt where that is allowed, a gateway's answer where nothing has
 * been sent yet, and a cut where something has. Each does its work once.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { fieldOf } from '../base/fields.ts';
import { messageOf } from '../errors.ts';
import type { Passage } from './passage.ts';
import { letGo, offer } from './reading.ts';

/** What went wrong while asking a side. `attempt` tells stale attempts apart; null where it is not known. */
export function attemptFailed(passage: Passage, thrown: unknown, attempt: unknown): void {
  if (passage.closed || (attempt instanceof Object && attempt !== passage.attempt)) return;
  // Bytes after a complete answer, or a reset behind it, are no matter of the client's.
  if (passage.sideAnswer?.complete === true || passage.short?.complete === true) return;
  if (passage.answer.headersSent) {
    cutAnswer(passage, messageOf(thrown));
    return;
  }
  if (passage.side === 'twin') {
    fallBack(passage, messageOf(thrown));
    return;
  }
  if (mayResend(passage, thrown)) {
    passage.fresh = true;
    passage.short = null;
    passage.front.forward(passage);
    return;
  }
  refuse(passage, statusOf(codeOf(thrown)), messageOf(thrown));
}

/**
 * A kept socket may be closed by the primary in the moment that we use it. The client is not to see that, where asking
 * again is harmless: nothing has come back, and the request has no content and no effect.
 */
function mayResend(passage: Passage, thrown: unknown): boolean {
  const { sideRequest, short, fields } = passage;
  if (passage.fresh || passage.interim || fields.hasBody) return false;
  if (!passage.safe) return false;
  const code = codeOf(thrown);
  if (code !== 'ECONNRESET' && code !== 'EPIPE' && code !== 'UND_ERR_SOCKET') return false;
  if (short !== null) return short.untouched;
  if (sideRequest === null) return false;
  const socket = sideRequest.socket;
  return sideRequest.reusedSocket && (socket === null || socket.bytesRead === passage.bytesBefore);
}

/** The twin failed before its first byte to the client: the primary answers within the same request. */
export function fallBack(passage: Passage, why: string): void {
  passage.error = `twin: ${why}`;
  passage.fellBack = true;
  passage.side = 'primary';
  const stale = passage.sideRequest;
  if (passage.sideAnswer !== null) shield(passage.sideAnswer);
  passage.sideRequest = null;
  passage.sideAnswer = null;
  passage.head = null;
  offer(passage, 'primary');
  passage.front.forward(passage);
  stale?.destroy();
}

/** A gateway's own answer. */
export function refuse(passage: Passage, status: Refusal, why: string): void {
  const { answer, request } = passage;
  if (passage.closed || answer.headersSent) return;
  passage.error = why;
  passage.attempt = null;
  passage.sideAnswer = null;
  passage.head = null;
  letGo(passage, 'primary_error');
  const body = errorBody(status, why);
  endIfClosing(passage);
  // The rest of an upload would otherwise be taken for the next request.
  if (!request.complete) answer.shouldKeepAlive = false;
  answer.sendDate = true;
  answer.writeHead(status, REASONS[status], [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
  ]);
  answer.end(passage.method === 'HEAD' ? undefined : body);
  request.resume();
}

/** While the proxy closes, the last answer that is due on a connection is the last: those behind another are still due. */
export function endIfClosing(passage: Passage): void {
  const { front, client, answer } = passage;
  if (front.draining && client.lastPassage === passage) answer.shouldKeepAlive = false;
}

const REASONS = { 400: 'Bad Request', 501: 'Not Implemented', 502: 'Bad Gateway', 504: 'Gateway Timeout' } as const;
type Refusal = keyof typeof REASONS;

function errorBody(status: Refusal, why: string): string {
  const said = {
    400: 'the request cannot be sent to the primary as it is',
    501: 'this is a proxy of one API and no tunnel',
    502: 'the primary did not answer in HTTP',
    504: 'the primary did not answer in time',
  }[status];
  // The reason is Node's own text: never a field or a body of the client's.
  return JSON.stringify({ error: { code: 'SHADOW_PRIMARY', message: `${said}: ${why.slice(0, 200)}` } });
}

/** The answer broke off: the client gets every byte that came, and then the same break. */
export function cutAnswer(passage: Passage, why: string): void {
  const { answer, sideAnswer } = passage;
  // An answer that was ended is not cut, were it our own.
  if (passage.closed || passage.cut || answer.writableEnded) return;
  passage.cut = true;
  passage.error ??= why;
  letGo(passage, 'primary_error');
  if (sideAnswer !== null) {
    shield(sideAnswer);
    sideAnswer.unpipe(answer);
    const rest: unknown = sideAnswer.read();
    if (rest instanceof Uint8Array) answer.write(rest);
  }
  answer.write('', 'latin1');
  if (answer.socket !== null) {
    breakOff(passage, answer.socket);
    return;
  }
  // The answers before it on its connection are still due, and then what came of this one: it stays under way until then.
  passage.sideRequest?.destroy();
  passage.short?.abandon();
  // Node writes what it holds right after this event.
  answer.once('socket', (socket) => process.nextTick(breakOff, passage, socket));
}

function breakOff(passage: Passage, socket: Socket): void {
  const { answer } = passage;
  if (passage.closed || answer.socket !== socket) return;
  answer.detachSocket(socket);
  if (framed(passage)) socket.destroySoon();
  // Without a length or chunks, an orderly end would make a broken answer look complete. Behind TLS the end without its
  // alert tells that, and Node has no reset there.
  else if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
  answer.emit('close');
}

/** httpxy closes the client's socket as soon as a side's answer breaks: with bytes under way, or another side to ask. */
export function shield(sideAnswer: IncomingMessage): void {
  sideAnswer.removeAllListeners('close');
  sideAnswer.removeAllListeners('error');
  sideAnswer.on('error', ignore);
}

function framed(passage: Passage): boolean {
  if (passage.answer.chunkedEncoding) return true;
  return passage.head !== null && fieldOf(passage.head.rawHeaders, 'content-length') !== null;
}

export function ignore(): void {
  // An error that has been dealt with elsewhere.
}

export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** Down is 502, silent is 504, and what cannot be written as a request is the client's. */
export function statusOf(code: string): 400 | 502 | 504 {
  switch (code) {
    case 'ETIMEDOUT':
    case 'ESOCKETTIMEDOUT':
      return 504;
    case 'ERR_INVALID_CHAR':
    case 'ERR_UNESCAPED_CHARACTERS':
    case 'ERR_INVALID_HTTP_TOKEN':
    case 'ERR_HTTP_TRAILER_INVALID':
      return 400;
    default:
      return 502;
  }
}
