/** Wallet: every read endpoint, each with pattern, comparator and SQL in one place. */

import { notFound, ok, type TwinContext } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, equals, pageOf } from '../amanat/twin/sql.ts';
import { amount, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { destinationById, destinationList, nextIndex, trezorAccounts } from '../comparators/wallet.ts';

interface DestinationRow {
  id: string;
  mongo_id: string;
  user_id: string;
  user_mongo_id: string;
  chain: string;
  index: number;
  path: string;
  address: string;
  status: string;
  payment_id: string | null;
  payment_mongo_id: string;
  balance_base_units: string;
  last_swept_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const joined = (sql: TwinContext['sql']) => sql`
  select d.*, u.mongo_id as user_mongo_id, p.mongo_id as payment_mongo_id
  from derived_destinations d join users u on u.id = d.user_id left join payments p on p.id = d.payment_id`;

function destinationValue(row: DestinationRow): TwinValue {
  return {
    _id: id(row.id, row.mongo_id),
    user: id(row.user_id, row.user_mongo_id),
    chain: row.chain,
    index: row.index,
    path: row.path,
    address: row.address,
    status: row.status,
    payment: row.payment_id === null ? null : id(row.payment_id, row.payment_mongo_id),
    balanceBaseUnits: amount(row.balance_base_units, 'string'),
    lastSweptAt: instantOf(row.last_swept_at),
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
  };
}

interface TrezorRow {
  id: string;
  mongo_id: string;
  label: string;
  coin: string;
  masked: string;
  fingerprint: string;
  account_index: number;
  verified_at: Date | null;
  created_at: Date;
}

export const walletRoutes: readonly TwinRoute[] = [
  get('wallet', '/api/wallet/destinations/:id', {
    ids: { id: 'deriveddestinations' },
    comparator: destinationById,
    async twin({ sql, params }) {
      const [row] = await sql<DestinationRow[]>`${joined(sql)} where d.id = ${params.id ?? ''}`;
      if (row === undefined) throw notFound();
      return ok(destinationValue(row));
    },
  }),

  get('wallet', '/api/wallet/destinations', {
    query: {
      user: { param: 'id', collection: 'users' },
      chain: { param: 'oneOf', values: ['ethereum', 'polygon', 'tron', 'bitcoin'] },
      page: { param: 'page' },
      limit: { param: 'limit', max: 100, default: 20 },
    },
    comparator: destinationList,
    async twin({ sql, query }) {
      const where = allOf(sql, [
        equals(sql, 'd.user_id', query.id('user')),
        equals(sql, 'd.chain', query.text('chain')),
      ]);
      const [[counted], rows] = await Promise.all([
        sql<{ total: number }[]>`select count(*)::int as total from derived_destinations d where ${where}`,
        sql<DestinationRow[]>`
          ${joined(sql)} where ${where} order by d.created_at desc, d.mongo_id desc
          limit ${query.limit} offset ${query.offset}`,
      ]);
      return ok(pageOf(rows.map(destinationValue), counted?.total ?? 0, query));
    },
  }),

  get('wallet', '/api/wallet/next-index', {
    comparator: nextIndex,
    fewAnswers: 1,
    async twin({ sql }) {
      // Reading the sequence's own row takes nothing from it, unlike nextval.
      const [row] = await sql<{ next: number }[]>`
        select (last_value + is_called::int)::int8 as next from derived_destination_index`;
      return ok({ counter: 'derived_destination_index', next: Number(row?.next ?? 1) });
    },
  }),

  get('wallet', '/api/wallet/trezor/:userId', {
    ids: { userId: 'users' },
    comparator: trezorAccounts,
    async twin({ sql, params }) {
      const [user] = await sql<{ id: string; mongo_id: string }[]>`
        select id, mongo_id from users where id = ${params.userId ?? ''}`;
      if (user === undefined) throw notFound();
      // The whole key never leaves the database.
      const rows = await sql<TrezorRow[]>`
        select id, mongo_id, label, coin, left(xpub, 8) || '…' || right(xpub, 4) as masked, fingerprint, account_index,
          verified_at, created_at
        from trezor_accounts where user_id = ${user.id} order by created_at, mongo_id`;
      return ok({
        data: rows.map((row) => ({
          _id: id(row.id, row.mongo_id),
          user: id(user.id, user.mongo_id),
          label: row.label,
          coin: row.coin,
          xpub: row.masked,
          fingerprint: row.fingerprint,
          accountIndex: row.account_index,
          verifiedAt: instantOf(row.verified_at),
          createdAt: instantOf(row.created_at),
        })),
      });
    },
  }),
];
