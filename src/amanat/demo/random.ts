/** A small seeded generator (mulberry32), so that a seed names a whole run. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [0, below). */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** Skewed towards the front: a hot entity is asked for far more often (a power law with exponent 2). */
  hot<T>(items: readonly T[]): T;
  chance(share: number): boolean;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const at = <T>(items: readonly T[], share: number): T => {
    const item = items[Math.min(items.length - 1, Math.floor(share * items.length))];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    next,
    below: (below) => Math.floor(next() * below),
    pick: (items) => at(items, next()),
    hot: (items) => at(items, next() ** 2),
    chance: (share) => next() < share,
  };
}
