/** What several processes or replicas counted of reads that no route matches. */
import type { UnknownPath, UnknownReads } from '../types.ts';

/** Most paths in the list. */
const MOST_LISTED = 10;

/** Several processes or replicas as one. */
export function sumUnknown(all: readonly UnknownReads[]): UnknownReads {
  const paths = new Map<string, UnknownPath>();
  for (const one of all.flatMap((each) => each.paths)) {
    const key = `${one.path} ${one.near?.route ?? ''}`;
    const held = paths.get(key);
    paths.set(key, {
      ...one,
      count: one.count + (held?.count ?? 0),
      atMostTooMany: one.atMostTooMany + (held?.atMostTooMany ?? 0),
    });
  }
  return { reads: all.reduce((sum, { reads }) => sum + reads, 0), paths: mostFrequent([...paths.values()]) };
}

export function mostFrequent(paths: readonly UnknownPath[]): readonly UnknownPath[] {
  return paths.toSorted((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1)).slice(0, MOST_LISTED);
}
