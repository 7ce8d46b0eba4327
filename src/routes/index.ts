/** Every read endpoint of Amanat. */
import { disputesRoutes } from './disputes.ts';
import { ledgerRoutes } from './ledger.ts';
import { paymentsRoutes } from './payments.ts';
import type { RouteEntry } from './route.ts';
import { walletRoutes } from './wallet.ts';

export const amanatRoutes: readonly RouteEntry[] = [
  ...paymentsRoutes,
  ...ledgerRoutes,
  ...walletRoutes,
  ...disputesRoutes,
];
