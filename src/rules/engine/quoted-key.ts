/** A key as it stands in JSON text, with its colon, in a form that four bytes at a time are compared with. */

export class QuotedKey {
  readonly key: string;
  readonly length: number;
  readonly #words: Int32Array;
  /** The bytes behind the last whole word, and the bits of a word that they take. */
  readonly #rest: number;
  readonly #mask: number;

  constructor(key: string) {
    const bytes = Buffer.from(`${JSON.stringify(key)}:`);
    const words = bytes.length >> 2;
    this.key = key;
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: words }, (_, i) => bytes.readInt32LE(i * 4));
    const left = bytes.length & 3;
    this.#mask = left === 0 ? 0 : -1 >>> (32 - left * 8);
    this.#rest = left === 0 ? 0 : bytes.readUIntLE(words * 4, left);
  }

  /** Does it stand at this place of the bytes, which are so many? */
  standsAt(view: DataView, at: number, bytes: number): boolean {
    const words = this.#words;
    // Behind the key there are a value and a closing character at least, but not always a whole word.
    if (at + this.length + 4 > bytes) return this.#standsAtEnd(view, at);
    let place = at;
    for (let i = 0; i < words.length; i++, place += 4) if (view.getInt32(place, true) !== words[i]) return false;
    return (view.getInt32(place, true) & this.#mask) === this.#rest;
  }

  #standsAtEnd(view: DataView, at: number): boolean {
    if (at + this.length > view.byteLength) return false;
    return Buffer.from(view.buffer, view.byteOffset + at, this.length).equals(
      Buffer.from(`${JSON.stringify(this.key)}:`),
    );
  }
}
