/** The coverage in a batch: query shapes, and distinct entities, answers and comparisons. */
import type postgres from 'postgres';
import { type Batch, DISTINCT, type HashEntry } from './batch.ts';
import type { BatchKeys } from './keys.ts';
import { iso } from './read/rows.ts';
import { jsonFor } from './text.ts';

interface DistinctContext {
  readonly shard: number;
  readonly distinctCap: number;
}

export async function coverage(tx: postgres.ISql, batch: Batch, keys: BatchKeys, shard: number): Promise<void> {
  if (batch.coverage.length === 0) return;
  const rows = batch.coverage.map((entry) => ({
    epoch: keys.epoch(entry.about),
    shape: keys.shape(entry),
    seen: entry.seen,
    compared: entry.compared,
    mismatches: entry.mismatches,
    lost: entry.lostUnits,
    first: iso(entry.firstAt),
    last: iso(entry.lastAt),
  }));
  await tx`
    insert into shadowread.coverage as c (epoch, shape, shard, seen, compared, mismatches, lost_units, first_seen, last_seen)
    select epoch, shape, ${shard}, sum(seen), sum(compared), sum(mismatches), sum(lost), min(first), max(last)
    from jsonb_to_recordset(${jsonFor(rows)}::text::jsonb) as x(epoch int, shape int, seen bigint, compared bigint,
      mismatches bigint, lost bigint, first timestamptz, last timestamptz)
    group by epoch, shape order by epoch, shape
    on conflict (epoch, shape, shard) do update set seen = c.seen + excluded.seen, compared = c.compared + excluded.compared,
      mismatches = c.mismatches + excluded.mismatches, lost_units = c.lost_units + excluded.lost_units,
      first_seen = least(c.first_seen, excluded.first_seen), last_seen = greatest(c.last_seen, excluded.last_seen)`;
}

interface ScopeCount {
  readonly epoch: number;
  readonly shape: number;
}

interface Distinct {
  /** Shapes that brought a comparison not seen before. */
  readonly news: readonly ScopeCount[];
  readonly full: readonly HashEntry[];
}

/**
 * The replica that inserts a hash counts it, so that the sums over the shards are exact. The cap is read before the
 * insert: replicas that insert at the same moment may together exceed it a little. A comparison counts as distinct where
 * its question and its answer are both new: then no question and no answer is counted twice.
 */
export async function distinct(
  tx: postgres.ISql,
  batch: Batch,
  keys: BatchKeys,
  context: DistinctContext,
): Promise<Distinct> {
  if (batch.hashes.length === 0) return { news: [], full: [] };
  const rows = batch.hashes.map(
    (entry): HashRow => ({
      epoch: keys.epoch(entry.about),
      shape: keys.shape(entry),
      kind: entry.kind,
      hash: entry.hash,
      combination: entry.differs === null ? null : keys.combination(entry.route, entry.differs).id,
      of: entry.of ?? null,
    }),
  );
  const sums = await tx<{ epoch: number; shape: number; held: number[] }[]>`
    select epoch, shape, array[sum(entities), sum(answers), sum(units)]::float8[] as held from shadowread.coverage
    where epoch = any(${[...new Set(rows.map(({ epoch }) => epoch))]}::int[]) and shape = any(${[...new Set(rows.map(({ shape }) => shape))]}::int[])
    group by epoch, shape`;
  const held = new Map(sums.map((row) => [`${row.epoch}|${row.shape}`, row.held]));
  // A comparison is counted only with a new question and a new answer: where no more of those are kept, none is
  // needed.
  const isFull = ({ epoch, shape, kind }: HashRow): boolean => {
    const counts = held.get(`${epoch}|${shape}`) ?? [];
    return (kind === DISTINCT.unit ? Math.max(0, ...counts) : (counts[kind] ?? 0)) >= context.distinctCap;
  };
  const plain = rows.filter((row) => row.combination === null && !isFull(row));
  // Mismatches have a separate cap of the same size; beyond it they are counted, but no longer as distinct ones.
  const differs = rows.filter((row) => row.combination !== null);
  const isCrowded = ({ epoch, shape, kind }: HashRow): boolean =>
    (held.get(`${epoch}|${shape}`)?.[kind] ?? 0) >= 2 * context.distinctCap;
  const differing = differs.filter((row) => !isCrowded(row));
  await lose(tx, differs.filter(isCrowded), context.shard);
  const made = [
    ...(plain.length === 0
      ? []
      : await tx<MadeRow[]>`
        insert into shadowread.distinct_hashes (epoch, shape, kind, hash)
        select distinct epoch, shape, kind, ('x' || hash)::bit(64)::bigint as h
        from jsonb_to_recordset(${jsonFor(plain)}::text::jsonb) as x(epoch int, shape int, kind smallint, hash text)
        order by 1, 2, 3, 4
        on conflict do nothing returning epoch, shape, kind, lpad(to_hex(hash), 16, '0') as hash`),
    ...(differing.length === 0
      ? []
      : await tx<MadeRow[]>`
        with made as (
          insert into shadowread.distinct_hashes as d (epoch, shape, kind, hash, combination)
          select epoch, shape, kind, ('x' || hash)::bit(64)::bigint as h, max(combination)
          from jsonb_to_recordset(${jsonFor(differing)}::text::jsonb)
            as x(epoch int, shape int, kind smallint, hash text, combination text)
          group by 1, 2, 3, 4 order by 1, 2, 3, 4
          on conflict (epoch, shape, kind, hash) do update set combination = excluded.combination where d.combination is null
          returning epoch, shape, kind, hash, (xmax = 0) as fresh
        ) select epoch, shape, kind, lpad(to_hex(hash), 16, '0') as hash from made where fresh`),
  ];
  const counted = countedOf(rows, made);
  if (counted.length > 0) {
    await tx`
      update shadowread.coverage c set entities = c.entities + a.entities, answers = c.answers + a.answers, units = c.units + a.units
      from (select epoch, shape, sum(entities) as entities, sum(answers) as answers, sum(units) as units
        from jsonb_to_recordset(${jsonFor(counted)}::text::jsonb)
          as x(epoch int, shape int, entities bigint, answers bigint, units bigint)
        group by epoch, shape) a
      where a.epoch = c.epoch and a.shape = c.shape and c.shard = ${context.shard}`;
  }
  return {
    news: made.filter(({ kind }) => kind === DISTINCT.unit),
    full: batch.hashes.filter((_entry, at) => {
      const row = rows[at];
      return row !== undefined && isFull(row);
    }),
  };
}

