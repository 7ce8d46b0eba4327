/** identity: users, their telegram link and sessions, pending verifications. */

import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { ownProfile, telegram, userPage, userProfile, verification } from '../comparators/identity.ts';
import { telegramOf } from './identity/telegram.ts';
import { manyUsers, oneUser, ownUser } from './identity/users.ts';
import { verificationOf } from './identity/verifications.ts';

const user = { id: 'users' };

export const identityRoutes: readonly TwinRoute[] = [
  get('identity', '/api/users/me', { access: 'caller', perCaller: true, comparator: ownProfile, twin: ownUser }),
  get('identity', '/api/users/:id', { ids: user, comparator: userProfile, twin: oneUser }),
  get('identity', '/api/users', {
    access: 'admin',
    query: {
      role: { param: 'oneOf', values: ['buyer', 'seller', 'moderator', 'admin'] },
      q: { param: 'text' },
      page: { param: 'page' },
      limit: { param: 'limit', max: 100, default: 20 },
    },
    comparator: userPage,
    twin: manyUsers,
  }),
  get('identity', '/api/users/:id/telegram', { ids: user, comparator: telegram, twin: telegramOf }),
  get('identity', '/api/verifications/:email', { comparator: verification, twin: verificationOf }),
];
