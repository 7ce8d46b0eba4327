/**
 * A hostile body to a JSON value. Never throws: what cannot be read is a named failure.
 *
 * - UTF-8 is strict. A byte order mark is `bad_json`: RFC 8259 (8.1) forbids it, and clients differ in what they do.
 * - Nesting is refused past a limit, so that nothing after this may run out of stack.
 * - Duplicate keys: the last one wins, as for every client that calls `JSON.parse`.
 * - `__proto__` and `constructor` are plain data: `JSON.parse` makes own properties of them.
 * - A number that its double would not print again becomes an `ExactNumber`; `1e2`, `100` and `100.0` are one number.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import type { JsonValue } from '../types.ts';
import { ExactNumber, isArray, type JsonArray, type JsonObject, numberOf } from './exact-number.ts';

export type ParseFailure = 'bad_utf8' | 'bad_json' | 'too_deep';

export type ParseResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly failure: ParseFailure; readonly detail: string };

export interface ParseLimits {
  /** Deepest nesting of arrays and objects that is read. */
  readonly depth: number;
}

export const PARSE_LIMITS: ParseLimits = Object.freeze({ depth: 200 });

/** Bytes of a JSON body (decoded from its Content-Encoding) to a value. */
export function parseJson(bytes: Uint8Array, limits: ParseLimits = PARSE_LIMITS): ParseResult {
  const text = decodeText(bytes);
  if (text === null) return failed('bad_utf8', 'the body is not valid UTF-8');
  // Before the parse, while the bytes are still in the processor's cache from the decoding.
  const long = hasLongNumber(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body, which must not reach a log.
    return failed('bad_json', `the body is not JSON (${bytes.length} bytes)`);
  }
  const walk: Walk = { infinite: false, tiny: false };
  if (nestsDeeper([value], limits.depth + 1, walk))
    return failed('too_deep', `the body nests deeper than ${limits.depth}`);
  if (walk.infinite || (long && losesDigits(text)) || (walk.tiny && hasTinyLiteral(text))) value = parseExactly(text);
  return { ok: true, value };
}

/** Strict UTF-8 to text, a byte order mark kept; null where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}

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
      if (typeof item === 'object') {
        if (item !== null && nestsDeeper(item, room - 1, walk)) return true;
      } else if (typeof item === 'number') see(item, walk);
    }
    return false;
  }
  for (const key in value) {
    const item = value[key];
    if (typeof item === 'object') {
      if (item !== null && nestsDeeper(item, room - 1, walk)) return true;
    } else if (typeof item === 'number') see(item, walk);
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

/**
 * True where there may be a literal too long for its double. Its 16 bytes or more, digits with a point among them, fill
 * three aligned words of four bytes; so every second word is looked at, and one beside it. Looking at single bytes costs
 * more, because the processor cannot foresee where a digit stands.
 */
function hasLongNumber(bytes: Uint8Array): boolean {
  const ahead = (4 - (bytes.byteOffset & 3)) & 3;
  if (bytes.length < LONG + ahead) return endOfLongNumber(bytes, bytes.length >> 1) < 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + ahead, (bytes.length - ahead) >> 2);
  const last = words.length - 1;
  for (let i = 2; i < last; i += 2) {
    if (!mayBeDigits(words[i] ?? 0)) continue;
    if (!mayBeDigits(words[i - 1] ?? 0) && !mayBeDigits(words[i + 1] ?? 0)) continue;
    const end = endOfLongNumber(bytes, ahead + i * 4);
    if (end < 0) return true;
    // On with the word after the run's end: a run is walked once.
    i = Math.max(i, ((end - ahead) >> 3) * 2);
  }
  return false;
}

/** The upper halves of four bytes, and what they are in four digits. */
const HALVES = 0xf0f0f0f0 | 0;
const DIGITS = 0x30303030;

/** True for four digits, or three with a point (and for some other characters beside digits: they cost a look). */
function mayBeDigits(word: number): boolean {
  const rest = (word ^ DIGITS) & HALVES;
  return ((rest & (rest - 1)) | (rest & (0xe0e0e0e0 | 0))) === 0;
}

/** Negative where a number of 16 characters or more, outside of quotes, covers this place; else where the run ends. */
function endOfLongNumber(bytes: Uint8Array, place: number): number {
  let from = place - 1;
  while (from >= 0 && isDigit(bytes[from])) from--;
  let to = place;
  while (to < bytes.length && isDigit(bytes[to])) to++;
  // Text in strings that looks like a number only costs time.
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

/** True where a literal has a negative exponent of three digits or more: what may lie below the doubles. */
function hasTinyLiteral(text: string): boolean {
  FAR.lastIndex = 0;
  for (let match = FAR.exec(text); match !== null; match = FAR.exec(text)) {
    let at = match.index - 1;
    while (isDigit(text.charCodeAt(at))) at--;
    if (text.charCodeAt(at) === MINUS) at--;
    if (at < 0 || /[:,[\s]/.test(text.charAt(at))) return true;
  }
  return false;
}

const FAR = /[eE]-\d{3}/g;

/** The slow way: every number is looked at with its source text. */
function parseExactly(text: string): JsonValue {
  return JSON.parse(text, (_key, value: JsonValue, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? numberOf(context.source) : value,
  );
}
