import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { CHAINS, ESCROW_STATES, PAYMENT_PROVIDERS, PAYMENT_STATUSES } from '../words.ts';

const user = { kind: 'ref', collection: 'users' } as const;
const money = { kind: 'money', currency: 'currency' } as const;

export const paymentsMappings: readonly ModelMapping[] = [
  {
    model: 'Payment',
    domain: 'payments',
    collection: 'payments',
    table: 'payments',
    identity: 'objectId',
    fields: [
      field('reference', 'reference', { kind: 'text' }),
      field('status', 'status', { kind: 'text', words: PAYMENT_STATUSES }),
      field('provider', 'provider', { kind: 'text', words: PAYMENT_PROVIDERS }),
      field('amount', 'amount', money),
      field('currency', 'currency', { kind: 'text', shown: true }),
      optional('fee', 'fee', money),
      optional('amountBaseUnits', 'amount_base_units', { kind: 'baseUnits' }),
      optional('chain', 'chain', { kind: 'text', words: CHAINS }),
      optional('txHash', 'tx_hash', { kind: 'text' }),
      field('escrow', 'escrow', { kind: 'text', words: ESCROW_STATES }),
      field('buyer', 'buyer_id', user),
      field('seller', 'seller_id', user),
      optional('offer', 'offer_id', { kind: 'ref', collection: 'selleroffers' }),
      optional('request', 'request_id', { kind: 'ref', collection: 'purchaserequests' }),
      optional('cartId', 'cart_id', { kind: 'text' }),
      optional('note', 'note', { kind: 'text' }),
      optional('metadata', 'metadata', { kind: 'jsonb' }),
      optional('paidAt', 'paid_at', { kind: 'instant' }),
      optional('releasedAt', 'released_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [
      {
        path: 'quotes',
        table: 'payment_quotes',
        parentColumn: 'payment_id',
        positionColumn: 'position',
        collection: 'payment_quotes',
        fields: [
          field('provider', 'provider', { kind: 'text', shown: true }),
          field('base', 'base', { kind: 'text', shown: true }),
          field('quote', 'quote', { kind: 'text', shown: true }),
          optional('rate', 'rate', { kind: 'money', currency: 'quote' }),
          optional('rateBaseUnits', 'rate_base_units', { kind: 'baseUnits' }),
          field('expiresAt', 'expires_at', { kind: 'instant' }),
          field('createdAt', 'created_at', { kind: 'instant' }),
        ],
        when: 'parentResolves',
      },
    ],
    appendOnly: false,
    expiresAt: null,
  },
];
