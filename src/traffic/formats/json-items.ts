/**
 * Cuts the values at one place of a JSON document out of the stream, as bytes with their line: the elements of an array
 * (`log.entries` of a HAR, the root array of a list) or the root values of a sequence. It only follows strings and
 * brackets and leaves parsing to `JSON.parse`, so that one bad element costs that element and not the rest of the file,
 * which a streaming JSON parser cannot offer.
 */
import type { Bytes } from '../recorded.ts';

export interface Item {
  readonly line: number;
  /** Null where it is larger than the limit. */
  readonly bytes: Buffer | null;
}

export type JsonEnd =
  /** All brackets closed. `found`: the array that the path names was there. */
  { readonly whole: true; readonly found: boolean } | { readonly whole: false; readonly line: number };

const LARGEST_ITEM = 64 * 1024 * 1024;
const DEEPEST = 10_000;
const QUOTE = 34;
const BACKSLASH = 92;

/** `path`: keys that lead to the array; empty: the root array, or else each root value. Returns how the document ended. */
export async function* itemsOf(source: Bytes, path: readonly string[]): AsyncGenerator<Item, JsonEnd> {
  const cutter = new Cutter(path);
  for await (const chunk of source) yield* cutter.take(chunk);
  yield* cutter.end();
  return cutter.whole ? { whole: true, found: cutter.found } : { whole: false, line: cutter.line };
}

class Cutter {
  readonly #path: readonly string[];
  line = 1;
  found = false;
  /** The containers that are open: `[` or `{` each. */
  #open: number[] = [];
  /** The key that led into each open container; '' inside arrays and at the root. */
  #keys: string[] = [];
  #key = '';
  #inString = false;
  #escaped = false;
  /** Bytes of a string that may be a key. */
  #text: number[] = [];
  /** Where an item began in the present chunk; -1 where none is under way. */
  #from = -1;
  #parts: Uint8Array[] = [];
  #size = 0;
  #itemLine = 0;
  /** How many containers were open when the item began. */
  #itemDepth = 0;
  /** Containers beyond the deepest that is followed by name; nothing that is looked for lies there. */
  #deeper = 0;

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  get whole(): boolean {
    return this.#open.length === 0 && !this.#inString;
  }

  /** True where the present item has no open bracket. */
  get #atItem(): boolean {
    return this.#from >= 0 && this.#deeper === 0 && this.#open.length === this.#itemDepth;
  }

  #push(bracket: number): void {
    if (this.#open.length >= DEEPEST) {
      this.#deeper += 1;
      return;
    }
    this.#open.push(bracket);
    this.#keys.push(this.#key);
    this.found ||= bracket === 91 && this.#atPath;
    this.#key = '';
    this.#text = [];
  }

  #pop(): void {
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      return;
    }
    this.#open.pop();
    this.#keys.pop();
  }

  *take(chunk: Uint8Array): Generator<Item> {
    if (this.#size > 0 || this.#parts.length > 0) this.#from = 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] ?? 0;
      if (byte === 10) this.line += 1;
      if (this.#inString) {
        this.#string(byte);
        if (!this.#inString && this.#atItem) yield this.#cut(chunk, i + 1);
        continue;
      }
      switch (byte) {
        case 32:
        case 9:
        case 10:
        case 13:
          if (this.#atItem) yield this.#cut(chunk, i);
          break;
        case 44: // ,
          if (this.#atItem) yield this.#cut(chunk, i);
          this.#key = '';
          break;
        case 58: // :
          this.#key = Buffer.from(this.#text).toString('utf8');
          break;
        case 123: // {
        case 91: // [
          this.#begin(i, byte === 91);
          this.#push(byte);
          break;
        case 125: // }
        case 93: // ]
          if (this.#atItem) yield this.#cut(chunk, i);
          this.#pop();
          if (this.#atItem) yield this.#cut(chunk, i + 1);
          break;
        case QUOTE:
          this.#begin(i, false);
          this.#inString = true;
          this.#text = [];
          break;
        default:
          this.#begin(i, false);
      }
    }
    if (this.#from >= 0) this.#keep(chunk.subarray(this.#from));
  }

  /** A root value without brackets ends with the file; anything else that is open was cut off. */
  *end(): Generator<Item> {
    if (this.#parts.length > 0) yield this.#made();
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      return;
    }
    if (this.#text.length < 64) this.#text.push(byte);
  }

  /** A value begins here: an item, where this is the place that is looked for. */
  #begin(at: number, array: boolean): void {
    if (this.#from >= 0 || !this.#wanted(array)) return;
    this.#from = at;
    this.#itemLine = this.line;
    this.#itemDepth = this.#open.length;
  }

  #wanted(array: boolean): boolean {
    if (this.#path.length === 0) {
      if (this.#open.length === 0) return !array;
      return this.#open.length === 1 && this.#open[0] === 91;
    }
    return this.#open.at(-1) === 91 && this.#atPath;
  }

  /** True where the innermost container is the one that the path names. */
  get #atPath(): boolean {
    return this.#open.length === this.#path.length + 1 && this.#path.every((key, i) => this.#keys[i + 1] === key);
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size <= LARGEST_ITEM) this.#parts.push(part);
    else this.#parts = [];
  }

  #cut(chunk: Uint8Array, end: number): Item {
    this.#keep(chunk.subarray(this.#from, end));
    return this.#made();
  }

  #made(): Item {
    const bytes = this.#size > LARGEST_ITEM ? null : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#from = -1;
    return { line: this.#itemLine, bytes };
  }
}
