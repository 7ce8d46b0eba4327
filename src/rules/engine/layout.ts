/** In which order a parsed object has its keys. */
import { VERSION_KEY } from './key-order.ts';

/** Of a key that no rule names. */
export const UNNAMED = -1;
/** Of the version key. */
export const VERSION = -2;
/** Keys of the data that a layout learns, so that a hostile body cannot make it grow. */
const LEARNED_KEYS = 64;

/** The order in which a side prints an object's keys: rows are alike, so the next key is nearly always the one expected. */
export class Layout {
  readonly keys: string[] = [];
  /** Per place: the number of the field, UNNAMED or VERSION. */
  readonly fields: number[] = [];
  readonly #places = new Map<string, number>();
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.#numbers = new Map(names.map((name, i) => [name, i]));
  }

  /** The place of a key that was not the expected one; past the end for keys that are not learned. */
  placeOf(key: string): number {
    const place = this.#places.get(key);
    if (place !== undefined) return place;
    const field = this.#numbers.get(key) ?? (key === VERSION_KEY ? VERSION : UNNAMED);
    if (field === UNNAMED && this.keys.length - this.#numbers.size > LEARNED_KEYS) return this.keys.length;
    this.keys.push(key);
    this.fields.push(field);
    this.#places.set(key, this.keys.length - 1);
    return this.keys.length - 1;
  }
}
