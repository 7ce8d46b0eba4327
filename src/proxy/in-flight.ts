/** The passages under way. */
import type { Passage } from './passage.ts';

/**
 * An array whose gaps are filled from its end. Not a Set: that leaves its former tables behind, and with each of them,
 * until a full collection, whatever was under way when it was replaced: a third of all requests.
 */
export class InFlight {
  readonly #list: Passage[] = [];
  /** Called with the first after there was none. */
  onFirst: () => void = () => undefined;

  get size(): number {
    return this.#list.length;
  }

  add(passage: Passage): void {
    passage.slot = this.#list.length;
    this.#list.push(passage);
    if (passage.slot === 0) this.onFirst();
  }

  delete(passage: Passage): void {
    const { slot } = passage;
    if (this.#list[slot] !== passage) return;
    const last = this.#list.pop();
    if (last === undefined || last === passage) return;
    last.slot = slot;
    this.#list[slot] = last;
  }

  /** A copy, so that what is done to one may end any of them. */
  all(): readonly Passage[] {
    return this.#list.slice();
  }
}
