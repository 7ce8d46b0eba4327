/** What it means for two dashboards to be the same. Sums are per currency: money of two currencies is never added up. */
import { aggregateMoney, comparator, list, number, object, text } from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

const byStatus = (): Rule => list(object({ status: text(), count: number() }), 'status');
const sums = (): Rule =>
  list(object({ currency: text(), count: number(), sum: aggregateMoney('currency') }), 'currency');

export const dashboard = comparator(
  'admin.dashboard',
  object({
    payments: object({ total: number(), byStatus: byStatus(), completed: sums(), held: sums() }),
    disputes: object({ total: number(), byStatus: byStatus(), claimed: sums() }),
    users: object({ total: number(), byRole: list(object({ role: text(), count: number() }), 'role') }),
    requests: object({ total: number(), byStatus: byStatus(), budgets: sums() }),
  }),
);
