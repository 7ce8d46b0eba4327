import { compare } from '../bson/compare.ts';
import { DateTime } from '../bson/values.ts';
import type { Catalog } from './catalog.ts';
import type { Index } from './index.ts';
import type { Record } from './record.ts';

/** Deletes the documents whose time to live is over; how many. https://www.mongodb.com/docs/manual/core/index-ttl/ */
export function expire(catalog: Catalog, now: number): number {
  let deleted = 0;
  for (const collections of catalog.databases.values()) {
    for (const collection of collections.values()) {
      for (const index of collection.indexes.values()) {
        const { expireAfterSeconds } = index.spec;
        if (expireAfterSeconds === undefined) continue;
        const over = recordsUpTo(index, now - expireAfterSeconds * 1000);
        for (const record of over) collection.remove(record);
        deleted += over.size;
      }
    }
  }
  return deleted;
}

/**
 * The records with an instant of this or an earlier time; of several in an array the earliest counts. Only these are
 * looked at, since this is done again and again over all that is stored.
 */
function recordsUpTo({ spec, entries }: Index, ms: number): ReadonlySet<Record> {
  const falling = spec.parts[0]?.direction === -1;
  const begin = new DateTime(falling ? ms : Number.NEGATIVE_INFINITY);
  const found = new Set<Record>();
  for (const { key, record } of entries.from(({ key: [value] }) => compare(value, begin) * (falling ? -1 : 1))) {
    const [value] = key;
    if (!(value instanceof DateTime) || value.ms > ms) break;
    found.add(record);
  }
  return found;
}
