/** What hangs on a user: addresses of anyone, reviews and rating of a seller. */

import { notFound, ok, type TwinContext, type TwinHandler } from '../../amanat/twin/handler.ts';
import { get } from '../../amanat/twin/route.ts';
import { beyond, cursorPage } from '../../amanat/twin/sql.ts';
import { explicitNull, type IdLeaf, id, instantOf, type TwinValue } from '../../amanat/twin/values.ts';
import { cursoring } from '../../api/route.ts';
import { addressList, reviewList, sellerRating } from '../../comparators/marketplace.ts';
import { type PersonColumns, person } from './shared.ts';

interface AddressRow {
  id: string;
  mongo_id: string;
  label: string;
  recipient: string;
  line1: string;
  line2: string | null;
  city: string;
  region: string | null;
  postal_code: string;
  country: string;
  phone: string | null;
  is_default: boolean;
  created_at: Date;
}

interface ReviewRow extends PersonColumns {
  id: string;
  mongo_id: string;
  request_id: string | null;
  request_mongo_id: string | null;
  title: string | null;
  rating: number;
  comment: string | null;
  created_at: Date;
}

interface RatingRow {
  average: string | null;
  count: number;
  one: number;
  two: number;
  three: number;
  four: number;
  five: number;
}

async function userOf({ sql, params }: TwinContext): Promise<IdLeaf> {
  const [row] = await sql<{ id: string; mongo_id: string }[]>`
    select id, mongo_id from users where id = ${params.id ?? null}`;
  if (row === undefined) throw notFound();
  return id(row.id, row.mongo_id);
}

const addresses: TwinHandler = async (context) => {
  const user = await userOf(context);
  const rows = await context.sql<AddressRow[]>`
    select id, mongo_id, label, recipient, line1, line2, city, region, postal_code, country, phone, is_default,
      created_at
    from addresses where user_id = ${user.uuid} order by created_at, mongo_id collate "C"`;
  return ok({
    data: rows.map((row) => ({
      _id: id(row.id, row.mongo_id),
      user,
      label: row.label,
      recipient: row.recipient,
      line1: row.line1,
      line2: row.line2,
      city: row.city,
      region: row.region,
      postalCode: row.postal_code,
      country: row.country,
      phone: row.phone,
      isDefault: row.is_default,
      createdAt: instantOf(row.created_at),
    })),
  });
};

const reviews: TwinHandler = async (context) => {
  const { sql, query } = context;
  const seller = await userOf(context);
  const rows = await sql<ReviewRow[]>`
    select v.id, v.mongo_id, v.rating, v.comment, v.created_at,
      q.id as request_id, q.mongo_id as request_mongo_id, q.title,
      a.id as person_id, a.mongo_id as person_mongo_id, a.name as person_name
    from reviews v
    left join users a on a.id = v.author_id
    left join purchase_requests q on q.id = v.request_id
    where v.seller_id = ${seller.uuid}
      and ${beyond(sql, query.cursor('after'), 'v.created_at', 'desc', 'v.mongo_id') ?? sql`true`}
    order by v.created_at desc, v.mongo_id desc
    limit ${query.limit + 1}`;
  const show = (row: ReviewRow): TwinValue => ({
    _id: id(row.id, row.mongo_id),
    seller,
    author: person(row),
    request: reviewed(row),
    rating: row.rating,
    comment: row.comment,
    createdAt: instantOf(row.created_at),
  });
  const position = (row: ReviewRow) => ({ key: row.created_at, uuid: row.id, mongoId: row.mongo_id });
  return ok(cursorPage(rows, query.limit, show, position));
};

function reviewed(row: ReviewRow): TwinValue {
  if (row.request_id === null || row.request_mongo_id === null) return explicitNull();
  return { _id: id(row.request_id, row.request_mongo_id), title: row.title };
}

/** An aggregate without a group has one row, of zeros and a null average where there is no review. */
const rating: TwinHandler = async (context) => {
  const seller = await userOf(context);
  const rows = await context.sql<RatingRow[]>`
    select avg(rating)::text as average, count(*)::int as count,
      count(*) filter (where rating = 1)::int as one, count(*) filter (where rating = 2)::int as two,
      count(*) filter (where rating = 3)::int as three, count(*) filter (where rating = 4)::int as four,
      count(*) filter (where rating = 5)::int as five
    from reviews where seller_id = ${seller.uuid}`;
  const [row] = rows;
  const average = row?.average ?? null;
  return ok({
    seller,
    average: average === null ? explicitNull() : Number(average),
    count: row?.count ?? 0,
    histogram: { 1: row?.one ?? 0, 2: row?.two ?? 0, 3: row?.three ?? 0, 4: row?.four ?? 0, 5: row?.five ?? 0 },
  });
};

export const peopleRoutes = [
  get('marketplace', '/api/users/:id/addresses', { ids: { id: 'users' }, comparator: addressList, twin: addresses }),
  get('marketplace', '/api/sellers/:id/reviews', {
    ids: { id: 'users' },
    query: cursoring('reviews'),
    comparator: reviewList,
    twin: reviews,
  }),
  get('marketplace', '/api/sellers/:id/rating', { ids: { id: 'users' }, comparator: sellerRating, twin: rating }),
];
