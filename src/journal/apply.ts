/** Writes one batch in one transaction, exactly once. */
import type postgres from 'postgres';
import type { UnknownReads } from '../types.ts';
import { coverage, coverageNews, distinct } from './apply-coverage.ts';
import { faults } from './apply-faults.ts';
import { fingerprints } from './apply-fingerprints.ts';
import type { Batch, HashEntry } from './batch.ts';
import type { BatchKeys } from './keys.ts';
import { iso } from './read/rows.ts';
import { jsonFor } from './text.ts';

export interface ApplyContext {
  readonly instance: string;
  readonly startedAt: number;
  /** The shard of the counters that this replica adds to. */
  readonly shard: number;
  /** Milliseconds that this clock is ahead of the journal's. */
  readonly skewMs: number;
  readonly droppedEvidence: number;
  /** Reads of no route since the replica's start. */
  readonly unknown: UnknownReads;
  readonly evidenceTtlMs: number;
  /** Distinct hashes kept per (epoch, route, shape, kind); beyond it only mismatching units are. */
  readonly distinctCap: number;
}

/** Number of rows over which a counter is spread, so that replicas seldom wait for each other. */
export const SHARDS = 16;

/** Histograms are written seldom and their rows are wide, so they have fewer shards. */
const HISTOGRAM_SHARDS = 4;

export interface Applied {
  /** False for a batch that had been applied before. */
  readonly applied: boolean;
  /** Hashes whose (epoch, shape, kind) is full: no more of them need to be sent. */
  readonly full: readonly HashEntry[];
}

/**
 * Applies a batch. The instance's row says which sequence was last applied: it is raised in the same transaction, so a
 * batch that is sent again after a lost connection changes nothing.
 */
export async function applyBatch(
  sql: postgres.Sql,
  sequence: number,
  batch: Batch,
  keys: BatchKeys,
  context: ApplyContext,
): Promise<Applied> {
  return sql.begin(async (tx) => {
    if (!(await claim(tx, sequence, batch, context))) return { applied: false, full: [] };
    await mismatches(tx, batch, keys, context);
    await histograms(tx, batch, keys, context.shard % HISTOGRAM_SHARDS);
    await counts(tx, batch, keys, context.shard);
    await coverage(tx, batch, keys, context.shard);
    await rare(tx, batch, keys);
    const { news, full } = await distinct(tx, batch, keys, context);
    // Rows that all replicas share come last: their locks are then held for the shortest time.
    await fingerprints(tx, batch, keys);
    await faults(tx, batch, keys);
    await coverageNews(tx, news);
    await epochs(tx, batch, keys);
    return { applied: true, full };
  });
}

async function claim(tx: postgres.ISql, sequence: number, batch: Batch, context: ApplyContext): Promise<boolean> {
  const rows = await tx`
    insert into shadowread.instances as i
      (instance, started_at, applied, heartbeat, watermark, skew_ms, dropped_evidence, unknown)
    values (${context.instance}, ${iso(context.startedAt)}, ${sequence}, clock_timestamp(), ${iso(batch.watermark)},
      ${context.skewMs}, ${context.droppedEvidence}, ${jsonFor(context.unknown)}::text::jsonb)
    on conflict (instance) do update set applied = excluded.applied, heartbeat = excluded.heartbeat,
      watermark = greatest(i.watermark, excluded.watermark), skew_ms = excluded.skew_ms,
      dropped_evidence = excluded.dropped_evidence, unknown = excluded.unknown
    where i.applied < excluded.applied
    returning 1`;
  return rows.length === 1;
}

/**
 * The epoch that was last at work is the domain's current one. Its time is kept to the second, which spares the row
 * the updates of a thousand replicas; right after its beginning it is exact.
 */
async function epochs(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  const last = new Map<number, number>();
  for (const { about, verdict, lastAt } of batch.counts) {
    if (verdict === 'skipped') continue;
    const id = keys.epoch(about);
    last.set(id, Math.max(last.get(id) ?? 0, lastAt));
  }
  if (last.size === 0) return;
  const rows = [...last].sort(([a], [b]) => a - b).map(([id, at]) => ({ id, at: iso(at) }));
  await tx`
    update shadowread.epochs e set last_seen = x.at
    from (
      select e.id, x.at from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(id int, at timestamptz)
      join shadowread.epochs e on e.id = x.id order by e.id for update of e skip locked
    ) x
    where e.id = x.id and (e.last_seen < x.at - interval '1 second'
      or (e.last_seen < x.at and e.last_seen < e.began_at + interval '5 seconds'))`;
}

async function counts(tx: postgres.ISql, batch: Batch, keys: BatchKeys, shard: number): Promise<void> {
  if (batch.counts.length === 0) return;
  const rows = batch.counts.map((entry) => ({
    minute: iso(entry.minute),
    key: keys.count(entry),
    n: entry.n,
    at: iso(entry.lastAt),
  }));
  const json = jsonFor(rows);
  await tx`
    insert into shadowread.counts as c (minute, key, shard, n)
    select minute, key, ${shard}, sum(n) from jsonb_to_recordset(${json}::text::jsonb) as x(minute timestamptz, key int, n bigint)
    group by minute, key order by minute, key
    on conflict (minute, key, shard) do update set n = c.n + excluded.n`;
  await tx`
    insert into shadowread.evidence as e (key, shard, n, last_at)
    select key, ${shard}, sum(n), max(at) from jsonb_to_recordset(${json}::text::jsonb) as x(key int, n bigint, at timestamptz)
    group by key order by key
    on conflict (key, shard) do update set n = e.n + excluded.n, last_at = greatest(e.last_at, excluded.last_at)`;
}

