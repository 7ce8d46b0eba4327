/** What it means for two answers about payments to be the same. */
import { CHAINS, ESCROW_STATES, PAYMENT_PROVIDERS, PAYMENT_STATUSES } from '../amanat/words.ts';
import {
  aggregateMoney,
  baseUnits,
  comparator,
  count,
  csv,
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
/** Null where the offer or the request is gone, absent where there never was one. */
const offer = (): Rule =>
  nullable(object({ _id: ref('selleroffers'), price: money('currency'), currency: currency() }));
const request = (): Rule => nullable(object({ _id: ref('purchaserequests'), title: text() }));

const listed = {
  _id: ref('payments'),
  reference: text(),
  status: enumOf(PAYMENT_STATUSES),
  provider: enumOf(PAYMENT_PROVIDERS),
  amount: money('currency'),
  currency: currency(),
  fee: nullable(money('currency')),
  amountBaseUnits: nullable(baseUnits()),
  chain: nullable(enumOf(CHAINS)),
  txHash: nullable(text()),
  escrow: enumOf(ESCROW_STATES),
  buyer: person(),
  seller: person(),
  offer: offer(),
  request: request(),
  cartId: nullable(text()),
  note: nullable(text()),
  paidAt: nullable(instant()),
  releasedAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
};

export const paymentById = comparator('payments.one', object({ ...listed, metadata: nullable(jsonb()) }));
export const paymentList = comparator('payments.list', page(object(listed), ['-createdAt'], { sortParam: 'sort' }));

/** In the order in which they were requested. A rate is no money: all of its 18 decimals count. */
export const paymentQuotes = comparator(
  'payments.quotes',
  object({
    data: list(
      object({
        _id: ref('payment_quotes'),
        provider: shown(text()),
        base: currency(),
        quote: currency(),
        rate: nullable(money({ scale: 18 })),
        rateBaseUnits: nullable(baseUnits()),
        expiresAt: instant(),
        createdAt: instant(),
      }),
      '_id',
    ),
  }),
);

/** Sums per currency: money of two currencies is never added up. */
export const paymentStats = comparator(
  'payments.stats',
  object({
    data: list(
      object({
        status: enumOf(PAYMENT_STATUSES),
        provider: enumOf(PAYMENT_PROVIDERS),
        count: count(),
        totals: list(
          object({
            currency: currency(),
            count: count(),
            sum: aggregateMoney('currency'),
            average: aggregateMoney('currency'),
          }),
          'currency',
        ),
      }),
    ),
  }),
);

export const paymentExport = comparator(
  'payments.export',
  csv(
    {
      _id: ref('payments'),
      amount: money('currency'),
      fee: money('currency'),
      amountBaseUnits: baseUnits(),
      buyer: ref('users'),
      seller: ref('users'),
      paidAt: instant(),
      createdAt: instant(),
    },
    { kind: 'total' },
    '_id',
  ),
);
