/** Content: collections to tables. A post may outlive its author's account. */

import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { POST_STATUSES } from '../words.ts';

const user = { kind: 'ref', collection: 'users' } as const;

const common = { domain: 'content', identity: 'objectId', children: [], appendOnly: false, expiresAt: null } as const;

export const contentMappings: readonly ModelMapping[] = [
  {
    ...common,
    model: 'BlogPost',
    collection: 'blogposts',
    table: 'blog_posts',
    fields: [
      field('slug', 'slug', { kind: 'text' }),
      field('title', 'title', { kind: 'text' }),
      optional('excerpt', 'excerpt', { kind: 'text' }),
      field('body', 'body', { kind: 'text' }),
      field('tags', 'tags', { kind: 'textSet' }),
      optional('author', 'author_id', user),
      field('status', 'status', { kind: 'text', words: POST_STATUSES }),
      optional('publishedAt', 'published_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
  },
  {
    ...common,
    model: 'ShopSettings',
    collection: 'shopsettings',
    table: 'shop_settings',
    fields: [
      field('seller', 'seller_id', user),
      field('settings', 'settings', { kind: 'jsonb' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
  },
];
