/** What buyers ask for: one request, and the list that is searched. */
import type { Fragment, Sql } from 'postgres';
import { requestById, requestList } from '../../comparators/marketplace.ts';
import { notFound, ok, type ParsedQuery, type TwinContext, type TwinHandler } from '../../twin/handler.ts';
import { amount, id, instantOf, type TwinValue } from '../../twin/values.ts';
import { get, paging } from '../route.ts';
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
    select ${columns(sql)} where ${where} ${order(sql, query)} limit ${query.limit} offset ${query.offset}`;
  const total = counted?.total ?? 0;
  return ok({
    data: rows.map(render),
    pagination: { page: query.page, limit: query.limit, total, pages: Math.ceil(total / query.limit) },
  });
};

function filter({ sql, query }: TwinContext): Fragment {
  const conditions: Fragment[] = [];
  const status = query.text('status');
  const category = query.id('category');
  const buyer = query.id('buyer');
  const q = query.text('q');
  const least = bound(query.decimal('minBudget'));
  const most = bound(query.decimal('maxBudget'));
  if (status !== undefined) conditions.push(sql`r.status = ${status}`);
  // An unknown id is null, which equals nothing.
  if (category !== undefined) conditions.push(sql`r.category_id = ${category}::uuid`);
  if (buyer !== undefined) conditions.push(sql`r.buyer_id = ${buyer}::uuid`);
  if (q !== undefined) {
    const asked = words(q);
    // Every array contains the empty one; a search without a word finds nothing.
    conditions.push(asked.length === 0 ? sql`false` : sql`r.search_tokens @> ${asked}::text[]`);
  }
  if (least !== undefined) conditions.push(sql`r.budget >= ${least}::numeric`);
  if (most !== undefined) conditions.push(sql`r.budget <= ${most}::numeric`);
  return conditions.reduce((all, next) => sql`${all} and ${next}`, sql`true`);
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

function order(sql: Sql, { sort }: ParsedQuery): Fragment {
  const by = {
    createdAt: sql`r.created_at`,
    budget: sql`r.budget`,
    deadline: sql`r.deadline`,
    title: sql`r.title collate "C"`,
  };
  const key = Object.entries(by).find(([field]) => field === sort.field)?.[1] ?? by.createdAt;
  return sort.descending
    ? sql`order by ${key} desc nulls last, r.mongo_id collate "C" desc`
    : sql`order by ${key} asc nulls first, r.mongo_id collate "C" asc`;
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
