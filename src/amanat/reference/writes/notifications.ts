/** Writes of notifications: only the addressee marks one as read or unread. */
import type { Router } from 'express';
import type { ReferenceContext } from '../context.ts';
import { callerOf, notFound, pathId } from '../http.ts';
import { outboxed } from '../outbox.ts';
import { Fields } from './fields.ts';

export function mountNotificationsWrites(router: Router, context: ReferenceContext): void {
  const { Notification } = context.models;

  router.patch('/api/notifications/:id', async (request, response) => {
    const caller = await callerOf(context, request);
    const _id = pathId(request);
    const read = new Fields(request).bool('read');
    const now = context.now();
    const { matchedCount } = await Notification.updateOne(
      { _id, user: caller._id },
      outboxed(
        read
          ? { $set: { read, readAt: now, updatedAt: now } }
          : { $set: { read, updatedAt: now }, $unset: { readAt: 1 } },
      ),
    );
    if (matchedCount === 0) throw notFound();
    response.json({ _id });
  });
}
