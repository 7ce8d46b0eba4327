/** Writes one batch in one transaction, exactly once. */
import type postgres from 'postgres';
import { type Batch, DISTINCT, type HashEntry } from './batch.ts';
import type { BatchKeys } from './keys.ts';
import { jsonFor } from './text.ts';

export interface ApplyContext {
  readonly instance: string;
  readonly startedAt: number;
  /** Which of the counters' rows this replica adds to. */
  readonly shard: number;
  /** Milliseconds that this clock is ahead of the journal's. */
  readonly skewMs: number;
  readonly droppedEvidence: number;
  readonly evidenceTtlMs: number;
  /** Distinct hashes kept per (epoch, route, shape, kind); beyond it only mismatching units are. */
  readonly distinctCap: number;
}

/** Counters are spread over so many rows, so that replicas seldom wait for each other. */
export const SHARDS = 16;

/** Histograms come seldom and their rows are wide: fewer copies of them. */
const HISTOGRAM_SHARDS = 4;

export interface Applied {
  /** False for a batch that had been applied before. */
  readonly applied: boolean;
  /** Hashes of the batch whose (epoch, shape, kind) holds as many as are kept: more of them need not be sent. */
  readonly full: readonly HashEntry[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

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
    await rare(tx, batch);
    const { news, full } = await distinct(tx, batch, keys, context);
    // Rows that all replicas share come last: their locks are then held for the shortest time.
    await fingerprints(tx, batch, keys);
    await coverageNews(tx, news);
    await epochs(tx, batch, keys);
    return { applied: true, full };
  });
}

async function claim(tx: postgres.ISql, sequence: number, batch: Batch, context: ApplyContext): Promise<boolean> {
  const rows = await tx`
    insert into shadowread.instances as i
      (instance, started_at, applied, heartbeat, watermark, skew_ms, dropped_evidence)
    values (${context.instance}, ${iso(context.startedAt)}, ${sequence}, clock_timestamp(), ${iso(batch.watermark)},
      ${context.skewMs}, ${context.droppedEvidence})
    on conflict (instance) do update set applied = excluded.applied, heartbeat = excluded.heartbeat,
      watermark = greatest(i.watermark, excluded.watermark), skew_ms = excluded.skew_ms,
      dropped_evidence = excluded.dropped_evidence
    where i.applied < excluded.applied
    returning 1`;
  return rows.length === 1;
}

/**
 * When each epoch was last at work says which one is a domain's current one. A second is exact enough, and spares the
 * row a thousand replicas' updates; right after its beginning it is exact.
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

async function coverage(tx: postgres.ISql, batch: Batch, keys: BatchKeys, shard: number): Promise<void> {
  if (batch.coverage.length === 0) return;
  const rows = batch.coverage.map((entry) => ({
    epoch: keys.epoch(entry.about),
    shape: keys.shape(entry),
    seen: entry.seen,
    compared: entry.compared,
    mismatches: entry.mismatches,
    lost: entry.lostUnits,
    first: iso(entry.firstAt),
    last: iso(entry.lastAt),
  }));
  await tx`
    insert into shadowread.coverage as c (epoch, shape, shard, seen, compared, mismatches, lost_units, first_seen, last_seen)
    select epoch, shape, ${shard}, sum(seen), sum(compared), sum(mismatches), sum(lost), min(first), max(last)
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(epoch int, shape int, seen bigint, compared bigint,
      mismatches bigint, lost bigint, first timestamptz, last timestamptz)
    group by epoch, shape order by epoch, shape
    on conflict (epoch, shape, shard) do update set seen = c.seen + excluded.seen, compared = c.compared + excluded.compared,
      mismatches = c.mismatches + excluded.mismatches, lost_units = c.lost_units + excluded.lost_units,
      first_seen = least(c.first_seen, excluded.first_seen), last_seen = greatest(c.last_seen, excluded.last_seen)`;
}

interface ScopeCount {
  readonly epoch: number;
  readonly shape: number;
}

interface Distinct {
  /** Shapes that brought a comparison not seen before. */
  readonly news: readonly ScopeCount[];
  readonly full: readonly HashEntry[];
}

