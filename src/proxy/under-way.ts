/** What is under way in a proxy, in words: for whoever asks why something does not end. */
import { Socket } from 'node:net';
import { type Duplex, type Readable, Writable } from 'node:stream';
import type { Passage } from './passage.ts';

/** One line: the request and its age, what it waits for, and how far each of its streams has come. */
export function describePassage(passage: Passage): string {
  const { method, target, side, arrivedMs, request, answer, client, sideRequest, sideAnswer, short } = passage;
  const parts = [`${method} ${target.slice(0, 200)} for ${since(arrivedMs)} ms: ${stageOf(passage)}, side ${side}`];
  parts.push(
    `request ${flags({ complete: request.complete, ended: request.readableEnded, destroyed: request.destroyed })}`,
  );
  parts.push(
    `answer ${flags({
      'head sent': answer.headersSent,
      ended: answer.writableEnded,
      finished: answer.writableFinished,
      destroyed: answer.destroyed,
      'without a socket': answer.socket === null,
    })}`,
  );
  parts.push(`client ${streamOf(client)}`);
  if (passage.held !== null) parts.push('held');
  if (passage.fields.hasBody) parts.push('has a body');
  if (passage.before !== null) parts.push('behind another');
  if (passage.readOn !== null) parts.push('held up by its client');
  if (sideRequest !== null) {
    const { destroyed, writableEnded, socket } = sideRequest;
    parts.push(`asking ${flags({ destroyed, ended: writableEnded, connecting: socket?.connecting === true })}`);
  }
  if (sideAnswer !== null) {
    parts.push(`answered ${flags({ complete: sideAnswer.complete })} ${streamOf(sideAnswer)}`);
  }
  if (short !== null) parts.push(`short way ${flags({ complete: short.complete, unsent: short.progress < 0 })}`);
  if (passage.error !== null) parts.push(`error "${passage.error}"`);
  return parts.join('; ');
}

export function describeTunnel(client: Duplex): string {
  return `a tunnel: client ${streamOf(client)}`;
}

function stageOf(passage: Passage): string {
  if (passage.waiting) return 'waits for its turn';
  if (passage.closed) return 'closed';
  if (passage.answer.headersSent) return 'is answered';
  if (passage.attempt === null) return 'not asked';
  return `asked for ${since(passage.forwardedMs)} ms, quiet for ${since(passage.quietSince)} ms`;
}

function since(then: number): number {
  return Math.round(performance.now() - then);
}

function streamOf(stream: Readable): string {
  const socket = stream instanceof Socket ? stream : null;
  const out = stream instanceof Writable ? stream : null;
  return flags({
    destroyed: stream.destroyed,
    closed: stream.closed,
    'read to its end': stream.readableEnded,
    paused: stream.readableFlowing === false,
    [`${stream.readableLength} bytes unread`]: stream.readableLength > 0,
    [`${out?.writableLength} bytes unwritten`]: out !== null && out.writableLength > 0,
    'ended by us': out?.writableEnded === true,
    'end written': out?.writableFinished === true,
    [`read ${socket?.bytesRead} wrote ${socket?.bytesWritten}`]: socket !== null,
  });
}

function flags(given: Readonly<Record<string, boolean>>): string {
  const set = Object.entries(given)
    .filter(([, on]) => on)
    .map(([name]) => name);
  return `(${set.join(', ')})`;
}
