/**
 * Which id of the twin is the partner of which of the primary's, at one path. Bounded: a full table keeps the ids whose
 * hash is divisible by a growing power of two, so that two tables that saw the same ids keep the same ones.
 */
import { fnv1a } from '../../base/hash.ts';

export interface Partner {
  readonly twin: string;
  readonly sightings: number;
}

const PAIRS = 2_000;

export class IdTable {
  readonly #partners = new Map<string, { twin: string; sightings: number }>();
  readonly #owners = new Map<string, string>();
  #level = 0;

  get size(): number {
    return this.#partners.size;
  }

  entries(): Iterable<readonly [primary: string, partner: Partner]> {
    return this.#partners;
  }

  partnerOf(primary: string): Partner | undefined {
    return this.#partners.get(primary);
  }

  /** What the two are to each other as far as is known. */
  relation(primary: string, twin: string): 'same' | 'new' | 'contradiction' {
    const partner = this.#partners.get(primary);
    const owner = this.#owners.get(twin);
    if (partner === undefined && owner === undefined) return 'new';
    return partner?.twin === twin && owner === primary ? 'same' : 'contradiction';
  }

  add(primary: string, twin: string, sightings = 1): void {
    const held = this.#partners.get(primary);
    if (held !== undefined) {
      held.sightings += sightings;
      return;
    }
    if (fnv1a(primary) % 2 ** this.#level !== 0) return;
    this.#partners.set(primary, { twin, sightings });
    this.#owners.set(twin, primary);
    if (this.#partners.size > PAIRS) this.#thin();
  }

  /** Forgets pairs that contradict this one and were seen once. False where one of them was seen more often. */
  replace(primary: string, twin: string): boolean {
    const rivals = [primary, this.#owners.get(twin)].filter((id) => id !== undefined);
    if (rivals.some((id) => (this.#partners.get(id)?.sightings ?? 0) > 1)) return false;
    for (const id of rivals) this.#forget(id);
    this.add(primary, twin);
    return true;
  }

  #forget(primary: string): void {
    const held = this.#partners.get(primary);
    if (held === undefined) return;
    this.#partners.delete(primary);
    this.#owners.delete(held.twin);
  }

  #thin(): void {
    this.#level += 1;
    for (const primary of [...this.#partners.keys()]) {
      if (fnv1a(primary) % 2 ** this.#level !== 0) this.#forget(primary);
    }
  }
}
