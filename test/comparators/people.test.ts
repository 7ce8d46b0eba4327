import { expect } from 'chai';
import { chatMessages, chatPage } from '../../src/comparators/chat.ts';
import { ownProfile, userProfile, verification } from '../../src/comparators/identity.ts';
import { notificationPage } from '../../src/comparators/notifications.ts';
import { leaderboard, pointsSummary } from '../../src/comparators/points.ts';
import { compare, compileComparator } from '../../src/rules/compile.ts';
import type { Comparator } from '../../src/rules/rule.ts';
import type { JsonValue } from '../../src/types.ts';

const ALICE = 'aaaaaaaaaaaaaaaaaaaaaaaa';
const BOB = 'bbbbbbbbbbbbbbbbbbbbbbbb';
const FIRST = '111111111111111111111111';
const SECOND = '222222222222222222222222';
const uuidOf = (id: string): string =>
  `0190${id.slice(0, 4)}-${id.slice(0, 4)}-7${id.slice(0, 3)}-8${id.slice(0, 3)}-${id.slice(0, 12)}`;
const pairs = new Map([ALICE, BOB, FIRST, SECOND].map((id) => [id, uuidOf(id)]));
const back = new Map([...pairs].map(([id, uuid]) => [uuid, id]));

/** The paths that differ, with their kinds. */
function differences(comparator: Comparator, primary: JsonValue, twin: JsonValue): string[] {
  const result = compare(compileComparator(comparator), primary, twin, {
    params: {},
    query: new Map(),
    representation: 'twin',
    ids: { uuidOf: (_, id) => pairs.get(id) ?? null, objectIdOf: (_, uuid) => back.get(uuid) ?? null },
  });
  if (result.outcome === 'needs_ids' || result.outcome === 'too_large') throw new Error('ids are all known here');
  return result.outcome === 'equal' ? [] : result.differences.map(({ path, kind }) => `${path} ${kind}`);
}

const instant = '2026-06-01T10:00:00.123Z';
const cursor = (k: string, id: string): string => Buffer.from(JSON.stringify({ k, id })).toString('base64url');

const profile = { name: 'علی', role: 'seller', roles: ['seller', 'buyer'], bio: '', locale: 'fa', createdAt: instant };
const primaryProfile = { _id: ALICE, ...profile, __v: 3 };
const twinProfile = { _id: uuidOf(ALICE), ...profile, avatar: null };

const message = { text: 'سلام', attachments: [], createdAt: instant };
const primaryMessages = {
  data: [{ _id: FIRST, sender: ALICE, ...message, readBy: [ALICE, BOB] }],
  nextCursor: cursor(instant, FIRST),
};
const twinMessages = {
  data: [{ _id: FIRST, sender: uuidOf(ALICE), ...message, readBy: [uuidOf(BOB), uuidOf(ALICE)] }],
  nextCursor: cursor(instant, FIRST),
};

const chat = { kind: 'direct', lastMessageAt: instant, createdAt: instant, updatedAt: instant, unread: 0 };
const paged = (data: JsonValue[]) => ({ data, pagination: { page: 1, limit: 20, total: 2, pages: 1 } });
const primaryChat = (id: string, fields: Record<string, JsonValue> = {}) => ({
  _id: id,
  ...chat,
  participants: [
    { _id: ALICE, name: 'A' },
    { _id: BOB, name: 'B' },
  ],
  request: null,
  lastMessage: null,
  unreadBy: [
    { user: ALICE, count: 0 },
    { user: BOB, count: 4 },
  ],
  ...fields,
});
const twinChat = (id: string, fields: Record<string, JsonValue> = {}) => ({
  ...primaryChat(uuidOf(id)),
  title: null,
  participants: [
    { _id: uuidOf(BOB), name: 'B' },
    { _id: uuidOf(ALICE), name: 'A' },
  ],
  unreadBy: [
    { user: uuidOf(BOB), count: 4 },
    { user: uuidOf(ALICE), count: 0 },
  ],
  ...fields,
});

const leader = (id: string, points: number, rank: number) => ({ _id: id, name: 'x', points, rank });

const notification = { type: 'offer', title: 't', read: false, createdAt: instant, updatedAt: instant };
const listed = (id: string, user: string, payload: JsonValue, more: Record<string, JsonValue> = {}) => ({
  data: [{ _id: id, user, ...notification, payload, ...more }],
  nextCursor: null,
});

