/** A gate's evidence for one domain: sums that grow with routes and shapes, not with traffic. */
import type {
  DomainEvidence,
  EpochEvidence,
  FingerprintEvidence,
  LatencyEvidence,
  RouteEvidence,
  ShapeEvidence,
  WindowCounts,
} from '../../gate/evidence.ts';
import { CHOSEN_SKIPS, type SkipReason, type VerdictKind } from '../../types.ts';
import { DISTINCT } from '../batch.ts';
import { Histogram } from '../histogram.ts';
import { journalHealth } from './health.ts';
import type { Sql } from './rows.ts';

/** Reads the evidence in one snapshot. The domain's current epoch is the one last at work. */
export async function domainEvidence(sql: Sql, domain: string): Promise<DomainEvidence> {
  const [clock] = await sql<{ now: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
  const at = clock?.now ?? 0;
  const epoch = await currentEpoch(sql, domain);
  const journal = await journalHealth(sql, domain);
  if (epoch === null) {
    return {
      domain,
      at,
      epoch: null,
      counts: windowCounts([], 0),
      lastDay: windowCounts([], 0),
      otherRepresentation: 0,
      servedByTwin: 0,
      routes: [],
      settleP99Ms: null,
      fingerprints: [],
      journal,
    };
  }
  const { fingerprints, accepted, acknowledged, lastDayAcknowledged } = await fingerprintsOf(sql, domain, epoch.id, at);
  const total = await countRows(sql, epoch.id);
  const day = await lastDayRows(sql, epoch.id);
  const timed = await histogramsOf(sql, epoch.id);
  const shapes = await shapesOf(sql, epoch.id, accepted);
  return {
    domain,
    at,
    epoch,
    counts: windowCounts(total, acknowledged),
    lastDay: windowCounts(day, lastDayAcknowledged),
    otherRepresentation: comparedOf(total.filter((row) => row.served === 'primary' && row.representation === 'twin')),
    servedByTwin: comparedOf(total.filter((row) => row.served === 'twin')),
    routes: routesOf(shapes, timed, await fewAnswers(sql, epoch.id)),
    settleP99Ms: timed.settle.quantile(0.99),
    fingerprints,
    journal,
  };
}

export async function currentEpoch(sql: Sql, domain: string): Promise<EpochEvidence | null> {
  const [epoch] = await sql<EpochEvidence[]>`
    select id, ordinal, backfill, twin_build as "twinBuild", rules, extract(epoch from began_at)::float8 * 1000 as "beganAt"
    from shadowread.epochs where domain = ${domain} order by last_seen desc, ordinal desc limit 1`;
  return epoch ?? null;
}

interface CountRow {
  served: string;
  representation: string;
  verdict: VerdictKind;
  reason: string;
  fatal: boolean;
  n: number;
}

function countRows(sql: Sql, epoch: number): Promise<CountRow[]> {
  return sql<CountRow[]>`
    select served, representation, verdict, reason, fatal, sum(n)::float8 as n
    from shadowread.evidence e join shadowread.count_keys k on k.id = e.key where k.epoch = ${epoch} group by 1, 2, 3, 4, 5`;
}

function lastDayRows(sql: Sql, epoch: number): Promise<CountRow[]> {
  return sql<CountRow[]>`
    select served, representation, verdict, reason, fatal, sum(n)::float8 as n
    from shadowread.counts c join shadowread.count_keys k on k.id = c.key
    where k.epoch = ${epoch} and c.minute >= now() - interval '24 hours' group by 1, 2, 3, 4, 5`;
}

function windowCounts(rows: readonly CountRow[], acknowledged: number): WindowCounts {
  const seen = rows.filter((row) => row.served === 'primary');
  const evidence = seen.filter((row) => row.representation === 'primary');
  const of = (from: readonly CountRow[], test: (row: CountRow) => boolean): number =>
    from.reduce((sum, row) => (test(row) ? sum + row.n : sum), 0);
  const kind = (verdict: VerdictKind): number => of(evidence, (row) => row.verdict === verdict);
  const chosen: readonly SkipReason[] = CHOSEN_SKIPS;
  const byChoice = (row: CountRow): boolean => chosen.some((reason) => reason === row.reason);
  const mismatch = kind('mismatch');
  const apart = Math.min(acknowledged, mismatch);
  return {
    match: kind('match'),
    settled: kind('settled'),
    mismatch: mismatch - apart,
    acknowledged: apart,
    fatal: of(evidence, (row) => row.verdict === 'mismatch' && row.fatal),
    unstable: kind('unstable'),
    twinErrors: kind('twin_error'),
    twinTimeouts: kind('twin_timeout'),
    skippedByChoice: of(seen, (row) => row.verdict === 'skipped' && byChoice(row)),
    skippedByForce: of(seen, (row) => row.verdict === 'skipped' && !byChoice(row)),
    verifierErrors: of(seen, (row) => row.reason === 'verifier_error'),
  };
}

function comparedOf(rows: readonly CountRow[]): number {
  const compared: readonly VerdictKind[] = ['match', 'settled', 'mismatch'];
  return rows.reduce((sum, row) => (compared.includes(row.verdict) ? sum + row.n : sum), 0);
}

interface FingerprintsOfEpoch {
  readonly fingerprints: readonly FingerprintEvidence[];
  /** Combinations of which every pattern is acknowledged: a mismatch with one more pattern is not accepted. */
  readonly accepted: readonly string[];
  readonly acknowledged: number;
  readonly lastDayAcknowledged: number;
}

async function fingerprintsOf(sql: Sql, domain: string, epoch: number, at: number): Promise<FingerprintsOfEpoch> {
  const fingerprints = await sql<FingerprintEvidence[]>`
    select f.fingerprint, f.route, f.kinds, f.state, f.owner, f.reason,
      extract(epoch from f.expires_at)::float8 * 1000 as "expiresAt", coalesce(e.n, 0)::float8 as count,
      extract(epoch from f.last_seen)::float8 * 1000 as "lastSeen"
    from shadowread.fingerprints f
    left join shadowread.fingerprint_evidence e on e.fingerprint = f.fingerprint and e.epoch = ${epoch}
      and e.served = 'primary' and e.representation = 'primary'
    where f.domain = ${domain} and (e.n > 0 or f.state = 'acknowledged')
    order by e.n desc nulls last, f.fingerprint limit 5000`;
  const valid = fingerprints.filter((row) => isAcknowledged(row, at)).map(({ fingerprint }) => fingerprint);
  if (valid.length === 0) return { fingerprints, accepted: [], acknowledged: 0, lastDayAcknowledged: 0 };
  const rows = await sql<{ combination: string; n: number; day: number }[]>`
    select c.combination, coalesce(e.n, 0)::float8 as n, coalesce(d.n, 0)::float8 as day
    from shadowread.combinations c
    left join shadowread.combination_evidence e on e.combination = c.combination and e.epoch = ${epoch}
      and e.served = 'primary' and e.representation = 'primary'
    left join (
      select combination, sum(n) as n from shadowread.combination_counts
      where hour >= date_trunc('hour', now() - interval '24 hours') and epoch = ${epoch}
        and served = 'primary' and representation = 'primary' group by 1
    ) d on d.combination = c.combination
    where c.domain = ${domain} and c.fingerprints <@ ${valid}::text[]`;
  return {
    fingerprints,
    accepted: rows.map(({ combination }) => combination),
    acknowledged: rows.reduce((sum, { n }) => sum + n, 0),
    lastDayAcknowledged: rows.reduce((sum, { day }) => sum + day, 0),
  };
}

function isAcknowledged({ state, expiresAt }: FingerprintEvidence, at: number): boolean {
  return state === 'acknowledged' && expiresAt !== null && expiresAt > at;
}

type RouteShape = ShapeEvidence & { readonly route: string; readonly distinctMismatches: number };

async function shapesOf(sql: Sql, epoch: number, accepted: readonly string[]): Promise<readonly RouteShape[]> {
  return sql<RouteShape[]>`
    select s.route, s.shape, c.compared::float8 as compared, c.mismatches::float8 as mismatches,
      c.entities::float8 as entities, c.answers::float8 as answers,
      greatest(c.units - coalesce(m.apart, 0), coalesce(m.counted, 0))::float8 as distinct,
      greatest(c.compared - coalesce(n.compared, 0), 0)::float8 as "sinceLastNew",
      (coalesce(m.counted, 0) + c.lost_units)::float8 as "distinctMismatches",
      extract(epoch from c.first_seen)::float8 * 1000 as "firstSeen", extract(epoch from c.last_seen)::float8 * 1000 as "lastSeen"
    from (
      select shape, sum(compared) as compared, sum(mismatches) as mismatches, sum(entities) as entities, sum(answers) as answers,
        sum(units) as units, sum(lost_units) as lost_units, min(first_seen) as first_seen, max(last_seen) as last_seen
      from shadowread.coverage where epoch = ${epoch} group by shape
    ) c join shadowread.shapes s on s.id = c.shape
    left join shadowread.coverage_news n on n.epoch = ${epoch} and n.shape = c.shape
    left join (
      select shape, count(*) filter (where combination = any(${accepted}::text[])) as apart,
        count(*) filter (where combination <> all(${accepted}::text[])) as counted
      from shadowread.distinct_hashes
      where epoch = ${epoch} and combination is not null and kind = ${DISTINCT.unit} group by shape
    ) m on m.shape = c.shape
    where c.compared > 0 order by s.route, c.compared desc, s.shape`;
}

/** Pairs timed by one client are used from so many on: the p99 of fewer is their slowest. */
const ALIKE_SAMPLES = 100;

const SIDES = ['primary', 'twin', 'primary_control', 'twin_control'] as const;
type Sides = Readonly<Record<(typeof SIDES)[number], Histogram>>;

interface Timings {
  readonly settle: Histogram;
  readonly byRoute: ReadonlyMap<string, Sides>;
}

async function histogramsOf(sql: Sql, epoch: number): Promise<Timings> {
  const rows = await sql<{ route: string; measure: string; buckets: string[]; sum: number }[]>`
    select s.route, s.measure, h.buckets, h.sum from shadowread.evidence_histograms h
    join shadowread.series s on s.id = h.series
    where s.epoch = ${epoch} and s.served = 'primary' and s.representation = 'primary'`;
  const settle = new Histogram();
  const byRoute = new Map<string, Sides>();
  for (const { route, measure, buckets, sum } of rows) {
    const part = Histogram.unpack(buckets, sum);
    if (measure === 'settle') settle.merge(part);
    const side = SIDES.find((name) => name === measure);
    if (side === undefined) continue;
    const sides = byRoute.get(route) ?? noTimes();
    byRoute.set(route, sides);
    sides[side].merge(part);
  }
  return { settle, byRoute };
}

/** One answer may come under several shapes: where they are few enough to matter, they are counted by route. */
async function fewAnswers(sql: Sql, epoch: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ route: string; answers: number }[]>`
    select s.route, count(distinct d.hash)::float8 as answers
    from shadowread.distinct_hashes d join shadowread.shapes s on s.id = d.shape
    where d.epoch = ${epoch} and d.kind = ${DISTINCT.answer} and s.route in (
      select s.route from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
      where c.epoch = ${epoch} group by s.route having sum(c.answers) <= 5000)
    group by s.route`;
  return new Map(rows.map(({ route, answers }) => [route, answers]));
}

