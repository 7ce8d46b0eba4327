/** What buyers ask for: one request, and the list that is searched. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinContext, type TwinHandler } from '../../amanat/twin/handler.ts';
import { get } from '../../amanat/twin/route.ts';
import { allOf, equals, orderBy, pageOf } from '../../amanat/twin/sql.ts';
import { amount, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';
import { paging } from '../../api/route.ts';
import { requestById, requestList } from '../../comparators/marketplace.ts';
import { type CategoryColumns, inCategory, type PersonColumns, person } from './shared.ts';

interface RequestRow extends CategoryColumns, PersonColumns {
  id: string;
  mongo_id: string;
  title: string;
  description: string;
  status: string;
  budget: string;
  currency: string;
  tags: string[];
  deadline: Date | null;
  created_at: Date;
  updated_at: Date;
}

const sortColumns = { createdAt: 'r.created_at', budget: 'r.budget', deadline: 'r.deadline', title: 'r.title' };

const statuses = ['open', 'in_progress', 'awarded', 'completed', 'cancelled'];

const columns = (sql: Sql): Fragment => sql`
  r.id, r.mongo_id, r.title, r.description, r.status, r.budget, r.currency, r.tags, r.deadline, r.created_at,
  r.updated_at, c.id as category_id, c.mongo_id as category_mongo_id, c.slug as category_slug,
  c.name as category_name, b.id as person_id, b.mongo_id as person_mongo_id, b.name as person_name
  from purchase_requests r
  left join categories c on c.id = r.category_id
  left join users b on b.id = r.buyer_id`;

const one: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<RequestRow[]>`select ${columns(sql)} where r.id = ${params.id ?? null}`;
  if (row === undefined) throw notFound();
  return ok(render(row));
};

const many: TwinHandler = async (context) => {
  const { sql, query } = context;
  const where = filter(context);
  const [counted] = await sql<{ total: number }[]>`
    select count(*)::int as total from purchase_requests r where ${where}`;
  const rows = await sql<RequestRow[]>`
    select ${columns(sql)} where ${where} ${orderBy(sql, query.sort, sortColumns, 'r.mongo_id')}
    limit ${query.limit} offset ${query.offset}`;
  return ok(pageOf(rows.map(render), counted?.total ?? 0, query));
};

function filter({ sql, query }: TwinContext): Fragment {
  const q = query.text('q');
  const terms = words(q ?? '');
  const least = bound(query.decimal('minBudget'));
  const most = bound(query.decimal('maxBudget'));
  return allOf(sql, [
    equals(sql, 'r.status', query.text('status')),
    equals(sql, 'r.category_id', query.id('category')),
    equals(sql, 'r.buyer_id', query.id('buyer')),
    // Every array contains the empty array, but a search without a word must find nothing.
    q === undefined ? undefined : terms.length === 0 ? sql`false` : sql`r.search_tokens @> ${terms}::text[]`,
    least === undefined ? undefined : sql`r.budget >= ${least}::numeric`,
    most === undefined ? undefined : sql`r.budget <= ${most}::numeric`,
  ]);
}

/** Budgets were doubles, so the bound is rounded to the nearest double before it is compared, as the primary does. */
function bound(decimal: string | undefined): string | undefined {
  return decimal === undefined ? undefined : String(Number(decimal));
}

/** A search's words as they are in `search_tokens`: small letters in NFC, cut wherever there is no letter. */
export function words(q: string): string[] {
  const normal = q.toLowerCase().normalize('NFC');
  return Array.from(new Set(normal.match(/\p{L}+/gu) ?? []));
}

function render(row: RequestRow): TwinValue {
  return {
    _id: id(row.id, row.mongo_id),
    title: row.title,
    description: row.description,
    status: row.status,
    category: inCategory(row),
    buyer: person(row),
    budget: amount(row.budget, 'double'),
    currency: row.currency,
    tags: row.tags,
    deadline: instantOf(row.deadline),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

export const requestRoutes = [
  get('marketplace', '/api/requests', {
    query: {
      status: { param: 'oneOf', values: statuses },
      category: { param: 'id', collection: 'categories' },
      buyer: { param: 'id', collection: 'users' },
      q: { param: 'text' },
      minBudget: { param: 'decimal' },
      maxBudget: { param: 'decimal' },
      ...paging(['createdAt', 'budget', 'deadline', 'title'], '-createdAt'),
    },
    comparator: requestList,
    twin: many,
  }),
  get('marketplace', '/api/requests/:id', { ids: { id: 'purchaserequests' }, comparator: requestById, twin: one }),
];
