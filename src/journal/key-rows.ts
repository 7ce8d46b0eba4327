/** What is numbered: each name with the row that stands for it. */
import type { CountEntry, CoverageEntry, EvidenceKey, HistogramEntry } from './batch.ts';

export type Numbered = { name: string; id: number };

export type Named = { readonly name: string; readonly row: Readonly<Record<string, unknown>> };

export function nulls(about: object): number {
  return Object.values(about).filter((part) => part === null).length;
}

export function epochName({ domain, backfill, twinBuild, rules }: EvidenceKey): string {
  return `e${JSON.stringify([domain, backfill, twinBuild, rules])}`;
}

export function countRow(entry: CountEntry, epoch: number): Named {
  const { about, route, served, representation, verdict, reason, fatal } = entry;
  const row = { domain: about.domain, route, served, representation, verdict, reason, fatal, epoch };
  return { name: `c${JSON.stringify(Object.values(row))}`, row };
}

export function seriesRow(entry: HistogramEntry, epoch: number): Named {
  const { about, route, measure, served, representation } = entry;
  const row = { domain: about.domain, route, measure, served, representation, epoch };
  return { name: `s${JSON.stringify(Object.values(row))}`, row };
}

export function shapeRow(entry: Pick<CoverageEntry, 'about' | 'route' | 'shape'>): Named {
  const row = { domain: entry.about.domain, route: entry.route, shape: entry.shape };
  return { name: `q${JSON.stringify(Object.values(row))}`, row };
}
