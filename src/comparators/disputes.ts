/** What it means for two answers about disputes to be the same. */
import {
  DISPUTE_EVENTS,
  DISPUTE_REASONS,
  DISPUTE_STATUSES,
  EVIDENCE_KINDS,
  PAYMENT_STATUSES,
} from '../amanat/words.ts';
import {
  comparator,
  count,
  currency,
  enumOf,
  instant,
  jsonb,
  list,
  money,
  nullable,
  object,
  page,
  ref,
  shown,
  text,
} from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

const person = (): Rule => object({ _id: ref('users'), name: text() });

const listed = {
  _id: ref('disputes'),
  /** Null where the payment is gone. */
  payment: nullable(
    object({
      _id: ref('payments'),
      reference: text(),
      status: enumOf(PAYMENT_STATUSES),
      amount: money('currency'),
      currency: currency(),
    }),
  ),
  openedBy: person(),
  respondent: person(),
  status: enumOf(DISPUTE_STATUSES),
  reason: enumOf(DISPUTE_REASONS),
  description: text(),
  claimAmount: money('currency'),
  currency: currency(),
  resolution: nullable(jsonb()),
  resolvedAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
};

/** Evidence and timeline in the order in which they were handed in. */
export const disputeById = comparator(
  'disputes.one',
  object({
    ...listed,
    evidence: list(
      object({
        _id: ref('dispute_evidence'),
        kind: enumOf(EVIDENCE_KINDS),
        url: text(),
        note: nullable(text()),
        submittedBy: ref('users'),
        at: instant(),
      }),
      '_id',
    ),
    timeline: list(
      object({
        _id: ref('dispute_timeline'),
        event: enumOf(DISPUTE_EVENTS),
        by: nullable(ref('users')),
        note: nullable(text()),
        at: instant(),
      }),
      '_id',
    ),
  }),
);

export const disputeList = comparator('disputes.list', page(object(listed), ['-createdAt'], { sortParam: 'sort' }));

/** Ages are whole UTC days and the median is exact on both sides: everything here compares strictly. */
export const disputeStats = comparator(
  'disputes.stats',
  object({
    asOf: shown(text()),
    open: list(object({ bucket: shown(text()), count: count() }), 'bucket'),
    resolved: count(),
    medianResolutionMs: nullable(count()),
  }),
);
