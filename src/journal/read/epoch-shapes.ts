/** Query shapes of an epoch, and what was covered of each. */
import type { ShapeEvidence } from '../../gate/evidence.ts';
import { DISTINCT } from '../batch.ts';
import { TWIN_FORMS, UNDECLARED } from '../gathering/covered.ts';
import type { Counting } from './epoch-counts.ts';
import type { Sql } from './rows.ts';

export type RouteShape = ShapeEvidence & { readonly route: string; readonly distinctMismatches: number };

export async function shapesOf(
  sql: Sql,
  epoch: number,
  accepted: readonly string[],
  counting: Counting,
): Promise<readonly RouteShape[]> {
  const rows = await sql<RouteShape[]>`
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
      select shape, count(*) filter (where combination = any(${accepted}::text[])) as apart,
        count(*) filter (where combination <> all(${accepted}::text[])) as counted
      from shadowread.distinct_hashes
      where epoch = ${epoch} and combination is not null and kind = ${DISTINCT.unit} group by shape
    ) m on m.shape = c.shape
    where c.compared > 0 order by s.route, c.compared desc, s.shape`;
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

/** Query parameters that were given and that their route did not declare then, by route. */
export async function undeclaredOf(sql: Sql, epoch: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await sql<{ route: string; names: string[] }[]>`
    select s.route, (array_agg(distinct substr(s.shape, ${UNDECLARED.length + 1})))[1:50] as names
    from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
    where c.epoch = ${epoch} and starts_with(s.shape, ${UNDECLARED}) group by s.route`;
  return new Map(rows.map(({ route, names }) => [route, names]));
}

/** One good answer may come under several shapes: where they are few enough to matter, they are counted by route. */
export async function fewAnswers(sql: Sql, epoch: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ route: string; answers: number }[]>`
    select s.route, count(distinct d.hash)::float8 as answers
    from shadowread.distinct_hashes d join shadowread.shapes s on s.id = d.shape
    where d.epoch = ${epoch} and d.kind = ${DISTINCT.answer} and s.shape !~ '(^| )[145](\d\d|xx)$' and s.route in (
      select s.route from shadowread.coverage c join shadowread.shapes s on s.id = c.shape
      where c.epoch = ${epoch} group by s.route having sum(c.answers) <= 5000)
    group by s.route`;
  return new Map(rows.map(({ route, answers }) => [route, answers]));
}
