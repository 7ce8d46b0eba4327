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

/** One pair as it is kept. */
export interface IdPairRow {
  readonly collection: string;
  readonly primary: string;
  readonly twin: string;
  /** Answers that have shown it. */
  readonly sightings: number;
  /** Epoch ms of the last change. */
  readonly seenAt: number;
}

/** Pairs of a collection, those that the fewest answers have shown first; with an id, of either side, those that it is in. */
export function pairsOfIds(
  sql: Sql,
  filter: { readonly collection: string; readonly id: string | null; readonly limit: number },
): Promise<IdPairRow[]> {
  const { collection, id, limit } = filter;
  return sql<IdPairRow[]>`
    select collection, primary_id as "primary", twin_id as twin, sightings, extract(epoch from seen_at)::float8 * 1000 as "seenAt"
    from shadowread.id_pairs
    where collection = ${collection} and (${id}::text is null or primary_id = ${id} or twin_id = ${id})
    order by sightings, seen_at desc, primary_id limit ${Math.min(10_000, Math.max(1, limit))}`;
}
