import type { Router } from 'express';
import type { Model } from 'mongoose';
import type { ReferenceContext } from '../context.ts';
import { adminOf } from '../http.ts';
import type { Stored } from '../models/index.ts';

export function mountAdmin(router: Router, context: ReferenceContext): void {
  const { Dispute, Payment, PurchaseRequest, User } = context.models;

  /**
   * Counts and sums over everything. They are read one after the other, without a snapshot: a write in between shows
   * only in those read later.
   */
  router.get('/api/admin/dashboard', async (request, response) => {
    await adminOf(context, request);
    response.json({
      payments: {
        total: await Payment.countDocuments({}),
        byStatus: await counted(Payment, 'status'),
        completed: await summed(Payment, { status: 'completed' }, '$amount'),
        held: await summed(Payment, { escrow: 'held' }, '$amount'),
      },
      disputes: {
        total: await Dispute.countDocuments({}),
        byStatus: await counted(Dispute, 'status'),
        claimed: await summed(Dispute, { status: { $in: ['open', 'under_review'] } }, '$claimAmount'),
      },
      users: { total: await User.countDocuments({}), byRole: await counted(User, 'role') },
      requests: {
        total: await PurchaseRequest.countDocuments({}),
        byStatus: await counted(PurchaseRequest, 'status'),
        budgets: await summed(PurchaseRequest, { status: 'open' }, '$budget'),
      },
    });
  });
}

async function counted(model: Model<Stored>, field: string): Promise<Stored[]> {
  const groups: { _id: string; count: number }[] = await model.aggregate([
    { $group: { _id: `$${field}`, count: { $sum: 1 } } },
    { $sort: { _id: 1 } },
  ]);
  return groups.map(({ _id, count }) => ({ [field]: _id, count }));
}

async function summed(model: Model<Stored>, filter: Stored, amount: string): Promise<Stored[]> {
  const groups: { _id: string; count: number; sum: number }[] = await model.aggregate([
    { $match: filter },
    { $group: { _id: '$currency', count: { $sum: 1 }, sum: { $sum: amount } } },
    { $sort: { _id: 1 } },
  ]);
  return groups.map(({ _id, count, sum }) => ({ currency: _id, count, sum }));
}
