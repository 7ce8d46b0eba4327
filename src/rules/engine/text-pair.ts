/** Steps over two JSON texts at once, wherever both have the same. */

import { isObjectIdIn } from './run.ts';
import { BRACE, BRACE_END, QUOTE, type TextCursor, unsure } from './text-cursor.ts';
import { continuesNumber, endOfDecimal, endOfSameDecimal, isExponent, startsNumber } from './text-number.ts';
import { lengthOfSame } from './text-structure.ts';

/**
 * True where the same string, number, word or null comes next on both sides; then both pass over it. False decides
 * nothing.
 */
export function takesSame(mine: TextCursor, its: TextCursor): boolean {
  const code = mine.peek();
  if (code !== its.peek()) return false;
  if (code === QUOTE) return takesSameString(mine, its);
  if (startsNumber(code)) return takesSameNumber(mine, its);
  const word = code === 110 ? 'null' : code === 116 ? 'true' : 'false';
  if (!mine.text.startsWith(word, mine.at) || !its.text.startsWith(word, its.at)) return false;
  mine.at += word.length;
  its.at += word.length;
  return true;
}

/** The same, where both stand before a string. */
function takesSameString(mine: TextCursor, its: TextCursor): boolean {
  const length = lengthOfSameAt(mine, mine.at + 1, its, its.at + 1);
  if (length < 0) return false;
  mine.at += length + 2;
  its.at += length + 2;
  return true;
}

function lengthOfSameAt(mine: TextCursor, from: number, its: TextCursor, place: number): number {
  return lengthOfSame(mine.view, from, its.view, place, Math.min(mine.end - from, its.end - place));
}

function takesSameNumber(mine: TextCursor, its: TextCursor): boolean {
  const end = endOfDecimal(mine.bytes, mine.at);
  if (end < 0 || isExponent(mine.bytes[end])) return false;
  const length = end - mine.at;
  for (let i = 1; i < length; i++) if (mine.bytes[mine.at + i] !== its.bytes[its.at + i]) return false;
  if (continuesNumber(its.codeAt(its.at + length))) return false;
  mine.at = end;
  its.at += length;
  return true;
}

/** True where both stand before the same key; then both pass over it and its colon. */
export function takesSameKey(mine: TextCursor, its: TextCursor): boolean {
  if (mine.peek() !== QUOTE || its.peek() !== QUOTE) unsure();
  if (!takesSameString(mine, its)) return false;
  mine.colon();
  its.colon();
  return true;
}

/** True where the key that begins at an earlier place of the other text comes next; then it is passed over. */
export function takesKeyOf(mine: TextCursor, other: TextCursor, place: number): boolean {
  // Most other keys are told by their first letter.
  if (mine.codeAt(mine.at + 1) !== other.codeAt(place + 1)) return false;
  const length = lengthOfSameAt(mine, mine.at + 1, other, place + 1);
  if (length < 0) return false;
  mine.at += length + 2;
  mine.colon();
  return true;
}

/** True where the same ObjectId comes next on both sides; then both pass over it. False decides nothing. */
export function takesSameObjectId(mine: TextCursor, its: TextCursor): boolean {
  const from = mine.at + 1;
  return takesSame(mine, its) && isObjectIdIn(mine.bytes, from, mine.at - 1);
}

/**
 * True where the same decimal comes next on both sides, as a number, a text or `{"$numberDecimal": …}`, apart from zeros
 * at the end. Then both pass over it. False decides nothing.
 */
export function takesSameDecimal(mine: TextCursor, its: TextCursor): boolean {
  const from = decimalBegins(mine);
  const place = decimalBegins(its);
  let end = endOfDecimal(mine.bytes, from);
  if (end < 0) return false;
  let theirEnd = endOfSameDecimal(mine.bytes, from, end, its.bytes, place);
  if (theirEnd < 0) {
    theirEnd = endOfDecimal(its.bytes, place);
    if (theirEnd < 0) return false;
    end = endOfSameDecimal(its.bytes, place, theirEnd, mine.bytes, from);
    if (end < 0) return false;
  }
  const behind = behindDecimal(mine, from, end);
  const theirs = behindDecimal(its, place, theirEnd);
  if (behind < 0 || theirs < 0) return false;
  mine.at = behind;
  its.at = theirs;
  return true;
}

function decimalBegins(side: TextCursor): number {
  const code = side.peek();
  if (code === QUOTE) return side.at + 1;
  const isObject = code === BRACE && side.room > 0 && side.text.startsWith(NUMBER_DECIMAL, side.at);
  return isObject ? side.at + NUMBER_DECIMAL.length : side.at;
}

/** Negative where the decimal between these places is not all that there is. */
function behindDecimal(side: TextCursor, from: number, to: number): number {
  const code = side.codeAt(to);
  if (from === side.at) return continuesNumber(code) ? -1 : to;
  if (code !== QUOTE) return -1;
  if (from === side.at + 1) return to + 1;
  return side.codeAt(to + 1) === BRACE_END ? to + 2 : -1;
}

const NUMBER_DECIMAL = '{"$numberDecimal":"';
