/** points: sums of whole points are exact, the progress to the next level is a ratio, ties of the leaderboard are free. */
import { POINT_TYPES } from '../amanat/words.ts';
import {
  comparator,
  count,
  cursorPage,
  enumOf,
  instant,
  list,
  nullable,
  number,
  object,
  ordered,
  ratio,
  ref,
  shown,
  text,
} from '../rules/kit.ts';

const level = { _id: ref('levelconfigs'), level: count(), name: text(), minPoints: count() };

const transaction = object({
  _id: ref('pointtransactions'),
  user: ref('users'),
  type: enumOf(POINT_TYPES),
  points: number(),
  balanceAfter: number(),
  reason: text(),
  payment: nullable(object({ _id: ref('payments') })),
  createdAt: instant(),
});

const leader = object({ _id: ref('users'), name: text(), points: number(), rank: count() });

const wholeLevel = object({
  ...level,
  multiplier: shown(number()),
  benefits: list(text()),
  color: nullable(text()),
  createdAt: instant(),
  updatedAt: instant(),
});

/** `GET /api/points/:userId` */
export const pointsSummary = comparator(
  'points.summary',
  object({
    user: ref('users'),
    balance: number(),
    lifetime: number(),
    level: nullable(object(level)),
    next: nullable(object({ ...level, remaining: number() })),
    progress: ratio(),
  }),
);
/** `GET /api/points/:userId/transactions`, order (createdAt, id) */
export const pointTransactions = comparator('points.transactions', cursorPage(transaction, 'pointtransactions'));
/** `GET /api/points/leaderboard` */
export const leaderboard = comparator(
  'points.leaderboard',
  object({ data: ordered(leader, ['-points'], { identity: '_id' }) }),
);
/** `GET /api/levels`, by level */
export const levels = comparator('points.levels', object({ data: list(wholeLevel, '_id') }));
