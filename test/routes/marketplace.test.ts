import { expect } from 'chai';
import type { Document } from 'mongodb';
import { marketplaceRoutes } from '../../src/routes/marketplace.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Asking, asking, cursorOf, idOf, NOBODY, the } from '../support/asking.ts';
import type { BothAnswers } from '../support/both-sides.ts';
import { arrayOf, column, itemsOf, type JsonRecord, recordOf } from '../support/json.ts';

const enc = encodeURIComponent;

/** The documents as they are stored, read by the driver: what both sides are held against. */
interface Stored {
  readonly requests: readonly Document[];
  readonly offers: readonly Document[];
  readonly templates: readonly Document[];
  readonly categories: readonly Document[];
  readonly addresses: readonly Document[];
  readonly reviews: readonly Document[];
  readonly users: readonly Document[];
}

let amanat: Asking;
let stored: Stored;

async function load(this: Mocha.Context): Promise<void> {
  const collections = {
    requests: 'purchaserequests',
    offers: 'selleroffers',
    templates: 'requesttemplates',
    categories: 'categories',
    addresses: 'addresses',
    reviews: 'reviews',
    users: 'users',
  };
  amanat = await asking(marketplaceRoutes, Object.values(collections));
  const { docs } = amanat;
  stored = {
    requests: docs(collections.requests),
    offers: docs(collections.offers),
    templates: docs(collections.templates),
    categories: docs(collections.categories),
    addresses: docs(collections.addresses),
    reviews: docs(collections.reviews),
    users: docs(collections.users),
  };
}

const ask = (pattern: string, target: string): Promise<BothAnswers> => amanat.ask(pattern, target);
const agreed = (pattern: string, target: string, status = 200): Promise<JsonValue> =>
  amanat.agreed(pattern, target, { status });

const hasId = (docs: readonly Document[], id: unknown): boolean => docs.some((doc) => idOf(doc) === String(id));
const byUtf8 = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

interface Row {
  readonly pattern: string;
  readonly target: () => string;
  readonly status: number;
  readonly why: string;
}

const row = (pattern: string, status: number, why: string, target: () => string): Row => ({
  pattern,
  target,
  status,
  why,
});

const REQUESTS = '/api/requests';
const REQUEST = '/api/requests/:id';
const OFFERS = '/api/requests/:id/offers';
const OFFER = '/api/offers/:id';
const TEMPLATES = '/api/templates';
const TEMPLATE = '/api/templates/:slug';
const TREE = '/api/categories';
const PATH = '/api/categories/:slug/path';
const ADDRESSES = '/api/users/:id/addresses';
const REVIEWS = '/api/sellers/:id/reviews';
const RATING = '/api/sellers/:id/rating';

const anyRequest = () => idOf(stored.requests[7]);
const reviewed = () => String(stored.reviews[0]?.seller);
const unreviewed = () =>
  idOf(stored.users.find((user) => !stored.reviews.some((one) => String(one.seller) === idOf(user))));
const goneFrom = (docs: readonly Document[], field: string, from: readonly Document[]) =>
  the(
    docs.find((doc) => doc[field] !== undefined && !hasId(from, doc[field])),
    `orphan by ${field}`,
  );

