/** What it means for two content answers to be the same. */
import { POST_STATUSES } from '../amanat/words.ts';
import { comparator, enumOf, instant, jsonb, nullable, object, page, ref, set, text } from '../rules/kit.ts';

const head = {
  _id: ref('blogposts'),
  slug: text(),
  title: text(),
  excerpt: nullable(text()),
  tags: set(text()),
  author: nullable(object({ _id: ref('users'), name: text() })),
  status: enumOf(POST_STATUSES),
  publishedAt: instant(),
  createdAt: instant(),
  updatedAt: instant(),
};

/** Lists leave the body out. */
export const postList = comparator('content.posts', page(object(head), ['-publishedAt']));
/** HTML is compared as the bytes it is: an entity for a character is a difference. */
export const postBySlug = comparator('content.post', object({ ...head, body: text() }));

/** The blob as read, defaults included; without a stored document there is no `updatedAt`. */
export const shopSettings = comparator(
  'content.shopSettings',
  object({ seller: ref('users'), settings: jsonb(), updatedAt: nullable(instant()) }),
);
