/** notifications: the caller's, newest first in total order. */
import { NOTIFICATION_TYPES } from '../amanat/words.ts';
import {
  bool,
  comparator,
  count,
  cursorPage,
  enumOf,
  instant,
  jsonb,
  nullable,
  object,
  ref,
  text,
} from '../rules/kit.ts';

const notification = object({
  _id: ref('notifications'),
  user: ref('users'),
  type: enumOf(NOTIFICATION_TYPES),
  title: text(),
  body: nullable(text()),
  read: bool(),
  readAt: nullable(instant()),
  payload: nullable(jsonb()),
  expiresAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
});

/** `GET /api/notifications` */
export const notificationPage = comparator('notifications.list', cursorPage(notification, 'notifications'));
/** `GET /api/notifications/unread-count` */
export const unreadCount = comparator('notifications.unreadCount', object({ count: count() }));
