/** Disputes: every read endpoint, each with pattern, comparator and SQL in one place. */

import { notFound, ok, type TwinContext } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, equals, orderBy, pageOf } from '../amanat/twin/sql.ts';
import { amount, blob, explicitNull, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { paging } from '../api/route.ts';
import { disputeById, disputeList, disputeStats } from '../comparators/disputes.ts';

interface DisputeRow {
  id: string;
  mongo_id: string;
  payment_id: string | null;
  payment_mongo_id: string;
  payment_reference: string;
  payment_status: string;
  payment_amount: string;
  payment_currency: string;
  opened_by_id: string;
  opener_mongo_id: string;
  opener_name: string;
  respondent_id: string;
  respondent_mongo_id: string;
  respondent_name: string;
  status: string;
  reason: string;
  description: string;
  claim_amount: string;
  currency: string;
  resolution: unknown;
  resolved_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const joined = (sql: TwinContext['sql']) => sql`
  select d.*,
    p.mongo_id as payment_mongo_id, p.reference as payment_reference, p.status as payment_status,
    p.amount as payment_amount, p.currency as payment_currency,
    o.mongo_id as opener_mongo_id, o.name as opener_name, r.mongo_id as respondent_mongo_id, r.name as respondent_name
  from disputes d
  join users o on o.id = d.opened_by_id
  join users r on r.id = d.respondent_id
  left join payments p on p.id = d.payment_id`;

function disputeValue(row: DisputeRow): Record<string, TwinValue> {
  return {
    _id: id(row.id, row.mongo_id),
    payment:
      row.payment_id === null
        ? explicitNull()
        : {
            _id: id(row.payment_id, row.payment_mongo_id),
            reference: row.payment_reference,
            status: row.payment_status,
            amount: amount(row.payment_amount, 'double'),
            currency: row.payment_currency,
          },
    openedBy: { _id: id(row.opened_by_id, row.opener_mongo_id), name: row.opener_name },
    respondent: { _id: id(row.respondent_id, row.respondent_mongo_id), name: row.respondent_name },
    status: row.status,
    reason: row.reason,
    description: row.description,
    claimAmount: amount(row.claim_amount, 'double'),
    currency: row.currency,
    resolution: blob(row.resolution),
    resolvedAt: instantOf(row.resolved_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

interface EvidenceRow {
  id: string;
  mongo_id: string;
  kind: string;
  url: string;
  note: string | null;
  submitted_by_id: string;
  submitter_mongo_id: string;
  at: Date;
}

interface StepRow {
  id: string;
  mongo_id: string;
  event: string;
  by_id: string | null;
  by_mongo_id: string;
  note: string | null;
  at: Date;
}

export const disputesRoutes: readonly TwinRoute[] = [
  get('disputes', '/api/disputes/:id', {
    ids: { id: 'disputes' },
    comparator: disputeById,
    async twin({ sql, params }) {
      const dispute = params.id ?? '';
      const [[row], evidence, timeline] = await Promise.all([
        sql<DisputeRow[]>`${joined(sql)} where d.id = ${dispute}`,
        sql<EvidenceRow[]>`
          select e.*, u.mongo_id as submitter_mongo_id
          from dispute_evidence e join users u on u.id = e.submitted_by_id
          where e.dispute_id = ${dispute} order by e.position`,
        sql<StepRow[]>`
          select t.*, u.mongo_id as by_mongo_id
          from dispute_timeline t left join users u on u.id = t.by_id
          where t.dispute_id = ${dispute} order by t.position`,
      ]);
      if (row === undefined) throw notFound();
      return ok({
        ...disputeValue(row),
        evidence: evidence.map((item) => ({
          _id: id(item.id, item.mongo_id),
          kind: item.kind,
          url: item.url,
          note: item.note,
          submittedBy: id(item.submitted_by_id, item.submitter_mongo_id),
          at: instantOf(item.at),
        })),
        timeline: timeline.map((step) => ({
          _id: id(step.id, step.mongo_id),
          event: step.event,
          by: step.by_id === null ? null : id(step.by_id, step.by_mongo_id),
          note: step.note,
          at: instantOf(step.at),
        })),
      });
    },
  }),

  get('disputes', '/api/disputes', {
    query: {
      status: { param: 'oneOf', values: ['open', 'under_review', 'resolved', 'rejected'] },
      openedBy: { param: 'id', collection: 'users' },
      ...paging(['createdAt', 'claimAmount'], '-createdAt'),
    },
    comparator: disputeList,
    async twin({ sql, query }) {
      const where = allOf(sql, [
        equals(sql, 'd.status', query.text('status')),
        equals(sql, 'd.opened_by_id', query.id('openedBy')),
      ]);
      const columns = { createdAt: 'd.created_at', claimAmount: 'd.claim_amount' };
      const [[counted], rows] = await Promise.all([
        sql<{ total: number }[]>`select count(*)::int as total from disputes d where ${where}`,
        sql<DisputeRow[]>`
          ${joined(sql)} where ${where} ${orderBy(sql, query.sort, columns, 'd.mongo_id')}
          limit ${query.limit} offset ${query.offset}`,
      ]);
      return ok(pageOf(rows.map(disputeValue), counted?.total ?? 0, query));
    },
  }),

  get('disputes', '/api/disputes/stats', {
    query: { at: { param: 'instant' } },
    comparator: disputeStats,
    fewAnswers: 1,
    async twin({ sql, query }) {
      const at = query.instant('at') ?? new Date();
      // Ages in whole UTC days: two clocks a moment apart agree except at midnight, which a re-read settles.
      const [row] = await sql<StatsRow[]>`
        with aged as (
          select ((${at}::timestamptz at time zone 'UTC')::date - (created_at at time zone 'UTC')::date) as days
          from disputes where status in ('open', 'under_review')
        ), took as (
          select ((extract(epoch from resolved_at) - extract(epoch from created_at)) * 1000)::numeric as ms
          from disputes where resolved_at is not null
        )
        select to_char(${at}::timestamptz at time zone 'UTC', 'YYYY-MM-DD') as as_of,
          (select count(*)::int from aged where days between 0 and 2) as fresh,
          (select count(*)::int from aged where days between 3 and 7) as week,
          (select count(*)::int from aged where days between 8 and 30) as month,
          (select count(*)::int from aged where days >= 31) as older,
          (select count(*)::int from took) as resolved,
          (select percentile_disc(0.5) within group (order by ms) from took) as median`;
      if (row === undefined) throw notFound();
      return ok({
        asOf: row.as_of,
        open: [
          { bucket: '0-2', count: row.fresh },
          { bucket: '3-7', count: row.week },
          { bucket: '8-30', count: row.month },
          { bucket: '31+', count: row.older },
        ],
        resolved: row.resolved,
        medianResolutionMs: row.median === null ? explicitNull() : Number(row.median),
      });
    },
  }),
];

interface StatsRow {
  as_of: string;
  fresh: number;
  week: number;
  month: number;
  older: number;
  resolved: number;
  /** percentile_disc at one half is the lower median: the first value that half of them do not exceed. */
  median: string | null;
}
