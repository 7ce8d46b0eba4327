/** Notifications: many, most of them for a few busy users; each type has a payload of its own shape. */
import { Decimal128 } from 'mongodb';
import { NOTIFICATION_TYPES } from '../../words.ts';
import { type Prng, type SeedContext, type SeedDocument, sentence, words } from './context.ts';
import { between, laterThanAnyone } from './identity.ts';

export function* seedNotifications(context: SeedContext): Iterable<SeedDocument> {
  for (let index = 0; index < context.count('notifications'); index += 1) {
    yield { collection: 'notifications', doc: notification(context, index) };
  }
  if (context.rejects) yield* rejects(context);
}

function notification(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('notifications', index);
  // The ones that share an instant share a user: then the order needs the id as its last key.
  const leader = index % 11 === 10 ? index - 1 : index;
  const createdAt = context.createdAt('notifications', index);
  const type = random.pick(NOTIFICATION_TYPES);
  const read = random.chance(0.55);
  return {
    _id: context.oid('notifications', index),
    user: context.pick('users', context.random('notifications', 'user', leader)),
    type,
    title: words(random, 1, 4),
    ...(random.chance(0.8) ? { body: random.chance(0.05) ? '' : sentence(random) } : {}),
    read,
    ...(read ? { readAt: between(random, createdAt, context.epoch) } : {}),
    ...(random.chance(0.9) ? { payload: payload(context, type, random) } : {}),
    ...(random.chance(0.4) ? { expiresAt: laterThanAnyone(random) } : {}),
    createdAt,
    updatedAt: createdAt,
    __v: 0,
  };
}

function payload(context: SeedContext, type: string, random: Prng): Record<string, unknown> {
  const deeper = random.chance(0.2) ? { nested: { empty: {}, none: [], nothing: null, at: context.epoch } } : {};
  switch (type) {
    case 'payment':
      return {
        payment: context.pick('payments', random),
        amount: Decimal128.fromString(`${random.int(1, 9999)}.${random.int(10, 99)}`),
        currency: 'USDT',
        ...deeper,
      };
    case 'offer':
      return {
        offer: context.pick('selleroffers', random),
        sellers: [context.oid('users', context.seller(random)), context.oid('users', context.seller(random))],
        price: random.pick([0.1 + 0.2, 19.99, 1e21, 5]),
        ...deeper,
      };
    case 'dispute':
      return { dispute: context.pick('disputes', random), deadline: new Date('2026-10-25T01:30:00.000Z'), ...deeper };
    case 'message':
      return {
        chat: context.pick('chats', random),
        from: context.pick('users', random),
        preview: sentence(random, 1, 3),
      };
    case 'points':
      return { points: random.int(-500, 500), level: random.int(1, 6), ...deeper };
    default:
      return {
        code: `maintenance.${random.int(1, 9)}`,
        tags: ['A', 'a', 'á', 'a\u0301'],
        'key with "quotes"': '',
        ...deeper,
      };
  }
}

/** What MongoDB holds and Postgres cannot: a backfill must name each and keep going. */
function* rejects(context: SeedContext): Iterable<SeedDocument> {
  const at = context.epoch;
  const bad = (place: number, fields: Record<string, unknown>): SeedDocument => ({
    collection: 'notifications',
    doc: {
      _id: context.oid('notifications', context.count('notifications') + place),
      user: context.oid('users', 4),
      type: 'system',
      title: 'reject',
      read: true,
      createdAt: at,
      updatedAt: at,
      __v: 0,
      ...fields,
    },
  });
  yield bad(0, { body: 'NUL\u0000inside' });
  yield bad(1, { payload: { deep: [{ text: 'NUL\u0000inside' }] } });
  yield bad(2, { payload: { share: Number.POSITIVE_INFINITY } });
  yield bad(3, { user: context.gone('users', 4) });
}
