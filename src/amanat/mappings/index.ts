/** Every model of Amanat: how a collection becomes its table. */
import type { ModelMapping } from '../../api/mapping.ts';
import { chatMappings } from './chat.ts';
import { contentMappings } from './content.ts';
import { disputesMappings } from './disputes.ts';
import { identityMappings } from './identity.ts';
import { ledgerMappings } from './ledger.ts';
import { marketplaceMappings } from './marketplace.ts';
import { notificationsMappings } from './notifications.ts';
import { paymentsMappings } from './payments.ts';
import { pointsMappings } from './points.ts';
import { walletMappings } from './wallet.ts';

export const amanatMappings: readonly ModelMapping[] = [
  ...identityMappings,
  ...marketplaceMappings,
  ...paymentsMappings,
  ...ledgerMappings,
  ...walletMappings,
  ...disputesMappings,
  ...pointsMappings,
  ...chatMappings,
  ...notificationsMappings,
  ...contentMappings,
];
