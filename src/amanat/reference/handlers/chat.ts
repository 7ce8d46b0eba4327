/**
 * The read endpoints of chat, served from MongoDB. A user who takes no part in a chat gets 404: 403 would reveal
 * that the chat exists.
 */
import type { Router } from 'express';
import type { Types } from 'mongoose';
import type { ReferenceContext } from '../context.ts';
import { type CursorPosition, callerOf, cursorPage, found, pageOf, pathId, Query } from '../http.ts';
import type { Stored } from '../models/index.ts';

interface Message extends Stored {
  readonly _id: Types.ObjectId;
  readonly sender: Types.ObjectId;
  readonly text: string;
  readonly readBy: readonly Types.ObjectId[];
  readonly createdAt: Date;
}

const populated = [
  { path: 'participants', select: 'name' },
  { path: 'request', select: 'title' },
];

export function mountChat(router: Router, context: ReferenceContext): void {
  const { Chat } = context.models;

  router.get('/api/chats', async (request, response) => {
    const caller = await callerOf(context, request);
    const paging = new Query(request).paging();
    const filter = { participants: caller._id };
    const [chats, total] = await Promise.all([
      Chat.find(filter)
        .sort({ lastMessageAt: -1, _id: -1 })
        .skip(paging.skip)
        .limit(paging.limit)
        .populate(populated)
        .lean<(Stored & { participants: { _id: Types.ObjectId }[]; messages: Message[] })[]>(),
      Chat.countDocuments(filter),
    ]);
    const data = chats.map(({ messages, settings: _settings, ...chat }) => {
      const last = messages.reduce<Message | undefined>(newer, undefined);
      return {
        ...chat,
        request: chat.request ?? null,
        lastMessage:
          last === undefined
            ? null
            : { _id: last._id, sender: last.sender, text: last.text, createdAt: last.createdAt },
        unread: unreadBy(messages, caller._id),
        unreadBy: chat.participants.map(({ _id }) => ({ user: _id, count: unreadBy(messages, _id) })),
      };
    });
    response.json(pageOf(data, total, paging));
  });

  router.get('/api/chats/:id', async (request, response) => {
    const caller = await callerOf(context, request);
    const filter = { _id: pathId(request), participants: caller._id };
    const chat = found(await Chat.findOne(filter).select('-messages').populate(populated).lean());
    response.json({ ...chat, request: chat.request ?? null });
  });

  router.get('/api/chats/:id/messages', async (request, response) => {
    const caller = await callerOf(context, request);
    const _id = pathId(request);
    const query = new Query(request);
    const before = query.cursor('before');
    const limit = query.limit();
    found(await Chat.exists({ _id, participants: caller._id }));
    const messages = await Chat.aggregate<Stored>([
      { $match: { _id } },
      { $unwind: '$messages' },
      { $replaceRoot: { newRoot: '$messages' } },
      { $match: olderThan(before) },
      { $sort: { createdAt: -1, _id: -1 } },
      { $limit: limit + 1 },
    ]);
    response.json(cursorPage(messages, limit, 'createdAt'));
  });
}

function olderThan(before: CursorPosition | undefined): Stored {
  if (before === undefined) return {};
  return {
    $or: [{ createdAt: { $lt: before.key } }, { createdAt: before.key, _id: { $lt: before.id } }],
  };
}

function newer(last: Message | undefined, message: Message): Message {
  if (last === undefined) return message;
  const later = message.createdAt.getTime() - last.createdAt.getTime();
  return later > 0 || (later === 0 && String(message._id) > String(last._id)) ? message : last;
}

/** Sent by somebody else, and not yet seen. */
function unreadBy(messages: readonly Message[], user: Types.ObjectId): number {
  return messages.filter(({ sender, readBy }) => !sender.equals(user) && !readBy.some((one) => one.equals(user)))
    .length;
}
