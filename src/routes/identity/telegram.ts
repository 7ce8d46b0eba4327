/** A user's telegram link, or null, and the sessions of it, newest first; tokens never. */
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { explicitNull, id, instantOf } from '../../amanat/twin/values.ts';

interface LinkRow {
  user_id: string;
  user_mongo_id: string;
  id: string | null;
  mongo_id: string | null;
  telegram_id: number;
  username: string | null;
  first_name: string;
  language: string | null;
  notifications_enabled: boolean;
  linked_at: Date;
}

interface SessionRow {
  id: string;
  mongo_id: string;
  device: string;
  platform: string;
  started_at: Date;
  last_active_at: Date;
  revoked_at: Date | null;
}

export const telegramOf: TwinHandler = async ({ sql, params }) => {
  const user = params.id ?? null;
  const [row] = await sql<LinkRow[]>`
    select u.id as user_id, u.mongo_id as user_mongo_id, l.id, l.mongo_id, l.telegram_id, l.username, l.first_name,
      l.language, l.notifications_enabled, l.linked_at
    from users u left join telegram_links l on l.user_id = u.id where u.id = ${user}`;
  if (row === undefined) throw notFound();
  const sessions = await sql<SessionRow[]>`
    select id, mongo_id, device, platform, started_at, last_active_at, revoked_at from telegram_sessions
    where user_id = ${user} order by started_at desc, mongo_id desc`;
  return ok({
    user: id(row.user_id, row.user_mongo_id),
    link:
      row.id === null || row.mongo_id === null
        ? explicitNull()
        : {
            _id: id(row.id, row.mongo_id),
            telegramId: row.telegram_id,
            username: row.username,
            firstName: row.first_name,
            language: row.language,
            notificationsEnabled: row.notifications_enabled,
            linkedAt: instantOf(row.linked_at),
          },
    sessions: sessions.map((session) => ({
      _id: id(session.id, session.mongo_id),
      device: session.device,
      platform: session.platform,
      startedAt: instantOf(session.started_at),
      lastActiveAt: instantOf(session.last_active_at),
      revokedAt: instantOf(session.revoked_at),
    })),
  });
};
