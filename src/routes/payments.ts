/** Payments: every read endpoint, each with pattern, comparator and SQL in one place. */

import { notFound, ok, type TwinContext } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, between, equals, orderBy, pageOf } from '../amanat/twin/sql.ts';
import { amount, blob, explicitNull, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { paging, type QueryDeclaration } from '../api/route.ts';
import { paymentById, paymentExport, paymentList, paymentQuotes, paymentStats } from '../comparators/payments.ts';

const statuses = ['pending', 'processing', 'completed', 'failed', 'refunded', 'cancelled'];
const providers = ['request_network', 'stripe', 'trezor', 'manual'];
const range: QueryDeclaration = { from: { param: 'instant' }, to: { param: 'instant' } };

interface PaymentRow {
  id: string;
  mongo_id: string;
  reference: string;
  status: string;
  provider: string;
  amount: string;
  currency: string;
  fee: string | null;
  amount_base_units: string | null;
  chain: string | null;
  tx_hash: string | null;
  escrow: string;
  cart_id: string | null;
  note: string | null;
  metadata: unknown;
  paid_at: Date | null;
  released_at: Date | null;
  created_at: Date;
  updated_at: Date;
  buyer_id: string;
  buyer_mongo_id: string;
  buyer_name: string;
  seller_id: string;
  seller_mongo_id: string;
  seller_name: string;
  offer_id: string | null;
  offer_mongo_id: string;
  offer_price: string;
  offer_currency: string;
  request_id: string | null;
  request_mongo_id: string;
  request_title: string;
}

/** A payment with what populate shows of its buyer, seller, offer and request. */
const joined = (sql: TwinContext['sql']) => sql`
  select p.*,
    b.mongo_id as buyer_mongo_id, b.name as buyer_name, s.mongo_id as seller_mongo_id, s.name as seller_name,
    o.mongo_id as offer_mongo_id, o.price as offer_price, o.currency as offer_currency,
    r.mongo_id as request_mongo_id, r.title as request_title
  from payments p
  join users b on b.id = p.buyer_id
  join users s on s.id = p.seller_id
  left join seller_offers o on o.id = p.offer_id
  left join purchase_requests r on r.id = p.request_id`;

function paymentValue(row: PaymentRow): Record<string, TwinValue> {
  return {
    _id: id(row.id, row.mongo_id),
    reference: row.reference,
    status: row.status,
    provider: row.provider,
    amount: amount(row.amount, 'double'),
    currency: row.currency,
    fee: amount(row.fee, 'double'),
    amountBaseUnits: amount(row.amount_base_units, 'string'),
    chain: row.chain,
    txHash: row.tx_hash,
    escrow: row.escrow,
    buyer: { _id: id(row.buyer_id, row.buyer_mongo_id), name: row.buyer_name },
    seller: { _id: id(row.seller_id, row.seller_mongo_id), name: row.seller_name },
    offer:
      row.offer_id === null
        ? explicitNull()
        : {
            _id: id(row.offer_id, row.offer_mongo_id),
            price: amount(row.offer_price, 'double'),
            currency: row.offer_currency,
          },
    request:
      row.request_id === null
        ? explicitNull()
        : { _id: id(row.request_id, row.request_mongo_id), title: row.request_title },
    cartId: row.cart_id,
    note: row.note,
    paidAt: instantOf(row.paid_at),
    releasedAt: instantOf(row.released_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

export const paymentsRoutes: readonly TwinRoute[] = [
  get('payments', '/api/payments/:id', {
    ids: { id: 'payments' },
    comparator: paymentById,
    async twin({ sql, params }) {
      const [row] = await sql<PaymentRow[]>`${joined(sql)} where p.id = ${params.id ?? ''}`;
      if (row === undefined) throw notFound();
      return ok({ ...paymentValue(row), metadata: blob(row.metadata) });
    },
  }),

  get('payments', '/api/payments', {
    query: {
      status: { param: 'oneOf', values: statuses },
      provider: { param: 'oneOf', values: providers },
      buyer: { param: 'id', collection: 'users' },
      seller: { param: 'id', collection: 'users' },
      ...range,
      ...paging(['createdAt', 'amount', 'updatedAt'], '-createdAt'),
    },
    comparator: paymentList,
    async twin({ sql, query }) {
      const where = allOf(sql, [
        equals(sql, 'p.status', query.text('status')),
        equals(sql, 'p.provider', query.text('provider')),
        equals(sql, 'p.buyer_id', query.id('buyer')),
        equals(sql, 'p.seller_id', query.id('seller')),
        between(sql, 'p.created_at', query.instant('from'), query.instant('to')),
      ]);
      const columns = { createdAt: 'p.created_at', amount: 'p.amount', updatedAt: 'p.updated_at' };
      const [[counted], rows] = await Promise.all([
        sql<{ total: number }[]>`select count(*)::int as total from payments p where ${where}`,
        sql<PaymentRow[]>`
          ${joined(sql)} where ${where} ${orderBy(sql, query.sort, columns, 'p.mongo_id')}
          limit ${query.limit} offset ${query.offset}`,
      ]);
      return ok(pageOf(rows.map(paymentValue), counted?.total ?? 0, query));
    },
  }),

  get('payments', '/api/payments/:id/quotes', {
    ids: { id: 'payments' },
    comparator: paymentQuotes,
    async twin({ sql, params }) {
      const payment = params.id ?? '';
      const [known] = await sql`select 1 from payments where id = ${payment}`;
      if (known === undefined) throw notFound();
      const rows = await sql<QuoteRow[]>`
        select * from payment_quotes where payment_id = ${payment} order by position`;
      return ok({
        data: rows.map((row) => ({
          _id: id(row.id, row.mongo_id),
          provider: row.provider,
          base: row.base,
          quote: row.quote,
          rate: amount(row.rate, 'decimal128'),
          rateBaseUnits: amount(row.rate_base_units, 'string'),
          expiresAt: instantOf(row.expires_at),
          createdAt: instantOf(row.created_at),
        })),
      });
    },
  }),

  get('payments', '/api/payments/stats', {
    query: range,
    comparator: paymentStats,
    async twin({ sql, query }) {
      const where = allOf(sql, [between(sql, 'created_at', query.instant('from'), query.instant('to'))]);
      const rows = await sql<StatsRow[]>`
        select status, provider, currency, count(*)::int as count, sum(amount) as sum, avg(amount) as average
        from payments where ${where}
        group by status, provider, currency order by status, provider, currency`;
      const groups = Map.groupBy(rows, (row) => JSON.stringify([row.status, row.provider]));
      return ok({ data: [...groups.values()].map(statsOf) });
    },
  }),

  get('payments', '/api/payments/export.csv', {
    query: range,
    comparator: paymentExport,
    async twin({ sql, query }) {
      const where = allOf(sql, [between(sql, 'p.created_at', query.instant('from'), query.instant('to'))]);
      const batches = sql<ExportRow[]>`
        select p.*, b.mongo_id as buyer_mongo_id, s.mongo_id as seller_mongo_id
        from payments p join users b on b.id = p.buyer_id join users s on s.id = p.seller_id
        where ${where} order by p.created_at, p.mongo_id`.cursor(500);
      return { kind: 'csv', header: EXPORT_COLUMNS, rows: exported(batches) };
    },
  }),
];

interface QuoteRow {
  id: string;
  mongo_id: string;
  provider: string;
  base: string;
  quote: string;
  rate: string | null;
  rate_base_units: string | null;
  expires_at: Date;
  created_at: Date;
}

interface StatsRow {
  status: string;
  provider: string;
  currency: string;
  count: number;
  sum: string;
  average: string;
}

function statsOf(rows: readonly StatsRow[]): TwinValue {
  return {
    status: rows[0]?.status ?? '',
    provider: rows[0]?.provider ?? '',
    count: rows.reduce((sum, { count }) => sum + count, 0),
    totals: rows.map((row) => ({
      currency: row.currency,
      count: row.count,
      sum: amount(row.sum, 'double'),
      average: amount(row.average, 'double'),
    })),
  };
}

type ExportRow = Omit<PaymentRow, 'buyer_name' | 'seller_name'>;

const EXPORT_COLUMNS = [
  '_id',
  'reference',
  'status',
  'provider',
  'amount',
  'currency',
  'fee',
  'amountBaseUnits',
  'buyer',
  'seller',
  'cartId',
  'note',
  'paidAt',
  'createdAt',
];

async function* exported(batches: AsyncIterable<ExportRow[]>): AsyncGenerator<readonly TwinValue[]> {
  for await (const rows of batches) {
    for (const row of rows) {
      yield [
        id(row.id, row.mongo_id),
        row.reference,
        row.status,
        row.provider,
        amount(row.amount, 'double'),
        row.currency,
        amount(row.fee, 'double'),
        amount(row.amount_base_units, 'string'),
        id(row.buyer_id, row.buyer_mongo_id),
        id(row.seller_id, row.seller_mongo_id),
        row.cart_id,
        row.note,
        instantOf(row.paid_at),
        instantOf(row.created_at),
      ];
    }
  }
}
