/** Payments: carts of several sellers, four providers, orphans, doubles as they come out, blobs of every shape. */
import { Decimal128 } from 'mongodb';
import { objectIdAt, type Prng, type SeedContext, type SeedDocument, sentence } from './context.ts';
import { HARD_INSTANTS } from './instants.ts';
import { rejectedPayments } from './rejects.ts';

const STATUSES = [
  ['completed', 50],
  ['pending', 18],
  ['processing', 10],
  ['refunded', 9],
  ['failed', 8],
  ['cancelled', 5],
] as const;

const PROVIDERS = [
  ['request_network', 40],
  ['stripe', 30],
  ['trezor', 15],
  ['manual', 15],
] as const;

type Provider = (typeof PROVIDERS)[number][0];

export function* seedPayments(context: SeedContext): Generator<SeedDocument> {
  for (let index = 0; index < context.count('payments'); index += 1) {
    yield { collection: 'payments', doc: payment(context, index) };
  }
  if (context.rejects) yield* rejectedPayments(context);
}

/** Of each ten payments the first three are one cart: one buyer, three sellers, and not all of one provider. */
const cartOf = (index: number): number | null => (index % 10 < 3 ? Math.floor(index / 10) : null);

function payment(context: SeedContext, index: number): Record<string, unknown> {
  const random = context.random('payments', index);
  const cart = cartOf(index);
  const provider = random.weighted<Provider>(PROVIDERS);
  const status = random.weighted<string>(STATUSES);
  const currency = currencyOf(provider, random);
  const createdAt = context.createdAt('payments', index);
  const amount = amountIn(currency, random);
  const after = (days: number): Date => new Date(createdAt.getTime() + random.int(1, days * 86_400_000));
  const settled = status === 'completed' || status === 'refunded';
  const paidAt = random.chance(0.05) ? random.pick(HARD_INSTANTS) : after(3);
  const onChain = provider === 'request_network' || provider === 'trezor';
  return {
    _id: context.oid('payments', index),
    reference: `PAY-${String(index).padStart(7, '0')}`,
    status,
    provider,
    amount,
    currency,
    ...(random.chance(0.6) ? { fee: amount * 0.029 } : {}),
    ...(onChain ? { amountBaseUnits: baseUnits(random), chain: random.pick(['ethereum', 'polygon', 'tron']) } : {}),
    ...(onChain && settled ? { txHash: `0x${random.hex(64)}` } : {}),
    escrow: escrowOf(status, random),
    buyer: context.oid('users', context.buyer(cart === null ? random : context.random('cart', cart))),
    seller: context.oid('users', context.seller(random)),
    ...offerOf(context, index, random),
    ...(random.chance(0.85) ? { request: context.pick('purchaserequests', random) } : {}),
    ...(cart === null ? {} : { cartId: `cart-${String(cart).padStart(6, '0')}` }),
    ...noteOf(random),
    ...metadataOf(context, provider, index, random),
    ...(onChain && random.chance(0.7) ? { quotes: quotesOf(createdAt, random) } : {}),
    ...(settled ? { paidAt } : {}),
    ...(settled && random.chance(0.7) ? { releasedAt: after(20) } : {}),
    createdAt,
    updatedAt: after(30),
    __v: random.int(0, 3),
  };
}

function currencyOf(provider: Provider, random: Prng): string {
  switch (provider) {
    case 'request_network':
      return random.pick(['USDC', 'USDT', 'USD']);
    case 'stripe':
      return random.pick(['USD', 'EUR']);
    case 'trezor':
      return random.pick(['TRX', 'USDT']);
    case 'manual':
      return random.pick(['USD', 'EUR', 'USDC']);
  }
}

/** Some are what arithmetic on doubles leaves behind: 0.1 + 0.2, 1.005 * 100, a third. */
function amountIn(currency: string, random: Prng): number {
  const scale = currency === 'USD' || currency === 'EUR' ? 2 : 6;
  const round = Number((random.next() ** 3 * 20_000 + 5).toFixed(scale));
  return random.weighted([
    [round, 80],
    [random.pick([0.1 + 0.2, 1.1 + 2.2, 4.35 * 100, 1.005 * 1000, 100 / 3, 0.7 * 3]), 12],
    [round + 0.1 + 0.2, 5],
    // Sums of so large doubles hold cents, and not millionths.
    [random.int(1, 90) * (scale === 2 ? 1_000_000 : 1000) + 0.07, 2],
    [0, 1],
  ]);
}

