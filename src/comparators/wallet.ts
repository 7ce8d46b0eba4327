/** What it means for two answers about wallets to be the same. */
import { baseUnits, comparator, instant, list, nullable, number, object, page, ref, text } from '../rules/kit.ts';

const destination = {
  _id: ref('deriveddestinations'),
  user: ref('users'),
  chain: text(),
  index: number(),
  path: text(),
  address: text(),
  status: text(),
  payment: nullable(ref('payments')),
  balanceBaseUnits: baseUnits(),
  lastSweptAt: nullable(instant()),
  createdAt: instant(),
  updatedAt: instant(),
};

export const destinationById = comparator('wallet.destination', object(destination));
export const destinationList = comparator('wallet.destinations', page(object(destination), ['-createdAt']));

export const nextIndex = comparator('wallet.nextIndex', object({ counter: text(), next: number() }));

/** `xpub` is masked on both sides; a side that showed it whole would differ from one that does not. */
export const trezorAccounts = comparator(
  'wallet.trezor',
  object({
    data: list(
      object({
        _id: ref('trezoraccounts'),
        user: ref('users'),
        label: text(),
        coin: text(),
        xpub: text(),
        fingerprint: text(),
        accountIndex: number(),
        verifiedAt: nullable(instant()),
        createdAt: instant(),
      }),
      '_id',
    ),
  }),
);
