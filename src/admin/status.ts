/** GET /api/status, /api/routes, /api/overview, /api/domains/:domain, /api/series, /api/cutover: how it stands. */
import type { Request, Router } from 'express';
import { ShadowError } from '../errors.ts';
import type { Histogram } from '../journal/histogram.ts';
import type { Percentiles, RouteReport } from '../journal/read/report.ts';
import { VERDICT_KINDS, type VerdictKind } from '../types.ts';
import type { AdminContext } from './context.ts';
import type { RouteFigures } from './plane.ts';

const HOUR = 3_600_000;
/** Noisy paths and failures of one domain on its page. */
const SHOWN = 50;
/** The cutover table may be so old, ms. */
const CUTOVER_MS = 5_000;
/** A chart shows at most so many steps. */
const STEPS = 240;

export function statusRoutes(api: Router, context: AdminContext): void {
  const { plane, journal, config } = context;

  api.get('/status', async (_request, response) => {
    const { routes, ...rest } = await plane.snapshot();
    const verdicts = sumOf(routes);
    response.json({ ...rest, verdicts });
  });

  api.get('/routes', async (_request, response) => {
    const { routes } = await plane.snapshot();
    const reports = await reportsOf(context, Date.now() - 24 * HOUR);
    const gates = await gatesOf(context, [...new Set(routes.map((route) => route.domain))]);
    response.json(
      routes.map(({ key, method, pattern, domain, verdicts, reasons, policy }) => {
        const report = reports.get(key);
        return {
          key,
          method,
          pattern,
          domain,
          verdicts: report?.verdicts ?? verdicts,
          reasons: report?.reasons ?? reasons,
          mismatchRate: report?.mismatchRate ?? rateOf(verdicts),
          bound: boundOf(gates.get(domain), key),
          latency: report?.latency ?? null,
          policy,
        };
      }),
    );
  });

  api.get('/overview', async (request, response) => {
    const snapshot = await plane.snapshot();
    const domains = [...new Set(snapshot.routes.map((route) => route.domain))];
    const reports = await reportsOf(context, Date.now() - hoursOf(request) * HOUR);
    const gates = await gatesOf(context, domains);
    response.json({
      shadowing: snapshot.shadowing,
      journal: journal !== null,
      domains: domains.map((domain) => {
        const routes = snapshot.routes.filter((route) => route.domain === domain);
        const of = routes.flatMap((route) => reports.get(route.key) ?? []);
        const verdicts = journal === null ? sumOf(routes) : sumOf(of);
        const decision = gates.get(domain)?.decision ?? null;
        const failing =
          decision?.conditions.find(({ holds }) => holds === false) ??
          decision?.conditions.find(({ holds }) => holds === null);
        return {
          domain,
          stage: snapshot.domains[domain]?.stage ?? 'shadow',
          percent: snapshot.domains[domain]?.percent ?? 100,
          gate: {
            outcome: decision?.outcome ?? null,
            reason: decision?.outcome === 'pass' ? null : (failing?.text ?? null),
          },
          verdicts,
          compared: verdicts.match + verdicts.settled + verdicts.mismatch,
          rate: rateOf(verdicts),
          bound: decision?.bound.upper ?? null,
          limit: config.gate.mismatchLimit,
          routes: routes.length,
          routesSeen: routes.filter(
            (route) => countOf(journal === null ? route.verdicts : (reports.get(route.key)?.verdicts ?? {})) > 0,
          ).length,
          primaryP99: worst(of.map((report) => report.latency?.primary.p99)),
          twinP99: worst(of.map((report) => report.latency?.twin.p99)),
        };
      }),
    });
  });

  let cutover: { readonly at: number; readonly rows: ReturnType<typeof context.cutover> } | null = null;
  api.get('/cutover', async (_request, response) => {
    // It counts the stores' rows: many who look are one look.
    if (cutover === null || performance.now() - cutover.at > CUTOVER_MS)
      cutover = { at: performance.now(), rows: context.cutover() };
    response.json({ domains: await cutover.rows });
  });

  api.get('/domains/:domain', async (request, response) => {
    const { domain } = request.params;
    const snapshot = await plane.snapshot();
    const routes = snapshot.routes.filter((route) => route.domain === domain);
    if (routes.length === 0)
      throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', { actual: domain });
    const from = Date.now() - 24 * HOUR;
    const reports = await reportsOf(context, from, domain);
    const timings = journal === null ? null : await journal.reader.timings({ domain, from });
    const asked = journal === null ? null : await journal.gate(domain);
    const [noise, failures] =
      journal === null
        ? [[], []]
        : await Promise.all([journal.reader.noisyPaths(domain), journal.reader.failures(domain)]);
    response.json({
      domain,
      noise: noise.slice(0, SHOWN),
      failures: failures.slice(0, SHOWN),
      routes: routes.map((route) => {
        const report = reports.get(route.key);
        const evidence = asked?.evidence?.routes.find(({ key }) => key === route.key);
        const verdicts = report?.verdicts ?? route.verdicts;
        const side = (name: 'primary' | 'twin') => timed(timings?.get(route.key)?.get(name), report?.latency?.[name]);
        const declared = context.declared.find(({ key }) => key === route.key);
        const shown = new Set((evidence?.shapes ?? []).flatMap(({ shape }) => declared?.shows?.(shape) ?? [shape]));
        return {
          key: route.key,
          verdicts,
          compared: verdicts.match + verdicts.settled + verdicts.mismatch,
          rate: report?.mismatchRate ?? rateOf(verdicts),
          bound: boundOf(asked ?? undefined, route.key),
          entities: evidence?.entities ?? null,
          noise: report?.noiseFloor ?? null,
          settleP99: report?.settle?.p99 ?? null,
          settle: timed(timings?.get(route.key)?.get('settle'), report?.settle),
          reasons: report?.reasons ?? route.reasons,
          latency: { primary: side('primary'), twin: side('twin') },
          shapes: evidence?.shapes ?? [],
          unseen: (declared?.shapes ?? []).filter((shape) => !shown.has(shape)),
        };
      }),
    });
  });

  api.get('/series', async (request, response) => {
    if (journal === null) return void response.json({ points: [] });
    const hours = hoursOf(request);
    const to = numberOf(request, 'to') ?? Date.now();
    const from = numberOf(request, 'from') ?? to - hours * HOUR;
    const domain = textOf(request, 'domain');
    const route = textOf(request, 'route');
    const points = await journal.reader.series({
      from,
      to,
      stepMs: Math.max(60_000, (to - from) / STEPS),
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
    });
    response.json({ points: points.map(({ at, verdicts, mismatchRate }) => ({ at, verdicts, rate: mismatchRate })) });
  });
}

