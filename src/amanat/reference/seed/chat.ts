/** Chats: none to a few hundred messages each, some posted in the same millisecond, some out of order. */
import { ObjectId } from 'mongodb';
import { ADMINS, type Prng, type SeedContext, type SeedDocument, sentence } from './context.ts';
import { between } from './identity.ts';

const HOUR = 3_600_000;

interface SeedMessage {
  readonly _id: ObjectId;
  readonly sender: ObjectId;
  readonly text: string;
  readonly attachments: readonly Record<string, unknown>[];
  readonly readBy: readonly ObjectId[];
  readonly createdAt: Date;
}

export function* seedChat(context: SeedContext): Iterable<SeedDocument> {
  for (let index = 0; index < context.count('chats'); index += 1) {
    yield { collection: 'chats', doc: chat(context, index) };
  }
}

function chat(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('chats', index);
  const createdAt = context.createdAt('chats', index);
  const kind = random.weighted([
    ['direct', 7],
    ['support', 2],
    ['dispute', 1],
  ]);
  const participants = participantsOf(context, kind, random);
  const messages = messagesOf(context, index, participants, random);
  const last = messages.reduce((latest, { createdAt: at }) => Math.max(latest, at.getTime()), 0);
  return {
    _id: context.oid('chats', index),
    kind,
    ...(random.chance(0.3) ? { title: sentence(random, 1, 4) } : {}),
    participants,
    ...aboutOf(context, index, random),
    ...(random.chance(0.8) ? { settings: settingsOf(context, messages, random) } : {}),
    messages,
    ...(last === 0 ? {} : { lastMessageAt: new Date(last) }),
    createdAt,
    updatedAt: last === 0 ? createdAt : new Date(last),
    __v: random.int(0, 3),
  };
}

/** Two, and an admin with them where it is not between themselves; early users in many. */
function participantsOf(context: SeedContext, kind: string, random: Prng): ObjectId[] {
  const people = new Map<string, ObjectId>();
  const add = (id: ObjectId): unknown => people.set(id.toHexString(), id);
  if (kind !== 'direct') add(context.oid('users', random.int(0, ADMINS - 1)));
  add(context.oid('users', context.seller(random)));
  while (people.size < (kind === 'direct' ? 2 : 3)) add(context.pick('users', random));
  return random.shuffle([...people.values()]);
}

function aboutOf(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  if (random.chance(0.25)) return {};
  const gone = random.chance(0.1);
  return { request: gone ? context.gone('purchaserequests', index) : context.pick('purchaserequests', random) };
}

function messagesOf(context: SeedContext, index: number, participants: ObjectId[], random: Prng): SeedMessage[] {
  const count = random.weighted([
    [0, 6],
    [random.int(1, 30), 80],
    [random.int(31, 130), 10],
    [random.int(131, 300), index < 300 ? 4 : 0],
  ]);
  const messages: SeedMessage[] = [];
  let at = between(random, context.createdAt('chats', index), new Date(context.epoch.getTime() - 200 * HOUR)).getTime();
  for (let position = 0; position < count; position += 1) {
    // A server whose clock is behind posts into the past; two servers post in one millisecond.
    at += random.weighted([
      [random.int(1, HOUR / 2), 85],
      [0, 10],
      [-random.int(1, 5000), 5],
    ]);
    messages.push(message(context, participants, position, count, new Date(at), random));
  }
  return messages;
}

function message(
  context: SeedContext,
  participants: readonly ObjectId[],
  position: number,
  count: number,
  createdAt: Date,
  random: Prng,
): SeedMessage {
  const seconds = Math.floor(createdAt.getTime() / 1000);
  // Who has left the chat is still the sender.
  const sender = random.chance(0.02) ? context.pick('users', random) : random.pick(participants);
  const seen = participants.filter((one) => !one.equals(sender) && random.chance(position / count < 0.7 ? 0.97 : 0.4));
  const attachments = random.chance(0.1) ? Array.from({ length: random.int(1, 3) }, () => attachment(random)) : [];
  return {
    _id: new ObjectId(`${seconds.toString(16).padStart(8, '0')}${random.hex(16)}`),
    sender,
    text: attachments.length > 0 && random.chance(0.5) ? '' : sentence(random, 1, 12),
    attachments,
    readBy: random.shuffle([sender, ...seen]),
    createdAt,
  };
}

function attachment(random: Prng): Record<string, unknown> {
  const [extension, mime] = random.pick([
    ['jpg', 'image/jpeg'],
    ['pdf', 'application/pdf'],
    ['zip', 'application/zip'],
  ] as const);
  return {
    name: `${random.pick(['invoice', 'عکس', 'накладная', 'cafe\u0301', 'scan 1'])}.${extension}`,
    url: `https://cdn.example.com/files/${random.hex(24)}.${extension}?sig=a%2Bb&v=1`,
    mime,
    bytes: random.int(0, 25_000_000),
  };
}

function settingsOf(context: SeedContext, messages: readonly SeedMessage[], random: Prng): Record<string, unknown> {
  const [pinned] = messages;
  return {
    ...(random.chance(0.8) ? { muted: random.chance(0.2) } : {}),
    ...(random.chance(0.3) ? { mutedUntil: new Date(context.epoch.getTime() + random.int(1, 100) * HOUR) } : {}),
    ...(pinned !== undefined && random.chance(0.4) ? { pinned: pinned._id } : {}),
    ...(random.chance(0.4)
      ? { theme: { name: random.pick(['شب', 'day', '']), fontScale: random.pick([1, 1.1, 0.1 + 0.2]) } }
      : {}),
    ...(random.chance(0.3) ? { labels: random.some(['urgent', 'فوری', 'Urgent', 'дело'], 0.5), note: null } : {}),
  };
}
