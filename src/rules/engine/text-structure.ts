/** Where an object, a list or a string ends in JSON text, and whether two strings are the same. */

/**
 * Of two strings that are the same, the number of bytes before the closing quote; both begin behind their first quote.
 * Negative where they differ, or where one is no string of JSON. `end`: so many bytes are left of both texts; the views'
 * own lengths would take a call each.
 */
export function lengthOfSame(mine: DataView, from: number, its: DataView, place: number, end: number): number {
  const words = end - WORD;
  for (let i = 0; ; ) {
    for (; i <= words; i += WORD) {
      const word = mine.getInt32(from + i, true);
      if (word !== its.getInt32(place + i, true) || ends(word)) break;
    }
    // What ended it is one of the next four bytes, or one of the texts ends.
    for (; ; i++) {
      if (i >= end) return -1;
      const code = mine.getUint8(from + i);
      if (code !== its.getUint8(place + i) || code < 32) return -1;
      if (code === QUOTE) return i;
      if (code === BACKSLASH) break;
    }
    const escaped = lengthOfEscape(mine, from + i, end - i);
    if (escaped === 0) return -1;
    for (const behind = i + escaped; i < behind; i++)
      if (mine.getUint8(from + i) !== its.getUint8(place + i)) return -1;
  }
}

/** Of the escape that begins here, with so many bytes left; 0 where it is none. */
function lengthOfEscape(view: DataView, from: number, left: number): number {
  if (left < 2) return 0;
  const code = view.getUint8(from + 1);
  if (code !== SMALL_U) return ESCAPED.includes(code) ? 2 : 0;
  if (left < 6) return 0;
  for (let i = 2; i < 6; i++) if (!isHex(view.getUint8(from + i))) return 0;
  return 6;
}

function isHex(code: number): boolean {
  return (code >= 48 && code < 58) || ((code | 32) >= 97 && (code | 32) < 103);
}

/** Place of the quote that ends the string that begins here; negative where it has anything but ASCII without escapes. */
export function endOfPlain(view: DataView, from: number, end: number): number {
  const last = end - WORD;
  let i = from;
  for (; i <= last; i += WORD) {
    const word = view.getInt32(i, true);
    if ((word & HIGH) !== 0 || ends(word)) break;
  }
  for (; i < end; i++) {
    const code = view.getUint8(i);
    if (code === QUOTE) return i;
    if (code < 32 || code > 126 || code === BACKSLASH) return -1;
  }
  return -1;
}

/** The same of a string in any script; negative where it has escapes. */
export function endOfUnescaped(view: DataView, from: number, end: number): number {
  const last = end - WORD;
  let i = from;
  while (i <= last && !ends(view.getInt32(i, true))) i += WORD;
  for (; i < end; i++) {
    const code = view.getUint8(i);
    if (code === QUOTE) return i;
    if (code < 32 || code === BACKSLASH) return -1;
  }
  return -1;
}

/** Place behind the string that begins here, with its quote; negative where it does not end. What is in it is not looked at. */
export function behindString(view: DataView, from: number, end: number): number {
  const last = end - WORD;
  for (let i = from + 1; ; ) {
    while (i <= last && !ends(view.getInt32(i, true))) i += WORD;
    for (; ; i++) {
      if (i >= end) return -1;
      const code = view.getUint8(i);
      if (code === QUOTE) return i + 1;
      if (code === BACKSLASH || (code < 32 && i < last)) break;
    }
    i += view.getUint8(i) === BACKSLASH ? 2 : 1;
  }
}

/**
 * Place behind the object or list that begins here; negative where it does not end, or nests deeper than `depth`. What lies
 * between is not checked further: whoever uses it parses it.
 */
export function behindStructure(view: DataView, from: number, end: number, depth: number): number {
  let open = 0;
  for (let i = from; i < end; i++) {
    switch (view.getUint8(i)) {
      case QUOTE:
        i = behindString(view, i, end) - 1;
        if (i < 0) return -1;
        break;
      case 91:
      case 123:
        if (++open > depth) return -1;
        break;
      case 93:
      case 125:
        if (--open === 0) return i + 1;
        break;
    }
  }
  return -1;
}

/**
 * Is one of these four bytes a quote, a backslash or below the space? With 2 in each byte turned over, the quote is the space
 * and what is below stays below. A byte less n is below zero where it was below n (H. Warren, Hacker's Delight, 6-1).
 */
function ends(word: number): boolean {
  const turned = word ^ 0x02020202;
  const slash = word ^ 0x5c5c5c5c;
  return ((((turned - 0x21212121) & ~turned) | ((slash - 0x01010101) & ~slash)) & HIGH) !== 0;
}

/** Bytes read at once. */
const WORD = 4;
const HIGH = 0x80808080 | 0;
const QUOTE = 34;
const BACKSLASH = 92;
const SMALL_U = 117;
/** What may follow a backslash, but for `u`. */
const ESCAPED = [...'"\\/bfnrt'].map((character) => character.charCodeAt(0));