async function reportsOf({ journal }: AdminContext, from: number, domain?: string): Promise<Map<string, RouteReport>> {
  if (journal === null) return new Map();
  const rows = await journal.reader.report({ from, ...(domain === undefined ? {} : { domain }) });
  return new Map(rows.map((row) => [row.route, row]));
}

type Gates = Awaited<ReturnType<NonNullable<AdminContext['journal']>['gate']>>;

async function gatesOf({ journal }: AdminContext, domains: readonly string[]): Promise<Map<string, Gates>> {
  if (journal === null) return new Map();
  return new Map(await Promise.all(domains.map(async (domain) => [domain, await journal.gate(domain)] as const)));
}

/** The domain's bound is one for all its routes; a route without comparisons has none. */
function boundOf(asked: Gates | undefined, key: string): number | null {
  const route = asked?.evidence?.routes.find((one) => one.key === key);
  return route === undefined || route.compared === 0 ? null : (asked?.decision.bound.upper ?? null);
}

function sumOf(all: readonly Pick<RouteFigures, 'verdicts'>[]): Record<VerdictKind, number> {
  const sum = { match: 0, settled: 0, mismatch: 0, unstable: 0, twin_error: 0, twin_timeout: 0, skipped: 0 };
  for (const { verdicts } of all) for (const kind of VERDICT_KINDS) sum[kind] += verdicts[kind];
  return sum;
}

const countOf = (verdicts: Readonly<Partial<Record<VerdictKind, number>>>): number =>
  VERDICT_KINDS.reduce((total, kind) => total + (verdicts[kind] ?? 0), 0);

function rateOf(verdicts: Readonly<Record<VerdictKind, number>>): number | null {
  const compared = verdicts.match + verdicts.settled + verdicts.mismatch;
  return compared === 0 ? null : verdicts.mismatch / compared;
}

function worst(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

/** Percentiles with a histogram coarse enough to draw; null where nothing was timed. */
function timed(histogram: Histogram | undefined, percentiles: Percentiles | null | undefined) {
  if (histogram === undefined || percentiles === undefined || percentiles === null) return null;
  return { ...percentiles, n: percentiles.samples, buckets: coarse(histogram.entries()) };
}

/** Log buckets of 4 % are too fine for a page: doubled until a few are left. */
function coarse(entries: readonly (readonly [number, number])[]): { upToMs: number; n: number }[] {
  const buckets = new Map<number, number>();
  for (const [upTo, n] of entries) {
    const edge = 2 ** Math.ceil(Math.log2(upTo) - 1e-9);
    buckets.set(edge, (buckets.get(edge) ?? 0) + n);
  }
  return [...buckets].toSorted(([one], [other]) => one - other).map(([upToMs, n]) => ({ upToMs, n }));
}

function hoursOf(request: Request): number {
  return Math.min(24 * 90, Math.max(1, numberOf(request, 'hours') ?? 24));
}

export function textOf(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(request: Request, name: string): number | undefined {
  const text = textOf(request, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new ShadowError('SHADOW_USAGE', `the query parameter ${name} is not a number`, {
    expected: 'a number',
    actual: text,
  });
}
