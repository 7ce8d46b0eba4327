/** The counts of the two stores for the cutover table, by domain. */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';

export interface StoreCounts {
  readonly rows: number;
  /** Null where MongoDB could not be asked. */
  readonly documents: number | null;
  /** Documents that a backfill refused. */
  readonly rejects: number;
  /** Writes that reached Mongo and not Postgres, not repaired yet. */
  readonly openGaps: number;
  /** True where the last backfill of every collection came to its end. */
  readonly complete: boolean;
}

interface Counted {
  readonly collection: string;
  readonly count: number;
}

/** Counts of the collections that have rows. Rejects where Postgres cannot be asked. */
export async function countStores(
  sql: Sql,
  mongo: Db | null,
  mappings: readonly ModelMapping[],
): Promise<Map<string, StoreCounts>> {
  const done = await sql<{ collection: string }[]>`
    select collection from backfill_progress where phase = 'rows' and done`;
  const finished = new Set(done.map(({ collection }) => collection));
  const rejects = perCollection(
    await sql<Counted[]>`select collection, count(distinct mongo_id)::float8 as count from backfill_rejects group by 1`,
  );
  const gaps = perCollection(
    await sql<
      Counted[]
    >`select collection, count(distinct mongo_id)::float8 as count from pg_dualwrite_gaps where repaired_at is null group by 1`,
  );
  const byDomain = new Map<string, StoreCounts>();
  for (const mapping of mappings) {
    const { domain, collection } = mapping;
    const before = byDomain.get(domain) ?? { rows: 0, documents: mongo && 0, rejects: 0, openGaps: 0, complete: true };
    const counted = mapping.identity !== 'sequence';
    const documents = counted && mongo !== null ? await mongo.collection(collection).estimatedDocumentCount() : 0;
    byDomain.set(domain, {
      rows: before.rows + (counted ? await rowsOf(sql, mapping) : 0),
      documents: before.documents === null ? null : before.documents + documents,
      rejects: before.rejects + (rejects.get(collection) ?? 0),
      openGaps: before.openGaps + (gaps.get(collection) ?? 0),
      complete: before.complete && finished.has(collection),
    });
  }
  return byDomain;
}

/** All rows, expired ones too, because MongoDB also counts expired documents until it has deleted them. */
async function rowsOf(sql: Sql, { table }: ModelMapping): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::float8 as count from ${sql(table)}`;
  return row?.count ?? 0;
}

const perCollection = (rows: readonly Counted[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ collection, count }) => [collection, count]));
