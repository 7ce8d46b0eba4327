import { type AnyPgColumn, boolean, index, integer, jsonb, numeric, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { cText, emptyTextArray, instant, rowIdentity } from './columns.ts';
import { users } from './identity.ts';

const money = (name: string) => numeric(name, { precision: 38, scale: 18 });

export const categories = pgTable(
  'categories',
  {
    ...rowIdentity(),
    slug: cText('slug').notNull().unique(),
    name: text('name').notNull(),
    parentId: uuid('parent_id').references((): AnyPgColumn => categories.id),
    position: integer('position').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('categories_parent').on(table.parentId, table.position, table.slug, table.mongoId)],
);

export const addresses = pgTable(
  'addresses',
  {
    ...rowIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    label: text('label').notNull(),
    recipient: text('recipient').notNull(),
    line1: text('line1').notNull(),
    line2: text('line2'),
    city: text('city').notNull(),
    region: text('region'),
    postalCode: text('postal_code').notNull(),
    country: text('country').notNull(),
    phone: text('phone'),
    isDefault: boolean('is_default').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('addresses_user').on(table.userId, table.createdAt, table.mongoId)],
);

/** `category_id` and `buyer_id` are null where the document they name is gone. */
export const purchaseRequests = pgTable(
  'purchase_requests',
  {
    ...rowIdentity(),
    title: cText('title').notNull(),
    description: text('description').notNull(),
    status: cText('status').notNull(),
    categoryId: uuid('category_id').references(() => categories.id),
    buyerId: uuid('buyer_id').references(() => users.id),
    budget: money('budget').notNull(),
    currency: cText('currency').notNull(),
    tags: text('tags').array().notNull().default(emptyTextArray),
    searchTokens: text('search_tokens').array().notNull().default(emptyTextArray),
    deadline: instant('deadline'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('purchase_requests_created_at').on(table.createdAt.desc(), table.mongoId.desc()),
    index('purchase_requests_status').on(table.status, table.createdAt.desc(), table.mongoId.desc()),
    index('purchase_requests_category').on(table.categoryId),
    index('purchase_requests_buyer').on(table.buyerId),
    index('purchase_requests_budget').on(table.budget, table.mongoId),
    index('purchase_requests_search_tokens').using('gin', table.searchTokens),
  ],
);

export const requestTemplates = pgTable(
  'request_templates',
  {
    ...rowIdentity(),
    slug: cText('slug').notNull().unique(),
    title: text('title').notNull(),
    description: text('description').notNull(),
    categoryId: uuid('category_id').references(() => categories.id),
    fields: jsonb('fields').notNull(),
    tags: text('tags').array().notNull().default(emptyTextArray),
    active: boolean('active').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('request_templates_category').on(table.categoryId)],
);

export const sellerOffers = pgTable(
  'seller_offers',
  {
    ...rowIdentity(),
    requestId: uuid('request_id').references(() => purchaseRequests.id),
    sellerId: uuid('seller_id').references(() => users.id),
    price: money('price').notNull(),
    currency: cText('currency').notNull(),
    message: text('message'),
    deliveryDays: integer('delivery_days').notNull(),
    status: cText('status').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('seller_offers_request').on(table.requestId, table.price),
    index('seller_offers_seller').on(table.sellerId),
  ],
);

/** One seller's reviews are read newest first; stars are whole. */
export const reviews = pgTable(
  'reviews',
  {
    ...rowIdentity(),
    sellerId: uuid('seller_id')
      .notNull()
      .references(() => users.id),
    authorId: uuid('author_id').references(() => users.id),
    requestId: uuid('request_id').references(() => purchaseRequests.id),
    rating: integer('rating').notNull(),
    comment: text('comment'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('reviews_seller').on(table.sellerId, table.createdAt.desc(), table.mongoId.desc())],
);
