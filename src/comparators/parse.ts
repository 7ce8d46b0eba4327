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
import { ExactNumber, numberOf } from './exact-number.ts';

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
  return text === null ? failed('bad_utf8', 'the body is not valid UTF-8') : parseJsonText(text, limits);
}

/** Strict UTF-8 to text, a byte order mark kept; null where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}

export function parseJsonText(text: string, limits: ParseLimits = PARSE_LIMITS): ParseResult {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body, which must not reach a log.
    return failed('bad_json', `the body is not JSON (${text.length} characters)`);
  }
  if (isDeeper(value, limits.depth)) return failed('too_deep', `the body nests deeper than ${limits.depth}`);
  if (mayLoseDigits(text)) value = parseExactly(text);
  return { ok: true, value };
}

function failed(failure: ParseFailure, detail: string): ParseResult {
  return { ok: false, failure, detail };
}

function isDeeper(value: JsonValue, room: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return nestsDeeper(value, room);
}

function nestsDeeper(value: object, room: number): boolean {
  if (room === 0) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === 'object' && item !== null && nestsDeeper(item, room - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const item: unknown = value[key as keyof typeof value];
    if (typeof item === 'object' && item !== null && nestsDeeper(item, room - 1)) return true;
  }
  return false;
}

// A double prints back every literal of up to 15 significant digits within its range, so only longer ones and those
// with a three-digit exponent are looked at. Both patterns are anchored so that the regular expression engine skips
// most of the text: the scan costs a few percent of the parse.
const LONG = /[:,[\s]-?[\d.]{16}/;
const FAR = /[eE][+-]?\d{3}(?<=[:,[\s]-?\d[\d.]*[eE][+-]?\d{3})|^-?\d[\d.]*[eE][+-]?\d{3}/;
const LITERALS = /(?<=[:,[\s]|^)-?(?=[\d.]{16}|\d[\d.]*[eE][+-]?\d{3})\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** True where some literal's value is not its double's. Text in strings may look like one: that only costs time. */
function mayLoseDigits(text: string): boolean {
  if (!LONG.test(text) && !FAR.test(text) && !/^-?[\d.]{16}/.test(text)) return false;
  for (const [literal] of text.matchAll(LITERALS)) {
    if (numberOf(literal) instanceof ExactNumber) return true;
  }
  return false;
}

/** The slow way: every number is looked at with its source text. */
function parseExactly(text: string): JsonValue {
  return JSON.parse(text, (_key, value: JsonValue, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? numberOf(context.source) : value,
  );
}
