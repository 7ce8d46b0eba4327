import { once } from 'node:events';
import type { Router } from 'express';
import { PAYMENT_PROVIDERS, PAYMENT_STATUSES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { between, filterOf, found, pageOf, pathId, Query } from '../http.ts';

/** What a payment refers to; an offer or request that is gone comes out as null. */
const PAYMENT_POPULATE = [
  { path: 'buyer', select: 'name' },
  { path: 'seller', select: 'name' },
  { path: 'offer', select: 'price currency' },
  { path: 'request', select: 'title' },
];

const PAYMENT_SORTS = ['createdAt', 'amount', 'updatedAt'] as const;

export function mountPayments(router: Router, context: ReferenceContext): void {
  const { Payment } = context.models;

  router.get('/api/payments/stats', async (request, response) => {
    const query = new Query(request);
    const from = query.instant('from');
    const to = query.instant('to');
    const groups: StatsGroup[] = await Payment.aggregate([
      { $match: between('createdAt', from, to) },
      {
        $group: {
          _id: { status: '$status', provider: '$provider', currency: '$currency' },
          count: { $sum: 1 },
          sum: { $sum: '$amount' },
          average: { $avg: '$amount' },
        },
      },
    ]);
    response.json({ data: foldStats(groups) });
  });

  router.get('/api/payments/export.csv', async (request, response) => {
    const query = new Query(request);
    const from = query.instant('from');
    const to = query.instant('to');
    response.setHeader('Content-Type', 'text/csv; charset=utf-8');
    response.setHeader('Content-Disposition', 'attachment; filename="export.csv"');
    const cursor = Payment.find(between('createdAt', from, to))
      .sort({ createdAt: 1, _id: 1 })
      .select('-metadata -quotes')
      .lean()
      .cursor({ batchSize: 500 });
    let waiting = `${CSV_COLUMNS.join(',')}\r\n`;
    for await (const payment of cursor) {
      waiting += `${CSV_COLUMNS.map((column) => csvCell(payment[column])).join(',')}\r\n`;
      if (waiting.length < 16_384) continue;
      if (response.destroyed) return;
      if (!response.write(waiting)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      waiting = '';
    }
    response.end(waiting);
  });

  router.get('/api/payments/:id/quotes', async (request, response) => {
    const payment = found(await Payment.findById(pathId(request)).select('quotes').lean());
    response.json({ data: payment.quotes ?? [] });
  });

  router.get('/api/payments/:id', async (request, response) => {
    const payment = await Payment.findById(pathId(request)).select('-quotes').populate(PAYMENT_POPULATE).lean();
    response.json(found(payment));
  });

  router.get('/api/payments', async (request, response) => {
    const query = new Query(request);
    const filter = {
      ...filterOf({
        status: query.oneOf('status', PAYMENT_STATUSES),
        provider: query.oneOf('provider', PAYMENT_PROVIDERS),
        buyer: query.id('buyer'),
        seller: query.id('seller'),
      }),
      ...between('createdAt', query.instant('from'), query.instant('to')),
    };
    const paging = query.paging();
    const sort = query.sort(PAYMENT_SORTS, '-createdAt');
    const [total, data] = await Promise.all([
      Payment.countDocuments(filter),
      Payment.find(filter)
        .sort(sort)
        .skip(paging.skip)
        .limit(paging.limit)
        .select('-metadata -quotes')
        .populate(PAYMENT_POPULATE)
        .lean(),
    ]);
    response.json(pageOf(data, total, paging));
  });
}

interface StatsGroup {
  readonly _id: { readonly status: string; readonly provider: string; readonly currency: string };
  readonly count: number;
  readonly sum: number;
  readonly average: number;
}

/** Per status and provider. Only amounts of the same currency are added up. */
function foldStats(groups: readonly StatsGroup[]): unknown[] {
  const order = (group: StatsGroup): string => `${group._id.status}\0${group._id.provider}\0${group._id.currency}`;
  const sorted = [...groups].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const folded = new Map<string, { status: string; provider: string; count: number; totals: unknown[] }>();
  for (const { _id, count, sum, average } of sorted) {
    const key = `${_id.status}\0${_id.provider}`;
    const entry = folded.get(key) ?? { status: _id.status, provider: _id.provider, count: 0, totals: [] };
    entry.count += count;
    entry.totals.push({ currency: _id.currency, count, sum, average });
    folded.set(key, entry);
  }
  return [...folded.values()];
}

const CSV_COLUMNS = [
  '_id',
  'reference',
  'status',
  'provider',
  'amount',
  'currency',
  'fee',
  'amountBaseUnits',
  'buyer',
  'seller',
  'cartId',
  'note',
  'paidAt',
  'createdAt',
] as const;

function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = value instanceof Date ? value.toISOString() : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
