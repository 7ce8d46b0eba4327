/** The messages of one chat, newest first, by keyset inside the embedded array. */
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { cursorPage } from '../../amanat/twin/sql.ts';
import { instantOf } from '../../amanat/twin/values.ts';
import { type MessageJson, messageId, ownId, postedAt, sentAt, usersIn } from './embedded.ts';

export const messagesOf: TwinHandler = async ({ sql, params, query, caller }) => {
  const chat = params.id ?? null;
  const [mine] = await sql`
    select 1 from chats where id = ${chat} and participant_ids @> ${[caller.id]}::uuid[]`;
  if (mine === undefined) throw notFound();
  const before = query.cursor('before');
  const older =
    before === undefined
      ? sql`true`
      : sql`(${postedAt(sql)}, ${ownId(sql)}) < (${Date.parse(before.key)}::int8, ${before.mongoId})`;
  const rows = await sql<{ m: MessageJson }[]>`
    select m from chats, jsonb_array_elements(messages) as m where id = ${chat} and ${older}
    order by ${postedAt(sql)} desc, ${ownId(sql)} desc limit ${query.limit + 1}`;
  const user = await usersIn(
    sql,
    rows.map(({ m }) => m),
  );
  const show = ({ m }: { m: MessageJson }) => ({
    _id: messageId(m),
    sender: user(m.sender),
    text: m.text ?? null,
    attachments: (m.attachments ?? []).map(({ name, url, mime, bytes }) => ({ name, url, mime, bytes })),
    readBy: (m.readBy ?? []).map(user),
    createdAt: instantOf(sentAt(m)),
  });
  const position = ({ m }: { m: MessageJson }) => ({ key: sentAt(m), uuid: m._id.$oid, mongoId: m._id.$oid });
  return ok(cursorPage(rows, query.limit, show, position));
};
