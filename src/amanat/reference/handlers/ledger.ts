import type { Router } from 'express';
import { Types } from 'mongoose';
import { LEDGER_TYPES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { beyond, cursorPage, filterOf, found, pathId, Query } from '../http.ts';
import { addDecimals } from './decimals.ts';

export function mountLedger(router: Router, context: ReferenceContext): void {
  const { FundsLedgerEntry, Payment, User } = context.models;

  router.get('/api/ledger/entries', async (request, response) => {
    const query = new Query(request);
    const filter = filterOf({
      payment: query.id('payment'),
      account: query.id('account'),
      type: query.oneOf('type', LEDGER_TYPES),
    });
    const after = query.cursor('after');
    const limit = query.limit();
    const entries = await FundsLedgerEntry.find({ ...filter, ...beyond(after, 'createdAt', 1) })
      .sort({ createdAt: 1, _id: 1 })
      .limit(limit + 1)
      .lean();
    response.json(cursorPage(entries, limit, 'createdAt'));
  });

  router.get('/api/ledger/balances/:userId', async (request, response) => {
    const userId = pathId(request, 'userId');
    found(await User.findById(userId).select('_id').lean());
    const sums: { _id: { currency: string; bucket: string }; amount: Types.Decimal128 }[] =
      await FundsLedgerEntry.aggregate([
        { $match: { account: userId } },
        { $group: { _id: { currency: '$currency', bucket: '$bucket' }, amount: { $sum: '$amount' } } },
      ]);
    const currencies = [...new Set(sums.map(({ _id }) => _id.currency))].sort();
    const balances = currencies.map((currency) => {
      const of = (bucket: string): Types.Decimal128 =>
        sums.find(({ _id }) => _id.currency === currency && _id.bucket === bucket)?.amount ?? ZERO;
      const available = of('available');
      const held = of('held');
      return { currency, available, held, total: addDecimals(available, held) };
    });
    response.json({ user: userId, balances });
  });

  router.get('/api/ledger/payments/:paymentId/trail', async (request, response) => {
    const paymentId = pathId(request, 'paymentId');
    found(await Payment.findById(paymentId).select('_id').lean());
    const entries = await FundsLedgerEntry.find({ payment: paymentId }).sort({ createdAt: 1, _id: 1 }).lean();
    const running = new Map<unknown, Types.Decimal128>();
    const data = entries.map((entry) => {
      const before = running.get(entry.currency) ?? ZERO;
      const after = entry.amount instanceof Types.Decimal128 ? addDecimals(before, entry.amount) : before;
      running.set(entry.currency, after);
      return { ...entry, runningBalance: after };
    });
    response.json({ payment: paymentId, data });
  });
}

const ZERO = Types.Decimal128.fromString('0');
