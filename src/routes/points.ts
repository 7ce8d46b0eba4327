/** points: balances, transactions, the leaderboard and the table of levels. */

import { notFound, ok, type TwinHandler } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, beyond, cursorPage } from '../amanat/twin/sql.ts';
import { explicitNull, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { cursoring } from '../api/route.ts';
import { leaderboard, levels, pointsSummary, pointTransactions } from '../comparators/points.ts';

interface LevelColumns {
  id: string;
  mongo_id: string;
  level: number;
  name: string;
  min_points: number;
}

const levelOf = (row: LevelColumns) => ({
  _id: id(row.id, row.mongo_id),
  level: row.level,
  name: row.name,
  minPoints: row.min_points,
});

/** Balance is the sum of all points, lifetime of those above zero; the level follows from lifetime. */
const summaryOf: TwinHandler = async ({ sql, params }) => {
  const [user] = await sql<{ id: string; mongo_id: string; balance: number; lifetime: number }[]>`
    select u.id, u.mongo_id, coalesce(sum(t.points), 0)::int8 as balance,
      coalesce(sum(t.points) filter (where t.points > 0), 0)::int8 as lifetime
    from users u left join point_transactions t on t.user_id = u.id
    where u.id = ${params.userId ?? null} group by u.id`;
  if (user === undefined) throw notFound();
  const rows = await sql<
    LevelColumns[]
  >`select id, mongo_id, level, name, min_points from level_configs order by level`;
  const level = rows.findLast((row) => row.min_points <= user.lifetime);
  const next = rows.find((row) => row.min_points > user.lifetime);
  const from = level?.min_points ?? 0;
  return ok({
    user: id(user.id, user.mongo_id),
    balance: user.balance,
    lifetime: user.lifetime,
    level: level === undefined ? explicitNull() : levelOf(level),
    next: next === undefined ? explicitNull() : { ...levelOf(next), remaining: next.min_points - user.lifetime },
    progress: next === undefined ? 1 : (user.lifetime - from) / (next.min_points - from),
  });
};

interface TransactionRow {
  id: string;
  mongo_id: string;
  user_id: string;
  user_mongo_id: string;
  type: string;
  points: number;
  balance_after: number;
  reason: string;
  payment_id: string | null;
  payment_mongo_id: string;
  created_at: Date;
}

/**
 * Oldest first, each with the balance after it: the running sum counts all transactions of the user, not only those
 * of the page.
 */
const transactionsOf: TwinHandler = async ({ sql, params, query }) => {
  const user = params.userId ?? null;
  const [known] = await sql`select 1 from users where id = ${user}`;
  if (known === undefined) throw notFound();
  const rows = await sql<TransactionRow[]>`
    select r.id, r.mongo_id, r.user_id, u.mongo_id as user_mongo_id, r.type, r.points, r.balance_after, r.reason,
      r.created_at, p.id as payment_id, p.mongo_id as payment_mongo_id
    from (
      select t.*, sum(t.points) over (order by t.created_at, t.mongo_id) as balance_after
      from point_transactions t where t.user_id = ${user}
    ) r
    join users u on u.id = r.user_id
    left join payments p on p.id = r.payment_id
    where ${allOf(sql, [beyond(sql, query.cursor('after'), 'r.created_at', 'asc', 'r.mongo_id')])}
    order by r.created_at, r.mongo_id limit ${query.limit + 1}`;
  const position = (row: TransactionRow) => ({ key: row.created_at, uuid: row.id, mongoId: row.mongo_id });
  return ok(cursorPage(rows, query.limit, transactionOf, position));
};

function transactionOf(row: TransactionRow): TwinValue {
  return {
    _id: id(row.id, row.mongo_id),
    user: id(row.user_id, row.user_mongo_id),
    type: row.type,
    points: row.points,
    balanceAfter: row.balance_after,
    reason: row.reason,
    payment: row.payment_id === null ? explicitNull() : { _id: id(row.payment_id, row.payment_mongo_id) },
    createdAt: instantOf(row.created_at),
  };
}

/** By lifetime points, so that nobody loses a place by spending; users with equal points share a rank, in any order. */
const leaders: TwinHandler = async ({ sql, query }) => {
  const rows = await sql<{ id: string; mongo_id: string; name: string; points: number; rank: number }[]>`
    select u.id, u.mongo_id, u.name, s.points, rank() over (order by s.points desc) as rank
    from (
      select user_id, sum(points)::int8 as points from point_transactions where points > 0 group by user_id
    ) s
    join users u on u.id = s.user_id
    order by s.points desc, u.mongo_id limit ${query.limit}`;
  const data = rows.map((row) => ({
    _id: id(row.id, row.mongo_id),
    name: row.name,
    points: row.points,
    rank: row.rank,
  }));
  return ok({ data });
};

interface LevelRow extends LevelColumns {
  multiplier: number;
  benefits: string[];
  color: string | null;
  created_at: Date;
  updated_at: Date;
}

const allLevels: TwinHandler = async ({ sql }) => {
  const rows = await sql<LevelRow[]>`
    select id, mongo_id, level, name, min_points, multiplier, benefits, color, created_at, updated_at
    from level_configs order by level`;
  const data = rows.map((row) => ({
    ...levelOf(row),
    multiplier: row.multiplier,
    benefits: row.benefits,
    color: row.color,
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  }));
  return ok({ data });
};

const user = { userId: 'users' };

export const pointsRoutes: readonly TwinRoute[] = [
  get('points', '/api/points/leaderboard', {
    query: { limit: { param: 'limit', max: 100, default: 10 } },
    comparator: leaderboard,
    twin: leaders,
  }),
  get('points', '/api/points/:userId', { ids: user, comparator: pointsSummary, twin: summaryOf }),
  get('points', '/api/points/:userId/transactions', {
    ids: user,
    query: cursoring('pointtransactions'),
    comparator: pointTransactions,
    twin: transactionsOf,
  }),
  get('points', '/api/levels', { fewAnswers: 1, comparator: levels, twin: allLevels }),
];