const rows: readonly Row[] = [
  row(REQUESTS, 200, 'the first page', () => '/api/requests'),
  ...['createdAt', '-createdAt', 'budget', '-budget', 'deadline', '-deadline', 'title', '-title'].map((sort) =>
    row(REQUESTS, 200, `sorted by ${sort}`, () => `/api/requests?sort=${sort}&limit=100`),
  ),
  ...['open', 'in_progress', 'awarded', 'completed', 'cancelled'].map((status) =>
    row(REQUESTS, 200, `of status ${status}`, () => `/api/requests?status=${status}&page=2&limit=7`),
  ),
  row(REQUESTS, 200, 'of one category', () => `/api/requests?category=${stored.requests[3]?.category}`),
  row(REQUESTS, 200, 'of one buyer', () => `/api/requests?buyer=${stored.requests[3]?.buyer}`),
  row(REQUESTS, 200, 'of an unknown category', () => `/api/requests?category=${NOBODY}`),
  row(
    REQUESTS,
    200,
    'of a category that is gone, which documents still name',
    () => `/api/requests?category=${goneFrom(stored.requests, 'category', stored.categories).category}`,
  ),
  row(
    REQUESTS,
    200,
    'of a buyer who is gone',
    () => `/api/requests?buyer=${goneFrom(stored.requests, 'buyer', stored.users).buyer}`,
  ),
  row(REQUESTS, 200, 'with all words', () => `/api/requests?q=${enc('Laptop, CAMERA')}`),
  row(REQUESTS, 200, 'with a Persian and a Cyrillic word', () => `/api/requests?q=${enc('کتاب ковёр')}`),
  row(REQUESTS, 200, 'with a word in NFD', () => `/api/requests?q=${enc('cafe\u0301')}`),
  row(REQUESTS, 200, 'with a word of another case than İ has', () => `/api/requests?q=${enc('İSTANBUL')}`),
  row(REQUESTS, 200, 'with what is no word', () => `/api/requests?q=${enc('12 % _ 🚚')}`),
  row(REQUESTS, 200, 'between two budgets', () => '/api/requests?minBudget=10&maxBudget=500.5&sort=budget'),
  row(REQUESTS, 200, 'just below 0.1 + 0.2', () => '/api/requests?minBudget=0.3&maxBudget=0.300000000000000016'),
  row(REQUESTS, 200, 'just at 0.1 + 0.2', () => '/api/requests?minBudget=0.300000000000000044&maxBudget=0.4'),
  row(REQUESTS, 200, 'of a negative budget', () => '/api/requests?maxBudget=-1'),
  row(REQUESTS, 200, 'at zero', () => '/api/requests?minBudget=0&maxBudget=0'),
  row(REQUESTS, 200, 'past the end', () => '/api/requests?page=99&limit=100'),
  row(REQUESTS, 200, 'far past the end', () => '/api/requests?page=999999999&limit=100'),
  row(REQUESTS, 200, 'with a parameter that is unknown', () => '/api/requests?colour=red&limit=1'),
  ...[
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=',
    'limit=ten',
    'page=0',
    'page=-1',
    'page=1e3',
    'page=1&page=2',
    'sort=colour',
    'sort=--title',
    'status=OPEN',
    'status=',
    'q=',
    'q=a&q=b',
    'q=%00',
    'minBudget=1e3',
    'minBudget=abc',
    'maxBudget=1,5',
    'minBudget=.5',
    'status=x&limit=0',
  ].map((query) => row(REQUESTS, 400, query, () => `/api/requests?${query}`)),
  row(REQUESTS, 400, 'of a malformed category', () => '/api/requests?category=shoes'),
  row(REQUESTS, 400, 'of a malformed buyer', () => `/api/requests?buyer=${NOBODY}0`),
  row(REQUEST, 200, 'one', () => `/api/requests/${anyRequest()}`),
  row(REQUEST, 200, 'in capitals', () => `/api/requests/${anyRequest().toUpperCase()}`),
  row(
    REQUEST,
    200,
    'whose category is gone',
    () => `/api/requests/${idOf(goneFrom(stored.requests, 'category', stored.categories))}`,
  ),
  row(
    REQUEST,
    200,
    'whose buyer is gone',
    () => `/api/requests/${idOf(goneFrom(stored.requests, 'buyer', stored.users))}`,
  ),
  row(REQUEST, 404, 'unknown', () => `/api/requests/${NOBODY}`),
  row(REQUEST, 404, 'another collection’s id', () => `/api/requests/${idOf(stored.offers[0])}`),
  row(REQUEST, 400, 'malformed', () => '/api/requests/12'),
  row(REQUEST, 400, 'with bytes that are no UTF-8', () => '/api/requests/%E0%A4%A'),
  ...['', '?sort=price', '?sort=-price', '?sort=createdAt', '?sort=-createdAt'].map((query) =>
    row(OFFERS, 200, `of one request ${query}`, () => `/api/requests/${stored.offers[4]?.request}/offers${query}`),
  ),
  row(
    OFFERS,
    404,
    'of a request that is gone, which offers still name',
    () => `/api/requests/${goneFrom(stored.offers, 'request', stored.requests).request}/offers`,
  ),
  row(OFFERS, 400, 'sorted by what they are not', () => `/api/requests/${anyRequest()}/offers?sort=title`),
  row(OFFERS, 400, 'unknown and badly sorted', () => `/api/requests/${NOBODY}/offers?sort=title`),
  row(OFFERS, 400, 'malformed', () => '/api/requests/x/offers'),
  row(OFFER, 200, 'one', () => `/api/offers/${idOf(stored.offers[9])}`),
  row(OFFER, 200, 'whose seller is gone', () => `/api/offers/${idOf(goneFrom(stored.offers, 'seller', stored.users))}`),
  row(
    OFFER,
    200,
    'whose request is gone',
    () => `/api/offers/${idOf(goneFrom(stored.offers, 'request', stored.requests))}`,
  ),
  row(OFFER, 404, 'unknown', () => `/api/offers/${NOBODY}`),
  row(OFFER, 400, 'malformed', () => '/api/offers/-'),
  row(TEMPLATES, 200, 'all', () => '/api/templates'),
  row(TEMPLATES, 200, 'of one category', () => `/api/templates?category=${stored.templates[0]?.category}`),
  row(TEMPLATES, 200, 'of an unknown category', () => `/api/templates?category=${NOBODY}`),
  row(
    TEMPLATES,
    200,
    'of a category that is gone',
    () => `/api/templates?category=${goneFrom(stored.templates, 'category', stored.categories).category}`,
  ),
  row(TEMPLATES, 400, 'of a malformed category', () => '/api/templates?category=1'),
  row(
    TEMPLATE,
    404,
    'inactive',
    () => `/api/templates/${enc(String(stored.templates.find((one) => !one.active)?.slug))}`,
  ),
  row(TEMPLATE, 404, 'unknown', () => '/api/templates/none'),
  row(TEMPLATE, 404, 'with a NUL', () => '/api/templates/none%00'),
  row(TREE, 200, 'whole', () => '/api/categories'),
  row(PATH, 404, 'unknown', () => '/api/categories/none/path'),
  row(PATH, 404, 'with a NUL', () => '/api/categories/%00/path'),
  row(PATH, 400, 'with half a character', () => '/api/categories/%D9/path'),
  row(ADDRESSES, 200, 'of one with several', () => `/api/users/${stored.addresses[0]?.user}/addresses`),
  row(
    ADDRESSES,
    200,
    'of one with none',
    () =>
      `/api/users/${idOf(stored.users.find((user) => !stored.addresses.some((one) => String(one.user) === idOf(user))))}/addresses`,
  ),
  row(ADDRESSES, 404, 'of nobody', () => `/api/users/${NOBODY}/addresses`),
  row(ADDRESSES, 400, 'malformed', () => '/api/users/9/addresses'),
  row(REVIEWS, 200, 'of one', () => `/api/sellers/${reviewed()}/reviews`),
  row(REVIEWS, 200, 'of one without any', () => `/api/sellers/${unreviewed()}/reviews`),
  row(REVIEWS, 404, 'of nobody', () => `/api/sellers/${NOBODY}/reviews`),
  ...[
    'after=x',
    'after=',
    'after=e30',
    `after=${cursorOf('2026-02-30', NOBODY)}`,
    `after=${cursorOf('2026-01-01T00:00:00.000Z', 'x')}`,
    'limit=0',
    'limit=101',
  ].map((query) => row(REVIEWS, 400, query, () => `/api/sellers/${reviewed()}/reviews?${query}`)),
  row(
    REVIEWS,
    200,
    'after a position that no review has',
    () => `/api/sellers/${reviewed()}/reviews?after=${cursorOf('2025-06-01T00:00:00.000Z', NOBODY)}`,
  ),
  row(REVIEWS, 400, 'malformed', () => '/api/sellers/me/reviews'),
  row(RATING, 200, 'of one', () => `/api/sellers/${reviewed()}/rating`),
  row(RATING, 200, 'of one without reviews', () => `/api/sellers/${unreviewed()}/rating`),
  row(RATING, 404, 'of nobody', () => `/api/sellers/${NOBODY}/rating`),
  row(RATING, 400, 'malformed', () => '/api/sellers/x/rating'),
];

