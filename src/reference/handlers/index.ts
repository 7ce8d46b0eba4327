/** Every domain's read endpoints. */
import type { Router } from 'express';
import type { ReferenceContext } from '../context.ts';
import { mountDisputes } from './disputes.ts';
import { mountLedger } from './ledger.ts';
import { mountPayments } from './payments.ts';
import { mountWallet } from './wallet.ts';

export type Mount = (router: Router, context: ReferenceContext) => void;

export const mounts: readonly Mount[] = [mountPayments, mountLedger, mountWallet, mountDisputes];
