/**
 * Walks over JSON text without making values of it. What it passes over is JSON that `parseJson` would read, and every
 * value that it gives is the one that `parseJson` would give; wherever that takes more than a look it throws `Unsure`.
 */
import type { JsonValue } from '../../types.ts';
import { type ExactNumber, numberOf } from '../exact-number.ts';
import { parseExactly } from '../parse.ts';
import type { UnreadJson } from '../unread.ts';
import type { QuotedKey } from './quoted-key.ts';
import { endOfString, structureAt } from './text-structure.ts';

/** The text decides nothing: the values have to be compared. */
export class Unsure extends Error {}

const UNSURE = new Unsure('the text alone does not tell');

/** Thrown as one value: what is thrown often should not take a stack each time. */
export function unsure(): never {
  throw UNSURE;
}

const QUOTE = 34;
const DOLLAR = 36;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
export const BRACKET = 91;
export const BRACKET_END = 93;
export const BRACE = 123;
export const BRACE_END = 125;
/** What is read behind the end. */
const END = -1;

interface Mark {
  readonly at: number;
  readonly room: number;
}

export class TextReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  /** The bytes as characters: at the same places. */
  readonly #text: string;
  readonly #ascii: boolean;
  /** True where no string of either side has an escape, so that none has a quote in it. */
  readonly #plain: boolean;
  /** How many objects and lists may still be opened within one another. */
  #room: number;
  #at = 0;

  /** `escapes`: the other side's text has some. */
  constructor({ bytes, text, ascii, plain, depth }: UnreadJson, escapes: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
    this.#text = text;
    this.#ascii = ascii;
    this.#plain = plain && !escapes;
    this.#room = depth;
  }

  /** Where the reader stands, to come back to. */
  mark(): Mark {
    return { at: this.#at, room: this.#room };
  }

  back({ at, room }: Mark): void {
    this.#at = at;
    this.#room = room;
  }

  /** Nothing but white space follows. */
  get isAtEnd(): boolean {
    return this.peek() === END;
  }

  /** The next character that is no white space. */
  peek(): number {
    const code = this.#code(this.#at);
    return code > 32 ? code : this.#peekBehindSpace();
  }

  #peekBehindSpace(): number {
    for (;;) {
      const code = this.#code(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      this.#at++;
    }
  }

  #code(at: number): number {
    return at < this.#end ? (this.#bytes[at] ?? END) : END;
  }

  /** Opens an object or a list. True where something is in it: then its first member or element comes next. */
  opens(closing: number): boolean {
    if (this.#room-- === 0) unsure();
    this.#at++;
    if (this.peek() !== closing) return true;
    this.#close();
    return false;
  }

  /** Behind a member or an element: true where another one comes next, false behind the end. */
  goesOn(closing: number): boolean {
    const code = this.peek();
    if (code === COMMA) {
      this.#at++;
      if (this.#code(this.#at) <= 32) this.#peekBehindSpace();
      return true;
    }
    if (code !== closing) unsure();
    this.#close();
    return false;
  }

  #close(): void {
    this.#at++;
    this.#room++;
  }

  /** True where the next value is this string of the other side; then it is passed over. False decides nothing. */
  takes(value: string): boolean {
    if (!this.#plain || this.peek() !== QUOTE) return false;
    const start = this.#at + 1;
    if (!this.#ascii) return this.#takesDecoded(value, start);
    const end = start + value.length;
    // The other side's string has no quote in it: the one behind it is its end.
    if (this.#code(end) !== QUOTE || !this.#text.startsWith(value, start)) return false;
    this.#at = end + 1;
    return true;
  }

  #takesDecoded(value: string, start: number): boolean {
    const end = this.#text.indexOf('"', start);
    if (end < 0) return false;
    const same = this.#isAscii(start, end)
      ? end - start === value.length && this.#text.startsWith(value, start)
      : this.#slice(start, end) === value;
    if (!same) return false;
    this.#at = end + 1;
    return true;
  }

  #isAscii(start: number, end: number): boolean {
    let all = 0;
    for (let i = start; i < end; i++) all |= this.#bytes[i] ?? 0;
    return all < 0x80;
  }

  /** The same of null. */
  takesNull(): boolean {
    if (this.peek() !== 110 || !this.#text.startsWith('null', this.#at)) return false;
    this.#at += 4;
    return true;
  }

  /** True where a string comes next that is a decimal, and this number surely is the double nearest to it. */
  takesDecimal(value: number): boolean {
    if (this.peek() !== QUOTE) return false;
    const before = this.#at++;
    if (this.#number() === value && this.#code(this.#at) === QUOTE) {
      this.#at++;
      return true;
    }
    this.#at = before;
    return false;
  }

  /** The same of a string of digits. */
  takesWhole(value: number): boolean {
    const first = this.#at + 1;
    if (!this.takesDecimal(value)) return false;
    for (let i = first; i < this.#at - 1; i++) if (this.#code(i) === POINT) unsure();
    return true;
  }

  /** At an object: true where its first key begins as those of Extended JSON do. */
  isExtended(): boolean {
    return this.#code(this.#at + 1) === QUOTE && this.#code(this.#at + 2) === DOLLAR;
  }

  /** True where this key comes next; then it is passed over. */
  takesKey(key: QuotedKey): boolean {
    if (!key.standsAt(this.#view, this.#at, this.#end)) return false;
    this.#at += key.length;
    return true;
  }

  /** A key and its colon. */
  key(): string {
    if (this.peek() !== QUOTE) unsure();
    const key = this.#string();
    if (this.peek() !== COLON) unsure();
    this.#at++;
    return key;
  }

  /** Any value; where it is an object or a list it is parsed. */
  value(): JsonValue {
    const code = this.peek();
    if (code === QUOTE) return this.#string();
    if (code === MINUS || isDigit(code)) return this.#double();
    switch (code) {
      case BRACE:
      case BRACKET:
        return this.#structure();
      case 110:
        return this.#word('null', null);
      case 116:
        return this.#word('true', true);
      case 102:
        return this.#word('false', false);
      default:
        return unsure();
    }
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) unsure();
    this.#at += word.length;
    return value;
  }

  /** A string of its own: a slice would hold the whole text in memory for as long as it is held. */
  #string(): string {
    const start = this.#at;
    const end = endOfString(this.#text, start);
    if (end < 0) unsure();
    this.#at = end + 1;
    const value = parsed(this.#slice(start, this.#at));
    return typeof value === 'string' ? value : unsure();
  }

  #double(): number | ExactNumber {
    const value = this.#number();
    if (!Number.isNaN(value)) return value;
    NUMBER.lastIndex = this.#at;
    const [literal] = NUMBER.exec(this.#text) ?? [];
    if (literal === undefined) return unsure();
    this.#at += literal.length;
    return numberOf(literal);
  }

  /**
   * A number that a double surely holds: up to 15 digits but for zeros at its end, and no exponent. NaN for any other,
   * and for what is none.
   */
  #number(): number {
    let i = this.#at;
    const negative = this.#code(i) === MINUS;
    if (negative) i++;
    const first = i;
    let value = 0;
    let code = this.#code(i);
    while (isDigit(code)) {
      value = value * 10 + code - ZERO;
      code = this.#code(++i);
    }
    const digits = i - first;
    // A zero in front is a number of its own.
    if (digits === 0 || digits > 15 || (digits > 1 && this.#code(first) === ZERO)) return Number.NaN;
    if (code === POINT) {
      let places = 0;
      let zeros = 0;
      const point = i;
      for (code = this.#code(++i); isDigit(code); code = this.#code(++i)) {
        if (code === ZERO) {
          zeros++;
          continue;
        }
        places += zeros + 1;
        if (digits + places > 15) return Number.NaN;
        value = value * (POWERS[zeros + 1] ?? Number.NaN) + code - ZERO;
        zeros = 0;
      }
      if (i === point + 1) return Number.NaN;
      // Both are exact, so that this is the double nearest to the decimal.
      value /= POWERS[places] ?? Number.NaN;
    }
    if ((code | 32) === 101) return Number.NaN;
    this.#at = i;
    return negative ? -value : value;
  }

  #structure(): JsonValue {
    const { end, long } = structureAt(this.#text, this.#at, this.#room) ?? unsure();
    const value = parsed(this.#slice(this.#at, end), long ? parseExactly : JSON.parse);
    this.#at = end;
    return value;
  }

  #slice(start: number, end: number): string {
    return this.#ascii ? this.#text.slice(start, end) : this.#bytes.toString('utf8', start, end);
  }
}

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16];

function isDigit(code: number): boolean {
  return code >= ZERO && code < COLON;
}

/** RFC 8259, 6. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function parsed(text: string, parse: (text: string) => JsonValue = JSON.parse): JsonValue {
  try {
    return parse(text);
  } catch {
    return unsure();
  }
}
