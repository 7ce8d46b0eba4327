/**
 * Upgrades of any protocol, answered exactly: httpxy cuts all but WebSocket, and rewrites the fields of the answer. The
 * bytes behind a 101 are nobody's to look at.
 */
import http, { type IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerFields, nominatedBy, pairsOf, requestFields } from '../base/fields.ts';
import { messageOf } from '../errors.ts';
import { codeOf, errorBody, ignore, statusOf } from './ending.ts';
import type { FullOptions } from './options.ts';
import type { Upstream } from './upstream.ts';

/** h2c is an offer that a server may ignore, and every client that makes it can do without. */
export function wantsTunnel(request: IncomingMessage): boolean {
  return !/^\s*h2c\s*$/i.test(request.headers.upgrade ?? '');
}

/** A connection that no protocol ends: its upgrade is refused, or taken whole to the primary. */
export function tunnel(
  options: FullOptions,
  primary: Upstream,
  tunnels: Set<Duplex>,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  client.on('error', ignore);
  tunnels.add(client);
  client.on('close', () => tunnels.delete(client));
  const target = request.url ?? '/';
  const fields = requestFields(request.rawHeaders, {
    missingHost: null,
    replaceHost: options.changeOrigin ? primary.authority : null,
  }).forward;
  const asked = (primary.secure ? https : http).request({
    ...primary.target,
    ...options.tls,
    agent: primary.freshAgent,
    method: request.method ?? 'GET',
    path: primary.basePath !== '' && target.startsWith('/') ? primary.basePath + target : target,
    headers: [...fields, ...hopOf(request)],
    setDefaultHeaders: false,
    maxHeaderSize: options.limits.headBytes,
  });
  const quiet = setTimeout(() => {
    asked.destroy(Object.assign(new Error('no sign of life'), { code: 'ETIMEDOUT' }));
  }, options.timeouts.silentMs);
  client.on('close', () => asked.destroy());
  let answered = false;
  asked.on('error', (thrown) => {
    clearTimeout(quiet);
    if (answered) return;
    answered = true;
    refuseTunnel(client, statusOf(codeOf(thrown)), messageOf(thrown));
  });
  asked.on('upgrade', (answer, side, sideHead) => {
    clearTimeout(quiet);
    answered = true;
    join(client, head, answer, side, sideHead);
  });
  asked.on('response', (answer) => {
    clearTimeout(quiet);
    answered = true;
    answerInstead(request, client, answer);
  });
  asked.end();
}

function refuseTunnel(client: Duplex, status: 400 | 502 | 504, why: string): void {
  if (!client.writable) return;
  const body = errorBody(status, why);
  client.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** CONNECT asks for a forward proxy, which this is not. */
export function refuseConnect(client: Duplex): void {
  client.on('error', ignore);
  client.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

/** Connection and Upgrade as they came: on this hop they are ours to repeat. */
function hopOf(message: IncomingMessage): string[] {
  const hop: string[] = [];
  for (const [name, value] of pairsOf(message.rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === 'upgrade') hop.push(name, value);
    if (lower === 'connection' && nominatedBy(value) === null) hop.push(name, value);
  }
  if (!hop.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'connection')) hop.push('Connection', 'Upgrade');
  return hop;
}

function join(client: Duplex, head: Buffer, answer: IncomingMessage, side: Duplex, sideHead: Buffer): void {
  side.on('error', () => client.destroy());
  client.on('error', () => side.destroy());
  client.on('close', () => side.destroy());
  side.on('close', () => {
    if (!client.writableEnded) client.destroy();
  });
  let lines = `HTTP/1.1 101 ${answer.statusMessage ?? ''}\r\n`;
  for (const [name, value] of pairsOf(answer.rawHeaders)) lines += `${name}: ${value}\r\n`;
  client.write(`${lines}\r\n`, 'latin1');
  if (sideHead.length > 0) client.write(sideHead);
  if (head.length > 0) side.write(head);
  side.pipe(client);
  client.pipe(side);
}

/** The primary would rather answer: exactly as any other answer, and the connection ends with it. */
function answerInstead(request: IncomingMessage, client: Duplex, answer: IncomingMessage): void {
  if (!(client instanceof Socket)) {
    client.destroy();
    return;
  }
  const reply = new ServerResponse(request);
  reply.on('error', ignore);
  reply.sendDate = false;
  reply.shouldKeepAlive = false;
  reply.assignSocket(client);
  const status = answer.statusCode ?? 502;
  const fields = answerFields(answer.rawHeaders, {
    chunkable: request.httpVersionMinor !== 0 && status !== 204 && status !== 304,
    traceId: null,
    hideTwin: false,
  });
  reply.writeHead(status, answer.statusMessage ?? '', fields);
  reply.write('', 'latin1');
  answer.on('end', () => {
    if (answer.rawTrailers.length > 0 && reply.chunkedEncoding) reply.addTrailers(pairsOf(answer.rawTrailers));
  });
  answer.on('aborted', () => client.destroy());
  answer.on('error', ignore);
  reply.on('finish', () => client.end());
  answer.pipe(reply);
}
