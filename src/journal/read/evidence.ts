/** A gate's evidence for one domain: sums that grow with routes and shapes, not with traffic. */
import { isGoodStatus, statusOfShape } from '../../api/shape.ts';
import type {
  DomainEvidence,
  EpochEvidence,
  FingerprintEvidence,
  LatencyEvidence,
  RouteEvidence,
  ShapeEvidence,
  WindowCounts,
} from '../../gate/evidence.ts';
import { BLAMELESS_SKIPS, CHOSEN_SKIPS, type Representation, type VerdictKind } from '../../types.ts';
import { DISTINCT } from '../batch.ts';
import { HOUR, MINUTE } from '../coarser.ts';
import { TWIN_FORMS, UNDECLARED } from '../gathering/covered.ts';
import { Histogram } from '../histogram.ts';
import { counted } from './counted.ts';
import { faultsOfDomain } from './faults.ts';
import { journalHealth } from './health.ts';
import type { Sql } from './rows.ts';

/** In which of the twin's forms comparisons count. */
export type Counting = Representation | 'any';

/**
 * Reads the evidence in one snapshot. The domain's current epoch is the one last at work. `redirecting`: routes whose
 * good answers are redirects by declaration.
 */
export async function domainEvidence(
  sql: Sql,
  domain: string,
  counting: Counting = 'primary',
  redirecting: readonly string[] = [],
): Promise<DomainEvidence> {
  const [clock] = await sql<{ now: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
  const at = clock?.now ?? 0;
  const epoch = await currentEpoch(sql, domain);
  const journal = await journalHealth(sql, domain);
  if (epoch === null) {
    return {
      domain,
      at,
      epoch: null,
      counts: windowCounts([], 0, counting, []),
      lastDay: windowCounts([], 0, counting, []),
      otherRepresentation: 0,
      servedByTwin: 0,
      routes: [],
      settleP99Ms: null,
      fingerprints: [],
      journal,
    };
  }
  const forms = formsOf(counting);
  const { fingerprints, accepted, acknowledged, lastDayAcknowledged } = await fingerprintsOf(
    sql,
    domain,
    epoch.id,
    at,
    forms,
  );
  const total = await countRows(sql, epoch.id);
  const day = await lastDayRows(sql, epoch.id, at);
  const timed = await histogramsOf(sql, epoch.id, forms);
  const shapes = await shapesOf(sql, epoch.id, accepted, counting);
  const routes = routesOf(
    shapes,
    timed,
    await fewAnswers(sql, epoch.id),
    await undeclaredOf(sql, epoch.id),
    redirecting,
  );
  const redirects = routes.filter((route) => isRedirecting(route, redirecting)).map(({ key }) => key);
  return {
    domain,
    at,
    epoch,
    counts: windowCounts(total, acknowledged, counting, redirects),
    lastDay: windowCounts(day, lastDayAcknowledged, counting, redirects),
    otherRepresentation: comparedOf(
      total.filter((row) => row.served === 'primary' && !forms.some((form) => form === row.representation)),
    ),
    servedByTwin: comparedOf(total.filter((row) => row.served === 'twin')),
    routes,
    settleP99Ms: timed.settle.quantile(0.99),
    fingerprints,
    faults: await faultsOfDomain(sql, domain),
    journal,
  };
}

export async function currentEpoch(sql: Sql, domain: string): Promise<EpochEvidence | null> {
  const [epoch] = await sql<EpochEvidence[]>`
    select id, ordinal, backfill, twin_build as "twinBuild", rules, extract(epoch from began_at)::float8 * 1000 as "beganAt"
    from shadowread.epochs where domain = ${domain} and closed_at is null order by last_seen desc, ordinal desc limit 1`;
  return epoch ?? null;
}

function formsOf(counting: Counting): readonly Representation[] {
  return counting === 'any' ? ['primary', 'twin'] : [counting];
}

interface CountRow {
  route: string;
  served: string;
  representation: string;
  verdict: VerdictKind;
  reason: string;
  fatal: boolean;
  n: number;
}

function countRows(sql: Sql, epoch: number): Promise<CountRow[]> {
  return sql<CountRow[]>`
    select route, served, representation, verdict, reason, fatal, sum(n)::float8 as n
    from shadowread.evidence e join shadowread.count_keys k on k.id = e.key where k.epoch = ${epoch} group by 1, 2, 3, 4, 5, 6`;
}

async function lastDayRows(sql: Sql, epoch: number, at: number): Promise<CountRow[]> {
  const keys = await sql<{ id: number }[]>`select id from shadowread.count_keys where epoch = ${epoch}`;
  const since = Math.ceil((at - 24 * HOUR) / MINUTE) * MINUTE;
  const { table } = await counted(
    sql,
    since,
    null,
    keys.map(({ id }) => id),
  );
  return sql<CountRow[]>`
    select route, served, representation, verdict, reason, fatal, sum(c.n)::float8 as n
    from (select key, sum(n) as n from ${table} c group by key) c join shadowread.count_keys k on k.id = c.key
    group by 1, 2, 3, 4, 5, 6`;
}

/** Reasons that verdicts of agreement carry where both sides agreed in what is no good answer; see Gathering. */
const ERRORS = ['4xx', '5xx'];

function windowCounts(
  rows: readonly CountRow[],
  acknowledged: number,
  counting: Counting,
  redirects: readonly string[],
): WindowCounts {
  const forms: readonly string[] = formsOf(counting);
  const chosen: readonly string[] = CHOSEN_SKIPS;
  const blameless: readonly string[] = BLAMELESS_SKIPS;
  const seen = rows.filter((row) => row.served === 'primary');
  const evidence = seen.filter((row) => forms.includes(row.representation));
  const agreed = evidence.filter(({ verdict }) => verdict === 'match' || verdict === 'settled');
  const isGood = ({ reason, route }: CountRow): boolean =>
    !ERRORS.includes(reason) && (reason !== '3xx' || redirects.includes(route));
  const of = (from: readonly CountRow[], test: (row: CountRow) => boolean): number =>
    from.reduce((sum, row) => (test(row) ? sum + row.n : sum), 0);
  const kind = (verdict: VerdictKind): number => of(evidence, (row) => row.verdict === verdict);
  const skipped = (test: (reason: string) => boolean): number =>
    of(seen, (row) => row.verdict === 'skipped' && test(row.reason));
  const mismatch = kind('mismatch');
  const apart = Math.min(acknowledged, mismatch);
  return {
    match: of(agreed, (row) => row.verdict === 'match' && isGood(row)),
    settled: of(agreed, (row) => row.verdict === 'settled' && isGood(row)),
    agreedInError: of(agreed, (row) => !isGood(row)),
    mismatch: mismatch - apart,
    acknowledged: apart,
    fatal: of(evidence, (row) => row.verdict === 'mismatch' && row.fatal),
    unstable: kind('unstable'),
    twinErrors: kind('twin_error'),
    twinTimeouts: kind('twin_timeout'),
    skippedByChoice: skipped((reason) => chosen.includes(reason)),
    skippedByForce: skipped((reason) => !chosen.includes(reason) && !blameless.includes(reason)),
    skippedBlameless: skipped((reason) => blameless.includes(reason)),
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

async function fingerprintsOf(
  sql: Sql,
  domain: string,
  epoch: number,
  at: number,
  forms: readonly Representation[],
): Promise<FingerprintsOfEpoch> {
  const fingerprints = await sql<FingerprintEvidence[]>`
    select f.fingerprint, f.route, f.kinds, f.state, f.owner, f.reason,
      extract(epoch from f.expires_at)::float8 * 1000 as "expiresAt", coalesce(e.n, 0)::float8 as count,
      extract(epoch from f.last_seen)::float8 * 1000 as "lastSeen"
    from shadowread.fingerprints f
    left join (
      select fingerprint, sum(n) as n from shadowread.fingerprint_evidence
      where epoch = ${epoch} and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) e on e.fingerprint = f.fingerprint
    where f.domain = ${domain} and (e.n > 0 or f.state = 'acknowledged')
    order by e.n desc nulls last, f.fingerprint limit 5000`;
  const valid = fingerprints.filter((row) => isAcknowledged(row, at)).map(({ fingerprint }) => fingerprint);
  if (valid.length === 0) return { fingerprints, accepted: [], acknowledged: 0, lastDayAcknowledged: 0 };
  const rows = await sql<{ combination: string; n: number; day: number }[]>`
    select c.combination, coalesce(e.n, 0)::float8 as n, coalesce(d.n, 0)::float8 as day
    from shadowread.combinations c
    left join (
      select combination, sum(n) as n from shadowread.combination_evidence
      where epoch = ${epoch} and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) e on e.combination = c.combination
    left join (
      select combination, sum(n) as n from shadowread.combination_counts
      where hour >= date_trunc('hour', now() - interval '24 hours') and epoch = ${epoch}
        and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
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

async function shapesOf(
  sql: Sql,
  epoch: number,
  accepted: readonly string[],
  counting: Counting,
): Promise<readonly RouteShape[]> {
  const rows = await sql<RouteShape[]>`
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
  const inTwinForms = (row: RouteShape): boolean => row.shape.startsWith(TWIN_FORMS);
  const plain = (row: RouteShape): RouteShape => ({ ...row, shape: row.shape.slice(TWIN_FORMS.length) });
  const [own, others] = [rows.filter((row) => !inTwinForms(row)), rows.filter(inTwinForms).map(plain)];
  if (counting === 'primary') return own;
  return counting === 'twin' ? others : together(own, others);
}

/** Both forms of one shape as one. The same question in another form is no other question, so the wider of the two counts. */
function together(own: readonly RouteShape[], others: readonly RouteShape[]): readonly RouteShape[] {
  const byShape = new Map(own.map((row) => [`${row.route} ${row.shape}`, row]));
  for (const other of others) {
    const key = `${other.route} ${other.shape}`;
    const row = byShape.get(key);
    if (row === undefined) {
      byShape.set(key, other);
      continue;
    }
    byShape.set(key, {
      ...row,
      compared: row.compared + other.compared,
      mismatches: row.mismatches + other.mismatches,
      entities: Math.max(row.entities, other.entities),
      answers: Math.max(row.answers, other.answers),
      distinct: Math.max(row.distinct, other.distinct),
      sinceLastNew: Math.min(row.sinceLastNew, other.sinceLastNew),
      distinctMismatches: row.distinctMismatches + other.distinctMismatches,
      firstSeen: Math.min(row.firstSeen, other.firstSeen),
      lastSeen: Math.max(row.lastSeen, other.lastSeen),
    });
  }
  return [...byShape.values()];
}

/** Query parameters that were given and that their route did not declare then, by route. */
async function undeclaredOf(sql: Sql, epoch: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await sql<{ route: string; names: string[] }[]>`
    select s.route, (array_agg(distinct substr(s.shape, ${UNDECLARED.length + 1})))[1:50] as names
    from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
    where c.epoch = ${epoch} and starts_with(s.shape, ${UNDECLARED}) group by s.route`;
  return new Map(rows.map(({ route, names }) => [route, names]));
}

/** Pairs timed by one client are used from this number on: the p99 of fewer is their slowest. */
const ALIKE_SAMPLES = 100;

const SIDES = ['primary', 'twin', 'primary_control', 'twin_control'] as const;
type Sides = Readonly<Record<(typeof SIDES)[number], Histogram>>;

interface Timings {
  readonly settle: Histogram;
  readonly byRoute: ReadonlyMap<string, Sides>;
}

async function histogramsOf(sql: Sql, epoch: number, forms: readonly Representation[]): Promise<Timings> {
  const rows = await sql<{ route: string; measure: string; buckets: string[]; sum: number }[]>`
    select s.route, s.measure, h.buckets, h.sum from shadowread.evidence_histograms h
    join shadowread.series s on s.id = h.series
    where s.epoch = ${epoch} and s.served = 'primary' and s.representation = any(${[...forms]}::text[])`;
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

/** One good answer may come under several shapes: where they are few enough to matter, they are counted by route. */
async function fewAnswers(sql: Sql, epoch: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ route: string; answers: number }[]>`
    select s.route, count(distinct d.hash)::float8 as answers
    from shadowread.distinct_hashes d join shadowread.shapes s on s.id = d.shape
    where d.epoch = ${epoch} and d.kind = ${DISTINCT.answer} and s.shape !~ '(^| )[145](\d\d|xx)$' and s.route in (
      select s.route from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
      where c.epoch = ${epoch} group by s.route having sum(c.answers) <= 5000)
    group by s.route`;
  return new Map(rows.map(({ route, answers }) => [route, answers]));
}

function routesOf(
  shapes: readonly RouteShape[],
  timings: Timings,
  answers: ReadonlyMap<string, number>,
  undeclared: ReadonlyMap<string, readonly string[]>,
  redirecting: readonly string[],
): RouteEvidence[] {
  const byRoute = new Map<string, RouteShape[]>();
  for (const shape of shapes) byRoute.set(shape.route, [...(byRoute.get(shape.route) ?? []), shape]);
  const sum = (
    of: readonly RouteShape[],
    what: 'compared' | 'mismatches' | 'distinct' | 'distinctMismatches' | 'entities' | 'answers',
  ): number => of.reduce((total, shape) => total + shape[what], 0);
  for (const route of undeclared.keys()) if (!byRoute.has(route)) byRoute.set(route, []);
  return [...byRoute].map(([key, of]) => {
    const statuses = statusesOf(of);
    const redirects = isRedirecting({ key, statuses }, redirecting);
    const good = of.filter(({ shape }) => isGood(statusOfShape(shape), redirects));
    // One answer under two shapes is one.
    const found = sum(good, 'answers');
    const wrong = Math.min(sum(good, 'distinct'), sum(good, 'distinctMismatches'));
    const different = Math.min(found, answers.get(key) ?? found);
    return {
      key,
      compared: sum(good, 'compared'),
      statuses,
      undeclared: undeclared.get(key) ?? [],
      mismatches: sum(of, 'mismatches'),
      distinct: wrong + Math.min(sum(good, 'distinct') - wrong, different),
      distinctMismatches: sum(of, 'distinctMismatches'),
      entities: sum(good, 'entities'),
      answers: different,
      shapes: of.map(({ route: _route, distinctMismatches: _counted, ...shape }) => shape),
      latency: latencyOf(timings.byRoute.get(key)),
    };
  });
}

/** Without a status nothing is known against it. */
function isGood(status: string | null, redirects: boolean): boolean {
  return status === null || isGoodStatus(status) || (redirects && status.startsWith('3'));
}

function statusesOf(shapes: readonly RouteShape[]): Readonly<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const { shape, compared } of shapes) {
    const status = statusOfShape(shape);
    if (status !== null) statuses[status] = (statuses[status] ?? 0) + compared;
  }
  return statuses;
}

/** A route that says so, or that gives redirects and no 2xx at all. */
function isRedirecting(
  { key, statuses = {} }: Pick<RouteEvidence, 'key' | 'statuses'>,
  declared: readonly string[],
): boolean {
  if (declared.includes(key)) return true;
  const seen = Object.keys(statuses);
  return seen.some((status) => status.startsWith('3')) && !seen.some(isGoodStatus);
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
