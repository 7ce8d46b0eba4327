/** Many rows, one after another: those that `verify` found, those of open gaps, and those that open faults blame. */
import type { ModelMapping } from '../../api/mapping.ts';
import type { Queryable } from '../../base/postgres.ts';
import { burstOf, TokenBucket } from '../../base/token-bucket.ts';
import { byDependency } from '../order.ts';
import { readPlaces } from '../verify/progress.ts';
import type { Repair, RepairOptions, RepairTarget } from './repair.ts';
import { repairRow } from './row.ts';

export const REPAIR_CAUSES = ['data_drift', 'missing_row', 'extra_row', 'known_gap'] as const;
export type RepairCause = (typeof REPAIR_CAUSES)[number];

/** What `verify` calls it; a known gap is found in its own table. */
const FINDINGS: Readonly<Record<Exclude<RepairCause, 'known_gap'>, string>> = {
  data_drift: 'drift',
  missing_row: 'missing',
  extra_row: 'extra',
};

/** A row that something else than `verify` found. */
export interface KnownRow {
  readonly collection: string;
  readonly mongoId: string;
  readonly cause: string;
}

/**
 * The rows of these causes. Referenced rows come before those that refer to them; rows to delete come last, in the
 * opposite order.
 */
export async function rowsToRepair(
  sql: Queryable,
  mappings: readonly ModelMapping[],
  causes: readonly RepairCause[],
  known: readonly KnownRow[] = [],
): Promise<readonly RepairTarget[]> {
  const rest = known
    .filter(({ cause }) => causes.some((wanted) => wanted === cause))
    .map(({ collection, mongoId, cause }) => ({
      collection,
      mongo_id: mongoId,
      kind: cause === 'extra_row' ? 'extra' : cause,
    }));
  const kinds = causes.flatMap((cause) => (cause === 'known_gap' ? [] : [FINDINGS[cause]]));
  const found = await sql<{ collection: string; id: string; extra: boolean }[]>`
    select collection, mongo_id as id, bool_or(kind = 'extra') as extra from (
      select collection, mongo_id, kind from verify_findings where kind = any(${kinds})
      union all
      select collection, mongo_id, 'gap' from pg_dualwrite_gaps where repaired_at is null and ${causes.includes('known_gap')}
      union all
      select collection, mongo_id, kind from json_populate_recordset(null::verify_findings, ${JSON.stringify(rest)}::text::json)
    ) rows group by 1, 2 order by 1, 2`;
  const ordered = byDependency(mappings);
  const of = (mapping: ModelMapping, extra: boolean): RepairTarget[] =>
    found
      .filter((row) => row.collection === mapping.collection && row.extra === extra)
      .map(({ id }) => ({ mapping, mongoId: id }));
  return [
    ...ordered.flatMap((mapping) => of(mapping, false)),
    ...ordered.toReversed().flatMap((mapping) => of(mapping, true)),
  ];
}

/** The collections that no `verify` has finished: nothing is known of their rows. */
export async function unverified(sql: Queryable, mappings: readonly ModelMapping[]): Promise<readonly string[]> {
  const places = await readPlaces(sql);
  return mappings.map(({ collection }) => collection).filter((name) => places.get(name)?.done !== true);
}

export interface ManyOptions extends RepairOptions {
  /** Rows a second at most. */
  readonly rate: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Called and awaited after each row. */
  readonly onRepair?: (repair: Repair) => Promise<void>;
}

/** The results so far: fewer than the targets if the signal stopped it. */
export async function repairMany(options: ManyOptions, targets: readonly RepairTarget[]): Promise<readonly Repair[]> {
  const bucket = new TokenBucket(options.rate, burstOf(options.rate), performance.now());
  const repairs: Repair[] = [];
  for (const target of targets) {
    while (!bucket.take(performance.now())) {
      const waitMs = Math.min(1_000, bucket.waitMs(performance.now()));
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
    }
    if (options.signal?.aborted === true) break;
    const done = await repairRow(options, target);
    repairs.push(done);
    await options.onRepair?.(done);
    options.onProgress?.(repairs.length, targets.length);
  }
  return repairs;
}
