import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, instant, rowIdentity } from './columns.ts';
import { purchaseRequests } from './marketplace.ts';

/**
 * `messages` stays an array in jsonb, in the form of canonical Extended JSON: a message has no row, so it keeps its
 * ObjectId; its sender and readers are ObjectIds that are looked up in `users` when an answer is made.
 */
export const chats = pgTable(
  'chats',
  {
    ...rowIdentity(),
    kind: cText('kind').notNull(),
    title: text('title'),
    participantIds: uuid('participant_ids').array().notNull().default(sql`'{}'::uuid[]`),
    requestId: uuid('request_id').references(() => purchaseRequests.id),
    settings: jsonb('settings'),
    messages: jsonb('messages').notNull(),
    lastMessageAt: instant('last_message_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('chats_participants').using('gin', table.participantIds)],
);
