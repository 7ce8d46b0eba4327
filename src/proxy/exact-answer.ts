/** The answer exactly as the side gave it, and the tap on it. */
import type { IncomingMessage } from 'node:http';
import { answerFields, fieldOf, pairsOf, withoutControl } from '../base/fields.ts';
import { messageOf } from '../errors.ts';
import type { RawHeaders } from '../types.ts';
import { step } from './crash.ts';
import { cutAnswer, endIfClosing, refuse } from './ending.ts';
import { isBeforeHttp11 } from './http-version.ts';
import type { AnswerHead, Passage } from './passage.ts';
import { completeRead, verdictOfHead } from './reading.ts';

export function headOf(sideAnswer: IncomingMessage): AnswerHead {
  return {
    status: sideAnswer.statusCode ?? 502,
    reason: sideAnswer.statusMessage ?? '',
    rawHeaders: sideAnswer.rawHeaders,
  };
}

/** Writes the side's head. False where Node cannot: the client has its 502 then, and the side's answer is to be discarded. */
export function writeHead(passage: Passage, head: AnswerHead): boolean {
  const failure = tryHead(passage, head);
  if (failure === null) return true;
  refuse(passage, 502, failure);
  return false;
}

/** Status, reason and fields, less what speaks of the other hop. Where Node cannot write them: why; nothing is written then. */
export function tryHead(passage: Passage, { status, reason, rawHeaders }: AnswerHead): string | null {
  const { answer, request, front } = passage;
  const fields = answerFields(rawHeaders, {
    chunkable: !isBeforeHttp11(request) && status !== 204 && status !== 304,
    traceId: front.options.exposeTraceId ? (passage.trace?.traceId ?? null) : null,
    hideTwin: passage.side === 'twin',
  });
  endIfClosing(passage);
  try {
    answer.writeHead(status, reason, fields);
  } catch (thrown) {
    return messageOf(thrown);
  }
  front.flushSoon(answer);
  return null;
}

/** True where the chunks that follow this head are to be kept for the read. */
export function keepChunksOf({ tap }: Passage, { status, rawHeaders }: AnswerHead): boolean {
  if (tap === null || !tap.open) return false;
  const reason = verdictOfHead(status, fieldOf(rawHeaders, 'content-type') ?? undefined);
  if (reason === null) return true;
  tap.skip(reason);
  return false;
}

/** Keeps references to the chunks as they pass. */
export function tapAnswer(passage: Passage, sideAnswer: IncomingMessage): void {
  if (passage.head !== null && keepChunksOf(passage, passage.head)) sideAnswer.on('data', keepChunk);
}

function keepChunk(this: IncomingMessage, chunk: Uint8Array): void {
  // Catches what the gate throws by itself.
  this.passage?.tap?.keep(chunk);
}

/** Registered before the pipe's own listener, which ends the answer: trailers have to be there by then. */
export function onEnd(this: IncomingMessage): void {
  const { passage } = this;
  if (passage === undefined || passage.closed) return;
  step(passage, 'end', () => {
    passage.totalMs = performance.now() - passage.forwardedMs;
    addTrailers(passage, this.rawTrailers);
    completeRead(passage);
  });
}

/** Trailers as they came; those that Node cannot write break the answer off, as they cannot be what was sent. */
export function addTrailers(passage: Passage, rawTrailers: RawHeaders): void {
  if (rawTrailers.length === 0 || !passage.answer.chunkedEncoding) return;
  try {
    passage.answer.addTrailers(pairsOf(withoutControl(rawTrailers)));
  } catch (thrown) {
    cutAnswer(passage, messageOf(thrown));
  }
}
