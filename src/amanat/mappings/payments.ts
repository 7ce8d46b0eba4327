import { field, type ModelMapping, optional } from '../../api/mapping.ts';

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
      field('status', 'status', { kind: 'text' }),
      field('provider', 'provider', { kind: 'text' }),
      field('amount', 'amount', money),
      field('currency', 'currency', { kind: 'text' }),
      optional('fee', 'fee', money),
      optional('amountBaseUnits', 'amount_base_units', { kind: 'baseUnits' }),
      optional('chain', 'chain', { kind: 'text' }),
      optional('txHash', 'tx_hash', { kind: 'text' }),
      field('escrow', 'escrow', { kind: 'text' }),
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
          field('provider', 'provider', { kind: 'text' }),
          field('base', 'base', { kind: 'text' }),
          field('quote', 'quote', { kind: 'text' }),
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
