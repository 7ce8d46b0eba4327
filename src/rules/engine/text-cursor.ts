/** A place in the JSON text of one side, and the steps over it: what it passes over is JSON as `parseJson` reads it. */
import type { UnreadJson } from '../unread.ts';
import type { QuotedKey } from './quoted-key.ts';
import { continuesWord } from './text-number.ts';
import { behindString, behindStructure, endOfUnescaped } from './text-structure.ts';

/** The text decides nothing: the values have to be compared. */
export class Unsure extends Error {}

const UNSURE = new Unsure('the text alone does not tell');

/** Thrown as one value: what is thrown often should not take a stack each time. */
export function unsure(): never {
  throw UNSURE;
}

export const QUOTE = 34;
const DOLLAR = 36;
const COMMA = 44;
const COLON = 58;
export const BRACKET = 91;
export const BRACKET_END = 93;
export const BRACE = 123;
export const BRACE_END = 125;
/** What is read behind the end. */
const END = -1;

export interface Mark {
  readonly at: number;
  readonly room: number;
}

export class TextCursor {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly end: number;
  /** The bytes as characters: at the same places. */
  readonly text: string;
  /** How many objects and lists may still be opened within one another. */
  room: number;
  /** Where it stands. */
  at = 0;
  /** Places of keys and values that were passed over, of all objects that are being looked through, the inner ones last. */
  readonly passed: number[] = [];
  /** How many of them there are now. */
  passedNow = 0;
  #skipped = 0;

  constructor({ bytes, text, depth }: UnreadJson) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
    this.text = text;
    this.room = depth;
  }

  /** Where the reader stands, to come back to. */
  mark(): Mark {
    return { at: this.at, room: this.room };
  }

  back({ at, room }: Mark): void {
    this.at = at;
    this.room = room;
  }

  moveTo(at: number, room: number): void {
    this.at = at;
    this.room = room;
  }

  /** Nothing but white space follows. */
  get isAtEnd(): boolean {
    return this.peek() === END;
  }

  /** The next character that is no white space. */
  peek(): number {
    const code = this.codeAt(this.at);
    return code > 32 ? code : this.#peekBehindSpace();
  }

  #peekBehindSpace(): number {
    for (;;) {
      const code = this.codeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      this.at++;
    }
  }

  codeAt(at: number): number {
    return at < this.end ? (this.bytes[at] ?? END) : END;
  }

  /** Opens an object or a list. True where something is in it: then its first member or element comes next. */
  opens(closing: number): boolean {
    if (this.room-- === 0) unsure();
    this.at++;
    if (this.peek() !== closing) return true;
    this.#close();
    return false;
  }

  /** Behind a member or an element: true where another one comes next, false behind the end. */
  goesOn(closing: number): boolean {
    const code = this.peek();
    if (code === COMMA) {
      this.at++;
      if (this.codeAt(this.at) <= 32) this.#peekBehindSpace();
      return true;
    }
    if (code !== closing) unsure();
    this.#close();
    return false;
  }

  #close(): void {
    this.at++;
    this.room++;
  }

  /** Passes over a colon. */
  colon(): void {
    if (this.peek() !== COLON) unsure();
    this.at++;
  }

  /** Passes over a key and its colon. Gives the place of the key. @throws Unsure where it has escapes */
  skipKey(): number {
    if (this.peek() !== QUOTE) unsure();
    const from = this.at;
    const end = endOfUnescaped(this.view, from + 1, this.end);
    if (end < 0) unsure();
    this.at = end + 1;
    this.colon();
    return from;
  }

  /** Passes over a value whose text is looked at later. @throws Unsure where too much was passed over */
  skip(): void {
    const code = this.peek();
    const from = this.at;
    if (code === QUOTE) this.at = behindString(this.view, from, this.end);
    else if (code === BRACE || code === BRACKET) this.at = behindStructure(this.view, from, this.end, this.room);
    else while (continuesWord(this.codeAt(this.at))) this.at++;
    this.#skipped += this.at - from;
    if (this.at <= from || this.#skipped > this.end * MOST_SKIPS) unsure();
  }

  /** True where null comes next; then it is passed over. */
  takesNull(): boolean {
    if (this.peek() !== 110 || this.at + 4 > this.end || this.view.getInt32(this.at, true) !== NULL) return false;
    this.at += 4;
    return true;
  }

  /** At an object: true where its first key begins as those of Extended JSON do. */
  isExtended(): boolean {
    return this.codeAt(this.at + 1) === QUOTE && this.codeAt(this.at + 2) === DOLLAR;
  }

  /** True where this key comes next; then it is passed over. */
  takesKey(key: QuotedKey): boolean {
    if (!key.standsAt(this.view, this.at, this.end)) return false;
    this.at += key.length;
    return true;
  }
}

/** What lies within one another is passed over once for each object that it lies in: so often on average. */
const MOST_SKIPS = 8;
/** The four letters as one number. */
const NULL = 0x6c6c756e;
