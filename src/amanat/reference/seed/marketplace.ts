/** Marketplace: requests, offers, templates, addresses and reviews around the categories. */
import { Decimal128 } from 'mongodb';
import { OFFER_STATUSES, PRICE_CURRENCIES, REQUEST_STATUSES } from '../../words.ts';
import { searchWords } from '../search-words.ts';
import { categoryForest } from './category-forest.ts';
import { type Prng, personName, type SeedContext, type SeedDocument, sentence, words } from './context.ts';
import { marketplaceRejects } from './marketplace-rejects.ts';

const DAY = 86_400_000;
const TAGS = ['new', 'used', 'فوری', 'срочно', 'café', 'cafe\u0301', '🚚 delivery', 'New', 'bulk', 'warranty'];
/** Beginnings that sort differently by UTF-16 units than by UTF-8 bytes. */
const FIRSTS = ['', '', '', '', '😀 ', 'Ａ ', '\uFFFD ', '𝔉 ', 'Z ', 'é ', 'e\u0301 ', 'ک ', '\u200f'];

export function* seedMarketplace(context: SeedContext): Iterable<SeedDocument> {
  yield* categoryForest(context);
  yield* each(context, 'purchaserequests', request);
  yield* each(context, 'selleroffers', offer);
  yield* each(context, 'requesttemplates', template);
  yield* each(context, 'addresses', address);
  yield* each(context, 'reviews', review);
  if (context.rejects) yield* marketplaceRejects(context);
}

type Collection = 'purchaserequests' | 'selleroffers' | 'requesttemplates' | 'addresses' | 'reviews';
type Make = (context: SeedContext, index: number, random: Prng) => Record<string, unknown>;

function* each(context: SeedContext, collection: Collection, make: Make): Iterable<SeedDocument> {
  for (let index = 0; index < context.count(collection); index += 1) {
    const fields = make(context, index, context.random(collection, index));
    const doc = {
      _id: context.oid(collection, index),
      ...fields,
      createdAt: context.createdAt(collection, index),
      __v: 0,
    };
    yield { collection, doc };
  }
}

/** The document's id, or in `share` of the cases one that no document has. */
function mayBeGone(
  context: SeedContext,
  collection: 'users' | 'categories' | 'purchaserequests',
  index: number,
  share: number,
  random: Prng,
) {
  return random.chance(share) ? context.gone(collection, index) : context.oid(collection, index);
}

/** A price as its request has it: shared by its offers, so that some come out the same. */
function priceOf(context: SeedContext, request: number): { amount: number; currency: string } {
  const random = context.random('price', request);
  const currency = random.pick(PRICE_CURRENCIES);
  // A double of this size still holds cents, and not millionths: sums of it can only be compared in USD and EUR.
  const huge = currency === 'USD' || currency === 'EUR' ? 4_503_599_627_370.49 : 4_503_599.62737;
  const amount = random.weighted([
    [random.int(1_00, 99_999_99) / 100, 60],
    [random.int(1, 900), 15],
    [0.1 + 0.2, 3],
    [1.1 * 3, 2],
    [0, 1],
    [huge, 1],
    [currency === 'USDT' || currency === 'USDC' || currency === 'TRX' ? random.int(1, 9_999_999_999) / 1e6 : 19.99, 18],
  ]);
  return { amount, currency };
}

function request(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  const title = random.pick(FIRSTS) + words(random, 2, 5);
  const description = sentence(random, 6, 24);
  const createdAt = context.createdAt('purchaserequests', index).getTime();
  const tags = random.some(TAGS, 0.2);
  // One request was saved with the same tag twice: as a multiset that is not the same as once.
  if (index % 97 === 5) tags.push('new', 'new');
  const { amount, currency } = priceOf(context, index);
  return {
    title,
    description,
    status: random.weighted(REQUEST_STATUSES.map((status, at) => [status, 5 - at])),
    category: mayBeGone(context, 'categories', random.int(0, context.count('categories') - 1), 0.03, random),
    buyer: mayBeGone(context, 'users', context.buyer(random), 0.02, random),
    budget: amount,
    currency,
    tags: random.shuffle(tags),
    searchTokens: searchWords(title, description),
    ...random.weighted<Record<string, unknown>>([
      [{ deadline: new Date(createdAt + random.int(1, 90) * DAY) }, 65],
      [{}, 30],
      [{ deadline: null }, 5],
    ]),
    updatedAt: new Date(createdAt + random.int(0, 20 * DAY)),
  };
}

