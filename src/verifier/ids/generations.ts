import { ownText } from '../../base/own-text.ts';

/**
 * A bounded cache in two generations: an entry that was not used while a whole generation filled up is forgotten. Close to
 * least-recently-used at a fraction of its cost. Entries may end earlier. Keys stand in groups, so that a caller with
 * two-part keys need not build a text for every look: its characters would have to be copied and hashed each time.
 */
export class Generations<V> {
  readonly #size: number;
  #young = new Generation<V>();
  #old = new Generation<V>();

  /** How often the older half was forgotten. */
  #forgotten = 0;

  /** Most entries, both generations together. */
  constructor(size: number) {
    this.#size = Math.max(2, size);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  /** `now`: monotonic ms. */
  get(key: string, now: number, group = ''): V | undefined {
    const young = this.#young.get(group, key);
    if (young !== undefined) return young.until > now ? young.value : undefined;
    const old = this.#old.get(group, key);
    if (old === undefined || old.until <= now) return undefined;
    this.#put(group, key, old);
    return old.value;
  }

  /** `until`: monotonic ms; Infinity for as long as there is room. */
  set(key: string, value: V, until: number, group = ''): void {
    this.#put(group, key, { value, until });
  }

  #put(group: string, key: string, entry: Entry<V>): void {
    if (this.#young.size >= this.#size / 2) {
      if (this.#old.size > 0) this.#forgotten += 1;
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.set(group, key, entry);
  }
}

interface Entry<V> {
  readonly value: V;
  readonly until: number;
}

class Generation<V> {
  readonly #groups = new Map<string, Map<string, Entry<V>>>();
  size = 0;

  get(group: string, key: string): Entry<V> | undefined {
    return this.#groups.get(group)?.get(key);
  }

  set(group: string, key: string, entry: Entry<V>): void {
    let held = this.#groups.get(group);
    if (held === undefined) {
      held = new Map();
      this.#groups.set(group, held);
    }
    if (held.has(key)) held.set(key, entry);
    else {
      held.set(ownText(key), entry);
      this.size += 1;
    }
  }
}
