import { index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, instant, money, rowIdentity } from './columns.ts';
import { users } from './identity.ts';
import { payments } from './payments.ts';

export const disputes = pgTable(
  'disputes',
  {
    ...rowIdentity(),
    paymentId: uuid('payment_id').references(() => payments.id),
    openedById: uuid('opened_by_id')
      .notNull()
      .references(() => users.id),
    respondentId: uuid('respondent_id')
      .notNull()
      .references(() => users.id),
    status: cText('status').notNull(),
    reason: cText('reason').notNull(),
    description: text('description').notNull(),
    claimAmount: money('claim_amount').notNull(),
    currency: cText('currency').notNull(),
    resolution: jsonb('resolution'),
    resolvedAt: instant('resolved_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('disputes_created_at').on(table.createdAt.desc(), table.mongoId.desc()),
    index('disputes_status').on(table.status, table.createdAt.desc(), table.mongoId.desc()),
    index('disputes_opened_by').on(table.openedById),
  ],
);

const partOfDispute = () => ({
  ...rowIdentity(),
  disputeId: uuid('dispute_id')
    .notNull()
    .references(() => disputes.id, { onDelete: 'cascade' }),
  position: integer('position').notNull(),
});

export const disputeEvidence = pgTable(
  'dispute_evidence',
  {
    ...partOfDispute(),
    kind: cText('kind').notNull(),
    url: text('url').notNull(),
    note: text('note'),
    submittedById: uuid('submitted_by_id')
      .notNull()
      .references(() => users.id),
    at: instant('at').notNull(),
  },
  (table) => [index('dispute_evidence_dispute').on(table.disputeId, table.position)],
);

export const disputeTimeline = pgTable(
  'dispute_timeline',
  {
    ...partOfDispute(),
    event: text('event').notNull(),
    byId: uuid('by_id').references(() => users.id),
    note: text('note'),
    at: instant('at').notNull(),
  },
  (table) => [index('dispute_timeline_dispute').on(table.disputeId, table.position)],
);
