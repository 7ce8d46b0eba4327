/** How many entries a block holds before it is cut in two. */
const BLOCK = 512;

/**
 * Entries in order, for an index: found, added and removed in logarithmic time plus the length of one block. No two
 * entries may compare as equal.
 */
export class Ordered<T> {
  readonly #compare: (first: T, second: T) => number;
  #blocks: T[][] = [];
  #size = 0;
  /** Grows with each change, so that a walk which was paused finds its place again. */
  #version = 0;

  constructor(compare: (first: T, second: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  add(entry: T): void {
    this.#size += 1;
    this.#version += 1;
    const at = this.#blockOf(entry);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([entry]);
      return;
    }
    // Ids and instants mostly come in order.
    if (this.#compare(last(block), entry) < 0) block.push(entry);
    else
      block.splice(
        lowerBound(block, (other) => this.#compare(other, entry)),
        0,
        entry,
      );
    if (block.length > BLOCK) this.#split(at, block);
  }

  /** Whether the entry was there. */
  remove(entry: T): boolean {
    const at = this.#blockOf(entry);
    const block = this.#blocks[at];
    if (block === undefined) return false;
    const position = lowerBound(block, (other) => this.#compare(other, entry));
    const found = block[position];
    if (found === undefined || this.#compare(found, entry) !== 0) return false;
    block.splice(position, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
    this.#size -= 1;
    this.#version += 1;
    return true;
  }

  /** The entries from the first for which `before` is not negative. `before` must fall in with the order. */
  *from(before: (entry: T) => number): Generator<T> {
    let at = lowerBound(this.#blocks, (block) => before(last(block)));
    let position = lowerBound(this.#blocks[at] ?? [], before);
    let version = this.#version;
    while (true) {
      const block = this.#blocks[at];
      if (block === undefined) return;
      const entry = block[position];
      if (entry === undefined) {
        at += 1;
        position = 0;
        continue;
      }
      yield entry;
      position += 1;
      if (version === this.#version) continue;
      const isDone = (other: T): number => (this.#compare(other, entry) <= 0 ? -1 : 0);
      at = lowerBound(this.#blocks, (other) => isDone(last(other)));
      position = lowerBound(this.#blocks[at] ?? [], isDone);
      version = this.#version;
    }
  }

  /** The same backwards, from the last entry for which `after` is not positive. */
  *downFrom(after: (entry: T) => number): Generator<T> {
    let isAhead = (entry: T): number => (after(entry) > 0 ? 0 : -1);
    let at = lowerBound(this.#blocks, (block) => isAhead(first(block))) - 1;
    let position = lowerBound(this.#blocks[at] ?? [], isAhead) - 1;
    let version = this.#version;
    while (at >= 0) {
      const entry = this.#blocks[at]?.[position];
      if (entry === undefined) {
        at -= 1;
        position = (this.#blocks[at]?.length ?? 0) - 1;
        continue;
      }
      yield entry;
      position -= 1;
      if (version === this.#version) continue;
      isAhead = (other) => (this.#compare(other, entry) >= 0 ? 0 : -1);
      at = lowerBound(this.#blocks, (block) => isAhead(first(block))) - 1;
      position = lowerBound(this.#blocks[at] ?? [], isAhead) - 1;
      version = this.#version;
    }
  }

  /** The block that holds the entry, or where it would be added. */
  #blockOf(entry: T): number {
    const at = lowerBound(this.#blocks, (block) => this.#compare(last(block), entry));
    return Math.max(0, Math.min(at, this.#blocks.length - 1));
  }

  #split(at: number, block: T[]): void {
    // A full last block is cut at its end: entries that come in order then leave full blocks behind.
    const cut = at === this.#blocks.length - 1 ? BLOCK - 16 : BLOCK >> 1;
    this.#blocks.splice(at + 1, 0, block.splice(cut));
  }
}

/** The first position whose element is not before, by binary search. */
function lowerBound<T>(items: readonly T[], before: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && before(item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function first<T>(block: readonly T[]): T {
  return held(block[0]);
}

function last<T>(block: readonly T[]): T {
  return held(block[block.length - 1]);
}

/** A block that has no entries is dropped at once. */
function held<T>(entry: T | undefined): T {
  if (entry === undefined) throw new Error('an empty block in an index');
  return entry;
}