/**
 * Every hash is counted by whoever inserts it, so that the sums over the shards are exact. The cap is looked up before:
 * replicas that insert at the same moment may pass it by what they bring together.
 */
async function distinct(tx: postgres.ISql, batch: Batch, keys: BatchKeys, context: ApplyContext): Promise<Distinct> {
  if (batch.hashes.length === 0) return { news: [], full: [] };
  const rows = batch.hashes.map((entry) => ({
    epoch: keys.epoch(entry.about),
    shape: keys.shape(entry),
    kind: entry.kind,
    hash: entry.hash,
    fingerprint: entry.fingerprint,
  }));
  const sums = await tx<{ epoch: number; shape: number; held: number[] }[]>`
    select epoch, shape, array[sum(entities), sum(answers), sum(units)]::float8[] as held from shadowread.coverage
    where epoch = any(${[...new Set(rows.map(({ epoch }) => epoch))]}::int[]) and shape = any(${[...new Set(rows.map(({ shape }) => shape))]}::int[])
    group by epoch, shape`;
  const held = new Map(sums.map((row) => [`${row.epoch}|${row.shape}`, row.held]));
  const isFull = ({ epoch, shape, kind }: (typeof rows)[number]): boolean =>
    (held.get(`${epoch}|${shape}`)?.[kind] ?? 0) >= context.distinctCap;
  const plain = rows.filter((row) => row.fingerprint === null && !isFull(row));
  const differing = rows.filter((row) => row.fingerprint !== null);
  const made = [
    ...(plain.length === 0
      ? []
      : await tx<MadeRow[]>`
        with made as (
          insert into shadowread.distinct_hashes (epoch, shape, kind, hash)
          select distinct epoch, shape, kind, ('x' || hash)::bit(64)::bigint as h
          from jsonb_to_recordset(${jsonFor(plain)}::text::jsonb) as x(epoch int, shape int, kind smallint, hash text)
          order by 1, 2, 3, 4
          on conflict do nothing returning epoch, shape, kind
        ) select epoch, shape, kind, count(*)::int as n from made group by 1, 2, 3`),
    ...(differing.length === 0
      ? []
      : await tx<MadeRow[]>`
        with made as (
          insert into shadowread.distinct_hashes as d (epoch, shape, kind, hash, fingerprint)
          select epoch, shape, kind, ('x' || hash)::bit(64)::bigint as h, max(fingerprint)
          from jsonb_to_recordset(${jsonFor(differing)}::text::jsonb)
            as x(epoch int, shape int, kind smallint, hash text, fingerprint text)
          group by 1, 2, 3, 4 order by 1, 2, 3, 4
          on conflict (epoch, shape, kind, hash) do update set fingerprint = excluded.fingerprint where d.fingerprint is null
          returning epoch, shape, kind, (xmax = 0) as fresh
        ) select epoch, shape, kind, count(*)::int as n from made where fresh group by 1, 2, 3`),
  ];
  if (made.length > 0) {
    await tx`
      update shadowread.coverage c set entities = c.entities + a.entities, answers = c.answers + a.answers, units = c.units + a.units
      from (select epoch, shape, coalesce(sum(n) filter (where kind = 0), 0) as entities,
          coalesce(sum(n) filter (where kind = 1), 0) as answers, coalesce(sum(n) filter (where kind = 2), 0) as units
        from jsonb_to_recordset(${jsonFor(made)}::text::jsonb) as x(epoch int, shape int, kind smallint, n bigint)
        group by epoch, shape) a
      where a.epoch = c.epoch and a.shape = c.shape and c.shard = ${context.shard}`;
  }
  return {
    news: made.filter(({ kind }) => kind === DISTINCT.unit),
    full: batch.hashes.filter((_entry, at) => {
      const row = rows[at];
      return row !== undefined && isFull(row);
    }),
  };
}

interface MadeRow extends ScopeCount {
  readonly kind: number;
  readonly n: number;
}

