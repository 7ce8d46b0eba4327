/** Where an object, a list or a string ends in JSON text. */

/** Characters of a number that a double may not hold. */
const LONG = 16;

/** An object or a list in JSON text. */
export interface Structure {
  /** The place behind it. */
  readonly end: number;
  /** True where it may have a number that a double does not hold. */
  readonly long: boolean;
}

/**
 * The object or list that begins at `from`; null where it does not end, or nests deeper than `depth`. What lies between is
 * not checked further: whoever uses it parses it.
 */
export function structureAt(text: string, from: number, depth: number): Structure | null {
  let open = 0;
  let digits = 0;
  let long = false;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 58 && code > 45 && code !== 47) {
      if (++digits === LONG) long = true;
      continue;
    }
    // An exponent.
    if (digits > 0 && (code | 32) === 101) long = true;
    digits = 0;
    switch (code) {
      case 34:
        i = endOfString(text, i);
        if (i < 0) return null;
        break;
      case 91:
      case 123:
        if (++open > depth) return null;
        break;
      case 93:
      case 125:
        if (--open === 0) return { end: i + 1, long };
        break;
    }
  }
  return null;
}

/** Place of the quote that ends the string whose first quote is at `from`; negative where it does not end. */
export function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = end - 1;
    while (text.charCodeAt(slashes) === 92) slashes--;
    if ((end - slashes) % 2 === 1) return end;
  }
  return -1;
}
