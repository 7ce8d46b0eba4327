/**
 * A bounded cache in two generations: what was not asked for while a whole generation filled up is forgotten. Close to
 * least-recently-used at a fraction of its cost. Entries may end earlier.
 */
export class Generations<V> {
  readonly #size: number;
  #young = new Map<string, { readonly value: V; readonly until: number }>();
  #old = new Map<string, { readonly value: V; readonly until: number }>();

  /** At most so many entries are kept, both generations together. */
  constructor(size: number) {
    this.#size = Math.max(2, size);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** `now`: monotonic ms. */
  get(key: string, now: number): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.until > now ? young.value : undefined;
    const old = this.#old.get(key);
    if (old === undefined || old.until <= now) return undefined;
    this.#put(key, old);
    return old.value;
  }

  /** `until`: monotonic ms; Infinity for as long as there is room. */
  set(key: string, value: V, until: number): void {
    this.#put(key, { value, until });
  }

  #put(key: string, entry: { readonly value: V; readonly until: number }): void {
    if (this.#young.size >= this.#size / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}
