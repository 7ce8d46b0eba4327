/** Templates that a request can be started from. Only active ones are shown, by list and by slug alike. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { get } from '../../amanat/twin/route.ts';
import { equals } from '../../amanat/twin/sql.ts';
import { blob, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';
import { templateBySlug, templateList } from '../../comparators/marketplace.ts';
import { type CategoryColumns, inCategory } from './shared.ts';

interface TemplateRow extends CategoryColumns {
  id: string;
  mongo_id: string;
  slug: string;
  title: string;
  description: string;
  fields: unknown;
  tags: string[];
  active: boolean;
  created_at: Date;
}

const active = (sql: Sql): Fragment => sql`
  select t.id, t.mongo_id, t.slug, t.title, t.description, t.fields, t.tags, t.active, t.created_at,
    c.id as category_id, c.mongo_id as category_mongo_id, c.slug as category_slug, c.name as category_name
  from request_templates t
  left join categories c on c.id = t.category_id
  where t.active`;

const bySlug: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<TemplateRow[]>`${active(sql)} and t.slug = ${params.slug ?? null}`;
  if (row === undefined) throw notFound();
  return ok(render(row));
};

const many: TwinHandler = async ({ sql, query }) => {
  const wanted = equals(sql, 't.category_id', query.id('category')) ?? sql`true`;
  const rows = await sql<TemplateRow[]>`${active(sql)} and ${wanted} order by t.slug collate "C"`;
  return ok({ data: rows.map(render) });
};

function render(row: TemplateRow): TwinValue {
  return {
    _id: id(row.id, row.mongo_id),
    slug: row.slug,
    title: row.title,
    description: row.description,
    category: inCategory(row),
    fields: blob(row.fields),
    tags: row.tags,
    active: row.active,
    createdAt: instantOf(row.created_at),
  };
}

export const templateRoutes = [
  get('marketplace', '/api/templates', {
    query: { category: { param: 'id', collection: 'categories' } },
    comparator: templateList,
    twin: many,
  }),
  get('marketplace', '/api/templates/:slug', { comparator: templateBySlug, twin: bySlug }),
];
