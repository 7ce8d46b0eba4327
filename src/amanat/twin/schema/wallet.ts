import { index, integer, pgSequence, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { baseUnits, cText, instant, rowIdentity } from './columns.ts';
import { users } from './identity.ts';
import { payments } from './payments.ts';

export const derivedDestinations = pgTable(
  'derived_destinations',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    chain: cText('chain').notNull(),
    index: integer('index').notNull(),
    path: text('path').notNull(),
    address: cText('address').notNull(),
    status: cText('status').notNull(),
    paymentId: uuid('payment_id').references(() => payments.id),
    balanceBaseUnits: baseUnits('balance_base_units').notNull(),
    lastSweptAt: instant('last_swept_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('derived_destinations_created_at').on(table.createdAt.desc(), table.mongoId.desc()),
    index('derived_destinations_user').on(table.userId, table.createdAt.desc(), table.mongoId.desc()),
  ],
);

export const trezorAccounts = pgTable(
  'trezor_accounts',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    label: text('label').notNull(),
    coin: cText('coin').notNull(),
    xpub: text('xpub').notNull(),
    fingerprint: text('fingerprint').notNull(),
    accountIndex: integer('account_index').notNull(),
    verifiedAt: instant('verified_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('trezor_accounts_user').on(table.userId)],
);

/** Mongo's counter of the same name. */
export const derivedDestinationIndex = pgSequence('derived_destination_index', { startWith: 1, minValue: 1, cache: 1 });
