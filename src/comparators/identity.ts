/** identity: what two answers about users, telegram links and verifications must agree in. */
import { PLATFORMS, USER_ROLES, USER_STATUSES, VERIFICATION_PURPOSES } from '../amanat/words.ts';
import {
  bool,
  comparator,
  count,
  enumOf,
  instant,
  jsonb,
  list,
  nullable,
  number,
  object,
  page,
  ref,
  secret,
  set,
  shown,
  text,
} from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

/** Neither side may have these in any answer about a user. */
const userSecrets = {
  passwordHash: secret(),
  refreshTokens: secret(),
  searchTokens: secret(),
} satisfies Record<string, Rule>;

const publicFields = {
  _id: ref('users'),
  name: text(),
  role: enumOf(USER_ROLES),
  roles: set(enumOf(USER_ROLES)),
  bio: nullable(text()),
  avatar: nullable(text()),
  locale: shown(text()),
  createdAt: instant(),
} satisfies Record<string, Rule>;

const ownFields = {
  ...publicFields,
  email: text(),
  emailVerified: bool(),
  phone: nullable(text()),
  status: enumOf(USER_STATUSES),
  preferences: nullable(jsonb()),
  lastSeenAt: nullable(instant()),
  updatedAt: instant(),
} satisfies Record<string, Rule>;

const publicUser = object({ ...publicFields, ...userSecrets, email: secret(), phone: secret() });
const wholeUser = object({ ...ownFields, ...userSecrets });

const telegramLink = object({
  _id: ref('telegramlinks'),
  telegramId: number(),
  username: nullable(text()),
  firstName: text(),
  language: nullable(shown(text())),
  notificationsEnabled: bool(),
  linkedAt: instant(),
  linkToken: secret(),
});

const telegramSession = object({
  _id: ref('telegramsessions'),
  device: text(),
  platform: enumOf(PLATFORMS),
  startedAt: instant(),
  lastActiveAt: instant(),
  revokedAt: nullable(instant()),
  token: secret(),
});

/** `GET /api/users/:id` */
export const userProfile = comparator('identity.profile', publicUser);
/** `GET /api/users/me` */
export const ownProfile = comparator('identity.own', wholeUser);
/** `GET /api/users`, newest first */
export const userPage = comparator('identity.users', page(wholeUser, ['-createdAt']));
/** `GET /api/users/:id/telegram`, sessions newest first in total order */
export const telegram = comparator(
  'identity.telegram',
  object({ user: ref('users'), link: nullable(telegramLink), sessions: list(telegramSession, '_id') }),
);
/** `GET /api/verifications/:email` */
export const verification = comparator(
  'identity.verification',
  object({
    email: text(),
    pending: bool(),
    purpose: nullable(enumOf(VERIFICATION_PURPOSES)),
    attempts: count(),
    maxAttempts: nullable(count()),
    createdAt: nullable(instant()),
    expiresAt: nullable(instant()),
    code: secret(),
  }),
);
