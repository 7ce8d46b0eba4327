/** The shadow-read columns of the cutover table. */
import type { Stage } from '../../types.ts';
import type { Sql } from './rows.ts';

export interface DomainStatus {
  readonly domain: string;
  /** Null where the journal was never told: the config's stage counts. */
  readonly stage: Stage | null;
  readonly percent: number | null;
  readonly epoch: number | null;
  readonly epochBeganAt: number | null;
  readonly twinBuild: string | null;
  /** Of the current epoch, served by the primary and in its representation. */
  readonly compared: number;
  readonly mismatches: number;
  readonly routes: number;
  readonly shapes: number;
  readonly distinct: number;
  readonly openFingerprints: number;
  readonly lastSeen: number | null;
  /** The last decision asked for. */
  readonly lastOutcome: string | null;
  readonly lastDecidedAt: number | null;
}

/** A row for every domain that the journal knows. */
export function status(sql: Sql): Promise<DomainStatus[]> {
  return sql<DomainStatus[]>`
    select d.domain, s.stage, s.percent, e.ordinal as epoch, extract(epoch from e.began_at)::float8 * 1000 as "epochBeganAt",
      e.twin_build as "twinBuild", coalesce(c.compared, 0)::float8 as compared, coalesce(c.mismatches, 0)::float8 as mismatches,
      coalesce(c.routes, 0)::int as routes, coalesce(c.shapes, 0)::int as shapes, coalesce(c.units, 0)::float8 as distinct,
      (select count(*)::int from shadowread.fingerprints f where f.domain = d.domain and f.state = 'open') as "openFingerprints",
      extract(epoch from e.last_seen)::float8 * 1000 as "lastSeen", l.outcome as "lastOutcome",
      extract(epoch from l.at)::float8 * 1000 as "lastDecidedAt"
    from (select domain from shadowread.epochs union select domain from shadowread.stages) d
    left join shadowread.stages s on s.domain = d.domain
    left join lateral (select * from shadowread.epochs e where e.domain = d.domain and e.closed_at is null order by last_seen desc, ordinal desc limit 1) e on true
    left join lateral (
      select sum(c.compared) as compared, sum(c.mismatches) as mismatches, sum(c.units) as units,
        count(distinct h.route) as routes,
        count(distinct (h.route, regexp_replace(h.shape, '^\(twin\) ', ''))) filter (where c.compared > 0) as shapes
      from shadowread.coverage c join shadowread.shapes h on h.id = c.shape where c.epoch = e.id) c on true
    left join lateral (select outcome, at from shadowread.decisions l where l.domain = d.domain order by id desc limit 1) l on true
    order by d.domain`;
}
