/** What happened to one domain's flipped reads within the last short while, in memory of fixed size. */

const SLOTS = 30;

interface Slot {
  index: number;
  served: number;
  failed: number;
  slow: number;
  compared: number;
  mismatches: number;
}

export interface WindowSums {
  readonly served: number;
  /** Errors and timeouts of the twin, those that the primary answered for included. */
  readonly failed: number;
  /** Reads slower than the limit. */
  readonly slow: number;
  readonly compared: number;
  readonly mismatches: number;
}

export type Happened = keyof WindowSums;

export class SlidingWindow {
  readonly #slotMs: number;
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => emptySlot(-1));

  constructor(windowMs: number) {
    this.#slotMs = Math.max(1, windowMs / SLOTS);
  }

  add(what: Happened, now: number): void {
    const index = Math.floor(now / this.#slotMs);
    const position = index % SLOTS;
    let slot = this.#slots[position];
    if (slot === undefined || slot.index !== index) {
      slot = emptySlot(index);
      this.#slots[position] = slot;
    }
    slot[what] += 1;
  }

  sums(now: number): WindowSums {
    const newest = Math.floor(now / this.#slotMs);
    const sums = { served: 0, failed: 0, slow: 0, compared: 0, mismatches: 0 };
    for (const slot of this.#slots) {
      if (slot.index <= newest - SLOTS || slot.index > newest) continue;
      sums.served += slot.served;
      sums.failed += slot.failed;
      sums.slow += slot.slow;
      sums.compared += slot.compared;
      sums.mismatches += slot.mismatches;
    }
    return sums;
  }
}

function emptySlot(index: number): Slot {
  return { index, served: 0, failed: 0, slow: 0, compared: 0, mismatches: 0 };
}
