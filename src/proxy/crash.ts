/**
 * Handles an unexpected exception: it ends the request that caused it, with 502 or a cut connection, is counted and logged,
 * and affects nothing else. See docs/decisions/0008-what-an-unexpected-exception-does.md.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { cutAnswer, fallBack, refuse } from './ending.ts';
import type { Passage } from './passage.ts';

/** The passage on whose behalf the long way runs, so that what is thrown deep inside a library can be put down to it. */
export const onBehalf = new AsyncLocalStorage<Passage>();

/** Runs one step of a passage, such as the listener of an event. */
export function step(passage: Passage, stage: string, work: (passage: Passage) => void): void {
  try {
    work(passage);
  } catch (thrown) {
    crashed(passage, stage, thrown);
  }
}

/** Ends this request alone. Never throws. */
export function crashed(passage: Passage, stage: string, thrown: unknown): void {
  passage.front.fault(stage, thrown);
  if (passage.closed) return;
  const { sideRequest, short, answer } = passage;
  try {
    if (answer.headersSent) {
      cutAnswer(passage, 'an exception');
    } else if (passage.side === 'twin') {
      fallBack(passage, 'an exception');
    } else {
      answer.shouldKeepAlive = false;
      refuse(passage, 502, 'an exception in the proxy');
      sideRequest?.destroy();
      short?.abandon();
    }
  } catch (again) {
    passage.front.fault('crash', again);
    passage.client.destroy();
  }
}

/** For an exception that came through to the process: true where its request was known and has been ended. */
export function endedByException(thrown: unknown): boolean {
  const passage = onBehalf.getStore();
  if (passage === undefined) return false;
  crashed(passage, 'process', thrown);
  return true;
}
