/** Query shapes of an epoch, and what was covered of each. */
import type postgres from 'postgres';
import type { ShapeEvidence } from '../../gate/evidence.ts';
import { DISTINCT } from '../batch.ts';
import { CALLERS, TWIN_FORMS, UNDECLARED } from '../gathering/covered.ts';
import type { Counting } from './epoch-counts.ts';
import type { acceptedCombinations } from './epoch-fingerprints.ts';
import type { Sql } from './rows.ts';

export type RouteShape = ShapeEvidence & { readonly route: string; readonly distinctMismatches: number };

/** Of both forms of the twin. `accepted`: ids of combinations whose mismatches are kept apart. */
export function shapeRows(
  sql: Sql,
  epoch: number,
  accepted: ReturnType<typeof acceptedCombinations>,
): postgres.PendingQuery<RouteShape[]> {
  return sql<RouteShape[]>`
    select s.route, s.shape, c.compared::float8 as compared, c.mismatches::float8 as mismatches,
      c.entities::float8 as entities, c.answers::float8 as answers,
      greatest(c.units - coalesce(m.apart, 0), coalesce(m.counted, 0))::float8 as distinct,
      greatest(c.compared - coalesce(n.compared, 0), 0)::float8 as "sinceLastNew",
      (coalesce(m.counted, 0) + c.lost_units)::float8 as "distinctMismatches",
      extract(epoch from c.first_seen)::float8 * 1000 as "firstSeen", extract(epoch from c.last_seen)::float8 * 1000 as "lastSeen"
    from (
      select shape, sum(compared) as compared, sum(mismatches) as mismatches, sum(entities) as entities, sum(answers) as answers,
        sum(units) as units, sum(lost_units) as lost_units, min(first_seen) as first_seen, max(last_seen) as last_seen
      from shadowread.coverage where epoch = ${epoch} group by shape
    ) c join shadowread.shapes s on s.id = c.shape
    left join shadowread.coverage_news n on n.epoch = ${epoch} and n.shape = c.shape
    left join (
      select d.shape, count(a.combination) as apart, count(*) - count(a.combination) as counted
      from shadowread.distinct_hashes d left join (${accepted}) a on a.combination = d.combination
      where d.epoch = ${epoch} and d.combination is not null and d.kind = ${DISTINCT.unit} group by d.shape
    ) m on m.shape = c.shape
    where c.compared > 0 order by s.route, c.compared desc, s.shape`;
}

/** Those whose comparisons count. */
export function shapesOf(rows: readonly RouteShape[], counting: Counting): readonly RouteShape[] {
  const inTwinForms = (row: RouteShape): boolean => row.shape.startsWith(TWIN_FORMS);
  const plain = (row: RouteShape): RouteShape => ({ ...row, shape: row.shape.slice(TWIN_FORMS.length) });
  const [own, others] = [rows.filter((row) => !inTwinForms(row)), rows.filter(inTwinForms).map(plain)];
  if (counting === 'primary') return own;
  return counting === 'twin' ? others : together(own, others);
}

/** Both forms of one shape as one. The same question in another form is no other question, so the wider of the two counts. */

export function together(own: readonly RouteShape[], others: readonly RouteShape[]): readonly RouteShape[] {
  const byShape = new Map(own.map((row) => [`${row.route} ${row.shape}`, row]));
  for (const other of others) {
    const key = `${other.route} ${other.shape}`;
    const row = byShape.get(key);
    if (row === undefined) {
      byShape.set(key, other);
      continue;
    }
    byShape.set(key, {
      ...row,
      compared: row.compared + other.compared,
      mismatches: row.mismatches + other.mismatches,
      entities: Math.max(row.entities, other.entities),
      answers: Math.max(row.answers, other.answers),
      distinct: Math.max(row.distinct, other.distinct),
      sinceLastNew: Math.min(row.sinceLastNew, other.sinceLastNew),
      distinctMismatches: row.distinctMismatches + other.distinctMismatches,
      firstSeen: Math.min(row.firstSeen, other.firstSeen),
      lastSeen: Math.max(row.lastSeen, other.lastSeen),
    });
  }
  return [...byShape.values()];
}

export interface UndeclaredNames {
  readonly route: string;
  readonly names: readonly string[];
}

/** Query parameters that were given and that their route did not declare then, by route. */
export function undeclaredOf(sql: Sql, epoch: number): postgres.PendingQuery<UndeclaredNames[]> {
  return sql<UndeclaredNames[]>`
    select s.route, (array_agg(distinct substr(s.shape, ${UNDECLARED.length + 1})))[1:50] as names
    from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
    where c.epoch = ${epoch} and starts_with(s.shape, ${UNDECLARED}) group by s.route`;
}

export interface RouteCallers {
  readonly route: string;
  readonly callers: number;
}

/** Callers who got a good answer compared, by route. */
export function callersOf(sql: Sql, epoch: number): postgres.PendingQuery<RouteCallers[]> {
  return sql<RouteCallers[]>`
    select s.route, sum(c.entities)::float8 as callers
    from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
    where c.epoch = ${epoch} and s.shape = ${CALLERS} group by s.route`;
}

export interface RouteAnswers {
  readonly route: string;
  readonly answers: number;
}

/** The end of the shape of an answer that is none of those asked for. */
const NOT_GOOD = '(^| )[145]([0-9]{2}|xx)$';

/**
 * One good answer may come under several shapes: where they are few enough to matter, they are counted by route. A route
 * with one shape alone is left out, since its sum says the same.
 */
export function fewAnswers(sql: Sql, epoch: number, counting: Counting): postgres.PendingQuery<RouteAnswers[]> {
  const inTwinForms = sql`starts_with(s.shape, ${TWIN_FORMS})`;
  const counts = { primary: sql`not ${inTwinForms}`, twin: inTwinForms, any: sql`true` }[counting];
  return sql<RouteAnswers[]>`
    with good as materialized (
      select s.route, s.id, sum(c.answers) as answers from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
      where c.epoch = ${epoch} and c.answers > 0 and s.shape !~ ${NOT_GOOD} and ${counts} group by s.route, s.id
    ), few as (
      select route, array_agg(id) as ids from good group by route having sum(answers) <= 5000 and count(*) > 1
    )
    select few.route, h.answers from few cross join lateral (
      select count(distinct d.hash)::float8 as answers from shadowread.distinct_hashes d
      where d.epoch = ${epoch} and d.shape = any(few.ids) and d.kind = ${DISTINCT.answer}
    ) h`;
}
