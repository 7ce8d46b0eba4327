/** identity: what two answers about users, telegram links and verifications must agree in. */
import {
  bool,
  comparator,
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
  text,
} from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

/** Neither side may show these, in whatever answer about a user. */
const userSecrets = {
  passwordHash: secret(),
  refreshTokens: secret(),
  searchTokens: secret(),
} satisfies Record<string, Rule>;

const shownToAll = {
  _id: ref('users'),
  name: text(),
  role: text(),
  roles: set(text()),
  bio: nullable(text()),
  avatar: nullable(text()),
  locale: text(),
  createdAt: instant(),
} satisfies Record<string, Rule>;

const shownToOwner = {
  ...shownToAll,
  email: text(),
  emailVerified: bool(),
  phone: nullable(text()),
  status: text(),
  preferences: nullable(jsonb()),
  lastSeenAt: nullable(instant()),
  updatedAt: instant(),
} satisfies Record<string, Rule>;

const publicUser = object({ ...shownToAll, ...userSecrets, email: secret(), phone: secret() });
const wholeUser = object({ ...shownToOwner, ...userSecrets });

const telegramLink = object({
  _id: ref('telegramlinks'),
  telegramId: number(),
  username: nullable(text()),
  firstName: text(),
  language: nullable(text()),
  notificationsEnabled: bool(),
  linkedAt: instant(),
  linkToken: secret(),
});

const telegramSession = object({
  _id: ref('telegramsessions'),
  device: text(),
  platform: text(),
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
    purpose: nullable(text()),
    attempts: number(),
    maxAttempts: nullable(number()),
    createdAt: nullable(instant()),
    expiresAt: nullable(instant()),
    code: secret(),
  }),
);