describe('comparators of identity, points, chat and notifications', () => {
  const same: readonly [why: string, Comparator, JsonValue, JsonValue][] = [
    [
      'a profile: roles in another order, null for absent',
      userProfile,
      primaryProfile,
      { ...twinProfile, roles: ['buyer', 'seller'] },
    ],
    ['messages: readers in another order, the message keeps its ObjectId', chatMessages, primaryMessages, twinMessages],
    ['chats: participants in another order', chatPage, paged([primaryChat(FIRST)]), paged([twinChat(FIRST)])],
    [
      'chats of one instant in another order',
      chatPage,
      paged([primaryChat(FIRST), primaryChat(SECOND)]),
      paged([twinChat(SECOND), twinChat(FIRST)]),
    ],
    [
      'leaders of equal points in another order',
      leaderboard,
      { data: [leader(ALICE, 50, 1), leader(BOB, 50, 1)] },
      { data: [leader(uuidOf(BOB), 50, 1), leader(uuidOf(ALICE), 50, 1)] },
    ],
    [
      'a payload with Extended JSON',
      notificationPage,
      listed(FIRST, ALICE, { chat: SECOND, at: instant, n: 1 }),
      listed(uuidOf(FIRST), uuidOf(ALICE), {
        n: 1,
        at: { $date: { $numberLong: String(Date.parse(instant)) } },
        chat: { $oid: SECOND },
      }),
    ],
    [
      'no verification',
      verification,
      { email: 'a', pending: false, attempts: 0 },
      { email: 'a', pending: false, attempts: 0, expiresAt: null, purpose: null },
    ],
  ];
  for (const [why, comparator, primary, twin] of same) {
    it(`the same: ${why}`, () => {
      expect(differences(comparator, primary, twin)).to.deep.equal([]);
    });
  }

  const different: readonly [why: string, Comparator, JsonValue, JsonValue, string][] = [
    ['somebody else', userProfile, primaryProfile, { ...twinProfile, _id: uuidOf(BOB) }, '/_id value'],
    ['a name trimmed', userProfile, { ...primaryProfile, name: 'a ' }, { ...twinProfile, name: 'a' }, '/name value'],
    ['empty become null', userProfile, primaryProfile, { ...twinProfile, bio: null }, '/bio type'],
    ['a role lost', userProfile, primaryProfile, { ...twinProfile, roles: ['seller'] }, '/roles/1 missing'],
    [
      'an e-mail that only the twin shows',
      userProfile,
      primaryProfile,
      { ...twinProfile, email: 'a@b' },
      '/email extra',
    ],
    ['a hash on one side', ownProfile, {}, { passwordHash: '$2b$' }, '/passwordHash extra'],
    [
      'an expiry by a millisecond',
      verification,
      { expiresAt: instant },
      { expiresAt: '2026-06-01T10:00:00.124Z' },
      '/expiresAt value',
    ],
    ['a balance by one', pointsSummary, { balance: 10 }, { balance: 11 }, '/balance value'],
    ['a balance become text', pointsSummary, { balance: 10 }, { balance: '10' }, '/balance type'],
    [
      'leaders of unequal points in another order',
      leaderboard,
      { data: [leader(ALICE, 60, 1), leader(BOB, 50, 2)] },
      { data: [leader(uuidOf(BOB), 50, 2), leader(uuidOf(ALICE), 60, 1)] },
      'order',
    ],
    [
      'another message',
      chatMessages,
      primaryMessages,
      { ...twinMessages, data: [{ ...twinMessages.data[0], _id: SECOND }] },
      '/data/0/_id value',
    ],
    [
      'a cursor for another position',
      chatMessages,
      primaryMessages,
      { ...twinMessages, nextCursor: cursor(instant, SECOND) },
      '/nextCursor value',
    ],
    [
      'an unread count',
      chatPage,
      paged([primaryChat(FIRST)]),
      paged([twinChat(FIRST, { unread: 1 })]),
      '/data/0/unread value',
    ],
    [
      'a payload key lost',
      notificationPage,
      listed(FIRST, ALICE, { a: 1, b: 2 }),
      listed(uuidOf(FIRST), uuidOf(ALICE), { a: 1 }),
      '/data/0/payload/b missing',
    ],
    [
      'read for unread',
      notificationPage,
      listed(FIRST, ALICE, {}),
      listed(uuidOf(FIRST), uuidOf(ALICE), {}, { read: true }),
      '/data/0/read value',
    ],
  ];
  for (const [why, comparator, primary, twin, expected] of different) {
    it(`different: ${why}`, () => {
      expect(differences(comparator, primary, twin).join('; ')).to.include(expected);
    });
  }
});
