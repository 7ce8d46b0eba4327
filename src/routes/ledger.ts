/** Ledger: every read endpoint, each with pattern, comparator and SQL in one place. */

import { notFound, ok } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { allOf, beyond, cursorPage, equals } from '../amanat/twin/sql.ts';
import { amount, id, instantOf, type TwinValue } from '../amanat/twin/values.ts';
import { cursoring } from '../api/route.ts';
import { ledgerBalances, ledgerEntries, ledgerTrail } from '../comparators/ledger.ts';

interface EntryRow {
  id: string;
  mongo_id: string;
  account_id: string;
  account_mongo_id: string;
  payment_id: string | null;
  payment_mongo_id: string;
  type: string;
  bucket: string;
  amount: string;
  currency: string;
  memo: string | null;
  created_at: Date;
}

function entryValue(row: EntryRow): Record<string, TwinValue> {
  return {
    _id: id(row.id, row.mongo_id),
    account: id(row.account_id, row.account_mongo_id),
    payment: row.payment_id === null ? null : id(row.payment_id, row.payment_mongo_id),
    type: row.type,
    bucket: row.bucket,
    amount: amount(row.amount, 'decimal128'),
    currency: row.currency,
    memo: row.memo,
    createdAt: instantOf(row.created_at),
  };
}

export const ledgerRoutes: readonly TwinRoute[] = [
  get('ledger', '/api/ledger/entries', {
    query: {
      payment: { param: 'id', collection: 'payments' },
      account: { param: 'id', collection: 'users' },
      type: { param: 'oneOf', values: ['deposit', 'hold', 'release', 'refund', 'fee', 'withdrawal'] },
      ...cursoring('fundsledgerentries'),
    },
    comparator: ledgerEntries,
    async twin({ sql, query }) {
      const where = allOf(sql, [
        equals(sql, 'e.payment_id', query.id('payment')),
        equals(sql, 'e.account_id', query.id('account')),
        equals(sql, 'e.type', query.text('type')),
        beyond(sql, query.cursor('after'), 'e.created_at', 'asc', 'e.mongo_id'),
      ]);
      const rows = await sql<EntryRow[]>`
        select e.*, u.mongo_id as account_mongo_id, p.mongo_id as payment_mongo_id
        from funds_ledger_entries e join users u on u.id = e.account_id left join payments p on p.id = e.payment_id
        where ${where} order by e.created_at, e.mongo_id limit ${query.limit + 1}`;
      return ok(
        cursorPage(rows, query.limit, entryValue, (row) => ({
          key: row.created_at,
          uuid: row.id,
          mongoId: row.mongo_id,
        })),
      );
    },
  }),

  get('ledger', '/api/ledger/balances/:userId', {
    ids: { userId: 'users' },
    comparator: ledgerBalances,
    async twin({ sql, params }) {
      const [user] = await sql<{ id: string; mongo_id: string }[]>`
        select id, mongo_id from users where id = ${params.userId ?? ''}`;
      if (user === undefined) throw notFound();
      const rows = await sql<{ currency: string; available: string; held: string; total: string }[]>`
        select currency,
          coalesce(sum(amount) filter (where bucket = 'available'), 0) as available,
          coalesce(sum(amount) filter (where bucket = 'held'), 0) as held,
          coalesce(sum(amount) filter (where bucket in ('available', 'held')), 0) as total
        from funds_ledger_entries where account_id = ${user.id} group by currency order by currency`;
      return ok({
        user: id(user.id, user.mongo_id),
        balances: rows.map((row) => ({
          currency: row.currency,
          available: amount(row.available, 'decimal128'),
          held: amount(row.held, 'decimal128'),
          total: amount(row.total, 'decimal128'),
        })),
      });
    },
  }),

  get('ledger', '/api/ledger/payments/:paymentId/trail', {
    ids: { paymentId: 'payments' },
    comparator: ledgerTrail,
    async twin({ sql, params }) {
      const [payment] = await sql<{ id: string; mongo_id: string }[]>`
        select id, mongo_id from payments where id = ${params.paymentId ?? ''}`;
      if (payment === undefined) throw notFound();
      const rows = await sql<(EntryRow & { running: string })[]>`
        select e.*, u.mongo_id as account_mongo_id, ${payment.mongo_id} as payment_mongo_id,
          sum(e.amount) over (partition by e.currency order by e.created_at, e.mongo_id) as running
        from funds_ledger_entries e join users u on u.id = e.account_id
        where e.payment_id = ${payment.id} order by e.created_at, e.mongo_id`;
      return ok({
        payment: id(payment.id, payment.mongo_id),
        data: rows.map((row) => ({ ...entryValue(row), runningBalance: amount(row.running, 'decimal128') })),
      });
    },
  }),
];
