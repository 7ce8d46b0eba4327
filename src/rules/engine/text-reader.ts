/**
 * Walks over the JSON text of one side and makes values only of what it is asked for: every value is the one that
 * `parseJson` would give; wherever that takes more than a look it throws `Unsure`.
 */
import type { JsonValue } from '../../types.ts';
import { type ExactNumber, numberOf } from '../exact-number.ts';
import { CANONICAL_INSTANT, canonicalInstantAt } from '../instant.ts';
import { parseJson } from '../parse.ts';
import type { UnreadJson } from '../unread.ts';
import { BRACE, BRACKET, QUOTE, TextCursor, unsure } from './text-cursor.ts';
import { endOfDecimal, isExponent, startsNumber, wholeNumber } from './text-number.ts';
import { behindString, behindStructure, endOfPlain, endOfUnescaped } from './text-structure.ts';

export class TextReader extends TextCursor {
  readonly #ascii: boolean;
  readonly #depth: number;

  constructor(unread: UnreadJson) {
    super(unread);
    this.#ascii = unread.ascii;
    this.#depth = unread.depth;
  }

  /** Passes over a key and its colon. Gives the key with its quotes. @throws Unsure as `skipKey` */
  printedKey(): string {
    const from = this.skipKey();
    return this.#slice(from, endOfUnescaped(this.view, from + 1, this.end) + 1);
  }

  /** What stands between two places. */
  printed(from: number, to: number): string {
    return this.#slice(from, to);
  }

  /** The whole number in a string that comes next; NaN where it is none. Passes over it. */
  whole(): number {
    if (this.peek() !== QUOTE) return Number.NaN;
    const from = this.at + 1;
    const end = endOfPlain(this.view, from, this.end);
    if (end < 0) return Number.NaN;
    this.at = end + 1;
    return wholeNumber(this.bytes, from, end);
  }

  /** Epoch milliseconds of the string that comes next, where it has the form of `toISOString`; then it is passed over. Else NaN. */
  takesInstant(): number {
    const from = this.at + 1;
    if (this.peek() !== QUOTE || this.codeAt(from + CANONICAL_INSTANT) !== QUOTE) return Number.NaN;
    const ms = canonicalInstantAt(this.text, from);
    if (!Number.isNaN(ms)) this.at = from + CANONICAL_INSTANT + 1;
    return ms;
  }

  /** A key and its colon. */
  key(): string {
    if (this.peek() !== QUOTE) unsure();
    const key = this.#string();
    this.colon();
    return key;
  }

  /**
   * A string without escapes as a part of the whole text, which it holds in memory for as long as it is held itself; any
   * other value as `value` gives it.
   */
  part(): JsonValue {
    if (this.peek() !== QUOTE) return this.value();
    const from = this.at + 1;
    const end = endOfPlain(this.view, from, this.end);
    if (end < 0) return this.value();
    this.at = end + 1;
    return this.text.slice(from, end);
  }

  /** Any value; where it is an object or a list it is parsed. */
  value(): JsonValue {
    const code = this.peek();
    if (code === QUOTE) return this.#string();
    if (startsNumber(code)) return this.#number();
    switch (code) {
      case BRACE:
      case BRACKET:
        return this.#structure(this.room);
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
    const here = this.at;
    this.at = place;
    const code = this.peek();
    const value = code === BRACE || code === BRACKET ? this.#structure(this.#depth) : this.value();
    this.at = here;
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) unsure();
    this.at += word.length;
    return value;
  }

  /** A string of its own: a slice would hold the whole text in memory for as long as it is held. */
  #string(): string {
    const start = this.at;
    const end = behindString(this.view, start, this.end);
    if (end < 0) unsure();
    this.at = end;
    const value = parsed(this.#slice(start, this.at));
    return typeof value === 'string' ? value : unsure();
  }

  #number(): number | ExactNumber {
    const from = this.at;
    const end = endOfDecimal(this.bytes, from);
    if (end > 0 && end - from <= SURELY_DOUBLE && !isExponent(this.bytes[end])) {
      this.at = end;
      return Number(this.text.slice(from, end));
    }
    NUMBER.lastIndex = this.at;
    const [literal] = NUMBER.exec(this.text) ?? [];
    if (literal === undefined) return unsure();
    this.at += literal.length;
    return numberOf(literal);
  }

  #structure(room: number): JsonValue {
    const end = behindStructure(this.view, this.at, this.end, room);
    if (end < 0) unsure();
    const result = parseJson(this.bytes.subarray(this.at, end), { depth: room });
    if (!result.ok) unsure();
    this.at = end;
    return result.value;
  }

  #slice(start: number, end: number): string {
    return this.#ascii ? this.text.slice(start, end) : this.bytes.toString('utf8', start, end);
  }
}

/** A double prints back every decimal of up to fifteen digits. */
const SURELY_DOUBLE = 15;
/** RFC 8259, 6. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return unsure();
  }
}
