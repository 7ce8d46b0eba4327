/** Identity: users with the e-mail addresses and names that comparisons get wrong, their telegram, verifications. */
import { USER_ROLES, VERIFICATION_PURPOSES } from '../../words.ts';
import { searchWords } from '../search-words.ts';
import { isAdmin, isSeller, type Prng, personName, type SeedContext, type SeedDocument, sentence } from './context.ts';

const DAY = 86_400_000;
const LOCALES = ['fa', 'en', 'ru', 'uk', 'es', 'ar', 'zh-Hant'] as const;
const DEVICES = ['Pixel 8', 'iPhone 15', 'گوشی علی', 'Рабочий ноутбук', 'Desktop 🖥️', 'Galaxy S24 (work)'] as const;
const PLATFORMS = ['android', 'ios', 'desktop', 'web'] as const;

/**
 * Pending documents do not expire while the data is used, and there are no expired ones: nobody can tell when
 * MongoDB deletes those.
 */
export const laterThanAnyone = (random: Prng): Date => new Date(Date.UTC(2090, random.int(0, 119), random.int(1, 28)));

export function* seedIdentity(context: SeedContext): Iterable<SeedDocument> {
  for (let index = 0; index < context.count('users'); index += 1) {
    yield { collection: 'users', doc: user(context, index) };
  }
  for (let index = 0; index < context.count('telegramlinks'); index += 1) {
    yield { collection: 'telegramlinks', doc: telegramLink(context, index) };
  }
  for (let index = 0; index < context.count('telegramsessions'); index += 1) {
    yield { collection: 'telegramsessions', doc: telegramSession(context, index) };
  }
  for (let index = 0; index < context.count('tempverifications'); index += 1) {
    yield { collection: 'tempverifications', doc: verification(context, index) };
  }
}

/** As users write them: the case is kept, `+` and `@` need care in a path, and some are not ASCII. */
function emailOf(context: SeedContext, index: number): string {
  const random = context.random('email', index);
  return random.pick([
    `user${index}@example.com`,
    `Shirin.Farhadi${index}@Example.COM`,
    `shop+orders-${index}@mail.example.org`,
    `o'brien_${index}@example.ie`,
    `ольга${index}@пример.рф`,
    `علی${index}@example.ir`,
    `jose\u0301${index}@example.es`,
    `a%2Bb${index}@example.net`,
  ]);
}

function user(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('users', index);
  const createdAt = context.createdAt('users', index);
  const name = personName(random);
  const email = emailOf(context, index);
  const role = isAdmin(index) ? 'admin' : isSeller(index) ? 'seller' : random.chance(0.04) ? 'moderator' : 'buyer';
  const since = (): Date => between(random, createdAt, context.epoch);
  return {
    _id: context.oid('users', index),
    email,
    emailVerified: random.chance(0.8),
    ...(random.chance(0.6) ? { phone: `+98 91${random.int(10_000_000, 99_999_999)}` } : {}),
    name,
    role,
    roles: random.shuffle(USER_ROLES.filter((one) => one === role || (one !== 'admin' && random.chance(0.2)))),
    status: random.chance(0.96) ? 'active' : 'suspended',
    ...(random.chance(0.5) ? { bio: random.chance(0.1) ? '' : sentence(random) } : {}),
    ...(random.chance(0.4) ? { avatar: `https://cdn.example.com/avatars/${random.hex(16)}.webp` } : {}),
    locale: random.pick(LOCALES),
    ...(random.chance(0.7) ? { preferences: preferences(context, index, random) } : {}),
    passwordHash: `$2b$12$${random.hex(53)}`,
    refreshTokens: Array.from({ length: random.int(0, 3) }, () => `rt_${random.hex(40)}`),
    searchTokens: searchWords(name, email),
    ...(random.chance(0.8) ? { lastSeenAt: since() } : {}),
    createdAt,
    updatedAt: since(),
    __v: random.int(0, 9),
  };
}

