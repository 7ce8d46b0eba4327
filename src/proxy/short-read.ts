/** One read on the short way: what undici reports of it, passed on to the client as it comes. */
import type { Dispatcher } from 'undici';
import { withoutBlanksBehind } from '../base/blanks.ts';
import { fieldOf } from '../base/fields.ts';
import { step } from './crash.ts';
import { attemptFailed } from './ending.ts';
import { addTrailers, keepChunksOf, writeHead } from './exact-answer.ts';
import { forwardInterim } from './interim.ts';
import type { Passage } from './passage.ts';
import type { HeadToWrite, NextHead, PrimarySocket } from './primary-socket.ts';
import { completeRead } from './reading.ts';

type Controller = Dispatcher.DispatchController;

const ABANDONED = new Error('nobody waits for this answer');

export class ShortRead implements HeadToWrite, Dispatcher.DispatchHandler {
  readonly head: string;
  readonly #passage: Passage;
  readonly #next: NextHead;
  #controller: Controller | null = null;
  #socket: PrimarySocket | null = null;
  #reused = false;
  #bytesBefore = 0;
  /** Bytes of content that the head announces; -1 where it does not say. */
  #whole = -1;
  /** The client's answer was ended with its only chunk. */
  #ended = false;
  #over = false;

  constructor(passage: Passage, head: string, next: NextHead) {
    this.#passage = passage;
    this.head = head;
    this.#next = next;
  }

  /** The primary's answer has come to its end. */
  get complete(): boolean {
    return this.#over;
  }

  /** True where its kept connection ended before it brought anything for this read. */
  get untouched(): boolean {
    return this.#reused && this.#socket !== null && this.#socket.bytesRead === this.#bytesBefore;
  }

  /** Bytes that went out and came in on its connection; -1 without one. */
  get progress(): number {
    return this.#socket === null ? -1 : this.#socket.bytesWritten;
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(ABANDONED);
  }

  /** As long as the client takes no more interim answers. */
  stopReading(): void {
    this.#socket?.hold();
  }

  readOn(): void {
    this.#socket?.readOn();
  }

  written(socket: PrimarySocket, nth: number): void {
    this.#socket = socket;
    this.#reused = nth > 1;
    this.#bytesBefore = socket.bytesRead;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#over) controller.abort(ABANDONED);
    else this.#next.next = this;
  }

  onResponseStart(controller: Controller, reported: number, _headers: unknown, text?: string): void {
    step(this.#passage, 'answer', (passage) => this.#started(controller, passage, reported, text));
  }

  #started(controller: Controller, passage: Passage, reported: number, text: string | undefined): void {
    const { status, reason } = this.#socket?.heads.next(reported, text ?? '') ?? { status: reported, reason: '' };
    const rawHeaders = textFields(controller.rawHeaders);
    if (status < 200) {
      forwardInterim(passage, status, rawHeaders);
      return;
    }
    passage.readOn?.();
    if (passage.closed || passage.answer.headersSent) {
      this.abandon();
      return;
    }
    const now = performance.now();
    passage.headersMs = now - passage.forwardedMs;
    passage.head = { status, reason, rawHeaders };
    if (!writeHead(passage, passage.head)) {
      this.abandon();
      return;
    }
    keepChunksOf(passage, passage.head);
    const length = fieldOf(rawHeaders, 'content-length');
    if (length !== null) this.#whole = Number(length);
    passage.overheadMs += performance.now() - now;
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#over) step(this.#passage, 'content', (passage) => this.#received(controller, passage, chunk));
  }

  #received(controller: Controller, { tap, answer }: Passage, chunk: Buffer): void {
    if (tap?.open) tap.keep(chunk);
    if (chunk.length === this.#whole) {
      // All of it at once: one call of Node's in place of two.
      this.#ended = true;
      answer.end(chunk);
      return;
    }
    if (answer.write(chunk)) return;
    controller.pause();
    answer.once('drain', () => process.nextTick(() => this.#resume(controller)));
  }

  /** Not at once: Node tells of a drain in the middle of a write too, and undici's parser must not be resumed while it runs. */
  #resume(controller: Controller): void {
    if (!this.#over) step(this.#passage, 'resume', () => controller.resume());
  }

  onResponseEnd(controller: Controller): void {
    if (this.#over) return;
    const reset = this.#socket?.errored ?? null;
    if (reset !== null) {
      // undici takes a reset for the end of an answer that says no length: the client is to see it cut, as it was.
      step(this.#passage, 'fail', (passage) => attemptFailed(passage, reset, this));
      return;
    }
    this.#over = true;
    if (!this.#passage.closed) step(this.#passage, 'end', (passage) => this.#completed(controller, passage));
  }

  #completed(controller: Controller, passage: Passage): void {
    passage.totalMs = performance.now() - passage.forwardedMs;
    addTrailers(passage, textFields(controller.rawTrailers));
    completeRead(passage);
    if (!this.#ended) passage.answer.end();
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#over) return;
    step(this.#passage, 'fail', (passage) => attemptFailed(passage, error, this));
  }
}

/** Fields as Node tells them: latin1, without the blanks at a value's end. */
function textFields(raw: unknown): string[] {
  if (!Array.isArray(raw)) return [];
  const fields: string[] = [];
  for (const part of raw) {
    const text: string = Buffer.isBuffer(part) ? part.toString('latin1') : String(part);
    fields.push(withoutBlanksBehind(text));
  }
  return fields;
}
