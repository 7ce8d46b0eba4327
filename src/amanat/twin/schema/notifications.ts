import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, instant, rowIdentity } from './columns.ts';
import { users } from './identity.ts';

/** Rows past `expires_at` do not exist for any reader; nothing needs to have removed them. */
export const notifications = pgTable(
  'notifications',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    type: cText('type').notNull(),
    title: text('title').notNull(),
    body: text('body'),
    read: boolean('read').notNull(),
    readAt: instant('read_at'),
    payload: jsonb('payload'),
    expiresAt: instant('expires_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('notifications_user').on(table.userId, table.createdAt.desc(), table.mongoId.desc()),
    index('notifications_unread').on(table.userId).where(sql`NOT read`),
  ],
);
