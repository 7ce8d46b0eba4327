/** What it means for two marketplace answers to be the same. */
import { OFFER_STATUSES, REQUEST_STATUSES } from '../amanat/words.ts';
import {
  bool,
  comparator,
  count,
  currency,
  cursorPage,
  enumOf,
  instant,
  jsonb,
  list,
  money,
  nullable,
  object,
  ordered,
  page,
  ratio,
  ref,
  set,
  text,
} from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

/** A populated user, or null where the account is gone. */
const person = (): Rule => nullable(object({ _id: ref('users'), name: text() }));
/** A populated category, or null where it is gone. */
const inCategory = (): Rule => nullable(object({ _id: ref('categories'), slug: text(), name: text() }));

const request = (): Rule =>
  object({
    _id: ref('purchaserequests'),
    title: text(),
    description: text(),
    status: enumOf(REQUEST_STATUSES),
    category: inCategory(),
    buyer: person(),
    budget: money('currency'),
    currency: currency(),
    tags: set(text()),
    deadline: nullable(instant()),
    createdAt: instant(),
    updatedAt: instant(),
  });

export const requestById = comparator('marketplace.request', request());
export const requestList = comparator('marketplace.requests', page(request(), ['-createdAt'], { sortParam: 'sort' }));

const offerFields = {
  _id: ref('selleroffers'),
  price: money('currency'),
  currency: currency(),
  message: nullable(text()),
  deliveryDays: count(),
  status: enumOf(OFFER_STATUSES),
  createdAt: instant(),
  updatedAt: instant(),
};

/** The offers of one request; those of one price may come in either order. */
export const requestOffers = comparator(
  'marketplace.requestOffers',
  object({
    data: ordered(object({ ...offerFields, request: ref('purchaserequests'), seller: person() }), ['price'], {
      sortParam: 'sort',
      identity: '_id',
    }),
  }),
);

/** Seller with rating, request with buyer: any of the four may be gone. */
export const offerById = comparator(
  'marketplace.offer',
  object({
    ...offerFields,
    seller: nullable(
      object({
        _id: ref('users'),
        name: text(),
        rating: object({ average: nullable(ratio()), count: count() }),
      }),
    ),
    request: nullable(
      object({
        _id: ref('purchaserequests'),
        title: text(),
        status: enumOf(REQUEST_STATUSES),
        budget: money('currency'),
        currency: currency(),
        buyer: person(),
      }),
    ),
  }),
);

const template = (): Rule =>
  object({
    _id: ref('requesttemplates'),
    slug: text(),
    title: text(),
    description: text(),
    category: inCategory(),
    fields: jsonb(),
    tags: set(text()),
    active: bool(),
    createdAt: instant(),
  });

export const templateBySlug = comparator('marketplace.template', template());
export const templateList = comparator(
  'marketplace.templates',
  object({ data: ordered(template(), ['slug'], { identity: '_id' }) }),
);

/** Order is total at every level: position, slug, id. */
const branch = (depth: number): Rule =>
  object({
    _id: ref('categories'),
    slug: text(),
    name: text(),
    position: count(),
    children: depth === 0 ? list(object({}), '_id') : list(branch(depth - 1), '_id'),
  });

/** The tree is ten levels deep; what is deeper still is compared strictly. */
export const categoryTree = comparator('marketplace.categories', object({ data: list(branch(12), '_id') }));
export const categoryPath = comparator(
  'marketplace.categoryPath',
  object({ data: list(object({ _id: ref('categories'), slug: text(), name: text() }), '_id') }),
);

export const addressList = comparator(
  'marketplace.addresses',
  object({
    data: ordered(
      object({
        _id: ref('addresses'),
        user: ref('users'),
        label: text(),
        recipient: text(),
        line1: text(),
        line2: nullable(text()),
        city: text(),
        region: nullable(text()),
        postalCode: text(),
        country: text(),
        phone: nullable(text()),
        isDefault: bool(),
        createdAt: instant(),
      }),
      ['createdAt'],
      { identity: '_id' },
    ),
  }),
);

export const reviewList = comparator(
  'marketplace.reviews',
  cursorPage(
    object({
      _id: ref('reviews'),
      seller: ref('users'),
      author: person(),
      request: nullable(object({ _id: ref('purchaserequests'), title: text() })),
      rating: count(),
      comment: nullable(text()),
      createdAt: instant(),
    }),
    'reviews',
  ),
);

/** The average is a ratio, not money; without a review it is null. Every star has its count, zero included. */
export const sellerRating = comparator(
  'marketplace.rating',
  object({
    seller: ref('users'),
    average: nullable(ratio()),
    count: count(),
    histogram: object({ 1: count(), 2: count(), 3: count(), 4: count(), 5: count() }),
  }),
);
