import { bigint, boolean, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, emptyTextArray, instant, rowIdentity } from './columns.ts';

export const users = pgTable(
  'users',
  {
    ...rowIdentity(),
    email: cText('email').notNull().unique(),
    emailVerified: boolean('email_verified').notNull(),
    phone: cText('phone'),
    name: cText('name').notNull(),
    role: cText('role').notNull(),
    roles: text('roles').array().notNull().default(emptyTextArray),
    status: cText('status').notNull(),
    bio: text('bio'),
    avatar: text('avatar'),
    locale: cText('locale').notNull(),
    preferences: jsonb('preferences'),
    passwordHash: text('password_hash').notNull(),
    refreshTokens: text('refresh_tokens').array().notNull().default(emptyTextArray),
    searchTokens: text('search_tokens').array().notNull().default(emptyTextArray),
    lastSeenAt: instant('last_seen_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('users_created_at').on(table.createdAt.desc(), table.mongoId.desc()),
    index('users_roles').using('gin', table.roles),
    index('users_search_tokens').using('gin', table.searchTokens),
  ],
);

export const telegramLinks = pgTable('telegram_links', {
  ...rowIdentity(),
  userId: uuid('user_id')
    .notNull()
    .unique()
    .references(() => users.id),
  telegramId: bigint('telegram_id', { mode: 'number' }).notNull().unique(),
  username: cText('username'),
  firstName: text('first_name').notNull(),
  language: cText('language'),
  notificationsEnabled: boolean('notifications_enabled').notNull(),
  linkToken: text('link_token').notNull(),
  linkedAt: instant('linked_at').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const telegramSessions = pgTable(
  'telegram_sessions',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    device: text('device').notNull(),
    platform: cText('platform').notNull(),
    token: text('token').notNull(),
    startedAt: instant('started_at').notNull(),
    lastActiveAt: instant('last_active_at').notNull(),
    revokedAt: instant('revoked_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('telegram_sessions_user').on(table.userId, table.startedAt.desc(), table.mongoId.desc())],
);

/** Rows past `expires_at` do not exist for any reader; nothing needs to have removed them. */
export const tempVerifications = pgTable(
  'temp_verifications',
  {
    ...rowIdentity(),
    email: cText('email').notNull(),
    purpose: cText('purpose').notNull(),
    code: text('code').notNull(),
    attempts: integer('attempts').notNull(),
    maxAttempts: integer('max_attempts').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('temp_verifications_email').on(table.email, table.createdAt.desc())],
);
