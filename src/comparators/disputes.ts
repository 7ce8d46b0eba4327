/** What it means for two answers about disputes to be the same. */
import { comparator, instant, jsonb, list, money, nullable, number, object, page, ref, text } from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

const person = (): Rule => object({ _id: ref('users'), name: text() });

const listed = {
  _id: ref('disputes'),
  /** Null where the payment is gone. */
  payment: nullable(
    object({
      _id: ref('payments'),
      reference: text(),
      status: text(),
      amount: money('currency'),
      currency: text(),
    }),
  ),
  openedBy: person(),
  respondent: person(),
  status: text(),
  reason: text(),
  description: text(),
  claimAmount: money('currency'),
  currency: text(),
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
        kind: text(),
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
        event: text(),
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
    asOf: text(),
    open: list(object({ bucket: text(), count: number() }), 'bucket'),
    resolved: number(),
    medianResolutionMs: nullable(number()),
  }),
);
