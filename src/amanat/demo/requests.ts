/** The requests of each endpoint: every parameter, sort, page depth and error now and then. One entry per endpoint. */
import type { Catalogue } from './catalogue.ts';
import type { Random } from './random.ts';

export interface DemoRequest {
  readonly target: string;
  /** Key of the route that it was drawn for. */
  readonly route?: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly caller?: string;
}

type MakeRequest = (random: Random, catalogue: Catalogue) => DemoRequest;

const UNKNOWN_ID = 'ffffffffffffffffffffffff';
const STATUSES = ['pending', 'processing', 'completed', 'failed', 'refunded', 'cancelled'] as const;
const SINCE = ['2025-06-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-03-29T01:30:00.000Z'] as const;
const UNTIL = ['2026-04-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'] as const;

/** `{ a: 1, b: undefined }` -> `?a=1` */
function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const sometimes = <T>(random: Random, share: number, value: () => T): T | undefined =>
  random.chance(share) ? value() : undefined;

function paging(random: Random, sorts: readonly string[] = []) {
  return {
    page: sometimes(random, 0.4, () => random.pick([1, 2, 3, 9, 9_999])),
    limit: sometimes(random, 0.4, () => random.pick([1, 5, 10, 100])),
    ...(sorts.length === 0 ? {} : { sort: sometimes(random, 0.5, () => random.pick(sorts)) }),
  };
}

/** One request in so many names something that does not exist or is malformed. */
const path = (random: Random, ids: readonly string[]): string =>
  random.chance(0.02) ? random.pick([UNKNOWN_ID, 'not-an-id']) : random.hot(ids);

const limited = (random: Random) => sometimes(random, 0.5, () => random.pick([1, 3, 10, 50, 100]));

