/** A gate's evidence for one domain: sums that grow with routes and shapes, not with traffic. */
import type postgres from 'postgres';
import { isGoodStatus, statusOfShape } from '../../api/shape.ts';
import type { DomainEvidence, EpochEvidence, RouteEvidence } from '../../gate/evidence.ts';
import { completeFrom } from './counted.ts';
import { type Counting, comparedOf, countRows, formsOf, lastDayRows, windowCounts } from './epoch-counts.ts';
import { acceptedCombinations, acceptedOf, fingerprintsOf } from './epoch-fingerprints.ts';
import { callersOf, fewAnswers, type RouteShape, shapeRows, shapesOf, undeclaredOf } from './epoch-shapes.ts';
import { histogramsOf, latencyOf, type Timings, timedRows } from './epoch-timings.ts';
import { faultsOfDomain, namedFaults } from './faults.ts';
import { gaps, journalHealth, replicaSums } from './health.ts';
import type { Sql } from './rows.ts';
import { together } from './together.ts';

export type { Counting } from './epoch-counts.ts';

/**
 * Reads the evidence in two round trips; in one snapshot if `sql` is a transaction that has one. The domain's current epoch is the one last at work. `redirecting`: routes whose
 * good answers are redirects by declaration.
 */
export async function domainEvidence(
  sql: Sql,
  domain: string,
  counting: Counting = 'primary',
  redirecting: readonly string[] = [],
): Promise<DomainEvidence> {
  const [first] = await Promise.all([
    together(sql, {
      clock: clock(sql),
      epoch: openEpoch(sql, domain),
      sums: replicaSums(sql, domain),
      gaps: gaps(sql),
      complete: completeFrom(sql),
      keys: keysOf(sql, domain),
    }),
    // What is compiled for one look takes longer than the look.
    sql`set local jit = off`,
  ]);
  const at = first.clock[0]?.now ?? 0;
  const epoch = first.epoch[0] ?? null;
  const journal = journalHealth(first.sums[0], first.gaps);
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
  const keys = first.keys.filter((key) => key.epoch === epoch.id).map(({ id }) => id);
  const rows = await together(sql, {
    fingerprints: fingerprintsOf(sql, domain, epoch.id, forms),
    accepted: acceptedOf(sql, domain, epoch.id, at, forms),
    total: countRows(sql, epoch.id),
    day: lastDayRows(sql, at, first.complete[0], keys),
    timed: timedRows(sql, epoch.id, forms),
    shapes: shapeRows(sql, epoch.id, acceptedCombinations(sql, domain, at)),
    answers: fewAnswers(sql, epoch.id, counting),
    undeclared: undeclaredOf(sql, epoch.id),
    callers: callersOf(sql, epoch.id),
    faults: namedFaults(sql, domain),
  });
  const { fingerprints, total, day } = rows;
  const acknowledged = rows.accepted.reduce((sum, { n }) => sum + n, 0);
  const lastDayAcknowledged = rows.accepted.reduce((sum, one) => sum + one.day, 0);
  const timed = histogramsOf(rows.timed);
  const routes = routesOf(
    shapesOf(rows.shapes, counting),
    timed,
    new Map(rows.answers.map(({ route, answers }) => [route, answers])),
    new Map(rows.undeclared.map(({ route, names }) => [route, names])),
    new Map(rows.callers.map(({ route, callers }) => [route, callers])),
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
    faults: faultsOfDomain(rows.faults),
    journal,
  };
}

export async function currentEpoch(sql: Sql, domain: string): Promise<EpochEvidence | null> {
  const [epoch] = await openEpoch(sql, domain);
  return epoch ?? null;
}

function openEpoch(sql: Sql, domain: string): postgres.PendingQuery<EpochEvidence[]> {
  return sql<EpochEvidence[]>`
    select id, ordinal, backfill, twin_build as "twinBuild", rules, extract(epoch from began_at)::float8 * 1000 as "beganAt"
    from shadowread.epochs where domain = ${domain} and closed_at is null order by last_seen desc, ordinal desc limit 1`;
}

function clock(sql: Sql): postgres.PendingQuery<{ now: number }[]> {
  return sql<{ now: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
}

/** The numbers under which verdicts of the domain's open epochs are counted. */
function keysOf(sql: Sql, domain: string): postgres.PendingQuery<{ id: number; epoch: number }[]> {
  return sql<{ id: number; epoch: number }[]>`
    select k.id, k.epoch from shadowread.epochs e join shadowread.count_keys k on k.epoch = e.id
    where e.domain = ${domain} and e.closed_at is null`;
}

function routesOf(
  shapes: readonly RouteShape[],
  timings: Timings,
  answers: ReadonlyMap<string, number>,
  undeclared: ReadonlyMap<string, readonly string[]>,
  callers: ReadonlyMap<string, number>,
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
      callers: callers.get(key) ?? 0,
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
