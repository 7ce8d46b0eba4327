/** chat: conversations of the caller, and their messages newest first in total order. */
import { CHAT_KINDS } from '../amanat/words.ts';
import {
  comparator,
  count,
  cursorPage,
  enumOf,
  instant,
  jsonb,
  list,
  nullable,
  object,
  page,
  ref,
  set,
  text,
} from '../rules/kit.ts';

const participant = object({ _id: ref('users'), name: text() });

/** Messages are embedded and have no row: on both sides they have the same ObjectId. */
const messageId = ref('chatmessages');

const attachment = object({ name: text(), url: text(), mime: text(), bytes: count() });

const message = object({
  _id: messageId,
  sender: ref('users'),
  text: text(),
  attachments: list(attachment),
  readBy: set(ref('users')),
  createdAt: instant(),
});

const chat = {
  _id: ref('chats'),
  kind: enumOf(CHAT_KINDS),
  title: nullable(text()),
  participants: set(participant, '_id'),
  request: nullable(object({ _id: ref('purchaserequests'), title: text() })),
  lastMessageAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
};

const chatItem = object({
  ...chat,
  lastMessage: nullable(object({ _id: messageId, sender: ref('users'), text: text(), createdAt: instant() })),
  unread: count(),
  unreadBy: set(object({ user: ref('users'), count: count() }), 'user'),
});

/** `GET /api/chats`, latest message first, chats without one last */
export const chatPage = comparator('chat.chats', page(chatItem, ['-lastMessageAt']));
/** `GET /api/chats/:id` */
export const chatDetail = comparator('chat.chat', object({ ...chat, settings: nullable(jsonb()) }));
/** `GET /api/chats/:id/messages` */
export const chatMessages = comparator('chat.messages', cursorPage(message, 'chatmessages'));
