import { expect } from 'chai';
import type { Document } from 'mongodb';
import { chatRoutes } from '../../src/routes/chat.ts';
import {
  type AskedRow,
  type Asking,
  asking,
  cursorOf,
  idOf,
  NOBODY,
  orderKey,
  sameId,
  some,
  the,
} from '../support/asking.ts';
import { arrayOf, itemsOf, recordOf } from '../support/json.ts';

const CHATS = '/api/chats';
const CHAT = '/api/chats/:id';
const MESSAGES = '/api/chats/:id/messages';

const newestFirst = (messages: readonly Document[]): Document[] => {
  const key = orderKey('createdAt');
  return [...messages].sort((a, b) => (key(a) < key(b) ? 1 : -1));
};

describe('routes of chat', () => {
  let amanat: Asking;
  let talker = '';
  let stranger = '';
  let chat = '';
  const of = (user: string) =>
    amanat.docs('chats').filter((one) => one.participants.some((id: unknown) => sameId(id, user)));

  before(async function seeded() {
    amanat = await asking(chatRoutes, ['users', 'chats', 'purchaserequests']);
    const users = amanat.docs('users').map(idOf);
    talker = the(users.sort((a, b) => of(b).length - of(a).length)[0], 'user with chats');
    chat = idOf(of(talker).find((one) => one.messages.length > 20));
    stranger = the(
      users.find((user) => of(user).length > 0 && !of(user).some((one) => idOf(one) === chat)),
      'user of other chats',
    );
  });

  const rows: readonly AskedRow[] = [
    ['chats', CHATS, 200, () => CHATS, () => talker],
    ['chats without a caller', CHATS, 401, () => CHATS],
    ['chats of nobody', CHATS, 401, () => CHATS, () => NOBODY],
    ['chats, page past the end', CHATS, 200, () => `${CHATS}?page=50`, () => talker],
    ['chats with limit 0', CHATS, 400, () => `${CHATS}?limit=0`, () => talker],
    ['chats with limit 101', CHATS, 400, () => `${CHATS}?limit=101`, () => talker],
    ['chats with page -1', CHATS, 400, () => `${CHATS}?page=-1`, () => talker],
    ['a chat', CHAT, 200, () => `/api/chats/${chat}`, () => talker],
    ['a chat without a caller', CHAT, 401, () => `/api/chats/${chat}`],
    ['a malformed chat without a caller', CHAT, 401, () => '/api/chats/1'],
    ['a malformed chat', CHAT, 400, () => '/api/chats/1', () => talker],
    ['an unknown chat', CHAT, 404, () => `/api/chats/${NOBODY}`, () => talker],
    ['a chat to who takes no part', CHAT, 404, () => `/api/chats/${chat}`, () => stranger],
    ['messages', MESSAGES, 200, () => `/api/chats/${chat}/messages`, () => talker],
    ['messages without a caller', MESSAGES, 401, () => `/api/chats/${chat}/messages`],
    ['messages of an unknown chat', MESSAGES, 404, () => `/api/chats/${NOBODY}/messages`, () => talker],
    ['messages of a malformed chat', MESSAGES, 400, () => '/api/chats/x/messages', () => talker],
    ['messages to who takes no part', MESSAGES, 404, () => `/api/chats/${chat}/messages`, () => stranger],
    ['messages with limit 0', MESSAGES, 400, () => `/api/chats/${chat}/messages?limit=0`, () => talker],
    ['messages before nonsense', MESSAGES, 400, () => `/api/chats/${chat}/messages?before=e30`, () => talker],
    [
      'messages before all of them',
      MESSAGES,
      200,
      () => `/api/chats/${chat}/messages?before=${cursorOf('2020-01-01T00:00:00.000Z', NOBODY)}`,
      () => talker,
    ],
    [
      'messages before a position that no message has',
      MESSAGES,
      200,
      () => `/api/chats/${chat}/messages?before=${cursorOf('2026-01-01T00:00:00.000Z', NOBODY)}`,
      () => talker,
    ],
  ];

  for (const [why, pattern, status, target, caller] of rows) {
    it(`both sides answer ${status}: ${why}`, async () => {
      await amanat.agreed(pattern, target(), { status, ...(caller === undefined ? {} : { caller: caller() }) });
    });
  }

  it('an unknown chat and a chat of others get the same answer', async () => {
    const unknown = await amanat.ask(CHAT, `/api/chats/${NOBODY}`, talker);
    const foreign = await amanat.ask(CHAT, `/api/chats/${chat}`, stranger);
    expect(foreign.primary).to.deep.equal(unknown.primary);
    expect(foreign.twin).to.deep.equal(unknown.twin);
  });

  it('a user’s chats are sorted by their latest message, those without one last', async () => {
    let silent = 0;
    for (const user of some(amanat.docs('users').map(idOf), 3)) {
      const body = await amanat.agreed(CHATS, `${CHATS}?limit=100`, { caller: user });
      const key = orderKey('lastMessageAt');
      const expected = of(user).sort((a, b) => (key(a) < key(b) ? 1 : -1));
      expect(itemsOf(body).map((item) => item._id)).to.deep.equal(expected.map(idOf));
      expect(recordOf(recordOf(body).pagination).total).to.equal(expected.length);
      silent += expected.filter((one) => one.messages.length === 0).length;
    }
    expect(silent).to.be.above(0);
  });

  it('unread counts of each participant and the last message follow from the messages', async () => {
    for (const item of itemsOf(await amanat.agreed(CHATS, `${CHATS}?limit=100`, { caller: talker }))) {
      const stored = the(
        amanat.docs('chats').find((one) => idOf(one) === item._id),
        'chat',
      );
      const unreadBy = (user: unknown): number =>
        stored.messages.filter(
          (one: Document) => !sameId(one.sender, user) && !one.readBy.some((id: unknown) => sameId(id, user)),
        ).length;
      expect(item.unread).to.equal(unreadBy(talker));
      expect(arrayOf(item.unreadBy).map((one) => JSON.stringify(one))).to.have.members(
        stored.participants.map((user: unknown) => JSON.stringify({ user: String(user), count: unreadBy(user) })),
      );
      const [last] = newestFirst(stored.messages);
      expect(item.lastMessage === null ? null : recordOf(item.lastMessage)._id).to.equal(
        last === undefined ? null : idOf(last),
      );
      const about = amanat.docs('purchaserequests').some((one) => sameId(one._id, stored.request));
      expect(item.request === null).to.equal(!about);
    }
  });

  it('a chat is the same on both sides for each of its participants, and shows no message', async () => {
    for (const stored of some(amanat.docs('chats'), 3)) {
      for (const user of stored.participants.map(String)) {
        const body = await amanat.agreed(CHAT, `/api/chats/${idOf(stored)}`, { caller: user });
        expect(body).to.not.have.any.keys('messages', 'lastMessage', 'unread');
      }
    }
  });

  it('messages of a chat come newest first, page by page, none twice and none left out', async () => {
    let ties = 0;
    let backwards = 0;
    for (const stored of some(amanat.docs('chats'), 3)) {
      const caller = String(stored.participants[0]);
      const limit = stored.messages.length > 60 ? 100 : 7;
      const items = await amanat.walk(MESSAGES, `/api/chats/${idOf(stored)}/messages?limit=${limit}`, 'before', caller);
      const expected = newestFirst(stored.messages);
      expect(items.map((item) => item._id)).to.deep.equal(expected.map(idOf));
      expect(items.map((item) => item.text)).to.deep.equal(expected.map((one) => one.text));
      ties += expected.length - new Set(expected.map((one) => one.createdAt.getTime())).size;
      backwards += expected.map(idOf).join() === [...stored.messages].reverse().map(idOf).join() ? 0 : 1;
    }
    expect(ties, 'messages of one instant').to.be.above(5);
    expect(backwards, 'chats whose array is not in the order of time').to.be.above(3);
  });

  it('a sender who has left the chat is still named', async () => {
    const stored = the(
      amanat
        .docs('chats')
        .find((one) =>
          one.messages.some((message: Document) => !one.participants.some((id: unknown) => sameId(id, message.sender))),
        ),
      'chat with a message of somebody who left',
    );
    await amanat.walk(
      MESSAGES,
      `/api/chats/${idOf(stored)}/messages?limit=50`,
      'before',
      String(stored.participants[0]),
    );
  });
});
