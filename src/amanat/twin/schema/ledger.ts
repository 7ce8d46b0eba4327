import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, instant, money, rowIdentity } from './columns.ts';
import { users } from './identity.ts';
import { payments } from './payments.ts';

/** Append-only: a trigger refuses update, delete and truncate. */
export const fundsLedgerEntries = pgTable(
  'funds_ledger_entries',
  {
    ...rowIdentity(),
    accountId: uuid('account_id')
      .notNull()
      .references(() => users.id),
    paymentId: uuid('payment_id').references(() => payments.id),
    type: cText('type').notNull(),
    bucket: cText('bucket').notNull(),
    amount: money('amount').notNull(),
    currency: cText('currency').notNull(),
    memo: text('memo'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('funds_ledger_entries_created_at').on(table.createdAt, table.mongoId),
    index('funds_ledger_entries_account').on(table.accountId, table.createdAt, table.mongoId),
    index('funds_ledger_entries_payment').on(table.paymentId, table.createdAt, table.mongoId),
  ],
);
