/** What it means for two answers about payments to be the same. */
import {
  aggregateMoney,
  baseUnits,
  comparator,
  csv,
  instant,
  jsonb,
  list,
  money,
  nullable,
  number,
  object,
  page,
  ref,
  text,
} from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

const person = (): Rule => object({ _id: ref('users'), name: text() });
/** Null where the offer or the request is gone, absent where there never was one. */
const offer = (): Rule => nullable(object({ _id: ref('selleroffers'), price: money('currency'), currency: text() }));
const request = (): Rule => nullable(object({ _id: ref('purchaserequests'), title: text() }));

const listed = {
  _id: ref('payments'),
  reference: text(),
  status: text(),
  provider: text(),
  amount: money('currency'),
  currency: text(),
  fee: nullable(money('currency')),
  amountBaseUnits: nullable(baseUnits()),
  chain: nullable(text()),
  txHash: nullable(text()),
  escrow: text(),
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

/** In the order in which they were asked for. A rate is no money: all of its 18 decimals count. */
export const paymentQuotes = comparator(
  'payments.quotes',
  object({
    data: list(
      object({
        _id: ref('payment_quotes'),
        provider: text(),
        base: text(),
        quote: text(),
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
        status: text(),
        provider: text(),
        count: number(),
        totals: list(
          object({
            currency: text(),
            count: number(),
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
