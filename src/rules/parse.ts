/**
 * Reads a body, which may be hostile, as a JSON value. Never throws: what cannot be read is a named failure.
 *
 * - UTF-8 is strict. A byte order mark in front is passed over, as RFC 8259 (8.1) lets a parser do. - Nesting is
 * refused past a limit, so that nothing after this may run out of stack. - Duplicate keys: the last one wins, as for
 * every client that calls `JSON.parse`. - `__proto__` and `constructor` are plain data: `JSON.parse` makes own
 * properties of them. - A number that its double would not print again becomes an `ExactNumber`; `1e2`, `100` and
 * `100.0` are one number.
 */
import { isUtf8 } from 'node:buffer';
import type { JsonValue } from '../types.ts';
import { ExactNumber, isArray, type JsonArray, type JsonObject, numberOf } from './exact-number.ts';
import { COMPARE_LIMITS } from './limits.ts';

export type ParseFailure = 'bad_utf8' | 'bad_json' | 'too_deep';

export type ParseResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly failure: ParseFailure; readonly detail: string };

export interface ParseLimits {
  /** Deepest nesting of arrays and objects that is read. */
  readonly depth: number;
}

export const PARSE_LIMITS: ParseLimits = COMPARE_LIMITS;

/** Bytes of a JSON body (decoded from its Content-Encoding) to a value. */
export function parseJson(bytes: Uint8Array, limits: ParseLimits = PARSE_LIMITS): ParseResult {
  const own = withoutMark(bytes);
  const text = decodeText(own);
  if (text === null) return NO_UTF8;
  // Before the parse, while the bytes are still in the processor's cache from the decoding.
  const long = hasLongNumber(own);
  return parseText(text, long, limits) ?? failed('bad_json', `the body is not JSON (${bytes.length} bytes)`);
}

/** Bytes of newline-delimited JSON (or of a JSON text sequence, RFC 7464) to the list of its rows; empty lines are none. */
export function parseRows(bytes: Uint8Array, limits: ParseLimits = PARSE_LIMITS): ParseResult {
  const own = withoutMark(bytes);
  const text = decodeText(own);
  if (text === null) return NO_UTF8;
  const long = hasLongNumber(own);
  const rows: JsonValue[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const row = (line.charCodeAt(0) === RECORD_SEPARATOR ? line.slice(1) : line).trim();
    if (row === '') continue;
    const parsed = parseText(row, long, limits);
    if (parsed === null) return failed('bad_json', `line ${i + 1} is not JSON`);
    if (!parsed.ok) return parsed;
    rows.push(parsed.value);
  }
  return { ok: true, value: rows };
}

const RECORD_SEPARATOR = 0x1e;

/** Null where the text is no JSON. `long`: there may be a literal too long for its double. */
function parseText(text: string, long: boolean, limits: ParseLimits): ParseResult | null {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body, which must not reach a log.
    return null;
  }
  const walk: Walk = { infinite: false, tiny: false };
  if (nestsDeeper([value], limits.depth + 1, walk))
    return failed('too_deep', `the body nests deeper than ${limits.depth}`);
  if (walk.infinite || (long && losesDigits(text)) || (walk.tiny && hasTinyLiteral(text))) value = parseExactly(text);
  return { ok: true, value };
}

/** The bytes behind a byte order mark. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Strict UTF-8 to text, a byte order mark kept; null where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}

const NO_UTF8: ParseResult = Object.freeze({
  ok: false,
  failure: 'bad_utf8',
  detail: 'the body is not valid UTF-8',
});

function failed(failure: ParseFailure, detail: string): ParseResult {
  return { ok: false, failure, detail };
}

/** What the walk for depth sees by the way. */
interface Walk {
  /** A number beyond the doubles: its literal was not infinite. */
  infinite: boolean;
  /** Zero, or too small to have all its digits: its literal may have been another number. */
  tiny: boolean;
}

const SMALLEST_NORMAL = 2.2250738585072014e-308;

function nestsDeeper(value: JsonArray | JsonObject, room: number, walk: Walk): boolean {
  if (room === 0) return true;
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === 'string') continue;
      if (typeof item === 'number') see(item, walk);
      else if (typeof item === 'object' && item !== null && nestsDeeper(item, room - 1, walk)) return true;
    }
    return false;
  }
  for (const key in value) {
    const item = value[key];
    // Most values are text, so they are checked first.
    if (typeof item === 'string') continue;
    if (typeof item === 'number') see(item, walk);
    else if (typeof item === 'object' && item !== null && nestsDeeper(item, room - 1, walk)) return true;
  }
  return false;
}