describe('the marketplace, asked of both sides', () => {
  before(load);

  for (const { pattern, status, why, target } of rows) {
    it(`GET ${pattern} ${status}: ${why}`, async () => {
      await agreed(pattern, target(), status);
    });
  }

  it('has a row for every endpoint', () => {
    expect(new Set(rows.map((one) => one.pattern))).to.deep.equal(new Set(marketplaceRoutes.map((one) => one.pattern)));
  });

  it('agrees on entities of every kind, those of every fourth number', async function everyFourth() {
    const targets: (readonly [pattern: string, target: string])[] = [
      ...stored.requests.map((doc) => [REQUEST, `/api/requests/${idOf(doc)}`] as const),
      ...stored.requests.map((doc) => [OFFERS, `/api/requests/${idOf(doc)}/offers`] as const),
      ...stored.offers.map((doc) => [OFFER, `/api/offers/${idOf(doc)}`] as const),
      ...stored.templates
        .filter((doc) => doc.active)
        .map((doc) => [TEMPLATE, `/api/templates/${enc(doc.slug)}`] as const),
      ...stored.categories.map((doc) => [PATH, `/api/categories/${enc(doc.slug)}/path`] as const),
      ...stored.users.flatMap((doc) => [
        [ADDRESSES, `/api/users/${idOf(doc)}/addresses`] as const,
        [REVIEWS, `/api/sellers/${idOf(doc)}/reviews?limit=3`] as const,
        [RATING, `/api/sellers/${idOf(doc)}/rating`] as const,
      ]),
    ];
    const asked = targets.filter((_, index) => index % 4 === 1);
    for (let from = 0; from < asked.length; from += 8) {
      await Promise.all(asked.slice(from, from + 8).map(([pattern, target]) => agreed(pattern, target)));
    }
  });
});

