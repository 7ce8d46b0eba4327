/** Numbers in JSON text, without making a number of each. */

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/**
 * Place behind the decimal that begins at `from`: a number of JSON (RFC 8259, 6) without an exponent, as far as it goes.
 * Negative where none begins there.
 */
export function endOfDecimal(bytes: Uint8Array, from: number): number {
  let i = bytes[from] === MINUS ? from + 1 : from;
  const first = i;
  i = behindDigits(bytes, i);
  // A zero in front is a number of its own.
  if (i === first || (bytes[first] === ZERO && i > first + 1)) return -1;
  if (i >= bytes.length || bytes[i] !== POINT) return i;
  const end = behindDigits(bytes, i + 1);
  return end === i + 1 ? -1 : end;
}

function behindDigits(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && isDigit(bytes[i])) i++;
  return i;
}

/**
 * Place behind the decimal that begins at `its` of the other text, where it is the one in [from, to), perhaps with zeros
 * behind its point. Negative where it is not, which decides nothing.
 */
export function endOfSameDecimal(bytes: Uint8Array, from: number, to: number, other: Uint8Array, its: number): number {
  const length = to - from;
  if (length > LONGEST || its + length > other.length) return -1;
  let hasPoint = false;
  for (let i = 0; i < length; i++) {
    const code = bytes[from + i];
    if (code !== other[its + i]) return -1;
    if (code === POINT) hasPoint = true;
  }
  let end = its + length;
  if (!hasPoint && end + 1 < other.length && other[end] === POINT && other[end + 1] === ZERO) {
    hasPoint = true;
    end++;
  }
  if (hasPoint) while (end < other.length && other[end] === ZERO) end++;
  return end < other.length && isDigit(other[end]) ? -1 : end;
}

/** What is longer is read by the rule that compares it. */
const LONGEST = 64;

/** The whole number of these digits, perhaps with a minus; NaN where a double may not hold it, or where it is none. */
export function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (to === first || to - first > SAFE_DIGITS) return Number.NaN;
  let value = 0;
  for (let i = first; i < to; i++) {
    const code = bytes[i];
    if (code === undefined || !isDigit(code)) return Number.NaN;
    value = value * 10 + code - ZERO;
  }
  return first === from ? value : -value;
}

const SAFE_DIGITS = 15;

/** An exponent: what stands before it is no number yet. */
export function isExponent(code: number | undefined): boolean {
  return code === 101 || code === 69;
}

export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= ZERO && code <= 57;
}

export function startsNumber(code: number): boolean {
  return code === MINUS || isDigit(code);
}

/** Digits, signs, the point and exponents. */
export function continuesNumber(code: number): boolean {
  return isDigit(code) || code === POINT || code === MINUS || code === PLUS || isExponent(code);
}

/** What may stand in a number or a word. */
export function continuesWord(code: number): boolean {
  return continuesNumber(code) || (code > 96 && code < 123);
}
