/** Conversations: the caller's list with what is unread, and one chat without its messages. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { pageOf } from '../../amanat/twin/sql.ts';
import { blob, explicitNull, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';
import { type MessageJson, messageId, ownId, postedAt, sentAt, usersIn } from './embedded.ts';

interface Participant {
  id: string;
  mongoId: string;
  name: string;
}

interface ChatRow {
  id: string;
  mongo_id: string;
  kind: string;
  title: string | null;
  participants: Participant[];
  request_id: string | null;
  request_mongo_id: string;
  request_title: string;
  last_message_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

interface ChatItemRow extends ChatRow {
  last_message: MessageJson | null;
  unread: (Participant & { count: number })[];
}

/** A participant who is gone is left out, as populating an array does. */
const columns = (sql: Sql): Fragment => sql`
  c.id, c.mongo_id, c.kind, c.title, c.last_message_at, c.created_at, c.updated_at,
  r.id as request_id, r.mongo_id as request_mongo_id, r.title as request_title,
  (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'mongoId', u.mongo_id, 'name', u.name) order by u.mongo_id), '[]')
    from users u where u.id = any(c.participant_ids)
  ) as participants`;

const tables = (sql: Sql): Fragment => sql`chats c left join purchase_requests r on r.id = c.request_id`;

const newestMessage = (sql: Sql): Fragment => sql`(
  select m from jsonb_array_elements(c.messages) as m order by ${postedAt(sql)} desc, ${ownId(sql)} desc limit 1
)`;

/** Unread by a participant: sent by somebody else, and not yet seen. */
const unreadCounts = (sql: Sql): Fragment => sql`(
  select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'mongoId', u.mongo_id, 'count', (
    select count(*) from jsonb_array_elements(c.messages) as m
    where m -> 'sender' ->> '$oid' <> u.mongo_id
      and not m -> 'readBy' @> jsonb_build_array(jsonb_build_object('$oid', u.mongo_id))
  )) order by u.mongo_id), '[]')
  from users u where u.id = any(c.participant_ids)
)`;

export const manyChats: TwinHandler = async ({ sql, query, caller }) => {
  const mine = sql`participant_ids @> ${[caller.id]}::uuid[]`;
  const [counted] = await sql<{ total: number }[]>`select count(*) as total from chats where ${mine}`;
  const rows = await sql<ChatItemRow[]>`
    select ${columns(sql)}, ${newestMessage(sql)} as last_message, ${unreadCounts(sql)} as unread
    from ${tables(sql)} where ${mine}
    order by c.last_message_at desc nulls last, c.mongo_id desc limit ${query.limit} offset ${query.offset}`;
  const user = await usersIn(
    sql,
    rows.flatMap((row) => row.last_message ?? []),
  );
  const data = rows.map(({ last_message: last, unread, ...row }) => ({
    ...chatOf(row),
    lastMessage:
      last === null
        ? explicitNull()
        : {
            _id: messageId(last),
            sender: user(last.sender),
            text: last.text ?? null,
            createdAt: instantOf(sentAt(last)),
          },
    unread: unread.find((one) => one.id === caller.id)?.count ?? 0,
    unreadBy: unread.map((one) => ({ user: id(one.id, one.mongoId), count: one.count })),
  }));
  return ok(pageOf(data, counted?.total ?? 0, query));
};

export const oneChat: TwinHandler = async ({ sql, params, caller }) => {
  const [row] = await sql<(ChatRow & { settings: unknown })[]>`
    select ${columns(sql)}, c.settings from ${tables(sql)}
    where c.id = ${params.id ?? null} and c.participant_ids @> ${[caller.id]}::uuid[]`;
  if (row === undefined) throw notFound();
  return ok({ ...chatOf(row), settings: blob(row.settings) });
};

function chatOf(row: ChatRow): { readonly [key: string]: TwinValue } {
  return {
    _id: id(row.id, row.mongo_id),
    kind: row.kind,
    title: row.title,
    participants: row.participants.map((one) => ({ _id: id(one.id, one.mongoId), name: one.name })),
    request:
      row.request_id === null
        ? explicitNull()
        : { _id: id(row.request_id, row.request_mongo_id), title: row.request_title },
    lastMessageAt: instantOf(row.last_message_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}
