/** How well founded the pairs of ids are that proxies found by consistency. */
import type { IdEvidence } from '../../gate/evidence.ts';
import type { Sql } from './rows.ts';

/** One entry for each of these collections, also for those without pairs. */
export function idPairs(sql: Sql, collections: readonly string[]): Promise<IdEvidence[]> {
  return sql<IdEvidence[]>`
    select w.collection, count(p.primary_id)::float8 as ids, (count(p.primary_id) filter (where p.sightings < 2))::float8 as once
    from unnest(${[...collections]}::text[]) as w (collection)
    left join shadowread.id_pairs p on p.collection = w.collection group by 1 order by 1`;
}
