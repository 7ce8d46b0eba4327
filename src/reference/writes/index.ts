/** Every domain's writes. */
import type { Mount } from '../handlers/index.ts';
import { mountDisputesWrites } from './disputes.ts';
import { mountPaymentsWrites } from './payments.ts';
import { mountWalletWrites } from './wallet.ts';

export const writeMounts: readonly Mount[] = [mountPaymentsWrites, mountWalletWrites, mountDisputesWrites];
