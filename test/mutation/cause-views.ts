/** Where a stored thing shows: the endpoints whose answers a change of it can change, asked for it. Lists and sums too. */

export interface View {
  readonly route: string;
  /** `{field}` is a field of the document, `{field.0}` the first of a list. */
  readonly target: string;
  /** Who asks: a field of the document, or `admin`. */
  readonly caller?: string;
}

export const VIEWS: Readonly<Record<string, readonly View[]>> = {
  payments: [
    { route: 'GET /api/payments/:id', target: '/api/payments/{_id}' },
    { route: 'GET /api/payments', target: '/api/payments?buyer={buyer}&limit=100' },
    { route: 'GET /api/payments', target: '/api/payments?seller={seller}&status={status}&limit=100&sort=-amount' },
    { route: 'GET /api/payments/:id/quotes', target: '/api/payments/{_id}/quotes' },
    { route: 'GET /api/payments/stats', target: '/api/payments/stats' },
    { route: 'GET /api/payments/export.csv', target: '/api/payments/export.csv' },
    { route: 'GET /api/admin/dashboard', target: '/api/admin/dashboard', caller: 'admin' },
  ],
  fundsledgerentries: [
    { route: 'GET /api/ledger/entries', target: '/api/ledger/entries?account={account}&limit=100' },
    { route: 'GET /api/ledger/balances/:userId', target: '/api/ledger/balances/{account}' },
    { route: 'GET /api/ledger/payments/:paymentId/trail', target: '/api/ledger/payments/{payment}/trail' },
  ],
  deriveddestinations: [
    { route: 'GET /api/wallet/destinations/:id', target: '/api/wallet/destinations/{_id}' },
    { route: 'GET /api/wallet/destinations', target: '/api/wallet/destinations?user={user}&limit=100' },
  ],
  trezoraccounts: [{ route: 'GET /api/wallet/trezor/:userId', target: '/api/wallet/trezor/{user}' }],
  disputes: [
    { route: 'GET /api/disputes/:id', target: '/api/disputes/{_id}' },
    { route: 'GET /api/disputes', target: '/api/disputes?openedBy={openedBy}&limit=100' },
    { route: 'GET /api/disputes/stats', target: '/api/disputes/stats' },
    { route: 'GET /api/admin/dashboard', target: '/api/admin/dashboard', caller: 'admin' },
  ],
  purchaserequests: [
    { route: 'GET /api/requests/:id', target: '/api/requests/{_id}' },
    { route: 'GET /api/requests', target: '/api/requests?buyer={buyer}&limit=100' },
    { route: 'GET /api/requests', target: '/api/requests?category={category}&sort=budget&limit=100' },
    { route: 'GET /api/admin/dashboard', target: '/api/admin/dashboard', caller: 'admin' },
  ],
  selleroffers: [
    { route: 'GET /api/offers/:id', target: '/api/offers/{_id}' },
    { route: 'GET /api/requests/:id/offers', target: '/api/requests/{request}/offers?sort=price' },
  ],
  requesttemplates: [
    { route: 'GET /api/templates/:slug', target: '/api/templates/{slug}' },
    { route: 'GET /api/templates', target: '/api/templates' },
  ],
  categories: [
    { route: 'GET /api/categories', target: '/api/categories' },
    { route: 'GET /api/categories/:slug/path', target: '/api/categories/{slug}/path' },
    { route: 'GET /api/templates', target: '/api/templates?category={_id}' },
  ],
  addresses: [{ route: 'GET /api/users/:id/addresses', target: '/api/users/{user}/addresses' }],
  reviews: [
    { route: 'GET /api/sellers/:id/reviews', target: '/api/sellers/{seller}/reviews?limit=100' },
    { route: 'GET /api/sellers/:id/rating', target: '/api/sellers/{seller}/rating' },
  ],
  users: [
    { route: 'GET /api/users/:id', target: '/api/users/{_id}' },
    { route: 'GET /api/users/me', target: '/api/users/me', caller: '_id' },
    { route: 'GET /api/users', target: '/api/users?role={role}&limit=100', caller: 'admin' },
    { route: 'GET /api/payments', target: '/api/payments?buyer={_id}&limit=100' },
    { route: 'GET /api/points/leaderboard', target: '/api/points/leaderboard?limit=100' },
  ],
  telegramlinks: [{ route: 'GET /api/users/:id/telegram', target: '/api/users/{user}/telegram', caller: 'user' }],
  telegramsessions: [{ route: 'GET /api/users/:id/telegram', target: '/api/users/{user}/telegram', caller: 'user' }],
  tempverifications: [{ route: 'GET /api/verifications/:email', target: '/api/verifications/{email}' }],
  pointtransactions: [
    { route: 'GET /api/points/:userId', target: '/api/points/{user}' },
    { route: 'GET /api/points/:userId/transactions', target: '/api/points/{user}/transactions?limit=100' },
    { route: 'GET /api/points/leaderboard', target: '/api/points/leaderboard?limit=100' },
  ],
  levelconfigs: [{ route: 'GET /api/levels', target: '/api/levels' }],
  chats: [
    { route: 'GET /api/chats/:id', target: '/api/chats/{_id}', caller: 'participants.0' },
    { route: 'GET /api/chats', target: '/api/chats?limit=100', caller: 'participants.0' },
    { route: 'GET /api/chats/:id/messages', target: '/api/chats/{_id}/messages?limit=100', caller: 'participants.0' },
  ],
  notifications: [
    { route: 'GET /api/notifications', target: '/api/notifications?limit=100', caller: 'user' },
    { route: 'GET /api/notifications/unread-count', target: '/api/notifications/unread-count', caller: 'user' },
  ],
  blogposts: [
    { route: 'GET /api/blog/:slug', target: '/api/blog/{slug}' },
    { route: 'GET /api/blog', target: '/api/blog?limit=100' },
  ],
  shopsettings: [{ route: 'GET /api/shops/:sellerId/settings', target: '/api/shops/{seller}/settings' }],
};
