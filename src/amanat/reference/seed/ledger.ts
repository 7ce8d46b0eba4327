/** Ledger entries: four for each story, in Decimal128 of every currency, to the last of ETH's 18 decimals. */
import { Decimal128 } from 'mongodb';
import type { Prng, SeedContext, SeedDocument } from './context.ts';
import { sentence } from './context.ts';

/** A deposit, a hold (out of one bucket, into the other), and what became of it. */
const STORY = ['deposit', 'hold', 'hold', 'end'] as const;

export function* seedLedger(context: SeedContext): Generator<SeedDocument> {
  for (let index = 0; index < context.count('fundsledgerentries'); index += 1) {
    yield { collection: 'fundsledgerentries', doc: entry(context, index) };
  }
}

function entry(context: SeedContext, index: number): Record<string, unknown> {
  const story = Math.floor(index / STORY.length);
  const step = index % STORY.length;
  const random = context.random('ledger', story);
  // Every fifth story has no payment: money that was only put on an account.
  const payment = story % 5 === 4 ? null : context.oid('payments', (story * 2) % context.count('payments'));
  const currency = random.pick(['USD', 'EUR', 'USDT', 'USDC', 'TRX', 'BTC', 'ETH']);
  const amount = amountIn(currency, random);
  const account = context.oid('users', Math.floor(random.next() ** 2 * context.count('users')));
  const end = random.pick(['release', 'refund', 'fee', 'withdrawal']);
  const steps = [
    { type: 'deposit', bucket: 'available', amount },
    { type: 'hold', bucket: 'available', amount: `-${amount}` },
    { type: 'hold', bucket: 'held', amount },
    { type: end, bucket: end === 'withdrawal' ? 'available' : 'held', amount: `-${amount}` },
  ];
  const own = context.random('ledger', story, step);
  return {
    _id: context.oid('fundsledgerentries', index),
    account,
    ...(payment === null ? {} : { payment }),
    type: steps[step]?.type,
    bucket: steps[step]?.bucket,
    amount: Decimal128.fromString(steps[step]?.amount ?? '0'),
    currency,
    ...(own.chance(0.4) ? { memo: sentence(own, 1, 5) } : {}),
    createdAt: context.createdAt('fundsledgerentries', index),
    __v: 0,
  };
}

function amountIn(currency: string, random: Prng): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.int(0, 9)).join('');
  switch (currency) {
    case 'USD':
    case 'EUR':
      // Trailing zeros are kept by Decimal128 and not by numeric(38,18): the value is the same.
      return random.weighted([
        [`${random.int(1, 9999)}.${digits(2)}`, 8],
        [`${random.int(1, 999)}.50`, 1],
        ['1E+3', 1],
      ]);
    case 'BTC':
      return `${random.int(0, 20)}.${digits(7)}1`;
    case 'ETH':
      return random.weighted([
        [`${random.int(0, 900)}.${digits(17)}1`, 9],
        [`9007199254740993.${digits(17)}1`, 1],
      ]);
    default:
      return `${random.int(1, 90_000)}.${digits(6)}`;
  }
}
