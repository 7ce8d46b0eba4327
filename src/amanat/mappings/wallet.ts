import { field, type ModelMapping, optional } from '../../api/mapping.ts';
import { CHAINS, DESTINATION_STATUSES } from '../words.ts';

const user = { kind: 'ref', collection: 'users' } as const;

export const walletMappings: readonly ModelMapping[] = [
  {
    model: 'DerivedDestination',
    domain: 'wallet',
    collection: 'deriveddestinations',
    table: 'derived_destinations',
    identity: 'objectId',
    fields: [
      field('user', 'user_id', user),
      field('chain', 'chain', { kind: 'text', words: CHAINS }),
      field('index', 'index', { kind: 'int' }),
      field('path', 'path', { kind: 'text' }),
      field('address', 'address', { kind: 'text' }),
      field('status', 'status', { kind: 'text', words: DESTINATION_STATUSES }),
      optional('payment', 'payment_id', { kind: 'ref', collection: 'payments' }),
      field('balanceBaseUnits', 'balance_base_units', { kind: 'baseUnits' }),
      optional('lastSweptAt', 'last_swept_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
      field('updatedAt', 'updated_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: false,
    expiresAt: null,
  },
  {
    model: 'TrezorAccount',
    domain: 'wallet',
    collection: 'trezoraccounts',
    table: 'trezor_accounts',
    identity: 'objectId',
    fields: [
      field('user', 'user_id', user),
      field('label', 'label', { kind: 'text' }),
      field('coin', 'coin', { kind: 'text', shown: true }),
      field('xpub', 'xpub', { kind: 'text' }),
      field('fingerprint', 'fingerprint', { kind: 'text' }),
      field('accountIndex', 'account_index', { kind: 'int' }),
      optional('verifiedAt', 'verified_at', { kind: 'instant' }),
      field('createdAt', 'created_at', { kind: 'instant' }),
    ],
    children: [],
    appendOnly: false,
    expiresAt: null,
  },
  {
    model: 'Counter',
    domain: 'wallet',
    collection: 'counters',
    // The one counter that Amanat has: its sequence bears its name.
    table: 'derived_destination_index',
    identity: 'sequence',
    fields: [],
    children: [],
    appendOnly: false,
    expiresAt: null,
  },
];
