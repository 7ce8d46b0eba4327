/** Whose turn it is on a connection whose client sends more than one request at once, and what is done when it has come. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { reportWrite, settle } from './closing.ts';
import { step } from './crash.ts';
import { refuse } from './ending.ts';
import { keepFromTwin, noteWrite } from './no-read.ts';
import type { Passage } from './passage.ts';
import { offer, recognize } from './reading.ts';
import { collectBody } from './request-body.ts';
import { forwardWithCredentials } from './twin-credentials.ts';

/**
 * Pipelined requests run side by side only where all of them are safe; else a read could overtake the write before it
 * on its own connection (RFC 9112 section 9.3.2). One at which Node has released the connection has it to itself.
 */
export function takesTurn(passage: Passage): boolean {
  const { client } = passage;
  const before = client.lastPassage;
  client.lastPassage = passage;
  if (before === undefined || before.closed) return true;
  passage.before = before;
  if (client.endIsTold !== true) {
    client.endIsTold = true;
    client.on('close', onGone);
  }
  if (passage.safe && before.safe && !before.waiting && passage.held === null) return true;
  passage.waiting = true;
  before.next = passage;
  return false;
}

/** Node tells a queued answer nothing of its connection's end. */
function onGone(this: Socket): void {
  let passage = this.lastPassage ?? null;
  while (passage !== null) {
    const { before } = passage;
    if (!passage.closed) passage.answer.emit('close');
    passage = before;
  }
}

/** Its turn has come. */
export function begin(passage: Passage): void {
  step(passage, 'begin', start);
}

function start(passage: Passage): void {
  // Nobody can be told of an answer any more: the one before it was cut, or its client has gone.
  if (passage.held?.begin() === false || !passage.client.writable) {
    passage.answer.emit('close');
    return;
  }
  if (passage.method === 'CONNECT') {
    passage.answer.shouldKeepAlive = false;
    refuse(passage, 501, 'CONNECT');
    return;
  }
  recognize(passage);
  reportWrite(passage);
  if (passage.side === 'primary') {
    offer(passage, 'primary');
    noteWrite(passage);
  } else if (passage.fields.hasBody) {
    collectBody(passage);
    return;
  } else {
    keepFromTwin(passage, null);
  }
  forwardWithCredentials(passage);
}

/** After the end of an answer, however it ended, it is the turn of the next one that waits. */
export function onClose(this: ServerResponse): void {
  const { passage } = this.req;
  if (passage === undefined || passage.closed) return;
  step(passage, 'close', () => {
    settle(passage);
    passage.short?.abandon();
  });
  const { next } = passage;
  if (next === null || next.closed) return;
  next.waiting = false;
  begin(next);
}
