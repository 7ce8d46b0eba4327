/** Users as anyone sees them, as they see themselves, and as admins list them. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { allOf, pageOf } from '../../amanat/twin/sql.ts';
import { blob, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';

interface PublicRow {
  id: string;
  mongo_id: string;
  name: string;
  role: string;
  roles: string[];
  bio: string | null;
  avatar: string | null;
  locale: string;
  created_at: Date;
}

interface WholeRow extends PublicRow {
  email: string;
  email_verified: boolean;
  phone: string | null;
  status: string;
  preferences: unknown;
  last_seen_at: Date | null;
  updated_at: Date;
}

// Named one by one: with `*` a secret column would be one mistake away from an answer.
const publicColumns = (sql: Sql): Fragment => sql`id, mongo_id, name, role, roles, bio, avatar, locale, created_at`;
const ownColumns = (sql: Sql): Fragment =>
  sql`${publicColumns(sql)}, email, email_verified, phone, status, preferences, last_seen_at, updated_at`;

export const oneUser: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<PublicRow[]>`select ${publicColumns(sql)} from users where id = ${params.id ?? null}`;
  if (row === undefined) throw notFound();
  return ok(publicUser(row));
};

export const ownUser: TwinHandler = async ({ sql, caller }) => {
  const [row] = await sql<WholeRow[]>`select ${ownColumns(sql)} from users where id = ${caller.id}`;
  if (row === undefined) throw notFound();
  return ok(wholeUser(row));
};

export const manyUsers: TwinHandler = async ({ sql, query }) => {
  const role = query.text('role');
  const q = query.text('q');
  const terms = searchWords(q ?? '');
  const where = allOf(sql, [
    role === undefined ? undefined : sql`roles @> ${[role]}::text[]`,
    // Every array contains the empty array, but a search without a word must find nothing.
    q === undefined ? undefined : terms.length === 0 ? sql`false` : sql`search_tokens @> ${terms}::text[]`,
  ]);
  const [counted] = await sql<{ total: number }[]>`select count(*) as total from users where ${where}`;
  const rows = await sql<WholeRow[]>`
    select ${ownColumns(sql)} from users where ${where}
    order by created_at desc, mongo_id desc limit ${query.limit} offset ${query.offset}`;
  return ok(pageOf(rows.map(wholeUser), counted?.total ?? 0, query));
};

/** Small letters in NFC, cut wherever there is no letter: what `search_tokens` was made of. */
function searchWords(q: string): string[] {
  return [
    ...new Set(
      q
        .toLowerCase()
        .normalize('NFC')
        .match(/\p{L}+/gu) ?? [],
    ),
  ];
}

function publicUser(row: PublicRow): { readonly [key: string]: TwinValue } {
  return {
    _id: id(row.id, row.mongo_id),
    name: row.name,
    role: row.role,
    roles: row.roles,
    bio: row.bio,
    avatar: row.avatar,
    locale: row.locale,
    createdAt: instantOf(row.created_at),
  };
}

function wholeUser(row: WholeRow): TwinValue {
  return {
    ...publicUser(row),
    email: row.email,
    emailVerified: row.email_verified,
    phone: row.phone,
    status: row.status,
    preferences: blob(row.preferences),
    lastSeenAt: instantOf(row.last_seen_at),
    updatedAt: instantOf(row.updated_at),
  };
}
