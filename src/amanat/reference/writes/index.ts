/** Every domain's writes; the ledger's are made by those of payments. */
import type { Mount } from '../handlers/index.ts';
import { mountChatWrites } from './chat.ts';
import { mountContentWrites } from './content.ts';
import { mountDisputesWrites } from './disputes.ts';
import { mountIdentityWrites } from './identity.ts';
import { mountMarketplaceWrites } from './marketplace.ts';
import { mountNotificationsWrites } from './notifications.ts';
import { mountPaymentsWrites } from './payments.ts';
import { mountPointsWrites } from './points.ts';
import { mountWalletWrites } from './wallet.ts';

export const writeMounts: readonly Mount[] = [
  mountPaymentsWrites,
  mountWalletWrites,
  mountDisputesWrites,
  mountMarketplaceWrites,
  mountContentWrites,
  mountIdentityWrites,
  mountPointsWrites,
  mountChatWrites,
  mountNotificationsWrites,
];
