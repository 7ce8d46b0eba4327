/**
 * chat: the caller's conversations and their messages. A user who takes no part in a chat gets 404 on both sides:
 * 403 would reveal that the chat exists.
 */

import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { cursoring } from '../api/route.ts';
import { chatDetail, chatMessages, chatPage } from '../comparators/chat.ts';
import { manyChats, oneChat } from './chat/chats.ts';
import { messagesOf } from './chat/messages.ts';

const own = { access: 'caller', perCaller: true } as const;
const chat = { id: 'chats' };

export const chatRoutes: readonly TwinRoute[] = [
  get('chat', '/api/chats', {
    ...own,
    query: { page: { param: 'page' }, limit: { param: 'limit', max: 100, default: 20 } },
    comparator: chatPage,
    twin: manyChats,
  }),
  get('chat', '/api/chats/:id', { ...own, ids: chat, comparator: chatDetail, twin: oneChat }),
  get('chat', '/api/chats/:id/messages', {
    ...own,
    ids: chat,
    query: cursoring('chatmessages', 'before'),
    comparator: chatMessages,
    twin: messagesOf,
  }),
];
