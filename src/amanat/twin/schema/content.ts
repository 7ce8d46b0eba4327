import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, emptyTextArray, instant, rowIdentity } from './columns.ts';
import { users } from './identity.ts';

/** `author_id` is null where the author's account is gone; `published_at` is null on drafts. */
export const blogPosts = pgTable(
  'blog_posts',
  {
    ...rowIdentity(),
    slug: cText('slug').notNull().unique(),
    title: text('title').notNull(),
    excerpt: text('excerpt'),
    body: text('body').notNull(),
    tags: text('tags').array().notNull().default(emptyTextArray),
    authorId: uuid('author_id').references(() => users.id),
    status: cText('status').notNull(),
    publishedAt: instant('published_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('blog_posts_published').on(table.status, table.publishedAt.desc(), table.mongoId.desc()),
    index('blog_posts_tags').using('gin', table.tags),
  ],
);

/** Only what the seller changed: the defaults are put under it when it is read. */
export const shopSettings = pgTable('shop_settings', {
  ...rowIdentity(),
  sellerId: uuid('seller_id')
    .notNull()
    .unique()
    .references(() => users.id),
  settings: jsonb('settings').notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});
