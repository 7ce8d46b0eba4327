/**
 * Keeps memory bounded in a long outage of the journal: minutes are summed to hours and hours to days; no count is
 * lost.
 */
import type { CountEntry, HistogramEntry } from './batch.ts';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Sums entries by hour, or by day where they already are by hour, without losing a count. */
export function coarser<T extends { minute: number }>(
  entries: ReadonlyMap<string, T>,
  merge: (into: T, from: T) => void,
): Map<string, T> {
  const byHour = [...entries.values()].every(({ minute }) => minute % HOUR === 0);
  const step = byHour ? 24 * HOUR : HOUR;
  const summed = new Map<string, T>();
  for (const [key, entry] of entries) {
    entry.minute = Math.floor(entry.minute / step) * step;
    const name = `${entry.minute}${key.slice(key.indexOf('|'))}`;
    const into = summed.get(name);
    if (into === undefined) summed.set(name, entry);
    else merge(into, entry);
  }
  return summed;
}

export function mergeCounts(into: CountEntry, from: CountEntry): void {
  into.n += from.n;
  into.firstAt = Math.min(into.firstAt, from.firstAt);
  into.lastAt = Math.max(into.lastAt, from.lastAt);
}

export function mergeHistograms(into: HistogramEntry, from: HistogramEntry): void {
  into.histogram.merge(from.histogram);
}
