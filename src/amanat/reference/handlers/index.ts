/** Every domain's read endpoints. */
import type { Router } from 'express';
import type { ReferenceContext } from '../context.ts';
import { mountAdmin } from './admin.ts';
import { mountChat } from './chat.ts';
import { mountContent } from './content.ts';
import { mountDisputes } from './disputes.ts';
import { mountIdentity } from './identity.ts';
import { mountLedger } from './ledger.ts';
import { mountMarketplace } from './marketplace.ts';
import { mountNotifications } from './notifications.ts';
import { mountPayments } from './payments.ts';
import { mountPoints } from './points.ts';
import { mountWallet } from './wallet.ts';

export type Mount = (router: Router, context: ReferenceContext) => void;

export const mounts: readonly Mount[] = [
  mountPayments,
  mountLedger,
  mountWallet,
  mountDisputes,
  mountMarketplace,
  mountContent,
  mountIdentity,
  mountPoints,
  mountChat,
  mountNotifications,
  mountAdmin,
];