async function coverageNews(tx: postgres.ISql, news: readonly ScopeCount[]): Promise<void> {
  if (news.length === 0) return;
  await tx`
    insert into shadowread.coverage_news as c (epoch, shape, compared)
    select c.epoch, c.shape, sum(c.compared)
    from (select distinct epoch, shape from jsonb_to_recordset(${jsonFor(news)}::text::jsonb) as x(epoch int, shape int)) x
    join shadowread.coverage c on c.epoch = x.epoch and c.shape = x.shape
    group by 1, 2 order by 1, 2
    on conflict (epoch, shape) do update set compared = greatest(c.compared, excluded.compared)`;
}

async function fingerprints(tx: postgres.ISql, batch: Batch, keys: BatchKeys): Promise<void> {
  if (batch.fingerprints.length > 0) {
    const rows = batch.fingerprints.map((entry) => ({ ...entry, first: iso(entry.firstAt), last: iso(entry.lastAt) }));
    await tx`
      insert into shadowread.fingerprints as f
        (fingerprint, domain, route, kinds, sample, fatal, first_seen, last_seen, n, last_mismatch)
      select fingerprint, domain, route, array(select jsonb_array_elements_text(kinds)), sample, fatal, first, last, n, "lastMismatch"
      from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(fingerprint text, domain text, route text, kinds jsonb,
        sample jsonb, fatal bool, first timestamptz, last timestamptz, n bigint, "lastMismatch" text)
      order by fingerprint
      on conflict (fingerprint) do update set
        n = f.n + excluded.n, fatal = f.fatal or excluded.fatal,
        first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen),
        last_mismatch = case when excluded.last_seen >= f.last_seen then excluded.last_mismatch else f.last_mismatch end,
        regressed = f.regressed or (f.state = 'fixed' and excluded.last_seen > f.fixed_at),
        state = case when f.state = 'fixed' and excluded.last_seen > f.fixed_at then 'open' else f.state end`;
  }
  if (batch.fingerprintCounts.length === 0) return;
  const rows = batch.fingerprintCounts.map((entry) => ({
    hour: iso(entry.hour),
    epoch: keys.epoch(entry.about),
    fingerprint: entry.fingerprint,
    served: entry.served,
    representation: entry.representation,
    cause: entry.cause,
    n: entry.n,
    last: iso(entry.lastAt),
  }));
  const json = jsonFor(rows);
  await tx`
    insert into shadowread.fingerprint_counts as c (hour, fingerprint, epoch, served, representation, cause, n)
    select hour, fingerprint, epoch, served, representation, cause, sum(n) from jsonb_to_recordset(${json}::text::jsonb)
      as x(hour timestamptz, fingerprint text, epoch int, served text, representation text, cause text, n bigint)
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (hour, fingerprint, epoch, served, representation, cause) do update set n = c.n + excluded.n`;
  await tx`
    insert into shadowread.fingerprint_evidence as e (epoch, fingerprint, served, representation, n, last_at)
    select epoch, fingerprint, served, representation, sum(n), max(last) from jsonb_to_recordset(${json}::text::jsonb)
      as x(epoch int, fingerprint text, served text, representation text, n bigint, last timestamptz)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (epoch, fingerprint, served, representation) do update
      set n = e.n + excluded.n, last_at = greatest(e.last_at, excluded.last_at)`;
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
    fingerprint: entry.fingerprint,
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
    insert into shadowread.mismatches (id, at, exchange_id, domain, route, served, representation, fingerprint, cause,
      fatal, epoch, trace_id, difference_count, verdict, evidence, evidence_expires)
    select id, at, exchange, domain, route, served, representation, fingerprint, cause, fatal, epoch, trace, differences,
      verdict::jsonb, decode(evidence, 'base64'), expires
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(id text, at timestamptz, exchange text, domain text,
      route text, served text, representation text, fingerprint text, cause text, fatal bool, epoch int, trace text,
      differences int, verdict text, evidence text, expires timestamptz)
    on conflict do nothing`;
}

async function rare(tx: postgres.ISql, batch: Batch): Promise<void> {
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
      select route, path, n, last from jsonb_to_recordset(${jsonFor(batch.controlPaths.map((entry) => ({ ...entry, last: iso(entry.lastAt) })))}::text::jsonb)
        as x(route text, path text, n bigint, last timestamptz)
      order by route, path
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
