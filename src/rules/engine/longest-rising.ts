/** Positions of a longest non-decreasing subsequence (patience sorting). */
export function longestRising(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before: number[] = [];
  values.forEach((value, n) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    before[n] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = n;
  });
  const chosen = new Set<number>();
  for (let n = tails.at(-1) ?? -1; n >= 0; n = before[n] ?? -1) chosen.add(n);
  return chosen;
}
