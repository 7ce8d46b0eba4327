/** The admin dashboard: it spans domains, so it flips only when all of them have. */
import type { Fragment } from 'postgres';
import { ok, type TwinContext } from '../amanat/twin/handler.ts';
import { get, type TwinRoute } from '../amanat/twin/route.ts';
import { amount, type TwinValue } from '../amanat/twin/values.ts';
import { dashboard } from '../comparators/admin.ts';

type Sql = TwinContext['sql'];

export const adminRoutes: readonly TwinRoute[] = [
  get('admin', '/api/admin/dashboard', {
    access: 'admin',
    comparator: dashboard,
    fewAnswers: 1,
    async twin({ sql }) {
      return ok({
        payments: {
          total: await total(sql, 'payments'),
          byStatus: await counted(sql, 'payments', 'status'),
          completed: await summed(sql, 'payments', 'amount', sql`status = 'completed'`),
          held: await summed(sql, 'payments', 'amount', sql`escrow = 'held'`),
        },
        disputes: {
          total: await total(sql, 'disputes'),
          byStatus: await counted(sql, 'disputes', 'status'),
          claimed: await summed(sql, 'disputes', 'claim_amount', sql`status in ('open', 'under_review')`),
        },
        users: { total: await total(sql, 'users'), byRole: await counted(sql, 'users', 'role') },
        requests: {
          total: await total(sql, 'purchase_requests'),
          byStatus: await counted(sql, 'purchase_requests', 'status'),
          budgets: await summed(sql, 'purchase_requests', 'budget', sql`status = 'open'`),
        },
      });
    },
  }),
];

async function total(sql: Sql, table: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`;
  return row?.count ?? 0;
}

async function counted(sql: Sql, table: string, column: 'status' | 'role'): Promise<TwinValue> {
  const rows = await sql<{ value: string; count: number }[]>`
    select ${sql(column)} as value, count(*)::int as count from ${sql(table)} group by 1 order by 1`;
  return rows.map(({ value, count }) => ({ [column]: value, count }));
}

async function summed(sql: Sql, table: string, column: string, where: Fragment): Promise<TwinValue> {
  const rows = await sql<{ currency: string; count: number; sum: string }[]>`
    select currency, count(*)::int as count, sum(${sql(column)}) as sum
    from ${sql(table)} where ${where} group by currency order by currency`;
  return rows.map((row) => ({ currency: row.currency, count: row.count, sum: amount(row.sum, 'double') }));
}
