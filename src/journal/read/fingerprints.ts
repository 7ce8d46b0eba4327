/** Fingerprints: what an engineer works on. */
import type { DifferenceKind, RedactedDifference } from '../../types.ts';
import { wholeId } from './ids.ts';
import { iso, type Sql } from './rows.ts';

export type FingerprintState = 'open' | 'acknowledged' | 'fixed';

export interface FingerprintFilter {
  readonly domain?: string;
  readonly route?: string;
  readonly state?: FingerprintState;
  /** `weight`: by count in the last day, then in all (the default); `last`: by last seen. */
  readonly sort?: 'weight' | 'last';
  /** Id of a fingerprint, or a beginning of one that no other has: only those after it in this order. */
  readonly after?: string;
  /** 1..1,000; 200 by default. */
  readonly limit?: number;
}

export interface FingerprintPage {
  readonly rows: readonly FingerprintRow[];
  /** Give it as `after` for the next page; null at the end. */
  readonly next: string | null;
}

export interface FingerprintRow {
  readonly fingerprint: string;
  readonly domain: string;
  readonly route: string;
  readonly kinds: readonly DifferenceKind[];
  /** Where and how it differs, without values. */
  readonly sample: readonly Pick<RedactedDifference, 'path' | 'kind' | 'rule' | 'measure'>[];
  readonly fatal: boolean;
  /** True for the row that stands for all further fingerprints of the route. */
  readonly others: boolean;
  readonly state: FingerprintState;
  readonly owner: string | null;
  readonly reason: string | null;
  /** Epoch ms of the acknowledgement's end. */
  readonly expiresAt: number | null;
  readonly expired: boolean;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
  readonly lastDay: number;
  /** It was fixed and came back. */
  readonly regressed: boolean;
  readonly fixedAt: number | null;
  readonly lastMismatch: string | null;
  readonly updatedBy: string | null;
  readonly updatedAt: number | null;
  /** Mismatches by cause, over what retention keeps. */
  readonly causes: Readonly<Record<string, number>>;
}

/**
 * One page of fingerprints. Their weights change while a reader pages: a fingerprint whose weight grows may appear twice,
 * and one whose weight falls may be missed. Sorted by `last`, none is missed.
 */
export async function fingerprints(sql: Sql, filter: FingerprintFilter): Promise<FingerprintPage> {
  const { domain = null, route = null, state = null } = filter;
  const after = filter.after === undefined ? null : await wholeId(sql, 'fingerprint', filter.after);
  if (filter.after !== undefined && after === null) return { rows: [], next: null };
  const limit = Math.min(1_000, Math.max(1, Math.floor(filter.limit ?? 200)));
  // Causes are looked up for the rows of this page only: there may be ten thousand others.
  const rows = await sql<(FingerprintRow & { place: number })[]>`
    with last_day as (
      select fingerprint, sum(n) as n from shadowread.fingerprint_counts
      where hour >= now() - interval '24 hours' group by fingerprint
    ), ranked as (
      select f.fingerprint as id, row_number() over (
        order by ${filter.sort === 'last' ? sql`f.last_seen desc` : sql`coalesce(d.n, 0) desc, f.n desc`}, f.fingerprint)::float8 as place
      from shadowread.fingerprints f left join last_day d on d.fingerprint = f.fingerprint
      where ${domain === null ? sql`true` : sql`f.domain = ${domain}`}
        and ${route === null ? sql`true` : sql`f.route = ${route}`}
        and ${state === null ? sql`true` : sql`f.state = ${state}`}
    ), page as (
      select * from ranked
      where ${after === null ? sql`true` : sql`place > (select place from ranked where id = ${after})`}
      order by place limit ${limit + 1}
    )
    select x.*, page.place from page join lateral (${select(sql)} where f.fingerprint = page.id) x on true order by page.place`;
  const page = rows.slice(0, limit).map(({ place: _place, ...row }) => row);
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.fingerprint ?? null) : null };
}

/** One by its id, or by a beginning of it that no other has. */
export async function fingerprint(sql: Sql, given: string): Promise<FingerprintRow | null> {
  const id = await wholeId(sql, 'fingerprint', given);
  if (id === null) return null;
  const [row] = await sql<FingerprintRow[]>`${select(sql)} where f.fingerprint = ${id}`;
  return row ?? null;
}

export interface TrendPoint {
  /** Epoch ms, the beginning of the hour or day. */
  readonly at: number;
  readonly count: number;
}

/** How often each was seen per hour or day, oldest first, only steps in which it was; by id. */
export async function trends(
  sql: Sql,
  ids: readonly string[],
  by: 'hour' | 'day',
  since: number,
): Promise<ReadonlyMap<string, readonly TrendPoint[]>> {
  const points = new Map<string, TrendPoint[]>(ids.map((id) => [id, []]));
  const rows = await sql<{ fingerprint: string; at: number; count: number }[]>`
    select fingerprint, extract(epoch from date_trunc(${by}, hour, 'UTC'))::float8 * 1000 as at, sum(n)::float8 as count
    from shadowread.fingerprint_counts where fingerprint = any(${[...ids]}::text[]) and hour >= ${iso(since)}
    group by 1, 2 order by 1, 2`;
  for (const { fingerprint: id, at, count } of rows) points.get(id)?.push({ at, count });
  return points;
}

function select(sql: Sql) {
  return sql`
    select f.fingerprint, f.domain, f.route, f.kinds, f.sample, f.fatal, f.others, f.state, f.owner, f.reason,
      extract(epoch from f.expires_at)::float8 * 1000 as "expiresAt",
      coalesce(f.state = 'acknowledged' and f.expires_at <= now(), false) as expired,
      extract(epoch from f.first_seen)::float8 * 1000 as "firstSeen", extract(epoch from f.last_seen)::float8 * 1000 as "lastSeen",
      f.n::float8 as count, coalesce(t.day, 0)::float8 as "lastDay", f.regressed,
      extract(epoch from f.fixed_at)::float8 * 1000 as "fixedAt", f.last_mismatch as "lastMismatch",
      f.updated_by as "updatedBy", extract(epoch from f.updated_at)::float8 * 1000 as "updatedAt",
      coalesce(t.causes, '{}') as causes
    from shadowread.fingerprints f
    left join lateral (
      select sum(day) as day, jsonb_object_agg(cause, n) as causes from (
        select cause, sum(n) as n, coalesce(sum(n) filter (where hour >= now() - interval '24 hours'), 0) as day
        from shadowread.fingerprint_counts c where c.fingerprint = f.fingerprint group by cause) by_cause
    ) t on true`;
}
