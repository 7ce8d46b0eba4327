/** Payments that Postgres cannot hold: each must come out of a backfill as a reject with its reason. */
import { Decimal128 } from 'mongodb';
import type { SeedContext, SeedDocument } from './context.ts';

export function* rejectedPayments(context: SeedContext): Generator<SeedDocument> {
  const faults: Record<string, unknown>[] = [
    { note: 'a NUL \0 in the text' },
    { metadata: { deep: { list: ['fine', 'not \0 fine'] } } },
    { amount: Number.NaN },
    { amount: Number.POSITIVE_INFINITY },
    { fee: Decimal128.fromString('0.0000000000000000001') },
    { amount: 1e21 },
    { paidAt: new Date(8.64e15) },
    { amountBaseUnits: '12.5' },
    { buyer: context.gone('users', 1) },
    { metadata: { $where: 'looks like Extended JSON' } },
  ];
  for (const [number, fault] of faults.entries()) {
    const createdAt = context.createdAt('payments', number);
    yield {
      collection: 'payments',
      doc: {
        _id: context.gone('payments', number),
        reference: `BAD-${number}`,
        status: 'pending',
        provider: 'manual',
        amount: 1,
        currency: 'USD',
        escrow: 'none',
        buyer: context.oid('users', context.buyer(context.random('rejects', number))),
        seller: context.oid('users', context.seller(context.random('rejects', number))),
        createdAt,
        updatedAt: createdAt,
        ...fault,
      },
    };
  }
}
