import type { Router } from 'express';
import { DISPUTE_STATUSES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { filterOf, found, pageOf, pathId, Query } from '../http.ts';

const POPULATE = [
  { path: 'payment', select: 'reference status amount currency' },
  { path: 'openedBy', select: 'name' },
  { path: 'respondent', select: 'name' },
];

const DAY = 86_400_000;
/** Whole UTC days since a dispute was opened. */
const BUCKETS = [
  { bucket: '0-2', from: 0, to: 2 },
  { bucket: '3-7', from: 3, to: 7 },
  { bucket: '8-30', from: 8, to: 30 },
  { bucket: '31+', from: 31, to: null },
] as const;

export function mountDisputes(router: Router, context: ReferenceContext): void {
  const { Dispute } = context.models;

  /**
   * Disputes that are open now by their age at `at` (now where it is absent), in whole UTC days: so two clocks that
   * differ a little agree, except at midnight. The median is the lower one of all resolved disputes, in
   * milliseconds.
   */
  router.get('/api/disputes/stats', async (request, response) => {
    const at = new Query(request).instant('at') ?? context.now();
    const midnight = Math.floor(at.getTime() / DAY) * DAY;
    const open = await Promise.all(
      BUCKETS.map(async ({ bucket, from, to }) => ({
        bucket,
        count: await Dispute.countDocuments({
          status: { $in: ['open', 'under_review'] },
          createdAt: {
            $lt: new Date(midnight - (from - 1) * DAY),
            ...(to === null ? {} : { $gte: new Date(midnight - to * DAY) }),
          },
        }),
      })),
    );
    const durations: { ms: number }[] = await Dispute.aggregate([
      { $match: { resolvedAt: { $type: 'date' } } },
      { $project: { _id: 0, ms: { $subtract: ['$resolvedAt', '$createdAt'] } } },
      { $sort: { ms: 1 } },
    ]);
    const median = durations[(durations.length - 1) >> 1];
    response.json({
      asOf: new Date(midnight).toISOString().slice(0, 10),
      open,
      resolved: durations.length,
      medianResolutionMs: median === undefined ? null : Number(median.ms),
    });
  });

  router.get('/api/disputes/:id', async (request, response) => {
    response.json(found(await Dispute.findById(pathId(request)).populate(POPULATE).lean()));
  });

  router.get('/api/disputes', async (request, response) => {
    const query = new Query(request);
    const filter = filterOf({
      status: query.oneOf('status', DISPUTE_STATUSES),
      openedBy: query.id('openedBy'),
    });
    const paging = query.paging();
    const sort = query.sort(['createdAt', 'claimAmount'], '-createdAt');
    const [total, data] = await Promise.all([
      Dispute.countDocuments(filter),
      Dispute.find(filter)
        .sort(sort)
        .skip(paging.skip)
        .limit(paging.limit)
        .select('-evidence -timeline')
        .populate(POPULATE)
        .lean(),
    ]);
    response.json(pageOf(data, total, paging));
  });
}
