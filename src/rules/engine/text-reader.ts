/**
 * Walks over the JSON text of one side without making values of it. What it passes over is JSON that `parseJson` would
 * read, and every value that it gives is the one that `parseJson` would give; wherever that takes more than a look it
 * throws `Unsure`.
 */
import type { JsonValue } from '../../types.ts';
import { type ExactNumber, numberOf } from '../exact-number.ts';
import { CANONICAL_INSTANT, canonicalInstantAt } from '../instant.ts';
import { parseExactly } from '../parse.ts';
import type { UnreadJson } from '../unread.ts';
import type { QuotedKey } from './quoted-key.ts';
import { isObjectIdIn } from './run.ts';
import { endOfDecimal, endOfSameDecimal, isDigit, isExponent, wholeNumber } from './text-number.ts';
import { behindString, behindStructure, endOfPlain, lengthOfSame, structureAt } from './text-structure.ts';

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
const MINUS = 45;
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

export class TextReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  /** The bytes as characters: at the same places. */
  readonly #text: string;
  readonly #ascii: boolean;
  readonly #depth: number;
  /** How many objects and lists may still be opened within one another. */
  #room: number;
  #at = 0;
  #skipped = 0;

  constructor({ bytes, text, ascii, depth }: UnreadJson) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
    this.#text = text;
    this.#ascii = ascii;
    this.#depth = depth;
    this.#room = depth;
  }

  /** Places of keys and values that were passed over, of all objects that are being looked through, the inner ones last. */
  readonly passed: number[] = [];
  /** How many of them there are now. */
  passedNow = 0;

  /** Where the reader stands. */
  get at(): number {
    return this.#at;
  }

  /** Where the reader stands, to come back to. */
  mark(): Mark {
    return { at: this.#at, room: this.#room };
  }

  back({ at, room }: Mark): void {
    this.#at = at;
    this.#room = room;
  }

  get room(): number {
    return this.#room;
  }

  moveTo(at: number, room: number): void {
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

  /**
   * True where the same string, number, word or null comes next on both sides; then both pass over it. False decides
   * nothing.
   */
  takesSame(other: TextReader): boolean {
    const code = this.peek();
    if (code !== other.peek()) return false;
    if (code === QUOTE) return this.#takesSameString(other);
    if (code === MINUS || isDigit(code)) return this.#takesSameNumber(other);
    const word = code === 110 ? 'null' : code === 116 ? 'true' : 'false';
    if (!this.#text.startsWith(word, this.#at) || !other.#text.startsWith(word, other.#at)) return false;
    this.#at += word.length;
    other.#at += word.length;
    return true;
  }

  /** The same, where both stand before a string. */
  #takesSameString(other: TextReader): boolean {
    const [mine, its] = [this.#at + 1, other.#at + 1];
    const length = lengthOfSame(this.#view, mine, other.#view, its, Math.min(this.#end - mine, other.#end - its));
    if (length < 0) return false;
    this.#at = mine + length + 1;
    other.#at = its + length + 1;
    return true;
  }

  #takesSameNumber(other: TextReader): boolean {
    const end = endOfDecimal(this.#bytes, this.#at);
    if (end < 0 || isExponent(this.#bytes[end])) return false;
    const length = end - this.#at;
    const behind = other.#at + length;
    for (let i = 1; i < length; i++) if (this.#bytes[this.#at + i] !== other.#bytes[other.#at + i]) return false;
    if (continuesNumber(other.#code(behind))) return false;
    this.#at = end;
    other.#at = behind;
    return true;
  }

  /** True where both stand before the same key; then both pass over it and its colon. */
  takesSameKey(other: TextReader): boolean {
    if (this.peek() !== QUOTE || other.peek() !== QUOTE) unsure();
    if (!this.#takesSameString(other)) return false;
    this.#colon();
    other.#colon();
    return true;
  }

  /** True where the key that begins at an earlier place of the other text comes next; then it is passed over. */
  takesKeyOf(other: TextReader, place: number): boolean {
    const mine = this.#at + 1;
    const its = place + 1;
    // Most other keys are told by their first letter.
    if (this.#code(mine) !== other.#code(its)) return false;
    const length = lengthOfSame(this.#view, mine, other.#view, its, Math.min(this.#end - mine, other.#end - its));
    if (length < 0) return false;
    this.#at = mine + length + 1;
    this.#colon();
    return true;
  }

  #colon(): void {
    if (this.peek() !== COLON) unsure();
    this.#at++;
  }

  /** Passes over a key and its colon. Gives the place of the key. @throws Unsure where it is more than ASCII without escapes */
  skipKey(): number {
    if (this.peek() !== QUOTE) unsure();
    const from = this.#at;
    const end = endOfPlain(this.#view, from + 1, this.#end);
    if (end < 0) unsure();
    this.#at = end + 1;
    this.#colon();
    return from;
  }

  /** Passes over a key and its colon. Gives the key with its quotes. @throws Unsure as `skipKey` */
  printedKey(): string {
    const from = this.skipKey();
    return this.#text.slice(from, endOfPlain(this.#view, from + 1, this.#end) + 1);
  }

  /** What stands between two places. */
  printed(from: number, to: number): string {
    return this.#slice(from, to);
  }

  /** Passes over a value whose text is looked at later. @throws Unsure where too much was passed over */
  skip(): void {
    const code = this.peek();
    const from = this.#at;
    if (code === QUOTE) this.#at = behindString(this.#view, from, this.#end);
    else if (code === BRACE || code === BRACKET) this.#at = behindStructure(this.#view, from, this.#end, this.#room);
    else while (continuesWord(this.#code(this.#at))) this.#at++;
    this.#skipped += this.#at - from;
    if (this.#at <= from || this.#skipped > this.#end * MOST_SKIPS) unsure();
  }

  /** True where null comes next; then it is passed over. */
  takesNull(): boolean {
    if (this.peek() !== 110 || this.#at + 4 > this.#end || this.#view.getInt32(this.#at, true) !== NULL) return false;
    this.#at += 4;
    return true;
  }

  /**
   * True where the same decimal comes next on both sides, as a number, a text or `{"$numberDecimal": …}`, apart from zeros
   * at the end. Then both pass over it. False decides nothing.
   */
  takesSameDecimal(other: TextReader): boolean {
    const [mine, its] = [this.#decimalBegins(), other.#decimalBegins()];
    const end = endOfDecimal(this.#bytes, mine);
    if (end < 0) return false;
    let theirEnd = endOfSameDecimal(this.#bytes, mine, end, other.#bytes, its);
    let ownEnd = end;
    if (theirEnd < 0) {
      theirEnd = endOfDecimal(other.#bytes, its);
      if (theirEnd < 0) return false;
      ownEnd = endOfSameDecimal(other.#bytes, its, theirEnd, this.#bytes, mine);
      if (ownEnd < 0) return false;
    }
    const behind = this.#behindDecimal(mine, ownEnd);
    const theirs = other.#behindDecimal(its, theirEnd);
    if (behind < 0 || theirs < 0) return false;
    this.#at = behind;
    other.#at = theirs;
    return true;
  }

  #decimalBegins(): number {
    const code = this.peek();
    if (code === QUOTE) return this.#at + 1;
    return code === BRACE && this.#text.startsWith(NUMBER_DECIMAL, this.#at)
      ? this.#at + NUMBER_DECIMAL.length
      : this.#at;
  }

  /** Negative where the decimal between these places is not all that there is. */
  #behindDecimal(from: number, to: number): number {
    const code = this.#code(to);
    if (from === this.#at) return continuesNumber(code) ? -1 : to;
    if (code !== QUOTE) return -1;
    if (from === this.#at + 1) return to + 1;
    return this.#code(to + 1) === BRACE_END ? to + 2 : -1;
  }

  /** The whole number in a string that comes next; NaN where it is none. Passes over it. */
  whole(): number {
    if (this.peek() !== QUOTE) return Number.NaN;
    const from = this.#at + 1;
    const end = endOfPlain(this.#view, from, this.#end);
    if (end < 0) return Number.NaN;
    this.#at = end + 1;
    return wholeNumber(this.#bytes, from, end);
  }

  /** Epoch milliseconds of the string that comes next, where it has the form of `toISOString`; then it is passed over. Else NaN. */
  takesInstant(): number {
    const from = this.#at + 1;
    if (this.peek() !== QUOTE || this.#code(from + CANONICAL_INSTANT) !== QUOTE) return Number.NaN;
    const ms = canonicalInstantAt(this.#text, from);
    if (!Number.isNaN(ms)) this.#at = from + CANONICAL_INSTANT + 1;
    return ms;
  }

  /** True where the same ObjectId comes next on both sides; then both pass over it. False decides nothing. */
  takesSameObjectId(other: TextReader): boolean {
    const from = this.#at + 1;
    return this.takesSame(other) && isObjectIdIn(this.#bytes, from, this.#at - 1);
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
    this.#colon();
    return key;
  }

  /**
   * A string without escapes as a part of the whole text, which it holds in memory for as long as it is held itself; any
   * other value as `value` gives it.
   */
  part(): JsonValue {
    if (this.peek() !== QUOTE) return this.value();
    const from = this.#at + 1;
    const end = endOfPlain(this.#view, from, this.#end);
    if (end < 0) return this.value();
    this.#at = end + 1;
    return this.#text.slice(from, end);
  }

  /** Any value; where it is an object or a list it is parsed. */
  value(): JsonValue {
    const code = this.peek();
    if (code === QUOTE) return this.#string();
    if (code === MINUS || isDigit(code)) return this.#number();
    switch (code) {
      case BRACE:
      case BRACKET:
        return this.#structure(this.#room);
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

  /** The value that begins at an earlier place. */
  valueAt(place: number): JsonValue {
    const here = this.#at;
    this.#at = place;
    const code = this.peek();
    const value = code === BRACE || code === BRACKET ? this.#structure(this.#depth) : this.value();
    this.#at = here;
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) unsure();
    this.#at += word.length;
    return value;
  }

  /** A string of its own: a slice would hold the whole text in memory for as long as it is held. */
  #string(): string {
    const start = this.#at;
    const end = behindString(this.#view, start, this.#end);
    if (end < 0) unsure();
    this.#at = end;
    const value = parsed(this.#slice(start, this.#at));
    return typeof value === 'string' ? value : unsure();
  }

  #number(): number | ExactNumber {
    const from = this.#at;
    const end = endOfDecimal(this.#bytes, from);
    if (end > 0 && end - from <= SURELY_DOUBLE && !isExponent(this.#bytes[end])) {
      this.#at = end;
      return Number(this.#text.slice(from, end));
    }
    NUMBER.lastIndex = this.#at;
    const [literal] = NUMBER.exec(this.#text) ?? [];
    if (literal === undefined) return unsure();
    this.#at += literal.length;
    return numberOf(literal);
  }

  #structure(room: number): JsonValue {
    const { end, long } = structureAt(this.#text, this.#at, room) ?? unsure();
    const value = parsed(this.#slice(this.#at, end), long ? parseExactly : JSON.parse);
    this.#at = end;
    return value;
  }

  #slice(start: number, end: number): string {
    return this.#ascii ? this.#text.slice(start, end) : this.#bytes.toString('utf8', start, end);
  }
}

/** What lies within one another is passed over once for each object that it lies in: so often on average. */
const MOST_SKIPS = 8;
/** The four letters as one number. */
const NULL = 0x6c6c756e;
const NUMBER_DECIMAL = '{"$numberDecimal":"';
/** A double prints back every decimal of up to fifteen digits. */
const SURELY_DOUBLE = 15;
/** RFC 8259, 6. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Digits, signs, the point and exponents. */
function continuesNumber(code: number): boolean {
  return (code >= 48 && code < COLON) || code === 46 || code === MINUS || code === 43 || isExponent(code);
}

/** What may stand in a number or a word. */
function continuesWord(code: number): boolean {
  return continuesNumber(code) || (code > 96 && code < BRACE);
}

function parsed(text: string, parse: (text: string) => JsonValue = JSON.parse): JsonValue {
  try {
    return parse(text);
  } catch {
    return unsure();
  }
}
