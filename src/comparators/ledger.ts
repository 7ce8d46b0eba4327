/** What it means for two answers about the ledger to be the same. */
import { LEDGER_BUCKETS, LEDGER_TYPES } from '../amanat/words.ts';
import {
  aggregateMoney,
  comparator,
  currency,
  cursorPage,
  enumOf,
  instant,
  list,
  money,
  nullable,
  object,
  ref,
  text,
} from '../rules/kit.ts';

const entry = {
  _id: ref('fundsledgerentries'),
  account: ref('users'),
  payment: nullable(ref('payments')),
  type: enumOf(LEDGER_TYPES),
  bucket: enumOf(LEDGER_BUCKETS),
  amount: money('currency'),
  currency: currency(),
  memo: nullable(text()),
  createdAt: instant(),
};

export const ledgerEntries = comparator('ledger.entries', cursorPage(object(entry), 'fundsledgerentries'));

export const ledgerBalances = comparator(
  'ledger.balances',
  object({
    user: ref('users'),
    balances: list(
      object({
        currency: currency(),
        available: aggregateMoney('currency'),
        held: aggregateMoney('currency'),
        total: aggregateMoney('currency'),
      }),
      'currency',
    ),
  }),
);

/** Entries in the order in which they were made; both sides add exactly, so the running balance is money, not a sum. */
export const ledgerTrail = comparator(
  'ledger.trail',
  object({
    payment: ref('payments'),
    data: list(object({ ...entry, runningBalance: money('currency') }), '_id'),
  }),
);
