import { doublePrecision, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, emptyTextArray, instant, rowIdentity } from './columns.ts';
import { users } from './identity.ts';
import { payments } from './payments.ts';

export const pointTransactions = pgTable(
  'point_transactions',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    type: cText('type').notNull(),
    points: integer('points').notNull(),
    reason: text('reason').notNull(),
    paymentId: uuid('payment_id').references(() => payments.id),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('point_transactions_user').on(table.userId, table.createdAt, table.mongoId)],
);

export const levelConfigs = pgTable('level_configs', {
  ...rowIdentity(),
  level: integer('level').notNull().unique(),
  name: text('name').notNull(),
  minPoints: integer('min_points').notNull(),
  multiplier: doublePrecision('multiplier').notNull(),
  benefits: text('benefits').array().notNull().default(emptyTextArray),
  color: text('color'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});
