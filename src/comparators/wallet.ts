/** What it means for two answers about wallets to be the same. */
import { CHAINS, DESTINATION_STATUSES } from '../amanat/words.ts';
import {
  baseUnits,
  comparator,
  count,
  currency,
  enumOf,
  instant,
  list,
  nullable,
  object,
  page,
  ref,
  shown,
  text,
} from '../rules/kit.ts';

const destination = {
  _id: ref('deriveddestinations'),
  user: ref('users'),
  chain: enumOf(CHAINS),
  index: count(),
  path: text(),
  address: text(),
  status: enumOf(DESTINATION_STATUSES),
  payment: nullable(ref('payments')),
  balanceBaseUnits: baseUnits(),
  lastSweptAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
};

export const destinationById = comparator('wallet.destination', object(destination));
export const destinationList = comparator('wallet.destinations', page(object(destination), ['-createdAt']));

export const nextIndex = comparator('wallet.nextIndex', object({ counter: shown(text()), next: count() }));

/** `xpub` is masked on both sides; a side that showed it whole would differ from one that does not. */
export const trezorAccounts = comparator(
  'wallet.trezor',
  object({
    data: list(
      object({
        _id: ref('trezoraccounts'),
        user: ref('users'),
        label: text(),
        coin: currency(),
        xpub: text(),
        fingerprint: text(),
        accountIndex: count(),
        verifiedAt: nullable(instant()),
        createdAt: instant(),
      }),
      '_id',
    ),
  }),
);