interface HashRow extends MadeRow {
  readonly combination: string | null;
  readonly of: HashEntry['of'] | null;
}

/** What a batch adds to each shape: new questions, new answers, and comparisons in which both were new. */
function countedOf(rows: readonly HashRow[], made: readonly MadeRow[]): object[] {
  const fresh = new Set(made.map(nameOf));
  const sums = new Map<string, ScopeCount & { entities: number; answers: number; units: number }>();
  for (const row of rows) {
    const { epoch, shape, kind, of, combination } = row;
    if (!fresh.delete(nameOf(row))) continue;
    const sum = sums.get(`${epoch}|${shape}`) ?? { epoch, shape, entities: 0, answers: 0, units: 0 };
    sums.set(`${epoch}|${shape}`, sum);
    if (kind === DISTINCT.entity) sum.entities += 1;
    else if (kind === DISTINCT.answer) sum.answers += 1;
    if (kind !== DISTINCT.unit) {
      fresh.add(`new ${nameOf(row)}`);
      continue;
    }
    const question = `new ${nameOf({ epoch, shape, kind: DISTINCT.entity, hash: of?.entity ?? '' })}`;
    const answer = `new ${nameOf({ epoch, shape, kind: DISTINCT.answer, hash: of?.answer ?? '' })}`;
    const bothNew = fresh.has(question) && fresh.has(answer);
    // A unit that differs always counts as compared too, else there would be more wrong ones than compared ones.
    if (bothNew || combination !== null) sum.units += 1;
    if (!bothNew) continue;
    fresh.delete(question);
    fresh.delete(answer);
  }
  return [...sums.values()];
}

function nameOf({ epoch, shape, kind, hash }: MadeRow): string {
  return `${epoch}|${shape}|${kind}|${hash}`;
}

/** Counts units that differ and find no room; a unit that is kept already is only marked. */
async function lose(
  tx: postgres.ISql,
  rows: readonly { readonly epoch: number; readonly shape: number; readonly kind: number }[],
  shard: number,
): Promise<void> {
  const units = rows.filter(({ kind }) => kind === DISTINCT.unit);
  if (units.length === 0) return;
  await tx`
    with wanted as (
      select epoch, shape, ('x' || hash)::bit(64)::bigint as h, max(combination) as combination
      from jsonb_to_recordset(${jsonFor(units)}::text::jsonb) as x(epoch int, shape int, hash text, combination text)
      group by 1, 2, 3
    ), marked as (
      update shadowread.distinct_hashes d set combination = coalesce(d.combination, w.combination) from wanted w
      where d.epoch = w.epoch and d.shape = w.shape and d.kind = ${DISTINCT.unit} and d.hash = w.h
      returning d.epoch, d.shape, d.hash
    )
    update shadowread.coverage c set lost_units = c.lost_units + a.n
    from (select epoch, shape, count(*) as n from wanted w
      where not exists (select from marked m where m.epoch = w.epoch and m.shape = w.shape and m.hash = w.h)
      group by 1, 2) a
    where a.epoch = c.epoch and a.shape = c.shape and c.shard = ${shard}`;
}

interface MadeRow extends ScopeCount {
  readonly kind: number;
  /** 16 hex digits. */
  readonly hash: string;
}

export async function coverageNews(tx: postgres.ISql, news: readonly ScopeCount[]): Promise<void> {
  if (news.length === 0) return;
  await tx`
    insert into shadowread.coverage_news as c (epoch, shape, compared)
    select c.epoch, c.shape, sum(c.compared)
    from (select distinct epoch, shape from jsonb_to_recordset(${jsonFor(news)}::text::jsonb) as x(epoch int, shape int)) x
    join shadowread.coverage c on c.epoch = x.epoch and c.shape = x.shape
    group by 1, 2 order by 1, 2
    on conflict (epoch, shape) do update set compared = greatest(c.compared, excluded.compared)`;
}
