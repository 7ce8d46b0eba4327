import { expect } from 'chai';
import type { Document } from 'mongodb';
import { contentRoutes } from '../../src/routes/content.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Asking, asking, NOBODY } from '../support/asking.ts';
import { column, itemsOf, recordOf } from '../support/json.ts';

const POSTS = '/api/blog';
const POST = '/api/blog/:slug';
const SHOP = '/api/shops/:sellerId/settings';
const enc = encodeURIComponent;

let amanat: Asking;
let posts: readonly Document[];
let shops: readonly Document[];
let users: readonly Document[];

async function load(this: Mocha.Context): Promise<void> {
  amanat = await asking(contentRoutes, ['blogposts', 'shopsettings', 'users']);
  posts = amanat.docs('blogposts');
  shops = amanat.docs('shopsettings');
  users = amanat.docs('users');
}

const agreed = (pattern: string, target: string, status = 200): Promise<JsonValue> =>
  amanat.agreed(pattern, target, { status });

const published = () => posts.filter((post) => post.status === 'published');
const withoutShop = () => users.find((user) => !shops.some((shop) => String(shop.seller) === String(user._id)))?._id;

const rows: readonly (readonly [pattern: string, status: number, why: string, target: () => string])[] = [
  [POSTS, 200, 'the first page', () => '/api/blog'],
  [POSTS, 200, 'the second of seven', () => '/api/blog?page=2&limit=7'],
  [POSTS, 200, 'past the end', () => '/api/blog?page=50'],
  [POSTS, 200, 'with a tag', () => '/api/blog?tag=escrow'],
  [POSTS, 200, 'with a tag in another case', () => '/api/blog?tag=Escrow'],
  [POSTS, 200, 'with a tag that needs escaping', () => `/api/blog?tag=${enc('C++')}`],
  [POSTS, 200, 'with a tag that holds a comma', () => `/api/blog?tag=${enc('a,b')}`],
  [POSTS, 200, 'with an emoji for a tag', () => `/api/blog?tag=${enc('🔐')}`],
  [POSTS, 200, 'with a tag that no post has', () => '/api/blog?tag=none'],
  [POSTS, 200, 'with a sort, which it does not take', () => '/api/blog?sort=title'],
  ...['tag=', 'tag=a&tag=b', 'tag=%00', 'page=0', 'page=x', 'limit=0', 'limit=101', 'page=0&limit=0'].map(
    (query) => [POSTS, 400, query, () => `/api/blog?${query}`] as const,
  ),
  [POST, 404, 'unknown', () => '/api/blog/none'],
  [POST, 404, 'a draft', () => `/api/blog/${enc(String(posts.find((post) => post.status === 'draft')?.slug))}`],
  [POST, 404, 'with a NUL', () => '/api/blog/a%00b'],
  [POST, 400, 'with half a character', () => '/api/blog/%D9'],
  [SHOP, 200, 'of a seller who changed nothing', () => `/api/shops/${withoutShop()}/settings`],
  [SHOP, 404, 'of nobody', () => `/api/shops/${NOBODY}/settings`],
  [SHOP, 400, 'malformed', () => '/api/shops/me/settings'],
];

describe('content, asked of both sides', () => {
  before(load);

  for (const [pattern, status, why, target] of rows) {
    it(`GET ${pattern} ${status}: ${why}`, async () => {
      await agreed(pattern, target(), status);
    });
  }

  it('has a row for every endpoint', () => {
    expect(new Set(rows.map(([pattern]) => pattern))).to.deep.equal(new Set(contentRoutes.map((one) => one.pattern)));
  });

  it('agrees on every published post and every shop', async () => {
    for (const { slug } of published()) await agreed(POST, `/api/blog/${enc(slug)}`);
    for (const { seller } of shops) await agreed(SHOP, `/api/shops/${seller}/settings`);
  });
});

describe('what content answers, counted from the documents', () => {
  before(load);

  it('lists published posts newest first, never a draft and never a body', async () => {
    const body = await agreed(POSTS, '/api/blog?limit=100');
    expect(column(body, '_id').toSorted()).to.deep.equal(published().map((post) => String(post._id)));
    const at = column(body, 'publishedAt');
    expect(at).to.deep.equal(at.toSorted().reverse());
    expect(new Set(at).size).to.be.lessThan(at.length);
    expect(itemsOf(body).some((item) => 'body' in item)).to.equal(false);
  });

  it('finds a tag as it is spelt: case and Unicode form count', async () => {
    for (const tag of ['Escrow', 'café', 'cafe\u0301']) {
      const expected = published().filter((post) => post.tags.includes(tag));
      const body = await agreed(POSTS, `/api/blog?limit=100&tag=${enc(tag)}`);
      expect(column(body, '_id').toSorted(), tag).to.deep.equal(expected.map((post) => String(post._id)));
      expect(expected).to.not.have.length(0);
    }
  });

  it('serves HTML as it was stored', async () => {
    for (const post of published().slice(0, 10)) {
      expect(recordOf(await agreed(POST, `/api/blog/${enc(post.slug)}`)).body).to.equal(post.body);
    }
  });

  it('shows null for an author whose account is gone', async () => {
    const post = published().find(({ author }) => !users.some((user) => String(user._id) === String(author)));
    if (post === undefined) throw new Error('the seed has no post whose author is gone');
    expect(recordOf(await agreed(POST, `/api/blog/${enc(post.slug)}`)).author).to.equal(null);
  });

  it('gives a seller without a document the defaults, and no time of change', async () => {
    const body = recordOf(await agreed(SHOP, `/api/shops/${withoutShop()}/settings`));
    expect(body).to.not.have.property('updatedAt');
    expect(recordOf(body.settings)).to.have.keys([
      'theme',
      'locale',
      'checkout',
      'shipping',
      'notifications',
      'hours',
      'seo',
    ]);
    expect(recordOf(body.settings).checkout).to.deep.equal({
      minimum: 0,
      taxRate: 0.09,
      methods: ['wallet', 'card'],
      termsAccepted: null,
    });
  });

  it('shows a shop’s decimal, date and ids in the primary’s forms, and as Extended JSON in the twin’s own', async () => {
    const shop = shops.find(({ settings }) => settings.vacation !== undefined);
    if (shop === undefined) throw new Error('the seed has no shop with dates in it');
    const answers = await amanat.ask(SHOP, `/api/shops/${shop.seller}/settings`);
    expect(answers.differences).to.deep.equal([]);
    const { owner, vacation } = recordOf(recordOf(answers.primary.body).settings);
    expect(owner).to.equal(String(shop.settings.owner));
    expect(recordOf(vacation).to).to.equal('2026-03-29T01:30:00.001Z');
    expect(recordOf(recordOf(answers.asPrimary.body).settings).owner).to.equal(owner);
    expect(recordOf(recordOf(answers.twin.body).settings).owner).to.deep.equal({ $oid: owner });
  });

  it('keeps keys that are dotted, empty, or called __proto__', async () => {
    const texts: string[] = [];
    for (const { seller } of shops) texts.push(JSON.stringify(await agreed(SHOP, `/api/shops/${seller}/settings`)));
    for (const key of ['"dotted.key":{', '"a.b":1', '"":"empty key"', '"__proto__":{"admin":true}']) {
      expect(
        texts.some((text) => text.includes(key)),
        key,
      ).to.equal(true);
    }
  });
});
