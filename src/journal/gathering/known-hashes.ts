/**
 * Hashes that were handed out before, by the place they count towards. A place is a text of some 250 characters that many
 * hashes have in common: kept once, a hash takes a fifth of what one text of both would.
 */
export class KnownHashes {
  readonly #places = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(place: string, hash: string): boolean {
    return this.#places.get(place)?.has(hash) === true;
  }

  add(place: string, hash: string): void {
    let hashes = this.#places.get(place);
    if (hashes === undefined) {
      hashes = new Set();
      this.#places.set(place, hashes);
    }
    const before = hashes.size;
    // A copy: the text that was cut or joined for it would be kept with it.
    hashes.add(Buffer.from(hash, 'latin1').toString('latin1'));
    this.#size += hashes.size - before;
  }

  clear(): void {
    this.#places.clear();
    this.#size = 0;
  }
}
