/**
 * A twin's answer to a flipped read, held back until it is whole or too large to hold, so that the primary can still
 * take over within the same request.
 */
import type { IncomingMessage } from 'node:http';
import { step } from './crash.ts';
import { fallBack, shield } from './ending.ts';
import { onEnd, tapAnswer, tryHead } from './exact-answer.ts';
import type { Passage } from './passage.ts';
import { isEventStream, offer } from './reading.ts';

export function holdTwinAnswer(passage: Passage, sideAnswer: IncomingMessage): void {
  const { options } = passage.front;
  const status = sideAnswer.statusCode ?? 0;
  if (status >= 500 && options.fallBackOn5xx) {
    abandon(passage, sideAnswer, `status ${status}`);
    return;
  }
  const held: Uint8Array[] = [];
  let bytes = 0;
  if (isEventStream(sideAnswer.headers['content-type'])) {
    if (release(passage, sideAnswer, held)) sideAnswer.pipe(passage.answer);
    return;
  }
  const onData = (chunk: Uint8Array): void => {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes <= options.limits.heldTwinBytes) return;
    sideAnswer.off('data', onData);
    sideAnswer.off('end', onWhole);
    if (passage.closed || passage.sideAnswer !== sideAnswer) return;
    step(passage, 'twin', () => {
      if (release(passage, sideAnswer, held)) sideAnswer.pipe(passage.answer);
    });
  };
  const onWhole = (): void => {
    if (passage.closed || passage.sideAnswer !== sideAnswer) return;
    step(passage, 'twin', () => {
      if (release(passage, sideAnswer, held)) passage.answer.end();
    });
  };
  sideAnswer.on('data', onData);
  sideAnswer.on('end', onWhole);
}

/** Decides for the twin: sends its head and the held part, and passes on the rest as it comes. */
function release(passage: Passage, sideAnswer: IncomingMessage, held: readonly Uint8Array[]): boolean {
  if (passage.head === null) return false;
  const failure = tryHead(passage, passage.head);
  if (failure !== null) {
    abandon(passage, sideAnswer, failure);
    return false;
  }
  offer(passage, 'twin');
  for (const chunk of held) passage.tap?.keep(chunk);
  for (const chunk of held) passage.answer.write(chunk);
  tapAnswer(passage, sideAnswer);
  if (sideAnswer.readableEnded) onEnd.call(sideAnswer);
  else sideAnswer.on('end', onEnd);
  return true;
}

function abandon(passage: Passage, sideAnswer: IncomingMessage, why: string): void {
  // httpxy registers its listeners after this event.
  process.nextTick(() => {
    step(passage, 'twin', () => {
      if (!passage.closed && passage.sideAnswer === sideAnswer) fallBack(passage, why);
      else shield(sideAnswer);
    });
    sideAnswer.destroy();
  });
}
