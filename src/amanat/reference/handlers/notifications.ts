/** The read endpoints of notifications, served from MongoDB. */
import type { Router } from 'express';
import { NOTIFICATION_TYPES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { beyond, type Caller, callerOf, cursorPage, filterOf, Query } from '../http.ts';

export function mountNotifications(router: Router, context: ReferenceContext): void {
  const { Notification } = context.models;

  /** The caller's notifications that have not expired; the TTL monitor may not have deleted the expired ones yet. */
  const mine = (caller: Caller) => ({
    user: caller._id,
    $nor: [{ expiresAt: { $lte: context.now() } }],
  });

  router.get('/api/notifications', async (request, response) => {
    const caller = await callerOf(context, request);
    const query = new Query(request);
    const unread = query.bool('unread');
    const type = query.oneOf('type', NOTIFICATION_TYPES);
    const after = query.cursor();
    const limit = query.limit();
    const docs = await Notification.find({
      ...mine(caller),
      ...filterOf({ read: unread === undefined ? undefined : !unread, type }),
      ...beyond(after, 'createdAt', -1),
    })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean();
    response.json(cursorPage(docs, limit, 'createdAt'));
  });

  router.get('/api/notifications/unread-count', async (request, response) => {
    const caller = await callerOf(context, request);
    response.json({ count: await Notification.countDocuments({ ...mine(caller), read: false }) });
  });
}
