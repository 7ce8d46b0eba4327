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
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body, which must not reach a log.
    return failed('bad_json', `the body is not JSON (${bytes.length} bytes)`);
  }
  const walk: Walk = { extreme: false };
  if (nestsDeeper([value], limits.depth + 1, walk))
    return failed('too_deep', `the body nests deeper than ${limits.depth}`);
  if (hasLongNumber(bytes, text) || (walk.extreme && hasFarExponent(text))) value = parseExactly(text);
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
  /** A number that may come from an exponent out of range: zero, infinite, or too small to have all its digits. */
  extreme: boolean;
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
  if ((value < SMALLEST_NORMAL && value > -SMALLEST_NORMAL) || value - value !== 0) walk.extreme = true;
}

// A double prints back every literal of up to 15 significant digits within its range. So only literals of 16 and more
// characters are looked at, and where the value shows that it may be needed, those with a far exponent.

const LONG = 16;

/**
 * True where some long literal's value is not its double's. A run of 16 digits covers one of every 16 bytes, so only
 * those are looked at, and what surrounds them where they are digits: a few percent of the parse.
 */
function hasLongNumber(bytes: Uint8Array, text: string): boolean {
  const length = bytes.length;
  for (let probe = LONG - 1; probe < length; probe += LONG) {
    if (!isDigit(bytes[probe])) continue;
    let from = probe - 1;
    while (from >= 0 && isDigit(bytes[from])) from--;
    let to = probe + 1;
    while (to < length && isDigit(bytes[to])) to++;
    // Text in strings that looks like a number only costs time.
    if (to - from > LONG && isOutside(bytes, from)) return losesDigits(text);
  }
  return false;
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

function losesDigits(text: string): boolean {
  for (const [literal] of text.matchAll(LITERALS)) if (numberOf(literal) instanceof ExactNumber) return true;
  return false;
}

/** True where a literal has an exponent of three digits or more: what may lie outside the doubles. */
function hasFarExponent(text: string): boolean {
  FAR.lastIndex = 0;
  for (let match = FAR.exec(text); match !== null; match = FAR.exec(text)) {
    let at = match.index - 1;
    while (isDigit(text.charCodeAt(at))) at--;
    if (text.charCodeAt(at) === MINUS) at--;
    if (at < 0 || /[:,[\s]/.test(text.charAt(at))) return true;
  }
  return false;
}

const FAR = /[eE][+-]?\d{3}/g;

/** The slow way: every number is looked at with its source text. */
function parseExactly(text: string): JsonValue {
  return JSON.parse(text, (_key, value: JsonValue, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? numberOf(context.source) : value,
  );
}
