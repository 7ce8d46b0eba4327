/** Chance that a seed decides, so that a second run draws the same. In [0, 1). */
export function chanceOf(seed: number): () => number {
  // SplitMix32: well mixed from any seed, and nothing here needs more.
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}

/** Fisher-Yates, in place. */
export function shuffle<T>(items: T[], chance: () => number): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(chance() * (i + 1));
    const [a, b] = [items[i], items[j]];
    if (a === undefined || b === undefined) continue;
    items[i] = b;
    items[j] = a;
  }
}
