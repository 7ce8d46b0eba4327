/** The read endpoints of points, served from MongoDB. */
import type { Router } from 'express';
import type { Types } from 'mongoose';
import type { ReferenceContext } from '../context.ts';
import { beyond, cursorPage, found, pathId, Query } from '../http.ts';
import type { Stored } from '../models/index.ts';

interface Level {
  readonly _id: unknown;
  readonly level: number;
  readonly name: string;
  readonly minPoints: number;
}

interface Leader {
  readonly _id: Types.ObjectId;
  readonly points: number;
  readonly user: readonly { readonly name: string }[];
}

export function mountPoints(router: Router, context: ReferenceContext): void {
  const { User, PointTransaction, LevelConfig } = context.models;

  /** Sum of the points of what matches, and of those above zero. */
  async function sums(filter: Stored): Promise<{ balance: number; lifetime: number }> {
    const [sum] = await PointTransaction.aggregate<{ balance: number; lifetime: number }>([
      { $match: filter },
      {
        $group: {
          _id: null,
          balance: { $sum: '$points' },
          lifetime: { $sum: { $cond: [{ $gt: ['$points', 0] }, '$points', 0] } },
        },
      },
    ]);
    return { balance: sum?.balance ?? 0, lifetime: sum?.lifetime ?? 0 };
  }

  router.get('/api/points/leaderboard', async (request, response) => {
    const limit = new Query(request).limit(10);
    const leaders = await PointTransaction.aggregate<Leader>([
      { $match: { points: { $gt: 0 } } },
      { $group: { _id: '$user', points: { $sum: '$points' } } },
      { $sort: { points: -1, _id: 1 } },
      { $limit: limit },
      { $lookup: { from: 'users', localField: '_id', foreignField: '_id', as: 'user' } },
    ]);
    // Equal points share a rank, and the next one skips as many: 1, 2, 2, 4.
    const data = leaders.map(({ _id, points, user }) => ({
      _id,
      name: user[0]?.name,
      points,
      rank: leaders.findIndex((other) => other.points === points) + 1,
    }));
    response.json({ data });
  });

  router.get('/api/points/:userId', async (request, response) => {
    const user = pathId(request, 'userId');
    found(await User.exists({ _id: user }));
    const [{ balance, lifetime }, levels] = await Promise.all([
      sums({ user }),
      LevelConfig.find().select('level name minPoints').sort({ level: 1 }).lean<Level[]>(),
    ]);
    const level = levels.filter(({ minPoints }) => minPoints <= lifetime).at(-1);
    const next = levels.find(({ minPoints }) => minPoints > lifetime);
    const floor = level?.minPoints ?? 0;
    response.json({
      user,
      balance,
      lifetime,
      level: level ?? null,
      next: next === undefined ? null : { ...next, remaining: next.minPoints - lifetime },
      progress: next === undefined ? 1 : (lifetime - floor) / (next.minPoints - floor),
    });
  });

  router.get('/api/points/:userId/transactions', async (request, response) => {
    const user = pathId(request, 'userId');
    const query = new Query(request);
    const after = query.cursor();
    const limit = query.limit();
    found(await User.exists({ _id: user }));
    const docs = await PointTransaction.find({ user, ...beyond(after, 'createdAt', 1) })
      .select('-updatedAt')
      .sort({ createdAt: 1, _id: 1 })
      .limit(limit + 1)
      .populate({ path: 'payment', select: '_id' })
      .lean();
    const [first] = docs;
    // The running balance counts all transactions of the user: it begins with the sum of those before this page.
    let { balance } =
      first === undefined
        ? { balance: 0 }
        : await sums({
            user,
            $or: [{ createdAt: { $lt: first.createdAt } }, { createdAt: first.createdAt, _id: { $lt: first._id } }],
          });
    const items = docs.map((doc) => {
      balance += Number(doc.points);
      return { ...doc, payment: doc.payment ?? null, balanceAfter: balance };
    });
    response.json(cursorPage(items, limit, 'createdAt'));
  });

  router.get('/api/levels', async (_request, response) => {
    response.json({ data: await LevelConfig.find().sort({ level: 1 }).lean() });
  });
}
