/** Figures that several pages show: reports, gates, sums and rates. */
import type { Decision } from '../gate/decision.ts';
import type { RouteEvidence } from '../gate/evidence.ts';
import type { Histogram } from '../journal/histogram.ts';
import type { Percentiles, RouteReport } from '../journal/read/report.ts';
import { VERDICT_KINDS, type VerdictKind } from '../types.ts';
import type { AdminContext } from './context.ts';
import type { RouteFigures } from './plane.ts';

export const HOUR = 3_600_000;

export async function reportsOf(
  { journal }: AdminContext,
  from: number,
  { domain, timed = true }: { readonly domain?: string; readonly timed?: boolean } = {},
): Promise<Map<string, RouteReport>> {
  if (journal === null) return new Map();
  const rows = await journal.reader.report({ from, timed, ...(domain === undefined ? {} : { domain }) });
  return new Map(rows.map((row) => [row.route, row]));
}

type Gates = Awaited<ReturnType<NonNullable<AdminContext['journal']>['gate']>>;

export async function gatesOf({ journal }: AdminContext, domains: readonly string[]): Promise<Map<string, Gates>> {
  if (journal === null) return new Map();
  return new Map(await Promise.all(domains.map(async (domain) => [domain, await journal.gate(domain)] as const)));
}

/** A mismatch rate and its upper bound, both of the comparisons of the present epoch as the gate counts them. */
export interface EpochRate {
  /** Null where nothing was compared in the epoch; so is the bound. */
  readonly rate: number | null;
  readonly compared: number;
  readonly bound: number | null;
}

export function epochRateOf({ bound }: Decision): EpochRate {
  return bound.used === 'none'
    ? { rate: null, compared: 0, bound: null }
    : { rate: bound.rate, compared: bound.n, bound: bound.upper };
}

/** Of one route. The bound is one for all routes of a domain; a route without comparisons has none. */
export function routeRateOf(evidence: RouteEvidence | undefined, decision: Decision) {
  const { distinct = 0, distinctMismatches = 0, compared = 0 } = evidence ?? {};
  return {
    mismatchRate: shareOf(distinctMismatches, distinct),
    compared: distinct,
    bound: compared === 0 ? null : epochRateOf(decision).bound,
  };
}

export function sumOf(all: readonly Pick<RouteFigures, 'verdicts'>[]): Record<VerdictKind, number> {
  const sum = { match: 0, settled: 0, mismatch: 0, unstable: 0, twin_error: 0, twin_timeout: 0, skipped: 0 };
  for (const { verdicts } of all) for (const kind of VERDICT_KINDS) sum[kind] += verdicts[kind];
  return sum;
}

export const countOf = (verdicts: Readonly<Partial<Record<VerdictKind, number>>>): number =>
  VERDICT_KINDS.reduce((total, kind) => total + (verdicts[kind] ?? 0), 0);

export const comparedOf = ({ match, settled, mismatch }: Readonly<Record<VerdictKind, number>>): number =>
  match + settled + mismatch;

export const rateOf = (verdicts: Readonly<Record<VerdictKind, number>>): number | null =>
  shareOf(verdicts.mismatch, comparedOf(verdicts));

export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function worst(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

/** Percentiles with a histogram coarse enough to draw; null where nothing was timed. */
export function timed(histogram: Histogram | undefined, percentiles: Percentiles | null | undefined) {
  if (histogram === undefined || percentiles === undefined || percentiles === null) return null;
  return { ...percentiles, n: percentiles.samples, buckets: coarse(histogram.entries()) };
}

/** Bars that a page has room for. */
const BARS = 24;

/**
 * The histogram as bars of one width on a logarithmic scale, as fine as there is room for from the shortest duration to
 * the longest; empty ones between them too, else two far values would look like neighbours.
 */
function coarse(entries: readonly (readonly [number, number])[]): { upToMs: number; n: number }[] {
  const first = entries[0]?.[0] ?? 1;
  const last = entries.at(-1)?.[0] ?? 1;
  const perDoubling = [8, 4, 2, 1].find((parts) => Math.log2(last / first) * parts < BARS) ?? 1;
  const barOf = (upTo: number): number => Math.ceil(Math.log2(upTo) * perDoubling - 1e-9);
  const bars = new Map<number, number>();
  for (let bar = barOf(first); bar <= barOf(last); bar += 1) bars.set(bar, 0);
  for (const [upTo, n] of entries) bars.set(barOf(upTo), (bars.get(barOf(upTo)) ?? 0) + n);
  return [...bars].map(([bar, n]) => ({ upToMs: 2 ** (bar / perDoubling), n }));
}
