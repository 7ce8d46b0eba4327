import { DateTime } from '../bson/values.ts';
import type { Catalog } from './catalog.ts';
import type { Record } from './record.ts';

/** Deletes the documents whose time to live is over; how many. https://www.mongodb.com/docs/manual/core/index-ttl/ */
export function expire(catalog: Catalog, now: number): number {
  let deleted = 0;
  for (const collections of catalog.databases.values()) {
    for (const collection of collections.values()) {
      for (const { spec, entries } of collection.indexes.values()) {
        if (spec.expireAfterSeconds === undefined) continue;
        const limit = now - spec.expireAfterSeconds * 1000;
        const over = new Set<Record>();
        // Of several instants in an array the earliest counts: one entry that is over is enough.
        for (const { key, record } of entries.from(() => 0)) {
          const [value] = key;
          if (value instanceof DateTime && value.ms <= limit) over.add(record);
        }
        for (const record of over) collection.remove(record);
        deleted += over.size;
      }
    }
  }
  return deleted;
}
