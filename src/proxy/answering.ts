/** Plugins of http-proxy-middleware for the way back: the exact answer, the hold on a twin's, and what went wrong. */
import type { IncomingMessage } from 'node:http';
import { definePlugin } from 'http-proxy-middleware';
import { step } from './crash.ts';
import { attemptFailed, cutAnswer, fallBack, shield } from './ending.ts';
import { headOf, onEnd, tapAnswer, writeHead } from './exact-answer.ts';
import type { Passage } from './passage.ts';
import { holdTwinAnswer } from './twin-answer.ts';

export const answering = definePlugin((proxyServer) => {
  proxyServer.on('proxyRes', (sideAnswer, request, answer) => {
    const { passage } = request;
    if (passage === undefined) return;
    if (passage.closed || answer.headersSent) {
      sideAnswer.destroy();
      return;
    }
    step(passage, 'answer', () => answerWith(passage, sideAnswer));
  });
});

function answerWith(passage: Passage, sideAnswer: IncomingMessage): void {
  sideAnswer.passage = passage;
  passage.sideAnswer = sideAnswer;
  passage.readOn?.();
  passage.head = headOf(sideAnswer);
  const now = performance.now();
  passage.headersMs = now - passage.forwardedMs;
  sideAnswer.on('aborted', onAborted);
  if (passage.side === 'twin') {
    holdTwinAnswer(passage, sideAnswer);
    return;
  }
  sideAnswer.on('end', onEnd);
  if (!writeHead(passage, passage.head)) {
    letGo(sideAnswer);
    return;
  }
  if (passage.tap !== null) tapAnswer(passage, sideAnswer);
  sideAnswer.pipe(passage.answer);
  passage.overheadMs += performance.now() - now;
}

export const failing = definePlugin((proxyServer) => {
  proxyServer.on('error', (thrown, request, _answer, attempt) => {
    const passage = request?.passage;
    if (passage !== undefined) step(passage, 'fail', () => attemptFailed(passage, thrown, attempt));
  });
});

/** httpxy registers its listeners after this event. */
function letGo(sideAnswer: IncomingMessage): void {
  process.nextTick(shield, sideAnswer);
  process.nextTick(() => sideAnswer.destroy());
}

function onAborted(this: IncomingMessage): void {
  const { passage } = this;
  if (passage === undefined || passage.closed || passage.sideAnswer !== this) return;
  step(passage, 'abort', () => {
    if (passage.answer.headersSent) cutAnswer(passage, 'the answer broke off');
    else if (passage.side === 'twin') fallBack(passage, 'the answer broke off');
  });
}