function preferences(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  return {
    theme: random.pick(['dark', 'light', 'سیستم']),
    ...(random.chance(0.5) ? { quietHours: { from: '23:00', to: '07:30', days: [0, 6] } } : {}),
    ...(random.chance(0.4) ? { favouriteSeller: context.oid('users', context.seller(random)) } : {}),
    ...(random.chance(0.4) ? { hintSeenAt: between(random, context.createdAt('users', index), context.epoch) } : {}),
    ...(random.chance(0.3) ? { zoom: random.pick([1, 1.1 * 3, 0.1 + 0.2]), columns: [] } : {}),
    ...(random.chance(0.2) ? { newsletter: null, nickname: '' } : {}),
  };
}

function telegramLink(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('telegramlinks', index);
  const createdAt = context.createdAt('telegramlinks', index);
  return {
    _id: context.oid('telegramlinks', index),
    user: context.oid('users', linkedUser(context, index)),
    // Past 32 bits for some, as Telegram's are now.
    telegramId: (index % 2 === 0 ? 7_000_000_000 : 90_000_000) + index * 7919,
    ...(random.chance(0.7) ? { username: `tg_${random.hex(8)}` } : {}),
    firstName: personName(random),
    ...(random.chance(0.8) ? { language: random.pick(LOCALES) } : {}),
    notificationsEnabled: random.chance(0.7),
    linkToken: `tl_${random.hex(32)}`,
    linkedAt: new Date(createdAt.getTime() + random.int(0, 600_000)),
    createdAt,
    updatedAt: between(random, createdAt, context.epoch),
    __v: 0,
  };
}

/** Each link belongs to another user, spread over all users. */
function linkedUser(context: SeedContext, link: number): number {
  return Math.floor((link * context.count('users')) / context.count('telegramlinks'));
}

function telegramSession(context: SeedContext, index: number): Record<string, unknown> {
  // Every fifth has the user and the start of the one before it, so that the order needs the id.
  const leader = index % 5 === 4 ? index - 1 : index;
  const shared = context.random('telegramsessions', 'leader', leader);
  const random = context.random('telegramsessions', index);
  const link = Math.floor(shared.next() ** 2 * context.count('telegramlinks'));
  const createdAt = context.createdAt('telegramsessions', index);
  const startedAt = new Date(context.createdAt('telegramsessions', leader).getTime() - shared.int(0, 90) * DAY);
  const lastActiveAt = between(random, startedAt, context.epoch);
  return {
    _id: context.oid('telegramsessions', index),
    user: context.oid('users', linkedUser(context, link)),
    device: random.pick(DEVICES),
    platform: random.pick(PLATFORMS),
    token: `ts_${random.hex(48)}`,
    startedAt,
    lastActiveAt,
    ...(random.chance(0.3) ? { revokedAt: between(random, lastActiveAt, context.epoch) } : {}),
    createdAt,
    updatedAt: createdAt,
    __v: 0,
  };
}

function verification(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('tempverifications', index);
  // Some addresses have several verifications: the latest counts.
  const email = emailOf(context, random.chance(0.3) ? random.int(0, 4) : context.count('users') + index);
  const createdAt = context.createdAt('tempverifications', index);
  return {
    _id: context.oid('tempverifications', index),
    email,
    purpose: random.pick(VERIFICATION_PURPOSES),
    code: String(random.int(0, 999_999)).padStart(6, '0'),
    attempts: random.weighted([
      [0, 6],
      [random.int(1, 4), 3],
      [5, 1],
    ]),
    maxAttempts: 5,
    expiresAt: laterThanAnyone(random),
    createdAt,
    updatedAt: createdAt,
    __v: 0,
  };
}

export function between(random: Prng, from: Date, to: Date): Date {
  return new Date(random.int(from.getTime(), Math.max(from.getTime(), to.getTime())));
}