function see(value: number, walk: Walk): void {
  if (value < SMALLEST_NORMAL && value > -SMALLEST_NORMAL) walk.tiny = true;
  else if (value - value !== 0) walk.infinite = true;
}

// A double prints back every literal of up to 15 significant digits within its range. So only literals of 16 and more
// characters are looked at, and where the values show that it may be needed, those with a far exponent.

const LONG = 16;
/** Bytes read at once. */
const WORD = 4;
/** Of 16 bytes in a row, wherever they begin, 4 stand together at each step of 13. */
const STEP = LONG - WORD + 1;

/**
 * True where there may be a literal too long for its double. Looks at four bytes of thirteen, as one word: every run of
 * sixteen covers one of these words.
 */
function hasLongNumber(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - WORD;
  for (let i = 0; i <= last; i += STEP) {
    const word = view.getInt32(i, true);
    // Letters and braces have this bit, digits and the point have not.
    if ((word & 0x40404040) !== 0) continue;
    const odd = (word & FORM) ^ DIGITS;
    // At most one of the four is no digit: the point.
    if ((odd & (odd - 1)) !== 0) continue;
    const end = endOfLongNumber(bytes, i);
    if (end < 0) return true;
    // A run is walked once; the steps may go on from anywhere.
    i = Math.max(i, end - STEP);
  }
  return false;
}

/** Two bits that tell digits (and six characters beside them, which only cost a look) from the rest, in four bytes. */
const FORM = 0x50505050;
const DIGITS = 0x10101010;

/** Negative where a number of 16 characters or more, outside of quotes, covers this place; else where the run ends. */
function endOfLongNumber(bytes: Uint8Array, place: number): number {
  let from = place - 1;
  while (from >= 0 && isDigit(bytes[from])) from--;
  let to = place;
  while (to < bytes.length && isDigit(bytes[to])) to++;
  // Text in strings that looks like a number costs time, and does no harm.
  return to - from > LONG && isOutside(bytes, from) ? -1 : to;
}

/** A digit or the point. */
function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte < 58 && byte > 45 && byte !== 47;
}

/** What stands before a number: `:`, `,`, `[`, white space, or the beginning, and perhaps a minus. */
function isOutside(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] === MINUS ? bytes[at - 1] : bytes[at];
  return byte === undefined || byte === 58 || byte === 44 || byte === 91 || byte <= 32;
}

const MINUS = 45;
const LITERALS = /(?<=[:,[\s]|^)-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;

/** True where some long literal's value is not its double's. */
function losesDigits(text: string): boolean {
  for (const [literal] of text.matchAll(LITERALS)) if (numberOf(literal) instanceof ExactNumber) return true;
  return false;
}

/**
 * True where a literal has a negative exponent of three digits or more: what may lie below the doubles. Goes from minus
 * to minus, of which there are few; a search for `e-` would stop at every `e`.
 */
function hasTinyLiteral(text: string): boolean {
  // No exponent's minus stands less than three characters after another minus.
  for (let minus = text.indexOf('-', 2); minus >= 0; minus = text.indexOf('-', minus + 3)) {
    if ((text.charCodeAt(minus - 1) | 32) === E && isFar(text, minus) && endsNumber(text, minus - 2)) return true;
  }
  return false;
}

const E = 101;

/** Three digits after the minus of an exponent. */
function isFar(text: string, minus: number): boolean {
  for (let i = minus + 1; i <= minus + 3; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return true;
}

/** Is this the last character of a number's digits, outside of quotes? */
function endsNumber(text: string, place: number): boolean {
  let at = place;
  while (isDigit(text.charCodeAt(at))) at--;
  if (at === place) return false;
  if (text.charCodeAt(at) === MINUS) at--;
  return at < 0 || /[:,[\s]/.test(text.charAt(at));
}

/** The slow way: every number is looked at with its source text. */
function parseExactly(text: string): JsonValue {
  return JSON.parse(text, (_key, value: JsonValue, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? numberOf(context.source) : value,
  );
}
