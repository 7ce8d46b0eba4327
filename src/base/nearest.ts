/** The known word that is closest to a misspelt one, for a message. */

/** One of `known` that is few slips away from `word`; null where none is near. Case and blanks do not count. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = plain(word);
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const one of known) {
    const slips = slipsBetween(wanted, plain(one), least);
    if (slips >= least) continue;
    least = slips;
    best = one;
  }
  return best;
}

const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');

/** Letters lost, added, replaced, or swapped with their neighbour (optimal string alignment); `most` where it is as many. */
function slipsBetween(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + same,
          swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
