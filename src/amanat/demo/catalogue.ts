/** What the traffic asks for: ids, slugs and e-mail addresses from the primary's store, in a fixed order. */
import type { Db, Document } from 'mongodb';

export interface Catalogue {
  readonly users: readonly string[];
  readonly admins: readonly string[];
  readonly buyers: readonly string[];
  readonly sellers: readonly string[];
  readonly payments: readonly string[];
  readonly ledgerPayments: readonly string[];
  readonly accounts: readonly string[];
  readonly destinations: readonly string[];
  readonly destinationUsers: readonly string[];
  readonly trezorUsers: readonly string[];
  readonly disputes: readonly string[];
  readonly openers: readonly string[];
  readonly requests: readonly string[];
  readonly requestWords: readonly string[];
  readonly offers: readonly string[];
  readonly offeredRequests: readonly string[];
  readonly templates: readonly string[];
  readonly categories: readonly string[];
  readonly categorySlugs: readonly string[];
  readonly addressUsers: readonly string[];
  readonly reviewedSellers: readonly string[];
  readonly emails: readonly string[];
  readonly telegramUsers: readonly string[];
  readonly userWords: readonly string[];
  readonly pointUsers: readonly string[];
  readonly chats: readonly { readonly id: string; readonly caller: string }[];
  readonly notified: readonly string[];
  readonly posts: readonly string[];
  readonly postTags: readonly string[];
  readonly shops: readonly string[];
}

/** Reads at most `each` of every kind, by `_id`. */
export async function readCatalogue(db: Db, each = 200): Promise<Catalogue> {
  const all = (collection: string, filter: Document = {}): Promise<Document[]> =>
    db.collection(collection).find(filter).sort({ _id: 1 }).limit(each).toArray();
  const users = await all('users');
  const payments = await all('payments');
  const ledger = await all('fundsledgerentries');
  const destinations = await all('deriveddestinations');
  const trezors = await all('trezoraccounts');
  const disputes = await all('disputes');
  const requests = await all('purchaserequests');
  const offers = await all('selleroffers');
  const templates = await all('requesttemplates');
  const categories = await all('categories');
  const addresses = await all('addresses');
  const reviews = await all('reviews');
  const verifications = await all('tempverifications');
  const telegram = await all('telegramlinks');
  const points = await all('pointtransactions');
  const chats = await all('chats');
  const notifications = await all('notifications');
  const posts = await all('blogposts', { status: 'published' });
  const shops = await all('shopsettings');
  return {
    users: ids(users),
    admins: ids(users.filter((user) => user.role === 'admin')),
    buyers: distinct(payments, 'buyer'),
    sellers: distinct(payments, 'seller'),
    payments: ids(payments),
    ledgerPayments: distinct(ledger, 'payment'),
    accounts: distinct(ledger, 'account'),
    destinations: ids(destinations),
    destinationUsers: distinct(destinations, 'user'),
    trezorUsers: distinct(trezors, 'user'),
    disputes: ids(disputes),
    openers: distinct(disputes, 'openedBy'),
    requests: ids(requests),
    requestWords: words(requests),
    offers: ids(offers),
    offeredRequests: distinct(offers, 'request'),
    templates: distinct(templates, 'slug'),
    categories: ids(categories),
    categorySlugs: distinct(categories, 'slug'),
    addressUsers: distinct(addresses, 'user'),
    reviewedSellers: distinct(reviews, 'seller'),
    emails: distinct(verifications, 'email'),
    telegramUsers: distinct(telegram, 'user'),
    userWords: words(users),
    pointUsers: distinct(points, 'user'),
    chats: chats.flatMap((chat) => {
      const [caller] = Array.isArray(chat.participants) ? chat.participants.map(String) : [];
      return caller === undefined ? [] : [{ id: String(chat._id), caller }];
    }),
    notified: distinct(notifications, 'user'),
    posts: distinct(posts, 'slug'),
    postTags: [...new Set(posts.flatMap((post) => (Array.isArray(post.tags) ? post.tags.map(String) : [])))],
    shops: distinct(shops, 'seller'),
  };
}

const ids = (documents: readonly Document[]): string[] => documents.map((document) => String(document._id));

function distinct(documents: readonly Document[], field: string): string[] {
  const found = documents.flatMap((document) => (document[field] == null ? [] : [String(document[field])]));
  return [...new Set(found)];
}

function words(documents: readonly Document[]): string[] {
  const tokens = documents.flatMap((document) =>
    Array.isArray(document.searchTokens) ? document.searchTokens.map(String) : [],
  );
  return [...new Set(tokens)].slice(0, 100);
}