describe('what the marketplace answers, counted from the documents', () => {
  before(load);

  /** All pages of a list, one after the other. */
  async function pages(query: string): Promise<readonly JsonRecord[]> {
    const found: JsonRecord[] = [];
    for (let number = 1; ; number += 1) {
      const body = await agreed(REQUESTS, `/api/requests?limit=90&page=${number}${query}`);
      const items = itemsOf(body);
      if (items.length === 0) return found;
      found.push(...items);
    }
  }

  it('lists every request once, however it is sorted, and the total is their number', async () => {
    for (const sort of ['createdAt', '-budget', 'deadline', 'title']) {
      const found = await pages(`&sort=${sort}`);
      expect(found.map((item) => item._id).toSorted()).to.deep.equal(stored.requests.map(idOf));
    }
    const { pagination } = recordOf(await agreed(REQUESTS, '/api/requests?limit=30'));
    const total = stored.requests.length;
    expect(pagination).to.deep.equal({ page: 1, limit: 30, total, pages: Math.ceil(total / 30) });
  });

  it('sorts titles by their UTF-8 bytes, where UTF-16 units would sort otherwise', async () => {
    const titles = (await pages('&sort=title')).map((item) => String(item.title));
    expect(titles).to.deep.equal(titles.toSorted(byUtf8));
    expect(titles).to.not.deep.equal(titles.toSorted());
  });

  it('sorts requests without a deadline before all others, and after them when descending', async () => {
    const without = stored.requests.filter((doc) => doc.deadline == null).length;
    const has = (item: JsonRecord) => typeof item.deadline === 'string';
    expect((await pages('&sort=deadline')).findIndex(has)).to.equal(without);
    expect((await pages('&sort=-deadline')).findLastIndex(has)).to.equal(stored.requests.length - without - 1);
  });

  it('finds the requests that have every word of q in title or description, and no others', async () => {
    const wordsIn = (text: string) =>
      new Set(
        text
          .toLowerCase()
          .normalize('NFC')
          .match(/\p{L}+/gu),
      );
    for (const asked of ['laptop camera', 'کتاب', 'CAFÉ', 'cafe\u0301 ковёр iran', 'zzz']) {
      const expected = stored.requests.filter((doc) =>
        wordsIn(asked).isSubsetOf(wordsIn(`${doc.title} ${doc.description}`)),
      );
      const found = await pages(`&q=${enc(asked)}`);
      expect(found.map((item) => item._id).toSorted(), asked).to.deep.equal(expected.map(idOf));
      expect(expected.length > 0, asked).to.equal(asked !== 'zzz');
    }
  });

  it('combines filters', async () => {
    const expected = stored.requests.filter(
      (doc) => doc.status === 'open' && doc.budget >= 100 && doc.budget <= 600_000,
    );
    const found = await pages('&status=open&minBudget=100&maxBudget=600000');
    expect(found.map((item) => item._id).toSorted()).to.deep.equal(expected.map(idOf));
  });

  it('never shows search words, revisions or outboxes', async () => {
    const body = JSON.stringify(await agreed(REQUESTS, '/api/requests?limit=100'));
    expect(body).to.not.include('searchTokens').and.not.include('_outbox').and.not.include('_rev');
  });

  it('lists a request’s offers by price, with ties that the two sides may order each in its way', async () => {
    const ofOne = Map.groupBy(stored.offers, (doc) => String(doc.request));
    const tied = the(
      [...ofOne].find(
        ([id, docs]) => hasId(stored.requests, id) && new Set(docs.map((doc) => doc.price)).size < docs.length - 1,
      ),
      'request with offers at one price',
    );
    const prices = itemsOf(await agreed(OFFERS, `/api/requests/${tied[0]}/offers?sort=-price`)).map(
      (item) => item.price,
    );
    expect(prices).to.deep.equal(tied[1].map((doc) => doc.price).sort((one, other) => other - one));
  });

  it('shows null for a seller, a request or a buyer that is gone, on both sides and in both representations', async () => {
    const sellerGone = goneFrom(stored.offers, 'seller', stored.users);
    const answers = await ask(OFFER, `/api/offers/${idOf(sellerGone)}`);
    for (const { body } of [answers.primary, answers.twin, answers.asPrimary]) {
      expect(recordOf(body)).to.have.property('seller', null);
    }
    const requestGone = goneFrom(stored.offers, 'request', stored.requests);
    expect(recordOf(await agreed(OFFER, `/api/offers/${idOf(requestGone)}`))).to.have.property('request', null);
    const buyerGone = goneFrom(stored.requests, 'buyer', stored.users);
    const offer = stored.offers.find((doc) => String(doc.request) === idOf(buyerGone));
    if (offer !== undefined) {
      const { request } = recordOf(await agreed(OFFER, `/api/offers/${idOf(offer)}`));
      expect(recordOf(request)).to.have.property('buyer', null);
    }
  });

  it('shows the seller of an offer with the rating that the seller’s own page gives', async () => {
    const offer = the(
      stored.offers.find((doc) => stored.reviews.some((one) => String(one.seller) === String(doc.seller))),
      'offer of a reviewed seller',
    );
    const seller = recordOf(recordOf(await agreed(OFFER, `/api/offers/${idOf(offer)}`)).seller);
    const { average, count } = recordOf(await agreed(RATING, `/api/sellers/${offer.seller}/rating`));
    expect(seller.rating).to.deep.equal({ average, count });
  });

  it('averages a seller’s stars, and counts each of the five, zeros included', async () => {
    const bySeller = Map.groupBy(stored.reviews, (doc) => String(doc.seller));
    for (const [seller, reviews] of [...bySeller].slice(0, 12)) {
      const stars = reviews.map((doc) => Number(doc.rating));
      const rating = recordOf(await agreed(RATING, `/api/sellers/${seller}/rating`));
      expect(rating.count).to.equal(stars.length);
      expect(Number(rating.average)).to.be.closeTo(stars.reduce((sum, star) => sum + star, 0) / stars.length, 1e-9);
      const histogram = [1, 2, 3, 4, 5].map((star) => [String(star), stars.filter((one) => one === star).length]);
      expect(rating.histogram).to.deep.equal(Object.fromEntries(histogram));
    }
    expect(recordOf(await agreed(RATING, `/api/sellers/${unreviewed()}/rating`))).to.deep.include({
      average: null,
      count: 0,
      histogram: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 },
    });
  });

  it('walks a seller’s reviews newest first by cursor, each once, each side by its own cursor or by the primary’s', async () => {
    const bySeller = Map.groupBy(stored.reviews, (doc) => String(doc.seller));
    const [seller, reviews] = the([...bySeller].toSorted((one, other) => other[1].length - one[1].length)[0], 'review');
    const expected = reviews
      .toSorted((one, other) => one.createdAt - other.createdAt || byUtf8(idOf(one), idOf(other)))
      .reverse()
      .map(idOf);
    const walked = await amanat.walk(REVIEWS, `/api/sellers/${seller}/reviews?limit=2`, 'after');
    expect(walked.map((item) => item._id)).to.deep.equal(expected);
  });

  it('tells an empty comment from one that is not there', async () => {
    const empty = the(
      stored.reviews.find((doc) => doc.comment === ''),
      'empty comment',
    );
    const absent = the(
      stored.reviews.find((doc) => !('comment' in doc)),
      'absent comment',
    );
    for (const [review, comment] of [
      [empty, ''],
      [absent, undefined],
    ] as const) {
      const body = await agreed(REVIEWS, `/api/sellers/${review.seller}/reviews?limit=100`);
      expect(itemsOf(body).find((item) => item._id === idOf(review))?.comment).to.equal(comment);
    }
  });

  it('nests every category once, siblings by position, then slug as UTF-8, then id', async () => {
    const seen: string[] = [];
    let deepest = 0;
    const visit = (siblings: readonly JsonRecord[], parent: string | null, depth: number): void => {
      deepest = Math.max(deepest, siblings.length > 0 ? depth : 0);
      const sorted = siblings.toSorted(
        (one, other) => Number(one.position) - Number(other.position) || byUtf8(String(one.slug), String(other.slug)),
      );
      expect(siblings).to.deep.equal(sorted);
      for (const category of siblings) {
        seen.push(String(category._id));
        const doc = stored.categories.find((one) => idOf(one) === category._id);
        if (parent !== null) expect(String(doc?.parent)).to.equal(parent);
        else expect(doc?.parent === undefined || !hasId(stored.categories, doc.parent)).to.equal(true);
        visit(arrayOf(category.children).map(recordOf), String(category._id), depth + 1);
      }
    };
    visit(itemsOf(await agreed(TREE, '/api/categories')), null, 1);
    expect(seen.toSorted()).to.deep.equal(stored.categories.map(idOf));
    expect(deepest).to.be.at.least(10);
  });

  it('gives the way from the root to the deepest category', async () => {
    const chain = stored.categories.slice(0, 10).map((doc) => String(doc.slug));
    const body = await agreed(PATH, `/api/categories/${enc(the(chain.at(-1), 'chain'))}/path`);
    expect(column(body, 'slug')).to.deep.equal(chain);
  });

  it('takes two slugs that look alike for two categories', async () => {
    const composed = await agreed(PATH, `/api/categories/${enc('café')}/path`);
    const decomposed = await agreed(PATH, `/api/categories/${enc('cafe\u0301')}/path`);
    expect(column(composed, '_id')).to.not.deep.equal(column(decomposed, '_id'));
  });

  it('lists active templates by slug, and no others', async () => {
    const active = stored.templates.filter((doc) => doc.active).map((doc) => String(doc.slug));
    expect(active.length).to.be.lessThan(stored.templates.length);
    expect(column(await agreed(TEMPLATES, '/api/templates'), 'slug')).to.deep.equal(active.toSorted(byUtf8));
  });

  it('lists the addresses of a user, and of nobody else', async () => {
    for (const [user, addresses] of [...Map.groupBy(stored.addresses, (doc) => String(doc.user))].slice(0, 20)) {
      const body = await agreed(ADDRESSES, `/api/users/${user}/addresses`);
      expect(column(body, '_id').toSorted()).to.deep.equal(addresses.map(idOf));
    }
  });
});
