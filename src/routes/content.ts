/** Content: what is published, and how a shop is set up. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinHandler } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { pageOf } from '../amanat/twin/sql.ts';
import { blob, explicitNull, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { postBySlug, postList, shopSettings } from '../comparators/content.ts';
import { filledIn } from './content/shop-settings.ts';

interface PostRow {
  id: string;
  mongo_id: string;
  slug: string;
  title: string;
  excerpt: string | null;
  tags: string[];
  status: string;
  published_at: Date | null;
  created_at: Date;
  updated_at: Date;
  author_id: string | null;
  author_mongo_id: string | null;
  author_name: string | null;
}

const columns = (sql: Sql): Fragment => sql`
  p.id, p.mongo_id, p.slug, p.title, p.excerpt, p.tags, p.status, p.published_at, p.created_at, p.updated_at,
  a.id as author_id, a.mongo_id as author_mongo_id, a.name as author_name`;

/** Drafts are never shown, by list or by slug. */
const posts: TwinHandler = async ({ sql, query }) => {
  const tag = query.text('tag');
  const where = tag === undefined ? sql`p.status = 'published'` : sql`p.status = 'published' and p.tags @> ${[tag]}`;
  const [counted] = await sql<{ total: number }[]>`select count(*)::int as total from blog_posts p where ${where}`;
  const rows = await sql<PostRow[]>`
    select ${columns(sql)} from blog_posts p
    left join users a on a.id = p.author_id
    where ${where}
    order by p.published_at desc nulls last, p.mongo_id collate "C" desc
    limit ${query.limit} offset ${query.offset}`;
  return ok(pageOf(rows.map(head), counted?.total ?? 0, query));
};

const post: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<(PostRow & { body: string })[]>`
    select ${columns(sql)}, p.body from blog_posts p
    left join users a on a.id = p.author_id
    where p.slug = ${params.slug ?? null} and p.status = 'published'`;
  if (row === undefined) throw notFound();
  return ok({ ...head(row), body: row.body });
};

function head(row: PostRow): { readonly [key: string]: TwinValue } {
  return {
    _id: id(row.id, row.mongo_id),
    slug: row.slug,
    title: row.title,
    excerpt: row.excerpt,
    tags: row.tags,
    author:
      row.author_id === null || row.author_mongo_id === null
        ? explicitNull()
        : { _id: id(row.author_id, row.author_mongo_id), name: row.author_name },
    status: row.status,
    publishedAt: instantOf(row.published_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

const settings: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<{ id: string; mongo_id: string; settings: unknown; updated_at: Date | null }[]>`
    select u.id, u.mongo_id, s.settings, s.updated_at
    from users u left join shop_settings s on s.seller_id = u.id
    where u.id = ${params.sellerId ?? null}`;
  if (row === undefined) throw notFound();
  return ok({
    seller: id(row.id, row.mongo_id),
    settings: blob(filledIn(row.settings)),
    updatedAt: instantOf(row.updated_at),
  });
};

export const contentRoutes: readonly TwinRoute[] = [
  get('content', '/api/blog', {
    query: {
      tag: { param: 'text' },
      page: { param: 'page' },
      limit: { param: 'limit', max: 100, default: 20 },
    },
    comparator: postList,
    twin: posts,
  }),
  get('content', '/api/blog/:slug', { comparator: postBySlug, twin: post }),
  get('content', '/api/shops/:sellerId/settings', {
    ids: { sellerId: 'users' },
    comparator: shopSettings,
    twin: settings,
  }),
];
