/** Which keys the objects of one rule have, and in which order a side prints them. */
import { QuotedKey } from './quoted-key.ts';
import { type TextReader, unsure } from './text-reader.ts';

/** Mongoose's version key, which means nothing in any object that has rules. */
export const VERSION_KEY = '__v';
/** Keys of the data that are learned, so that a hostile body cannot make it grow. */
const LEARNED_KEYS = 64;

/** The keys by number: first those that rules name, then the version key, then those that objects were seen to have. */
export class Keys {
  /** The number of the version key, unless it is a field. */
  readonly version: number;
  readonly quoted: QuotedKey[];
  readonly #numbers: Map<string, number>;

  constructor(names: readonly string[]) {
    const known = [...names, VERSION_KEY];
    this.version = names.length;
    this.quoted = known.map((name) => new QuotedKey(name));
    this.#numbers = new Map(known.map((name, number) => [name, number]));
    for (const [number, name] of names.entries()) this.#numbers.set(name, number);
  }

  /** True where this key comes next; then it is passed over. */
  takes(number: number, reader: TextReader): boolean {
    const key = this.quoted[number];
    return key !== undefined && reader.takesKey(key);
  }

  /** @throws Unsure where too many others were seen */
  numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.quoted.length > this.version + LEARNED_KEYS) unsure();
    this.#numbers.set(key, this.quoted.length);
    return this.quoted.push(new QuotedKey(key)) - 1;
  }
}

/** What is before the first key. */
export const START = -1;

/** Rows are alike, so the next key is nearly always one of the two that stood behind this one before. */
export class KeyOrder {
  readonly #keys: Keys;
  /** By the number of the key before, plus one. */
  readonly #next: number[] = [];
  readonly #else: number[] = [];

  constructor(keys: Keys) {
    this.#keys = keys;
    for (let number = START; number < keys.version; number++) {
      this.#next.push(number + 1);
      this.#else.push(number + 1);
    }
  }

  /** Passes over the key that comes next; its number. @throws Unsure */
  take(reader: TextReader, before: number): number {
    const next = this.#next[before + 1] ?? START;
    if (this.#keys.takes(next, reader)) return next;
    const other = this.#else[before + 1] ?? START;
    if (this.#keys.takes(other, reader)) return other;
    const number = this.#keys.numberOf(reader.key());
    this.#else[before + 1] = next;
    this.#next[before + 1] = number;
    return number;
  }
}
