/** Number of priority levels: reads that the gate lacks most go first, within a level in order of arrival. */
export const LEVELS = 8;

export function levelOf(priority: number): number {
  return Math.max(0, Math.min(LEVELS - 1, Math.floor(priority * LEVELS)));
}

interface Level<T> {
  items: (T | undefined)[];
  head: number;
  size: number;
}

/** Reads that wait, by level. Where there is no room for all, room is made only at the cost of what matters less. */
export class PriorityQueue<T extends { readonly level: number }> {
  readonly #levels: Level<T>[] = Array.from({ length: LEVELS }, () => ({ items: [], head: 0, size: 0 }));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    const level = this.#level(item.level);
    level.items.push(item);
    level.size += 1;
    this.#size += 1;
  }

  /** The first of the highest level. */
  shift(): T | undefined {
    for (let i = LEVELS - 1; i >= 0; i -= 1) {
      const item = this.#take(this.#level(i));
      if (item !== undefined) return item;
    }
    return undefined;
  }

  /** What `shift` would give. */
  peek(): T | undefined {
    for (let i = LEVELS - 1; i >= 0; i -= 1) {
      const level = this.#level(i);
      this.#skipHoles(level);
      if (level.size > 0) return level.items[level.head];
    }
    return undefined;
  }

  /** Takes out the longest waiting of the lowest level, where that is lower than `than`. */
  shed(than: number): T | undefined {
    for (let i = 0; i < Math.min(than, LEVELS); i += 1) {
      const item = this.#take(this.#level(i));
      if (item !== undefined) return item;
    }
    return undefined;
  }

  /** Takes out everything that holds. */
  removeWhere(test: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const level of this.#levels) {
      const kept: T[] = [];
      for (let i = level.head; i < level.items.length; i += 1) {
        const item = level.items[i];
        if (item === undefined) continue;
        (test(item) ? removed : kept).push(item);
      }
      level.items = kept;
      level.head = 0;
      level.size = kept.length;
    }
    this.#size -= removed.length;
    return removed;
  }

  #take(level: Level<T>): T | undefined {
    this.#skipHoles(level);
    if (level.size === 0) return undefined;
    const item = level.items[level.head];
    level.items[level.head] = undefined;
    level.head += 1;
    level.size -= 1;
    this.#size -= 1;
    // Half of it is holes: compact, else the array grows with all that ever waited.
    if (level.head > 64 && level.head * 2 > level.items.length) {
      level.items = level.items.slice(level.head);
      level.head = 0;
    }
    return item;
  }

  #skipHoles(level: Level<T>): void {
    while (level.head < level.items.length && level.items[level.head] === undefined) level.head += 1;
  }

  #level(index: number): Level<T> {
    const level = this.#levels[index];
    if (level === undefined) throw new RangeError(`no level ${index}`);
    return level;
  }
}
