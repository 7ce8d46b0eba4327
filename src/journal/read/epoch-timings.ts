/** Times of both sides in an epoch, over the same reads. */

import type postgres from 'postgres';
import type { LatencyEvidence } from '../../gate/evidence.ts';
import type { Representation } from '../../types.ts';
import { Histogram } from '../histogram.ts';
import type { Sql } from './rows.ts';

/** Pairs timed by one client are used from this number on: the p99 of fewer is their slowest. */
const ALIKE_SAMPLES = 100;
export const SIDES = ['primary', 'twin', 'primary_control', 'twin_control'] as const;

export type Sides = Readonly<Record<(typeof SIDES)[number], Histogram>>;

export interface Timings {
  readonly settle: Histogram;
  readonly byRoute: ReadonlyMap<string, Sides>;
}

export interface TimedRow {
  readonly route: string;
  readonly measure: string;
  readonly buckets: readonly string[];
  readonly sum: number;
}

export function timedRows(
  sql: Sql,
  epoch: number,
  forms: readonly Representation[],
): postgres.PendingQuery<TimedRow[]> {
  return sql<TimedRow[]>`
    select s.route, s.measure, h.buckets::text[] as buckets, h.sum from shadowread.evidence_histograms h
    join shadowread.series s on s.id = h.series
    where s.epoch = ${epoch} and s.served = 'primary' and s.representation = any(${[...forms]}::text[])`;
}

export function histogramsOf(rows: readonly TimedRow[]): Timings {
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

/**
 * Percentiles of both sides; null without a timed pair. Control reads ask both by one client, which is the fair
 * comparison; while they are few, the primary's times are those of the proxy's own client, over the same reads.
 */
export function latencyOf(sides: Sides | undefined): LatencyEvidence | null {
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
