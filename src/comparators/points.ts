/** points: sums of whole points are exact, the progress to the next level is a ratio, ties of the leaderboard are free. */
import {
  comparator,
  cursorPage,
  instant,
  list,
  nullable,
  number,
  object,
  ordered,
  ratio,
  ref,
  text,
} from '../rules/kit.ts';

const level = { _id: ref('levelconfigs'), level: number(), name: text(), minPoints: number() };

const transaction = object({
  _id: ref('pointtransactions'),
  user: ref('users'),
  type: text(),
  points: number(),
  balanceAfter: number(),
  reason: text(),
  payment: nullable(object({ _id: ref('payments') })),
  createdAt: instant(),
});

const leader = object({ _id: ref('users'), name: text(), points: number(), rank: number() });

const wholeLevel = object({
  ...level,
  multiplier: number(),
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
