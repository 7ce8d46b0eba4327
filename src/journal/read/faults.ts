/** Faults: what an engineer repairs. */
import type postgres from 'postgres';
import { faultName } from '../../base/fault-words.ts';
import type { FaultsOfDomain } from '../../gate/evidence.ts';
import type { Fault } from '../../types.ts';
import type { FaultState } from '../fault-states.ts';
import { wholeId } from './ids.ts';
import type { Sql } from './rows.ts';

export interface FaultFilter {
  readonly domain?: string;
  readonly state?: FaultState;
  readonly cause?: Fault['cause'];
  /** Only these. */
  readonly ids?: readonly string[];
  /** Id of a fault, or a beginning of one that no other has: only those after it in this order. */
  readonly after?: string;
  /** 1..1,000; 200 by default. */
  readonly limit?: number;
}

/** A route that showed a fault; the latest of its mismatches is null where it was found before they were kept. */
export interface FaultRoute {
  readonly route: string;
  readonly reads: number;
  readonly lastMismatch: string | null;
}

export interface FaultRow extends Fault {
  /** True for the row that stands for all further faults of the domain. */
  readonly others: boolean;
  readonly state: FaultState;
  readonly owner: string | null;
  readonly reason: string | null;
  /** Epoch ms of the acknowledgement's end. */
  readonly expiresAt: number | null;
  readonly expired: boolean;
  /** Epoch ms. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Reads that showed it. */
  readonly reads: number;
  /** Routes that showed it, the most frequent first. */
  readonly routes: readonly FaultRoute[];
  readonly lastMismatch: string | null;
  readonly repairedAt: number | null;
  readonly updatedBy: string | null;
  readonly updatedAt: number | null;
}

export interface FaultPage {
  readonly rows: readonly FaultRow[];
  /** Give it as `after` for the next page; null at the end. */
  readonly next: string | null;
  /** Faults of all pages. */
  readonly total: number;
}

/** Open faults of one domain and cause; one whose acknowledgement has expired is open again. */
export interface OpenFaults {
  readonly domain: string;
  readonly cause: Fault['cause'];
  /** Money, an identity, or a whole row. */
  readonly fatal: boolean;
  readonly open: number;
}

/**
 * Faults in the order of work: those that are open (returned ones and those whose acknowledgement has expired too), then
 * acknowledged, then repaired; in each group the latest first.
 */
export async function faults(sql: Sql, filter: FaultFilter): Promise<FaultPage> {
  const { domain = null, state = null, cause = null, ids = null } = filter;
  const after = filter.after === undefined ? null : await wholeId(sql, 'fault', filter.after);
  if (filter.after !== undefined && after === null) return { rows: [], next: null, total: 0 };
  const limit = Math.min(1_000, Math.max(1, Math.floor(filter.limit ?? 200)));
  const rows = await sql<(FaultRow & { place: number; total: number })[]>`
    with ranked as (
      select f.fault, row_number() over (order by
          case when f.state = 'acknowledged' and f.expires_at > now() then 1 when f.state = 'repaired' then 2 else 0 end,
          f.others, f.last_seen desc, f.fault)::float8 as place, (count(*) over ())::float8 as total
      from shadowread.faults f
      where ${domain === null ? sql`true` : sql`f.domain = ${domain}`}
        and ${state === null ? sql`true` : sql`f.state = ${state}`}
        and ${cause === null ? sql`true` : sql`f.cause = ${cause}`}
        and ${ids === null ? sql`true` : sql`f.fault = any(${[...ids]})`}
    ), page as materialized (
      select * from ranked
      where ${after === null ? sql`true` : sql`place > (select place from ranked where fault = ${after})`}
      order by place limit ${limit + 1}
    )
    select x.*, page.place, page.total from page
    cross join lateral (${selectFaults(sql)} where f.fault = page.fault) x
    order by page.place`;
  const page = rows.slice(0, limit).map(({ place: _place, total: _total, ...row }) => row);
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null, total: rows[0]?.total ?? 0 };
}

/** One by its id, or by a beginning of it that no other has. */
export async function fault(sql: Sql, given: string): Promise<FaultRow | null> {
  const id = await wholeId(sql, 'fault', given);
  if (id === null) return null;
  const [row] = await sql<FaultRow[]>`${selectFaults(sql)} where f.fault = ${id}`;
  return row ?? null;
}

export async function openFaults(sql: Sql): Promise<OpenFaults[]> {
  return sql<OpenFaults[]>`
    select f.domain, f.cause, f.fatal, count(*)::float8 as open from shadowread.faults f where ${isOpen(sql)}
    group by 1, 2, 3 order by 1, 2, 3`;
}

/** Faults named in a gate's answer. */
const NAMED = 5;

/** The open ones that reads of the domain have shown, wherever the rows live. */
export function namedFaults(sql: Sql, domain: string): postgres.PendingQuery<(Fault & { open: number })[]> {
  return sql<(Fault & { open: number })[]>`
    select f.fault as id, f.domain, f.cause, f.collection, f.entity, f.field, f.route, f.fingerprint, f.sample, f.fatal,
      (count(*) over ())::float8 as open
    from shadowread.faults f
    where ${isOpen(sql)} and exists (
      select from shadowread.fault_routes r join shadowread.shapes s on s.route = r.route
      where r.fault = f.fault and s.domain = ${domain})
    order by f.others, f.fatal desc, f.last_seen desc, f.fault limit ${NAMED}`;
}

export function faultsOfDomain(rows: readonly (Fault & { open: number })[]): FaultsOfDomain {
  return { open: rows[0]?.open ?? 0, names: rows.map(faultName) };
}

/** Open: not repaired, and not acknowledged at present. */
export function isOpen(sql: Sql) {
  return sql`(f.state in ('open', 'returned') or (f.state = 'acknowledged' and f.expires_at <= now()))`;
}

/** A `FaultRow` for each row of `faults f`. */
export function selectFaults(sql: Sql) {
  return sql`
    select f.fault as id, f.domain, f.cause, f.collection, f.entity, f.field, f.route, f.fingerprint, f.sample, f.fatal, f.others,
      f.state, f.owner, f.reason, extract(epoch from f.expires_at)::float8 * 1000 as "expiresAt",
      coalesce(f.state = 'acknowledged' and f.expires_at <= now(), false) as expired,
      extract(epoch from f.first_seen)::float8 * 1000 as "firstSeen", extract(epoch from f.last_seen)::float8 * 1000 as "lastSeen",
      f.n::float8 as reads, coalesce(r.routes, '[]') as routes, f.last_mismatch as "lastMismatch",
      extract(epoch from f.repaired_at)::float8 * 1000 as "repairedAt",
      f.updated_by as "updatedBy", extract(epoch from f.updated_at)::float8 * 1000 as "updatedAt"
    from shadowread.faults f
    left join lateral (
      select jsonb_agg(jsonb_build_object('route', s.route, 'reads', s.n, 'lastMismatch', s.last_mismatch) order by s.n desc, s.route) as routes
      from shadowread.fault_routes s where s.fault = f.fault
    ) r on true`;
}
