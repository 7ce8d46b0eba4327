/** Writes of chat: a message and the chat that it is in are one document, so posting is one atomic update. */
import type { Router } from 'express';
import { Types } from 'mongoose';
import type { ReferenceContext } from '../context.ts';
import { callerOf, notFound, pathId } from '../http.ts';
import { outboxed } from '../outbox.ts';
import { Fields } from './fields.ts';

export function mountChatWrites(router: Router, context: ReferenceContext): void {
  const { Chat } = context.models;

  router.post('/api/chats/:id/messages', async (request, response) => {
    const caller = await callerOf(context, request);
    const chat = pathId(request);
    const text = new Fields(request).text('text');
    const now = context.now();
    const _id = new Types.ObjectId();
    const message = { _id, sender: caller._id, text, attachments: [], readBy: [caller._id], createdAt: now };
    const { matchedCount } = await Chat.updateOne(
      { _id: chat, participants: caller._id },
      outboxed({ $push: { messages: message }, $max: { lastMessageAt: now }, $set: { updatedAt: now } }),
    );
    if (matchedCount === 0) throw notFound();
    response.status(201).json({ _id });
  });

  /** Marks all messages as seen by the caller. */
  router.post('/api/chats/:id/read', async (request, response) => {
    const caller = await callerOf(context, request);
    const _id = pathId(request);
    const { matchedCount } = await Chat.updateOne(
      { _id, participants: caller._id },
      outboxed({ $addToSet: { 'messages.$[].readBy': caller._id }, $set: { updatedAt: context.now() } }),
    );
    if (matchedCount === 0) throw notFound();
    response.json({ _id });
  });
}
