import type { SeedContext, SeedDocument } from './context.ts';
import { words } from './context.ts';

const CHAIN_PATHS = { ethereum: 60, polygon: 60, tron: 195, bitcoin: 0 } as const;
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export function* seedWallet(context: SeedContext): Generator<SeedDocument> {
  const destinations = context.count('deriveddestinations');
  for (let index = 0; index < destinations; index += 1) {
    const random = context.random('destinations', index);
    const chain = random.pick(['ethereum', 'polygon', 'tron', 'bitcoin'] as const);
    const createdAt = context.createdAt('deriveddestinations', index);
    const status = random.pick(['fresh', 'funded', 'swept']);
    yield {
      collection: 'deriveddestinations',
      doc: {
        _id: context.oid('deriveddestinations', index),
        user: context.pick('users', random),
        chain,
        index: index + 1,
        path: `m/44'/${CHAIN_PATHS[chain]}'/0'/0/${index + 1}`,
        address: chain === 'ethereum' || chain === 'polygon' ? `0x${random.hex(40)}` : base58(random.hex(34)),
        status,
        ...(random.chance(0.6) ? { payment: context.pick('payments', random) } : {}),
        balanceBaseUnits:
          status === 'funded' ? `${random.int(1, 999)}${String(random.bits()).padStart(10, '0')}00000000001` : '0',
        ...(status === 'swept' ? { lastSweptAt: new Date(createdAt.getTime() + random.int(1, 9e8)) } : {}),
        createdAt,
        updatedAt: createdAt,
        __v: 0,
      },
    };
  }
  yield { collection: 'counters', doc: { _id: 'derived_destination_index', seq: destinations } };
  for (let index = 0; index < context.count('trezoraccounts'); index += 1) {
    const random = context.random('trezor', index);
    const createdAt = context.createdAt('trezoraccounts', index);
    yield {
      collection: 'trezoraccounts',
      doc: {
        _id: context.oid('trezoraccounts', index),
        user: context.oid('users', random.int(0, Math.ceil(context.count('users') / 4))),
        label: random.weighted([
          [words(random, 1, 3), 4],
          [` ${words(random, 1, 2)} `, 1],
        ]),
        coin: random.pick(['BTC', 'ETH', 'TRX']),
        xpub: `xpub${base58(random.hex(107))}`,
        fingerprint: random.hex(8),
        accountIndex: random.int(0, 5),
        ...(random.chance(0.7) ? { verifiedAt: new Date(createdAt.getTime() + random.int(1, 9e6)) } : {}),
        createdAt,
        __v: 0,
      },
    };
  }
}

/** As many characters of the alphabet as there are hex digits. */
function base58(hex: string): string {
  return [...hex].map((digit, at) => BASE58[(Number.parseInt(digit, 16) * 7 + at * 13) % BASE58.length]).join('');
}
