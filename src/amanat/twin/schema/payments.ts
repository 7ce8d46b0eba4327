import { index, integer, jsonb, numeric, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { baseUnits, cText, instant, money, rowIdentity } from './columns.ts';
import { users } from './identity.ts';
import { purchaseRequests, sellerOffers } from './marketplace.ts';

/** `offer_id` and `request_id` are null where the document they name is gone. */
export const payments = pgTable(
  'payments',
  {
    ...rowIdentity(),
    reference: cText('reference').notNull(),
    status: cText('status').notNull(),
    provider: cText('provider').notNull(),
    amount: money('amount').notNull(),
    currency: cText('currency').notNull(),
    fee: money('fee'),
    amountBaseUnits: baseUnits('amount_base_units'),
    chain: cText('chain'),
    txHash: cText('tx_hash'),
    escrow: cText('escrow').notNull(),
    buyerId: uuid('buyer_id')
      .notNull()
      .references(() => users.id),
    sellerId: uuid('seller_id')
      .notNull()
      .references(() => users.id),
    offerId: uuid('offer_id').references(() => sellerOffers.id),
    requestId: uuid('request_id').references(() => purchaseRequests.id),
    cartId: cText('cart_id'),
    note: text('note'),
    metadata: jsonb('metadata'),
    paidAt: instant('paid_at'),
    releasedAt: instant('released_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('payments_created_at').on(table.createdAt, table.mongoId),
    index('payments_amount').on(table.amount, table.mongoId),
    index('payments_status').on(table.status, table.createdAt, table.mongoId),
    index('payments_buyer').on(table.buyerId),
    index('payments_seller').on(table.sellerId),
    index('payments_offer').on(table.offerId),
    index('payments_request').on(table.requestId),
  ],
);

/** Oracle quotes. A quote exists only where its payment's row does. */
export const paymentQuotes = pgTable(
  'payment_quotes',
  {
    ...rowIdentity(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    provider: cText('provider').notNull(),
    base: cText('base').notNull(),
    quote: cText('quote').notNull(),
    rate: numeric('rate', { precision: 38, scale: 18 }),
    rateBaseUnits: baseUnits('rate_base_units'),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('payment_quotes_payment').on(table.paymentId, table.position)],
);
