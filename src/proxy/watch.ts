/**
 * Deadlines of everything under way, looked at a few times per deadline: a timer for each request would cost more than
 * the precision is worth.
 */

import { fieldOf } from '../base/fields.ts';
import { step } from './crash.ts';
import { fallBack, refuse } from './ending.ts';
import { isReset } from './is-reset.ts';
import type { Front, Passage } from './passage.ts';
import { isEventStream } from './reading.ts';

/** Returns what ends it. Nothing is looked at, and no timer runs, while nothing is under way. */
export function watchDeadlines(front: Front): () => void {
  const { connectMs, silentMs, twinMs } = front.options.timeouts;
  const shortest = front.twin === null ? Math.min(connectMs, silentMs) : Math.min(connectMs, silentMs, twinMs);
  const every = Math.max(5, Math.min(500, shortest / 8));
  let timer: NodeJS.Timeout | null = null;
  const end = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  front.passages.onFirst = () => {
    timer ??= setInterval(() => {
      const now = performance.now();
      for (const passage of front.passages.all()) step(passage, 'watch', () => look(passage, now));
      if (front.passages.size === 0) end();
    }, every).unref();
  };
  return end;
}

/**
 * How long a client that has ended its side may be sent nothing, in the middle of an answer: one that waits and one that
 * has left look the same until something is sent.
 */
const HALF_OPEN_MS = 10_000;

function look(passage: Passage, now: number): void {
  const { timeouts } = passage.front.options;
  if (isReset(passage.client)) {
    passage.client.destroy();
    return;
  }
  // Of an answer that waits for those before it nothing can be sent yet.
  if (passage.client.readableEnded && passage.answer.headersSent && passage.answer.socket !== null) {
    lookAtLeft(passage, now);
  }
  if (passage.waiting || passage.closed || passage.answer.headersSent) return;
  // It is the client that holds up the side.
  if (passage.readOn !== null) return;
  // From then on the deadline of the primary counts, which reads as its client sends.
  if (passage.stopCollecting !== null && now - passage.quietSince > timeouts.twinMs) passage.stopCollecting();
  if (passage.attempt === null) return;
  if (passage.side === 'twin') {
    if (now - passage.forwardedMs > timeouts.twinMs) fallBack(passage, `no answer within ${timeouts.twinMs} ms`);
    return;
  }
  const socket = passage.sideRequest?.socket ?? null;
  const progress = socket === null ? (passage.short?.progress ?? -1) : socket.bytesWritten;
  if (progress !== passage.progress) {
    passage.progress = progress;
    passage.quietSince = now;
    return;
  }
  const since = Math.max(passage.quietSince, passage.forwardedMs);
  const connecting = socket?.connecting;
  const limit = connecting ? timeouts.connectMs : timeouts.silentMs;
  if (now - since <= limit) return;
  const { sideRequest: stale, short } = passage;
  refuse(passage, 504, `${connecting ? 'no connection' : 'no sign of life'} within ${limit} ms`);
  stale?.destroy();
  short?.abandon();
}

function lookAtLeft(passage: Passage, now: number): void {
  const sent = passage.client.bytesWritten;
  if (sent !== passage.progress) {
    passage.progress = sent;
    passage.quietSince = now;
    return;
  }
  const contentType =
    passage.head === null ? undefined : (fieldOf(passage.head.rawHeaders, 'content-type') ?? undefined);
  // Nobody reads events with half a connection.
  const patience = isEventStream(contentType) ? 0 : HALF_OPEN_MS;
  if (now - passage.quietSince > patience) passage.client.destroy();
}