async function histograms(tx: postgres.ISql, batch: Batch, keys: BatchKeys, shard: number): Promise<void> {
  if (batch.histograms.length === 0) return;
  const rows = batch.histograms.map((entry) => ({
    minute: iso(entry.minute),
    series: keys.series(entry),
    buckets: `{${entry.histogram.pack().join(',')}}`,
    sum: entry.histogram.sum,
  }));
  const json = jsonFor(rows);
  await tx`
    insert into shadowread.histograms as h (minute, series, shard, buckets, sum)
    select minute, series, ${shard}, shadowread.merge_buckets(shadowread.merge_all_buckets(buckets::bigint[]), '{}'), sum(sum)
    from jsonb_to_recordset(${json}::text::jsonb) as x(minute timestamptz, series int, buckets text, sum float8)
    group by minute, series order by minute, series
    on conflict (minute, series, shard) do update
      set buckets = shadowread.merge_buckets(h.buckets, excluded.buckets), sum = h.sum + excluded.sum`;
  await tx`
    insert into shadowread.evidence_histograms as h (series, shard, buckets, sum)
    select series, ${shard}, shadowread.merge_buckets(shadowread.merge_all_buckets(buckets::bigint[]), '{}'), sum(sum)
    from jsonb_to_recordset(${json}::text::jsonb) as x(series int, buckets text, sum float8)
    group by series order by series
    on conflict (series, shard) do update
      set buckets = shadowread.merge_buckets(h.buckets, excluded.buckets), sum = h.sum + excluded.sum`;
}

async function mismatches(tx: postgres.ISql, batch: Batch, keys: BatchKeys, context: ApplyContext): Promise<void> {
  if (batch.mismatches.length === 0) return;
  const rows = batch.mismatches.map((entry) => ({
    id: entry.id,
    at: iso(entry.at),
    exchange: entry.exchangeId,
    domain: entry.about.domain,
    route: entry.route,
    served: entry.served,
    representation: entry.representation,
    fingerprint: keys.fingerprint(entry.route, entry.fingerprint),
    fingerprints: [...new Set(entry.fingerprints.map((one) => keys.fingerprint(entry.route, one)))],
    cause: entry.cause,
    fatal: entry.fatal,
    epoch: keys.epoch(entry.about),
    trace: entry.traceId,
    differences: entry.differenceCount,
    verdict: entry.verdict,
    evidence: entry.evidence === null ? null : Buffer.from(entry.evidence).toString('base64'),
    expires: entry.evidence === null ? null : iso(entry.at + context.evidenceTtlMs),
  }));
  await tx`
    insert into shadowread.mismatches (id, at, exchange_id, domain, route, served, representation, fingerprint, fingerprints,
      cause, fatal, epoch, trace_id, difference_count, verdict, evidence, evidence_expires)
    select id, at, exchange, domain, route, served, representation, fingerprint,
      array(select jsonb_array_elements_text(fingerprints)), cause, fatal, epoch, trace, differences,
      verdict::jsonb, decode(evidence, 'base64'), expires
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(id text, at timestamptz, exchange text, domain text,
      route text, served text, representation text, fingerprint text, fingerprints jsonb, cause text, fatal bool, epoch int, trace text,
      differences int, verdict text, evidence text, expires timestamptz)
    on conflict do nothing`;
}

async function rare(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.control.length > 0) {
    await tx`
      insert into shadowread.control_counts as c (minute, domain, route, n, disagreed)
      select minute, domain, route, sum(n), sum(disagreed)
      from jsonb_to_recordset(${jsonFor(batch.control.map((entry) => ({ ...entry, minute: iso(entry.minute) })))}::text::jsonb)
        as x(minute timestamptz, domain text, route text, n bigint, disagreed bigint)
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (minute, domain, route) do update set n = c.n + excluded.n, disagreed = c.disagreed + excluded.disagreed`;
  }
  if (batch.controlPaths.length > 0) {
    await tx`
      insert into shadowread.control_paths as c (route, path, n, last_at)
      select route, path, sum(n), max(last) from jsonb_to_recordset(${jsonFor(batch.controlPaths.map((entry) => ({ ...entry, path: keys.noisyPath(entry.route, entry.path), last: iso(entry.lastAt) })))}::text::jsonb)
        as x(route text, path text, n bigint, last timestamptz)
      group by route, path order by route, path
      on conflict (route, path) do update set n = c.n + excluded.n, last_at = greatest(c.last_at, excluded.last_at)`;
  }
  if (batch.failures.length > 0) {
    await tx`
      insert into shadowread.failures as f (domain, route, verdict, reason, n, last_at, detail, trace_id)
      select domain, route, verdict, reason, n, last, detail, "traceId"
      from jsonb_to_recordset(${jsonFor(batch.failures.map((entry) => ({ ...entry, last: iso(entry.lastAt) })))}::text::jsonb)
        as x(domain text, route text, verdict text, reason text, n bigint, last timestamptz, detail text, "traceId" text)
      order by domain, route, verdict, reason
      on conflict (domain, route, verdict, reason) do update set n = f.n + excluded.n,
        last_at = greatest(f.last_at, excluded.last_at), detail = coalesce(excluded.detail, f.detail), trace_id = excluded.trace_id`;
  }
}