/** Wei or sun: from dust to past 2^64. */
function baseUnits(random: Prng): string {
  return random.weighted([
    [`${random.int(1, 999)}${random.int(10_000_000, 99_999_999)}${random.int(10_000_000, 99_999_999)}`, 80],
    [String(2n ** 53n + BigInt(random.int(1, 9))), 8],
    [String(2n ** 128n - BigInt(random.int(1, 9))), 4],
    ['1', 4],
    ['0', 4],
  ]);
}

function escrowOf(status: string, random: Prng): string {
  if (status === 'refunded') return 'refunded';
  if (status === 'completed') return random.pick(['held', 'released', 'released']);
  return 'none';
}

/** Every 37th payment refers to an offer that is gone, as a clean-up without a filter by provider leaves it. */
function offerOf(context: SeedContext, index: number, random: Prng): Record<string, unknown> {
  if (index % 37 === 5) return { offer: context.gone('selleroffers', index) };
  return random.chance(0.8) ? { offer: context.pick('selleroffers', random) } : {};
}

function noteOf(random: Prng): Record<string, unknown> {
  if (random.chance(0.5)) return {};
  return {
    note: random.weighted([
      [sentence(random), 85],
      ['', 5],
      [null, 5],
      [` ${sentence(random)} `, 5],
    ]),
  };
}

function metadataOf(context: SeedContext, provider: Provider, index: number, random: Prng): Record<string, unknown> {
  const at = context.createdAt('payments', index);
  const safety = {
    confirmations: random.int(0, 64),
    requiredConfirmations: 12,
    amlScore: random.next(),
    checkedAt: new Date(at.getTime() + random.int(0, 90_000)),
    checkedBy: context.pick('users', random),
    limit: Decimal128.fromString(`${random.int(1, 99)}.${random.int(100_000_000, 999_999_999)}000000001`),
    flags: random.some(['velocity', 'пиринг', 'تحریم', 'mixer 🌀'], 0.3),
    ok: random.chance(0.9),
  };
  switch (provider) {
    case 'request_network':
      return {
        metadata: {
          requestNetworkData: {
            requestId: `01${random.hex(64)}`,
            rawPayload: {
              events: Array.from({ length: random.int(0, 3) }, (_, step) => ({
                step,
                name: sentence(random, 1, 3),
                data: null,
              })),
              'dotted.key': {
                nested: {
                  empty: {},
                  list: [],
                  text: '',
                  deep: [
                    [1, 2.5],
                    [1e21, -0.000001],
                  ],
                },
              },
              memo: random.chance(0.5) ? 'caf\u00e9' : 'cafe\u0301',
            },
            receivedAt: new Date(at.getTime() + 1234),
            payee: context.pick('users', random),
            rate: Decimal128.fromString(random.pick(['1.000000000000000001', '0.10', '1E+3', '42'])),
          },
          transactionSafety: safety,
          ...(random.chance(0.5) ? { derivedDestination: destinationOf(context, random) } : {}),
        },
      };
    case 'stripe':
      return {
        metadata: {
          stripe: { intent: `pi_${random.hex(24)}`, riskScore: random.int(0, 99), created: at },
          transactionSafety: safety,
        },
      };
    case 'trezor':
      return { metadata: { derivedDestination: destinationOf(context, random), transactionSafety: safety } };
    case 'manual':
      return random.weighted<Record<string, unknown>>([
        [{}, 4],
        [{ metadata: {} }, 1],
        [{ metadata: { approvedBy: context.pick('users', random), reason: sentence(random), amountText: '007' } }, 5],
      ]);
  }
}

function destinationOf(context: SeedContext, random: Prng): Record<string, unknown> {
  const index = random.int(0, context.count('deriveddestinations') - 1);
  return {
    destination: context.oid('deriveddestinations', index),
    index: index + 1,
    address: `0x${random.hex(40)}`,
    derivedAt: context.createdAt('deriveddestinations', index),
  };
}

function quotesOf(at: Date, random: Prng): Record<string, unknown>[] {
  return Array.from({ length: random.int(0, 3) }, (_, step) => {
    const createdAt = new Date(at.getTime() - 60_000 * (step + 1));
    const rate = `${random.int(0, 4999)}.${String(random.int(0, 999_999_999)).padStart(9, '0')}${String(random.int(0, 999_999_999)).padStart(9, '0')}`;
    return {
      _id: objectIdAt(createdAt, random),
      provider: random.pick(['chainlink', 'pyth', 'kraken']),
      base: random.pick(['ETH', 'BTC', 'TRX']),
      quote: random.pick(['USD', 'EUR', 'USDC']),
      ...(random.chance(0.7) ? { rate: Decimal128.fromString(rate) } : { rateBaseUnits: baseUnits(random) }),
      expiresAt: new Date(createdAt.getTime() + 300_000),
      createdAt,
    };
  });
}