function offer(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  const requests = context.count('purchaserequests');
  // Around the request of the same age; a third of the requests get none, some get many.
  const near = Math.floor((index / context.count('selleroffers')) * requests);
  const at = Math.min(requests - 1, near - (near % 3) + (random.chance(0.8) ? 0 : 1));
  const { amount, currency } = priceOf(context, at);
  return {
    request: mayBeGone(context, 'purchaserequests', at, 0.015, random),
    seller: mayBeGone(context, 'users', context.seller(random), 0.02, random),
    price: random.weighted([
      [amount, 3],
      [Math.round(amount * 90) / 100, 2],
      [Math.round(amount * random.int(80, 130)) / 100, 3],
    ]),
    currency,
    ...random.weighted<Record<string, unknown>>([
      [{ message: sentence(random) }, 80],
      [{}, 15],
      [{ message: '' }, 5],
    ]),
    deliveryDays: random.int(0, 45),
    status: random.weighted(OFFER_STATUSES.map((status, place) => [status, 5 - place])),
    updatedAt: new Date(context.createdAt('selleroffers', index).getTime() + random.int(0, 5 * DAY)),
  };
}

function template(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  const forms = [`قالب-${index}`, `шаблон-${index}`, `template-${index}`, `modèle-${index}`, `mode\u0300le-${index}`];
  return {
    slug: forms[index % forms.length],
    title: words(random, 1, 4),
    description: sentence(random),
    // Few templates: at least one of them, whatever the seed, is of a category that is gone.
    category: mayBeGone(
      context,
      'categories',
      random.int(0, context.count('categories') - 1),
      index === 7 ? 1 : 0.05,
      random,
    ),
    fields: Array.from({ length: random.int(0, 4) }, (_, at) => formField(context, at, random)),
    tags: random.some(TAGS, 0.25),
    active: random.chance(0.85),
  };
}

function formField(context: SeedContext, at: number, random: Prng): Record<string, unknown> {
  return random.pick<Record<string, unknown>>([
    { key: `f${at}`, type: 'text', label: words(random, 1, 2), required: random.chance(0.5), placeholder: '' },
    { key: `f${at}`, type: 'choice', options: words(random, 2, 4).split(' '), multiple: false, 'ui.hint': null },
    { key: `f${at}`, type: 'number', range: { least: 0.1, most: 1e6, step: Decimal128.fromString('0.010') } },
    { key: `f${at}`, type: 'seller', preset: context.pick('users', random), since: context.createdAt('users', at) },
  ]);
}

function address(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  const [country, city, line] = random.pick([
    ['IR', 'تهران', 'خیابان ولی‌عصر، پلاک ۱۲'],
    ['RU', 'Москва', 'ул. Тверская, д. 7, кв. 12'],
    ['DE', 'München', 'Schloßstraße 12'],
    ['TR', 'İstanbul', 'İstiklal Cd. No:5'],
    ['FR', 'Orle\u0301ans', '3, rue de l’Hôtel'],
  ] as const);
  return {
    user: context.oid('users', Math.floor(random.next() ** 2 * context.count('users'))),
    label: random.pick(['home', 'work', 'خانه', 'дом', '🏠']),
    recipient: personName(random),
    line1: line,
    ...random.weighted<Record<string, unknown>>([
      [{}, 5],
      [{ line2: '' }, 1],
      [{ line2: `#${index}` }, 2],
    ]),
    city,
    ...(random.chance(0.5) ? { region: words(random, 1, 1) } : {}),
    postalCode: random.pick([`0${random.int(1000, 9999)}`, String(random.int(10_000, 99_999))]),
    country,
    ...(random.chance(0.7) ? { phone: `+98 912 ${random.int(1_000_000, 9_999_999)}` } : {}),
    isDefault: random.chance(0.3),
  };
}

function review(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  // The one that shares its instant with the one before is of the same seller: a tie in the seller's list.
  const seller = 3 * stars(context, index % 11 === 10 ? index - 1 : index);
  return {
    seller: context.oid('users', seller),
    author: mayBeGone(context, 'users', context.buyer(random), 0.03, random),
    request: mayBeGone(context, 'purchaserequests', random.int(0, context.count('purchaserequests') - 1), 0.03, random),
    rating: random.weighted([
      [5, 9],
      [4, 6],
      [3, 3],
      [2, 1],
      [1, 2],
    ]),
    ...random.weighted<Record<string, unknown>>([
      [{ comment: sentence(random) }, 70],
      [{}, 15],
      [{ comment: null }, 5],
      [{ comment: '' }, 10],
    ]),
  };
}

/** The seller that the review is about: the early ones more often, and a third of them never. */
function stars(context: SeedContext, index: number): number {
  const sellers = Math.floor((context.count('users') - 1) / 3);
  const seller = 1 + Math.floor(context.random('reviewed', index).next() ** 2 * sellers);
  return seller % 3 === 0 ? seller - 1 : seller;
}