export const REQUESTS: Readonly<Record<string, MakeRequest>> = {
  'GET /api/payments/:id': (r, c) => ({ target: `/api/payments/${path(r, c.payments)}` }),
  'GET /api/payments': (r, c) => ({
    target: `/api/payments${query({
      status: sometimes(r, 0.4, () => r.pick(STATUSES)),
      provider: sometimes(r, 0.3, () => r.pick(['request_network', 'stripe', 'trezor', 'manual'])),
      buyer: sometimes(r, 0.2, () => path(r, c.buyers)),
      seller: sometimes(r, 0.2, () => path(r, c.sellers)),
      from: sometimes(r, 0.2, () => r.pick(SINCE)),
      to: sometimes(r, 0.2, () => r.pick(UNTIL)),
      ...paging(r, ['createdAt', '-createdAt', 'amount', '-amount']),
    })}`,
  }),
  'GET /api/payments/:id/quotes': (r, c) => ({ target: `/api/payments/${path(r, c.payments)}/quotes` }),
  'GET /api/payments/stats': (r) => ({
    target: `/api/payments/stats${query({ from: sometimes(r, 0.5, () => r.pick(SINCE)), to: sometimes(r, 0.5, () => r.pick(UNTIL)) })}`,
  }),
  'GET /api/payments/export.csv': (r) => ({
    target: `/api/payments/export.csv${query({ from: sometimes(r, 0.7, () => r.pick(SINCE)), to: sometimes(r, 0.5, () => r.pick(UNTIL)) })}`,
  }),
  'GET /api/ledger/entries': (r, c) => ({
    target: `/api/ledger/entries${query({
      payment: sometimes(r, 0.2, () => path(r, c.ledgerPayments)),
      account: sometimes(r, 0.4, () => path(r, c.accounts)),
      type: sometimes(r, 0.2, () => r.pick(['deposit', 'hold', 'release', 'refund', 'fee', 'withdrawal'])),
      limit: limited(r),
    })}`,
  }),
  'GET /api/ledger/balances/:userId': (r, c) => ({ target: `/api/ledger/balances/${path(r, c.accounts)}` }),
  'GET /api/ledger/payments/:paymentId/trail': (r, c) => ({
    target: `/api/ledger/payments/${path(r, c.ledgerPayments)}/trail`,
  }),
  'GET /api/wallet/destinations/:id': (r, c) => ({ target: `/api/wallet/destinations/${path(r, c.destinations)}` }),
  'GET /api/wallet/destinations': (r, c) => ({
    target: `/api/wallet/destinations${query({
      user: sometimes(r, 0.5, () => path(r, c.destinationUsers)),
      chain: sometimes(r, 0.3, () => r.pick(['ethereum', 'polygon', 'tron', 'bitcoin'])),
      ...paging(r),
    })}`,
  }),
  'GET /api/wallet/next-index': () => ({ target: '/api/wallet/next-index' }),
  'GET /api/wallet/trezor/:userId': (r, c) => ({ target: `/api/wallet/trezor/${path(r, c.trezorUsers)}` }),
  'GET /api/disputes/:id': (r, c) => ({ target: `/api/disputes/${path(r, c.disputes)}` }),
  'GET /api/disputes': (r, c) => ({
    target: `/api/disputes${query({
      status: sometimes(r, 0.4, () => r.pick(['open', 'under_review', 'resolved', 'rejected'])),
      openedBy: sometimes(r, 0.2, () => path(r, c.openers)),
      ...paging(r, ['createdAt', '-createdAt']),
    })}`,
  }),
  'GET /api/disputes/stats': () => ({ target: '/api/disputes/stats' }),
  'GET /api/requests/:id': (r, c) => ({ target: `/api/requests/${path(r, c.requests)}` }),
  'GET /api/requests': (r, c) => ({
    target: `/api/requests${query({
      status: sometimes(r, 0.3, () => r.pick(['open', 'in_progress', 'awarded', 'completed', 'cancelled'])),
      category: sometimes(r, 0.2, () => path(r, c.categories)),
      buyer: sometimes(r, 0.1, () => path(r, c.users)),
      q: sometimes(r, 0.3, () => r.pick(c.requestWords)),
      minBudget: sometimes(r, 0.2, () => r.pick(['10', '99.99', '250.5'])),
      maxBudget: sometimes(r, 0.2, () => r.pick(['500', '1000.01'])),
      ...paging(r, ['createdAt', '-createdAt', 'budget', '-budget', 'title']),
    })}`,
  }),
  'GET /api/requests/:id/offers': (r, c) => ({
    target: `/api/requests/${path(r, c.offeredRequests)}/offers${query({ sort: sometimes(r, 0.6, () => r.pick(['price', '-price'])) })}`,
  }),
  'GET /api/offers/:id': (r, c) => ({ target: `/api/offers/${path(r, c.offers)}` }),
  'GET /api/templates/:slug': (r, c) => ({ target: `/api/templates/${encodeURIComponent(r.hot(c.templates))}` }),
  'GET /api/templates': (r, c) => ({
    target: `/api/templates${query({ category: sometimes(r, 0.5, () => path(r, c.categories)) })}`,
  }),
  'GET /api/categories': () => ({ target: '/api/categories' }),
  'GET /api/categories/:slug/path': (r, c) => ({
    target: `/api/categories/${encodeURIComponent(r.hot(c.categorySlugs))}/path`,
  }),
  'GET /api/users/:id/addresses': (r, c) => ({ target: `/api/users/${path(r, c.addressUsers)}/addresses` }),
  'GET /api/sellers/:id/reviews': (r, c) => ({
    target: `/api/sellers/${path(r, c.reviewedSellers)}/reviews${query({ limit: limited(r) })}`,
  }),
  'GET /api/sellers/:id/rating': (r, c) => ({ target: `/api/sellers/${path(r, c.reviewedSellers)}/rating` }),
  'GET /api/users/:id': (r, c) => ({ target: `/api/users/${path(r, c.users)}` }),
  'GET /api/users/me': (r, c) =>
    r.chance(0.05) ? { target: '/api/users/me' } : { target: '/api/users/me', caller: r.hot(c.users) },
  'GET /api/users': (r, c) => ({
    target: `/api/users${query({
      role: sometimes(r, 0.4, () => r.pick(['buyer', 'seller', 'moderator', 'admin'])),
      q: sometimes(r, 0.4, () => r.pick(c.userWords)),
      ...paging(r),
    })}`,
    ...(r.chance(0.1) ? { caller: r.pick(c.users) } : { caller: r.pick(c.admins) }),
  }),
  'GET /api/users/:id/telegram': (r, c) => {
    const user = path(r, c.telegramUsers);
    return { target: `/api/users/${user}/telegram`, caller: user };
  },
  'GET /api/verifications/:email': (r, c) => ({ target: `/api/verifications/${encodeURIComponent(r.hot(c.emails))}` }),
  'GET /api/points/:userId': (r, c) => ({ target: `/api/points/${path(r, c.pointUsers)}` }),
  'GET /api/points/:userId/transactions': (r, c) => ({
    target: `/api/points/${path(r, c.pointUsers)}/transactions${query({ limit: limited(r) })}`,
  }),
  'GET /api/points/leaderboard': (r) => ({ target: `/api/points/leaderboard${query({ limit: limited(r) })}` }),
  'GET /api/levels': () => ({ target: '/api/levels' }),
  'GET /api/chats': (r, c) => ({ target: `/api/chats${query(paging(r))}`, caller: r.hot(c.chats).caller }),
  'GET /api/chats/:id': (r, c) => {
    const chat = r.hot(c.chats);
    return { target: `/api/chats/${chat.id}`, caller: r.chance(0.05) ? r.pick(c.users) : chat.caller };
  },
  'GET /api/chats/:id/messages': (r, c) => {
    const chat = r.hot(c.chats);
    return { target: `/api/chats/${chat.id}/messages${query({ limit: limited(r) })}`, caller: chat.caller };
  },
  'GET /api/notifications': (r, c) => ({
    target: `/api/notifications${query({
      unread: sometimes(r, 0.4, () => r.pick(['true', 'false'])),
      type: sometimes(r, 0.3, () => r.pick(['payment', 'offer', 'dispute', 'message', 'points', 'system'])),
      limit: limited(r),
    })}`,
    caller: r.hot(c.notified),
  }),
  'GET /api/notifications/unread-count': (r, c) => ({
    target: '/api/notifications/unread-count',
    caller: r.hot(c.notified),
  }),
  'GET /api/blog': (r, c) => ({
    target: `/api/blog${query({ tag: sometimes(r, 0.5, () => r.pick(c.postTags)), ...paging(r) })}`,
  }),
  'GET /api/blog/:slug': (r, c) => ({ target: `/api/blog/${encodeURIComponent(r.hot(c.posts))}` }),
  'GET /api/shops/:sellerId/settings': (r, c) => ({ target: `/api/shops/${path(r, c.shops)}/settings` }),
  'GET /api/admin/dashboard': (r, c) => ({
    target: '/api/admin/dashboard',
    caller: r.chance(0.1) ? r.pick(c.users) : r.pick(c.admins),
  }),
};

/** A random request of this route. @throws RangeError for a route without an entry */
export function drawRequest(route: string, random: Random, catalogue: Catalogue): DemoRequest {
  const make = REQUESTS[route];
  if (make === undefined) throw new RangeError(`${route} has no entry`);
  return { ...make(random, catalogue), route };
}
