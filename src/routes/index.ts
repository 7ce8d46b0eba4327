/** Every read endpoint of Amanat. */

import type { TwinRoute } from '../amanat/twin/route.ts';
import { adminRoutes } from './admin.ts';
import { chatRoutes } from './chat.ts';
import { contentRoutes } from './content.ts';
import { disputesRoutes } from './disputes.ts';
import { identityRoutes } from './identity.ts';
import { ledgerRoutes } from './ledger.ts';
import { marketplaceRoutes } from './marketplace.ts';
import { notificationsRoutes } from './notifications.ts';
import { paymentsRoutes } from './payments.ts';
import { pointsRoutes } from './points.ts';
import { walletRoutes } from './wallet.ts';

export const amanatRoutes: readonly TwinRoute[] = [
  ...paymentsRoutes,
  ...ledgerRoutes,
  ...walletRoutes,
  ...disputesRoutes,
  ...marketplaceRoutes,
  ...contentRoutes,
  ...identityRoutes,
  ...pointsRoutes,
  ...chatRoutes,
  ...notificationsRoutes,
  ...adminRoutes,
];
