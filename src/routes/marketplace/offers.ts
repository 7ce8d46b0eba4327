/** What sellers offer on a request. */
import type { Fragment, Sql } from 'postgres';
import { notFound, ok, type TwinHandler } from '../../amanat/twin/handler.ts';
import { get } from '../../amanat/twin/route.ts';
import { amount, explicitNull, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';
import { offerById, requestOffers } from '../../comparators/marketplace.ts';
import { type PersonColumns, person } from './shared.ts';

interface OfferRow extends PersonColumns {
  id: string;
  mongo_id: string;
  price: string;
  currency: string;
  message: string | null;
  delivery_days: number;
  status: string;
  created_at: Date;
  updated_at: Date;
}

/** The seller's ratings and the request with its buyer. */
interface JoinedOfferRow extends OfferRow {
  average: string | null;
  reviews: number;
  request_id: string | null;
  request_mongo_id: string | null;
  title: string | null;
  request_status: string | null;
  budget: string | null;
  request_currency: string | null;
  buyer_id: string | null;
  buyer_mongo_id: string | null;
  buyer_name: string | null;
}

const columns = (sql: Sql): Fragment => sql`
  o.id, o.mongo_id, o.price, o.currency, o.message, o.delivery_days, o.status, o.created_at, o.updated_at,
  s.id as person_id, s.mongo_id as person_mongo_id, s.name as person_name`;

const ofRequest: TwinHandler = async ({ sql, params, query }) => {
  const [request] = await sql<{ id: string; mongo_id: string }[]>`
    select id, mongo_id from purchase_requests where id = ${params.id ?? null}`;
  if (request === undefined) throw notFound();
  const key = query.sort.field === 'createdAt' ? sql`o.created_at` : sql`o.price`;
  const direction = query.sort.descending ? sql`desc` : sql`asc`;
  const rows = await sql<OfferRow[]>`
    select ${columns(sql)} from seller_offers o
    left join users s on s.id = o.seller_id
    where o.request_id = ${request.id}
    order by ${key} ${direction}, o.id`;
  const reference = id(request.id, request.mongo_id);
  return ok({ data: rows.map((row) => ({ ...render(row), request: reference, seller: person(row) })) });
};

const one: TwinHandler = async ({ sql, params }) => {
  const [row] = await sql<JoinedOfferRow[]>`
    select ${columns(sql)}, rating.average, rating.reviews, q.id as request_id, q.mongo_id as request_mongo_id,
      q.title, q.status as request_status, q.budget, q.currency as request_currency,
      b.id as buyer_id, b.mongo_id as buyer_mongo_id, b.name as buyer_name
    from seller_offers o
    left join users s on s.id = o.seller_id
    left join purchase_requests q on q.id = o.request_id
    left join users b on b.id = q.buyer_id
    cross join lateral (
      select avg(v.rating)::text as average, count(*)::int as reviews from reviews v where v.seller_id = o.seller_id
    ) rating
    where o.id = ${params.id ?? null}`;
  if (row === undefined) throw notFound();
  return ok({ ...render(row), seller: ratedSeller(row), request: request(row) });
};

function ratedSeller(row: JoinedOfferRow): TwinValue {
  if (row.person_id === null || row.person_mongo_id === null) return explicitNull();
  const average = row.average === null ? explicitNull() : Number(row.average);
  return {
    _id: id(row.person_id, row.person_mongo_id),
    name: row.person_name,
    rating: { average, count: row.reviews },
  };
}

function request(row: JoinedOfferRow): TwinValue {
  if (row.request_id === null || row.request_mongo_id === null) return explicitNull();
  return {
    _id: id(row.request_id, row.request_mongo_id),
    title: row.title,
    status: row.request_status,
    budget: amount(row.budget, 'double'),
    currency: row.request_currency,
    buyer: person({ person_id: row.buyer_id, person_mongo_id: row.buyer_mongo_id, person_name: row.buyer_name }),
  };
}

function render(row: OfferRow): { readonly [key: string]: TwinValue } {
  return {
    _id: id(row.id, row.mongo_id),
    price: amount(row.price, 'double'),
    currency: row.currency,
    message: row.message,
    deliveryDays: row.delivery_days,
    status: row.status,
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

export const offerRoutes = [
  get('marketplace', '/api/requests/:id/offers', {
    ids: { id: 'purchaserequests' },
    query: { sort: { param: 'sort', fields: ['price', 'createdAt'], default: 'price' } },
    comparator: requestOffers,
    twin: ofRequest,
  }),
  get('marketplace', '/api/offers/:id', { ids: { id: 'selleroffers' }, comparator: offerById, twin: one }),
];
