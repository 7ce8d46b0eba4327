/** Marketplace: collections to tables. References that may dangle are nullable: an orphan is NULL and reported. */

import { type FieldMapping, field, type ModelMapping, optional } from '../../api/mapping.ts';
import { OFFER_STATUSES, REQUEST_STATUSES } from '../words.ts';

const user = { kind: 'ref', collection: 'users' } as const;
const category = { kind: 'ref', collection: 'categories' } as const;
const request = { kind: 'ref', collection: 'purchaserequests' } as const;
const price = { kind: 'money', currency: 'currency' } as const;

const createdAt = field('createdAt', 'created_at', { kind: 'instant' });
const updatedAt = field('updatedAt', 'updated_at', { kind: 'instant' });

function model(name: string, collection: string, table: string, fields: readonly FieldMapping[]): ModelMapping {
  return {
    model: name,
    domain: 'marketplace',
    collection,
    table,
    identity: 'objectId',
    fields,
    children: [],
    appendOnly: false,
    expiresAt: null,
  };
}

export const marketplaceMappings: readonly ModelMapping[] = [
  model('Category', 'categories', 'categories', [
    field('slug', 'slug', { kind: 'text' }),
    field('name', 'name', { kind: 'text' }),
    optional('parent', 'parent_id', category),
    field('position', 'position', { kind: 'int' }),
    createdAt,
  ]),
  model('Address', 'addresses', 'addresses', [
    field('user', 'user_id', user),
    field('label', 'label', { kind: 'text' }),
    field('recipient', 'recipient', { kind: 'text' }),
    field('line1', 'line1', { kind: 'text' }),
    optional('line2', 'line2', { kind: 'text' }),
    field('city', 'city', { kind: 'text' }),
    optional('region', 'region', { kind: 'text' }),
    field('postalCode', 'postal_code', { kind: 'text' }),
    field('country', 'country', { kind: 'text' }),
    optional('phone', 'phone', { kind: 'text' }),
    field('isDefault', 'is_default', { kind: 'bool' }),
    createdAt,
  ]),
  model('PurchaseRequest', 'purchaserequests', 'purchase_requests', [
    field('title', 'title', { kind: 'text' }),
    field('description', 'description', { kind: 'text' }),
    field('status', 'status', { kind: 'text', words: REQUEST_STATUSES }),
    optional('category', 'category_id', category),
    optional('buyer', 'buyer_id', user),
    field('budget', 'budget', price),
    field('currency', 'currency', { kind: 'text', shown: true }),
    field('tags', 'tags', { kind: 'textSet' }),
    field('searchTokens', 'search_tokens', { kind: 'textSet' }),
    optional('deadline', 'deadline', { kind: 'instant' }),
    createdAt,
    updatedAt,
  ]),
  model('RequestTemplate', 'requesttemplates', 'request_templates', [
    field('slug', 'slug', { kind: 'text' }),
    field('title', 'title', { kind: 'text' }),
    field('description', 'description', { kind: 'text' }),
    optional('category', 'category_id', category),
    field('fields', 'fields', { kind: 'jsonb' }),
    field('tags', 'tags', { kind: 'textSet' }),
    field('active', 'active', { kind: 'bool' }),
    createdAt,
  ]),
  model('SellerOffer', 'selleroffers', 'seller_offers', [
    optional('request', 'request_id', request),
    optional('seller', 'seller_id', user),
    field('price', 'price', price),
    field('currency', 'currency', { kind: 'text', shown: true }),
    optional('message', 'message', { kind: 'text' }),
    field('deliveryDays', 'delivery_days', { kind: 'int' }),
    field('status', 'status', { kind: 'text', words: OFFER_STATUSES }),
    createdAt,
    updatedAt,
  ]),
  model('Review', 'reviews', 'reviews', [
    field('seller', 'seller_id', user),
    optional('author', 'author_id', user),
    optional('request', 'request_id', request),
    field('rating', 'rating', { kind: 'int' }),
    optional('comment', 'comment', { kind: 'text' }),
    createdAt,
  ]),
];
