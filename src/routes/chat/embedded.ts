/**
 * Messages as they lie in `chats.messages`: canonical Extended JSON. A message has no row, so its own id is the same
 * ObjectId in both representations; users in it are ObjectIds that `users` knows the uuid of.
 */
import type { Fragment, Sql } from 'postgres';
import { type IdLeaf, id } from '../../amanat/twin/values.ts';

interface ObjectIdJson {
  readonly $oid: string;
}

export interface MessageJson {
  readonly _id: ObjectIdJson;
  readonly sender: ObjectIdJson;
  readonly text?: string;
  readonly attachments?: readonly { name: string; url: string; mime: string; bytes: number }[];
  readonly readBy?: readonly ObjectIdJson[];
  readonly createdAt: { readonly $date: { readonly $numberLong: string } };
}

/** Epoch milliseconds of a message `m`, and its id: the order of messages. */
export const postedAt = (sql: Sql): Fragment => sql`(m -> 'createdAt' -> '$date' ->> '$numberLong')::int8`;
export const ownId = (sql: Sql): Fragment => sql`(m -> '_id' ->> '$oid') collate "C"`;

export const sentAt = (message: MessageJson): Date => new Date(Number(message.createdAt.$date.$numberLong));

export const messageId = (message: MessageJson): IdLeaf => id(message._id.$oid, message._id.$oid);

/** Every user that these messages name. A user who is gone keeps the ObjectId, as the primary prints it. */
export async function usersIn(sql: Sql, messages: readonly MessageJson[]): Promise<(user: ObjectIdJson) => IdLeaf> {
  const named = new Set(
    messages.flatMap(({ sender, readBy }) => [sender.$oid, ...(readBy ?? []).map((by) => by.$oid)]),
  );
  const rows =
    named.size === 0
      ? []
      : await sql<{ id: string; mongo_id: string }[]>`
          select id, mongo_id from users where mongo_id = any(${[...named]}::bpchar[])`;
  const uuids = new Map(rows.map((row) => [row.mongo_id, row.id]));
  return ({ $oid }) => id(uuids.get($oid) ?? $oid, $oid);
}
