/** notifications: the caller's own, newest first, and how many of them are unread. */
import type { Fragment } from 'postgres';
import { ok, type TwinContext, type TwinHandler } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, beyond, cursorPage, equals } from '../amanat/twin/sql.ts';
import { blob, id, instantOf } from '../amanat/twin/values.ts';
import { cursoring } from '../api/route.ts';
import { notificationPage, unreadCount } from '../comparators/notifications.ts';

interface NotificationRow {
  id: string;
  mongo_id: string;
  type: string;
  title: string;
  body: string | null;
  read: boolean;
  read_at: Date | null;
  payload: unknown;
  expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** The caller's notifications that have not expired: expired ones do not exist for a reader, whether deleted or not. */
const mine = ({ sql, caller, now }: TwinContext): Fragment =>
  sql`user_id = ${caller.id} and (expires_at is null or expires_at > ${now()})`;

const many: TwinHandler = async (context) => {
  const { sql, query, caller } = context;
  const unread = query.bool('unread');
  const where = allOf(sql, [
    mine(context),
    unread === undefined ? undefined : sql`read = ${!unread}`,
    equals(sql, 'type', query.text('type')),
    beyond(sql, query.cursor('after'), 'created_at', 'desc'),
  ]);
  const rows = await sql<NotificationRow[]>`
    select id, mongo_id, type, title, body, read, read_at, payload, expires_at, created_at, updated_at
    from notifications where ${where} order by created_at desc, mongo_id desc limit ${query.limit + 1}`;
  const show = (row: NotificationRow) => ({
    _id: id(row.id, row.mongo_id),
    user: id(caller.id, caller.mongoId),
    type: row.type,
    title: row.title,
    body: row.body,
    read: row.read,
    readAt: instantOf(row.read_at),
    payload: blob(row.payload),
    expiresAt: instantOf(row.expires_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  });
  const position = (row: NotificationRow) => ({ key: row.created_at, uuid: row.id, mongoId: row.mongo_id });
  return ok(cursorPage(rows, query.limit, show, position));
};

const unreadOf: TwinHandler = async (context) => {
  const { sql } = context;
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from notifications where ${mine(context)} and not read`;
  return ok({ count: row?.count ?? 0 });
};

const own = { access: 'caller', perCaller: true } as const;

export const notificationsRoutes: readonly TwinRoute[] = [
  get('notifications', '/api/notifications', {
    ...own,
    query: {
      unread: { param: 'bool' },
      type: { param: 'oneOf', values: ['payment', 'offer', 'dispute', 'message', 'points', 'system'] },
      ...cursoring('notifications'),
    },
    comparator: notificationPage,
    twin: many,
  }),
  get('notifications', '/api/notifications/unread-count', { ...own, comparator: unreadCount, twin: unreadOf }),
];
