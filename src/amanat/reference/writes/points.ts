/** Writes of points: a transaction is written once, and the balance is nothing but their sum. */
import type { Router } from 'express';
import { Types } from 'mongoose';
import { POINT_TYPES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { adminOf, found, pathId } from '../http.ts';
import { inserted } from '../outbox.ts';
import { Fields } from './fields.ts';

export function mountPointsWrites(router: Router, context: ReferenceContext): void {
  const { User, PointTransaction } = context.models;

  router.post('/api/points/:userId/transactions', async (request, response) => {
    await adminOf(context, request);
    const user = pathId(request, 'userId');
    const fields = new Fields(request);
    found(await User.exists({ _id: user }));
    const now = context.now();
    const _id = new Types.ObjectId();
    await PointTransaction.create(
      inserted({
        _id,
        user,
        type: fields.oneOf('type', POINT_TYPES),
        points: fields.wholeNumber('points', -1_000_000, 1_000_000),
        reason: fields.text('reason'),
        ...(fields.has('payment') ? { payment: fields.id('payment') } : {}),
        createdAt: now,
        updatedAt: now,
      }),
    );
    response.status(201).json({ _id });
  });
}
