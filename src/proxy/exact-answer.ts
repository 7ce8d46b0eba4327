/** The answer exactly as the side gave it, and the tap on it. */
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../errors.ts';
import { refuse, shield } from './ending.ts';
import { answerFields, pairsOf } from './fields.ts';
import type { Passage } from './passage.ts';
import { completeRead, verdictOfHead } from './reading.ts';

/** Status, reason and fields, less what speaks of the other hop. False where Node cannot write them: 502. */
export function writeHead(passage: Passage, sideAnswer: IncomingMessage): boolean {
  const { answer, request, front } = passage;
  const status = sideAnswer.statusCode ?? 502;
  const fields = answerFields(sideAnswer.rawHeaders, {
    chunkable: request.httpVersionMinor !== 0 && status !== 204 && status !== 304,
    traceId: front.options.exposeTraceId ? (passage.trace?.traceId ?? null) : null,
    hideTwin: passage.side === 'twin',
  });
  if (front.draining) answer.shouldKeepAlive = false;
  try {
    answer.writeHead(status, sideAnswer.statusMessage ?? '', fields);
  } catch (thrown) {
    process.nextTick(shield, sideAnswer);
    process.nextTick(() => sideAnswer.destroy());
    refuse(passage, 502, messageOf(thrown));
    return false;
  }
  front.flushSoon(answer);
  return true;
}

/** Keeps references to the chunks as they pass. */
export function tapAnswer(passage: Passage, sideAnswer: IncomingMessage): void {
  const { tap } = passage;
  if (tap === null || !tap.open) return;
  const reason = verdictOfHead(sideAnswer.statusCode ?? 0, sideAnswer.headers['content-type']);
  if (reason !== null) {
    tap.skip(reason);
    return;
  }
  sideAnswer.on('data', keepChunk);
}

function keepChunk(this: IncomingMessage, chunk: Uint8Array): void {
  this.passage?.tap?.keep(chunk);
}

/** Registered before the pipe's own listener, which ends the answer: trailers have to be there by then. */
export function onEnd(this: IncomingMessage): void {
  const { passage } = this;
  if (passage === undefined || passage.closed) return;
  passage.totalMs = performance.now() - passage.askedMs;
  if (this.rawTrailers.length > 0 && passage.answer.chunkedEncoding) {
    passage.answer.addTrailers(pairsOf(this.rawTrailers));
  }
  completeRead(passage);
}
