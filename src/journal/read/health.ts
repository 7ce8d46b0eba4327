/** Whether the replicas' counts are all here, and their clocks agree. */
import type postgres from 'postgres';
import { sumUnknown } from '../../base/unknown-reads.ts';
import type { JournalHealth } from '../../gate/evidence.ts';
import type { UnknownReads } from '../../types.ts';
import type { Sql } from './rows.ts';

/** A replica says that it is there every five seconds; one silent for longer, and not stopped, has a gap. */
const SILENT_SECONDS = 30;
/** How long a lost replica's gap keeps the gate from deciding. */
const GAP_WINDOW = '1 hour';
/** Two epochs at work within so many seconds: a deployment is under way. */
const ACTIVE_SECONDS = 15;

export interface InstanceRow {
  readonly instance: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly heartbeat: number;
  /** Everything this replica recorded before it is written. */
  readonly watermark: number;
  /** Milliseconds that its clock is ahead of the journal's. */
  readonly skewMs: number;
  readonly droppedEvidence: number;
  readonly stoppedAt: number | null;
  readonly state: 'running' | 'silent' | 'stopped';
}

/** Replicas of the last day, the newest first. */
export function instances(sql: Sql): Promise<InstanceRow[]> {
  return sql<InstanceRow[]>`
    select instance, extract(epoch from started_at)::float8 * 1000 as "startedAt",
      extract(epoch from heartbeat)::float8 * 1000 as heartbeat, extract(epoch from watermark)::float8 * 1000 as watermark,
      skew_ms as "skewMs", dropped_evidence::float8 as "droppedEvidence",
      extract(epoch from stopped_at)::float8 * 1000 as "stoppedAt",
      case when stopped_at is not null then 'stopped'
        when heartbeat < clock_timestamp() - make_interval(secs => ${SILENT_SECONDS}) then 'silent' else 'running' end as state
    from shadowread.instances where heartbeat > clock_timestamp() - interval '24 hours'
    order by started_at desc limit 1000`;
}

/** Reads that no route matches, as the replicas of the last day counted them since their starts. */
export async function unknownReads(sql: Sql): Promise<UnknownReads> {
  const rows = await sql<{ unknown: UnknownReads }[]>`
    select unknown from shadowread.instances
    where unknown is not null and heartbeat > clock_timestamp() - interval '24 hours' order by heartbeat desc limit 1000`;
  return sumUnknown(rows.map(({ unknown }) => unknown));
}

export interface ReplicaSums {
  readonly replicas: number;
  readonly skew: number;
  readonly epochs: number;
}

export type Gap = JournalHealth['gaps'][number];

export function replicaSums(sql: Sql, domain: string): postgres.PendingQuery<ReplicaSums[]> {
  return sql<ReplicaSums[]>`
    select count(*)::int as replicas,
      coalesce(greatest(max(skew_ms) filter (where recent), 0) - least(min(skew_ms) filter (where recent), 0), 0) as skew,
      (select count(*)::int from shadowread.epochs
        where domain = ${domain} and closed_at is null and last_seen > clock_timestamp() - make_interval(secs => ${ACTIVE_SECONDS})) as epochs
    from (select skew_ms, heartbeat > clock_timestamp() - ${GAP_WINDOW}::interval as recent from shadowread.instances
      where heartbeat > clock_timestamp() - interval '24 hours') i`;
}

export function gaps(sql: Sql): postgres.PendingQuery<Gap[]> {
  return sql<Gap[]>`
    select instance, extract(epoch from watermark)::float8 * 1000 as from,
      extract(epoch from clock_timestamp() - watermark)::float8 as seconds
    from shadowread.instances
    where stopped_at is null and heartbeat < clock_timestamp() - make_interval(secs => ${SILENT_SECONDS})
      and heartbeat > clock_timestamp() - ${GAP_WINDOW}::interval
    order by heartbeat limit 100`;
}

export function journalHealth(sums: ReplicaSums | undefined, found: readonly Gap[]): JournalHealth {
  return {
    replicas: sums?.replicas ?? 0,
    gaps: found,
    clockSkewMs: sums?.skew ?? 0,
    activeEpochs: sums?.epochs ?? 0,
  };
}
