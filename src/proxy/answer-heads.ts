/** What of an answer's head undici does not tell: the reason as it came, and that an interim answer was a 100. */

/** A status line as received; `reason` in latin1. */
export interface StatusLine {
  readonly status: number;
  readonly reason: string;
}

const CR = 13;
const LF = 10;
/** `HTTP/1.1 200`: where the code begins, and the last of its digits. */
const CODE = 9;
const LAST_DIGIT = 11;
const TWO = 50;

/**
 * Reads the heads of one request's answer, interim ones included, in whatever pieces they come. undici ends a connection
 * at an unexpected 100, so it gets a 102 instead: the digit is changed in the chunk, and the original code is kept here.
 * Everything else in a message is left to undici's parser.
 */
export class AnswerHeads {
  #open = false;
  readonly #lines: StatusLine[] = [];
  #at = 0;
  #status = 0;
  #reason = '';
  #inLine = true;
  /** How much of the blank line that ends a head has been seen. */
  #ending = 0;

  /** True from a request on, until the head of its final answer has come to its end. */
  get open(): boolean {
    return this.#open;
  }

  begin(): void {
    this.#open = true;
    this.#lines.length = 0;
    this.#restart();
  }

  #restart(): void {
    this.#at = 0;
    this.#status = 0;
    this.#reason = '';
    this.#inLine = true;
    this.#ending = 0;
  }

  /** Takes what the socket brought; changes the last digit of a 100 in it. */
  feed(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length && this.#open; i += 1) {
      const byte = chunk[i] ?? 0;
      // Blank lines before a message are no part of it.
      if (this.#at === 0 && (byte === CR || byte === LF)) continue;
      if (this.#inLine) this.#takeLine(chunk, i, byte);
      this.#at += 1;
      this.#ending = ended(this.#ending, byte);
      if (this.#ending === 4) this.#ended();
    }
  }

  #takeLine(chunk: Uint8Array, i: number, byte: number): void {
    if (this.#at < CODE) return;
    if (this.#at <= LAST_DIGIT) {
      this.#status = this.#status * 10 + byte - 48;
      if (this.#at === LAST_DIGIT && this.#status === 100) chunk[i] = TWO;
    } else if (byte === CR) this.#inLine = false;
    else if (this.#at > LAST_DIGIT + 1) this.#reason += String.fromCharCode(byte);
  }

  #ended(): void {
    this.#lines.push({ status: this.#status, reason: this.#reason });
    if (this.#status >= 200) this.#open = false;
    this.#restart();
  }

  /** The status line of the head that undici now reports with this code. */
  next(reported: number, reason: string): StatusLine {
    const line = this.#lines.shift();
    if (line !== undefined && (line.status === reported || (line.status === 100 && reported === 102))) return line;
    return { status: reported, reason };
  }
}

function ended(ending: number, byte: number): number {
  if (byte === CR) return ending === 2 ? 3 : 1;
  if (byte === LF) return ending === 1 ? 2 : ending === 3 ? 4 : 0;
  return 0;
}
