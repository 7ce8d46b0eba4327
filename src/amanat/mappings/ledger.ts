import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { LEDGER_BUCKETS, LEDGER_TYPES } from '../words.ts';

export const ledgerMappings: readonly ModelMapping[] = [
  {
    model: 'FundsLedgerEntry',
    domain: 'ledger',
    collection: 'fundsledgerentries',
    table: 'funds_ledger_entries',
    identity: 'objectId',
    fields: [
      field('account', 'account_id', { kind: 'ref', collection: 'users' }),
      optional('payment', 'payment_id', { kind: 'ref', collection: 'payments' }),
      field('type', 'type', { kind: 'text', words: LEDGER_TYPES }),
      field('bucket', 'bucket', { kind: 'text', words: LEDGER_BUCKETS }),
      field('amount', 'amount', { kind: 'money', currency: 'currency' }),
      field('currency', 'currency', { kind: 'text', shown: true }),
      optional('memo', 'memo', { kind: 'text' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: true,
    expiresAt: null,
    sums: [{ amount: 'amount', by: ['account', 'bucket', 'currency'] }],
  },
];
