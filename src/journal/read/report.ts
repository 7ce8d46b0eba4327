/** Figures of a window for engineers: verdicts, rate and noise floor per route, and time series for charts. */
import type { Side, VerdictKind } from '../../types.ts';
import { HOUR, MINUTE } from '../coarser.ts';
import { Histogram } from '../histogram.ts';
import { counted } from './counted.ts';
import { percentiles } from './epoch-timings.ts';
import { iso, type Sql } from './rows.ts';

export interface Window {
  readonly domain?: string;
  readonly route?: string;
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive; now by default. */
  readonly to?: number;
  readonly served?: Side;
  /** False leaves out latencies, which are the expensive part of a day of many routes. */
  readonly timed?: boolean;
}

export interface Percentiles {
  readonly samples: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface RouteReport {
  readonly domain: string;
  readonly route: string;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  /** Skips and twin failures by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly compared: number;
  /** mismatch / compared; null where nothing was compared. */
  readonly mismatchRate: number | null;
  readonly fatal: number;
  readonly servedByTwin: number;
  /** Control reads: the share on which the primary disagrees with itself; null where none was made. */
  readonly noiseFloor: number | null;
  readonly controlReads: number;
  /** Milliseconds to the headers, both sides over the same reads; null where nothing was timed. */
  readonly latency: { readonly primary: Percentiles; readonly twin: Percentiles } | null;
  readonly settle: Percentiles | null;
  readonly overhead: Percentiles | null;
}

const NO_VERDICTS: Readonly<Record<VerdictKind, number>> = {
  match: 0,
  settled: 0,
  mismatch: 0,
  unstable: 0,
  twin_error: 0,
  twin_timeout: 0,
  skipped: 0,
};

/** One row a route that was read in the window, by domain and route. */
export async function report(sql: Sql, window: Window): Promise<RouteReport[]> {
  const { from, to, domain = null, route = null, served = null } = bounds(window);
  const { table } = await counted(sql, Math.floor(window.from / MINUTE) * MINUTE, window.to ?? null);
  const counts = await sql<
    { domain: string; route: string; verdict: VerdictKind; reason: string; fatal: boolean; served: Side; n: number }[]
  >`
    select k.domain, k.route, k.verdict, k.reason, k.fatal, k.served, sum(c.n)::float8 as n
    from (select key, sum(n) as n from ${table} c group by key) c
    join shadowread.count_keys k on k.id = c.key
    where (${domain}::text is null or k.domain = ${domain})
      and (${route}::text is null or k.route = ${route}) and (${served}::text is null or k.served = ${served})
    group by 1, 2, 3, 4, 5, 6`;
  const control = await sql<{ route: string; n: number; disagreed: number }[]>`
    select route, sum(n)::float8 as n, sum(disagreed)::float8 as disagreed from shadowread.control_counts
    where minute >= ${from} and minute < ${to} group by route`;
  const timed = window.timed === false ? new Map<string, TimedHistograms>() : await timings(sql, window);
  const rows = new Map<string, { domain: string; route: string; counts: (typeof counts)[number][] }>();
  for (const row of counts) {
    const key = `${row.domain}|${row.route}`;
    const entry = rows.get(key) ?? { domain: row.domain, route: row.route, counts: [] };
    rows.set(key, entry);
    entry.counts.push(row);
  }
  return [...rows.values()]
    .sort((a, b) => (`${a.domain} ${a.route}` < `${b.domain} ${b.route}` ? -1 : 1))
    .map(({ domain: of, route: key, counts: mine }) => {
      const verdicts = { ...NO_VERDICTS };
      const reasons: Record<string, number> = {};
      let fatal = 0;
      let servedByTwin = 0;
      for (const row of mine) {
        verdicts[row.verdict] += row.n;
        if (row.reason !== '') reasons[row.reason] = (reasons[row.reason] ?? 0) + row.n;
        if (row.fatal) fatal += row.n;
        if (row.served === 'twin') servedByTwin += row.n;
      }
      const compared = verdicts.match + verdicts.settled + verdicts.mismatch;
      const noise = control.find((row) => row.route === key);
      const times = timed.get(key);
      const primary = percentilesOf(times?.get('primary'));
      const twin = percentilesOf(times?.get('twin'));
      return {
        domain: of,
        route: key,
        verdicts,
        reasons,
        compared,
        mismatchRate: compared === 0 ? null : verdicts.mismatch / compared,
        fatal,
        servedByTwin,
        noiseFloor: noise === undefined || noise.n === 0 ? null : noise.disagreed / noise.n,
        controlReads: noise?.n ?? 0,
        latency: primary === null || twin === null ? null : { primary, twin },
        settle: percentilesOf(times?.get('settle')),
        overhead: percentilesOf(times?.get('overhead')),
      };
    });
}

export interface SeriesPoint {
  /** Epoch ms, the beginning of the step. */
  readonly at: number;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  readonly compared: number;
  readonly mismatchRate: number | null;
}

/** Reads by verdict per step, oldest first; steps without a read are there with zeros, so that a chart shows the hole. */
export async function series(sql: Sql, window: Window & { readonly stepMs: number }): Promise<SeriesPoint[]> {
  const { from, to, domain = null, route = null, served = null } = bounds(window);
  const step = Math.max(60_000, Math.round(window.stepMs / 60_000) * 60_000);
  const rows = await sql<{ at: number; verdict: VerdictKind; n: number }[]>`
    select extract(epoch from c.at)::float8 * 1000 as at, k.verdict, sum(c.n)::float8 as n
    from (
      select date_bin(make_interval(secs => ${step / 1_000}), minute, timestamptz 'epoch') as at, key, sum(n) as n
      from shadowread.counts where minute >= ${from} and minute < ${to} group by 1, 2
    ) c join shadowread.count_keys k on k.id = c.key
    where (${domain}::text is null or k.domain = ${domain})
      and (${route}::text is null or k.route = ${route}) and (${served}::text is null or k.served = ${served})
    group by 1, 2`;
  const points = new Map<number, Record<VerdictKind, number>>();
  const first = Math.floor(window.from / step) * step;
  const last = window.to ?? Date.now();
  for (let at = first; at < last && points.size < 20_000; at += step) points.set(at, { ...NO_VERDICTS });
  for (const { at, verdict, n } of rows) {
    const verdicts = points.get(at);
    if (verdicts !== undefined) verdicts[verdict] = n;
  }
  return [...points].map(([at, verdicts]) => {
    const compared = verdicts.match + verdicts.settled + verdicts.mismatch;
    return { at, verdicts, compared, mismatchRate: compared === 0 ? null : verdicts.mismatch / compared };
  });
}

const SPANS_HOURS = [24, 24 * 7, 24 * 90] as const;
/** A chart is no narrower, ms. */
const NARROWEST = 3 * 60_000;

/**
 * Where a chart of the reads before `to` begins: a tenth of their span before the first of them, taken from the last day,
 * week or quarter, whichever has some. Without any it is a day.
 */
export async function beganAt(sql: Sql, window: Omit<Window, 'from'> & { readonly to: number }): Promise<number> {
  const { domain = null, route = null, to } = window;
  for (const hours of SPANS_HOURS) {
    const from = Math.max(0, to - hours * 3_600_000);
    const [row] = await sql<{ first: number | null }[]>`
      select extract(epoch from min(c.minute))::float8 * 1000 as first
      from shadowread.counts c join shadowread.count_keys k on k.id = c.key
      where c.minute >= ${iso(from)} and c.minute < ${iso(to)} and (${domain}::text is null or k.domain = ${domain})
        and (${route}::text is null or k.route = ${route})`;
    if (row?.first != null)
      return Math.max(from, Math.min(to - NARROWEST, row.first - Math.max(60_000, (to - row.first) / 10)));
  }
  return Math.max(0, to - SPANS_HOURS[0] * 3_600_000);
}

export type TimedHistograms = ReadonlyMap<string, Histogram>;

/**
 * Merged histograms by route, then by measure: `primary`, `twin`, `settle`, `overhead`. They are kept by the hour,
 * so the whole hour in which the window begins is included.
 */
export async function timings(sql: Sql, window: Window): Promise<ReadonlyMap<string, TimedHistograms>> {
  const { to, domain = null, route = null, served = null } = bounds(window);
  const from = iso(Math.floor(window.from / HOUR) * HOUR);
  const known = await sql<{ id: number; route: string; measure: string }[]>`
    select id, route, measure from shadowread.series
    where (${domain}::text is null or domain = ${domain})
      and (${route}::text is null or route = ${route}) and (${served}::text is null or served = ${served})`;
  // Nothing to choose where nothing narrows: holding every row against a list of all takes more time than reading it.
  const all = domain === null && route === null && served === null;
  const chosen = all ? sql`` : sql`and series = any(${known.map(({ id }) => id)}::int[])`;
  // By number and without a join: half the time of grouping by names.
  const merged = await sql<{ series: number; buckets: string[] }[]>`
    select series, array_agg((i << 40) | n) as buckets from (
      select series, v >> 40 as i, sum(v & 1099511627775)::bigint as n
      from shadowread.histograms, unnest(buckets) v
      where minute >= ${from} and minute < ${to} ${chosen} group by 1, 2
    ) by_bucket group by 1`;
  const sums = await sql<{ series: number; sum: number }[]>`
    select series, sum(sum) as sum from shadowread.histograms
    where minute >= ${from} and minute < ${to} ${chosen} group by 1`;
  const sumOf = new Map(sums.map(({ series: id, sum }) => [id, sum]));
  const bucketsOf = new Map(merged.map(({ series: id, buckets }) => [id, buckets]));
  const found = new Map<string, Map<string, Histogram>>();
  for (const { id, route: key, measure } of known) {
    const buckets = bucketsOf.get(id);
    if (buckets === undefined) continue;
    const measures = found.get(key) ?? new Map<string, Histogram>();
    found.set(key, measures);
    const part = Histogram.unpack(buckets, sumOf.get(id) ?? 0);
    const sum = measures.get(measure);
    if (sum === undefined) measures.set(measure, part);
    else sum.merge(part);
  }
  return found;
}

export interface NoisyPath {
  readonly route: string;
  readonly path: string;
  readonly count: number;
  readonly lastAt: number;
}

/** Paths at which the primary disagreed with itself, the most frequent first. */
export function noisyPaths(sql: Sql, domain: string | null): Promise<NoisyPath[]> {
  return sql<NoisyPath[]>`
    select p.route, p.path, p.n::float8 as count, extract(epoch from p.last_at)::float8 * 1000 as "lastAt"
    from shadowread.control_paths p
    where ${domain}::text is null or p.route in (select route from shadowread.control_counts where domain = ${domain})
    order by p.n desc, p.route, p.path limit 500`;
}

export interface FailureRow {
  readonly domain: string;
  readonly route: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  readonly count: number;
  readonly lastAt: number;
  /** The last error's text, without values. */
  readonly detail: string | null;
  readonly traceId: string | null;
}

/** The last failure of each kind on each route: what an engineer reads when the gate counts twin or verifier errors. */
export function failures(sql: Sql, domain: string | null): Promise<FailureRow[]> {
  return sql<FailureRow[]>`
    select domain, route, verdict, reason, n::float8 as count, extract(epoch from last_at)::float8 * 1000 as "lastAt",
      detail, trace_id as "traceId"
    from shadowread.failures where ${domain}::text is null or domain = ${domain} order by last_at desc limit 500`;
}

function percentilesOf(histogram: Histogram | undefined): Percentiles | null {
  if (histogram === undefined) return null;
  const found = percentiles(histogram);
  return found === null ? null : { samples: histogram.count, ...found };
}

function bounds(window: Window): Omit<Window, 'from' | 'to'> & { from: string; to: string } {
  const { from, to, ...rest } = window;
  return { ...rest, from: iso(Math.floor(from / 60_000) * 60_000), to: iso(to ?? Date.now() + 60_000) };
}