function routesOf(
  shapes: readonly RouteShape[],
  timings: Timings,
  answers: ReadonlyMap<string, number>,
): RouteEvidence[] {
  const byRoute = new Map<string, RouteShape[]>();
  for (const shape of shapes) byRoute.set(shape.route, [...(byRoute.get(shape.route) ?? []), shape]);
  const sum = (
    of: readonly RouteShape[],
    what: 'compared' | 'mismatches' | 'distinct' | 'distinctMismatches' | 'entities' | 'answers',
  ): number => of.reduce((total, shape) => total + shape[what], 0);
  return [...byRoute].map(([key, of]) => ({
    key,
    compared: sum(of, 'compared'),
    mismatches: sum(of, 'mismatches'),
    distinct: sum(of, 'distinct'),
    distinctMismatches: sum(of, 'distinctMismatches'),
    entities: sum(of, 'entities'),
    answers: answers.get(key) ?? sum(of, 'answers'),
    shapes: of.map(({ route: _route, distinctMismatches: _counted, ...shape }) => shape),
    latency: latencyOf(timings.byRoute.get(key)),
  }));
}

/**
 * Percentiles of both sides; null without a timed pair. Control reads ask both by one client, which is the fair
 * comparison; while they are few, the primary's times are those of the proxy's own client, over the same reads.
 */
function latencyOf(sides: Sides | undefined): LatencyEvidence | null {
  if (sides === undefined) return null;
  const alike = sides.primary_control.count >= ALIKE_SAMPLES && sides.twin_control.count >= ALIKE_SAMPLES;
  const [one, other] = alike ? [sides.primary_control, sides.twin_control] : [sides.primary, sides.twin];
  const primary = percentiles(one);
  const twin = percentiles(other);
  if (primary === null || twin === null) return null;
  return { samples: Math.min(sides.primary.count, sides.twin.count), sameClient: alike, primary, twin };
}

function noTimes(): Sides {
  return {
    primary: new Histogram(),
    twin: new Histogram(),
    primary_control: new Histogram(),
    twin_control: new Histogram(),
  };
}

export function percentiles(histogram: Histogram): { p50: number; p95: number; p99: number } | null {
  const [p50, p95, p99] = [histogram.quantile(0.5), histogram.quantile(0.95), histogram.quantile(0.99)];
  return p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99 };
}
