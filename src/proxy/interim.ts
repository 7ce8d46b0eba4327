/** Interim answers (1xx) of the primary, passed on as fast as the client takes them. */
import { STATUS_CODES } from 'node:http';
import { answerFields, pairsOf } from '../base/fields.ts';
import { isBeforeHttp11 } from './http-version.ts';
import type { Passage } from './passage.ts';

export function forwardInterim(passage: Passage, status: number, rawHeaders: readonly string[]): void {
  if (passage.closed || passage.answer.headersSent) return;
  passage.interim = true;
  passage.quietSince = performance.now();
  // HTTP/1.0 knows no interim answers.
  if (isBeforeHttp11(passage.request)) return;
  const fields = answerFields(rawHeaders, { chunkable: false, traceId: null, hideTwin: false });
  const { answer } = passage;
  try {
    if (answer.socket === null) {
      holdInterim(passage, status, fields);
      return;
    }
    if (status === 100 && fields.length === 0) answer.writeContinue();
    else answer.writeInformation(status, fields);
    if (answer.socket.writableNeedDrain) stopReading(passage, answer.socket, 'drain');
  } catch {
    // Node cannot write what the side sent, so it is left out: the answer itself is still to come.
  }
}

/** Of an answer that waits for those before it on its connection, Node would send the head before its interim answers. */
function holdInterim(passage: Passage, status: number, fields: readonly string[]): void {
  const { answer } = passage;
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const [name, value] of pairsOf(fields)) text += `${name}: ${value}\r\n`;
  if (passage.heldInterims === '') answer.once('socket', (socket) => socket.write(passage.heldInterims, 'latin1'));
  passage.heldInterims += `${text}\r\n`;
  // A side may send them for as long as the answers before this one take.
  if (passage.heldInterims.length > passage.front.options.limits.headBytes) stopReading(passage, answer, 'socket');
}

interface Teller {
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** Until this event, or the head of the answer itself, whose content has its own ways to wait for the client. */
function stopReading(passage: Passage, teller: Teller, event: string): void {
  if (passage.readOn !== null) return;
  const { short } = passage;
  const socket = passage.sideRequest?.socket ?? null;
  if (short === null && socket === null) return;
  const readOn = (): void => {
    passage.readOn = null;
    passage.quietSince = performance.now();
    teller.off(event, readOn);
    short?.readOn();
    socket?.resume();
  };
  passage.readOn = readOn;
  teller.once(event, readOn);
  short?.stopReading();
  // Node resumes it at the end of each interim answer, which is now.
  process.nextTick(() => {
    if (passage.readOn === readOn) socket?.pause();
  });
}
