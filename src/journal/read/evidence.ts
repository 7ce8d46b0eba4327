/** A gate's evidence for one domain: sums that grow with routes and shapes, not with traffic. */
import { isGoodStatus, statusOfShape } from '../../api/shape.ts';
import type { DomainEvidence, EpochEvidence, RouteEvidence } from '../../gate/evidence.ts';
import { type Counting, comparedOf, countRows, formsOf, lastDayRows, windowCounts } from './epoch-counts.ts';
import { fingerprintsOf } from './epoch-fingerprints.ts';
import { fewAnswers, type RouteShape, shapesOf, undeclaredOf } from './epoch-shapes.ts';
import { histogramsOf, latencyOf, type Timings } from './epoch-timings.ts';
import { faultsOfDomain } from './faults.ts';
import { journalHealth } from './health.ts';
import type { Sql } from './rows.ts';

export type { Counting } from './epoch-counts.ts';

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
