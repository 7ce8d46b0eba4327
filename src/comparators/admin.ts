/** What it means for two dashboards to be the same. Sums are per currency: money of two currencies is never added up. */
import { DISPUTE_STATUSES, PAYMENT_STATUSES, REQUEST_STATUSES, USER_ROLES } from '../amanat/words.ts';
import { aggregateMoney, comparator, count, currency, enumOf, list, object } from '../rules/kit.ts';
import type { Rule } from '../rules/rule.ts';

const byStatus = (statuses: readonly string[]): Rule =>
  list(object({ status: enumOf(statuses), count: count() }), 'status');
const sums = (): Rule =>
  list(object({ currency: currency(), count: count(), sum: aggregateMoney('currency') }), 'currency');

export const dashboard = comparator(
  'admin.dashboard',
  object({
    payments: object({ total: count(), byStatus: byStatus(PAYMENT_STATUSES), completed: sums(), held: sums() }),
    disputes: object({ total: count(), byStatus: byStatus(DISPUTE_STATUSES), claimed: sums() }),
    users: object({ total: count(), byRole: list(object({ role: enumOf(USER_ROLES), count: count() }), 'role') }),
    requests: object({ total: count(), byStatus: byStatus(REQUEST_STATUSES), budgets: sums() }),
  }),
);
