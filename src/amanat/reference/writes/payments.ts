/** Payments: create, pay, release, refund. Each is one atomic update of the payment; the ledger follows it. */
import type { Router } from 'express';
import { Types } from 'mongoose';
import { PAYMENT_PROVIDERS } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { callerOf, found, pathId } from '../http.ts';
import type { Stored } from '../models/index.ts';
import { inserted, outboxed } from '../outbox.ts';
import { Body } from './body.ts';
import { appendMovements, type Movement } from './ledger.ts';

const CURRENCIES = ['USD', 'EUR', 'USDT', 'USDC', 'TRX'];

export function mountPaymentsWrites(router: Router, context: ReferenceContext): void {
  const { Payment, User } = context.models;

  router.post('/api/payments', async (request, response) => {
    const caller = await callerOf(context, request);
    const body = new Body(request);
    const at = context.now();
    const seller = body.id('seller');
    found(await User.findById(seller).select('_id').lean());
    const created = await Payment.create(
      inserted(
        {
          reference: `PAY-${new Types.ObjectId().toHexString()}`,
          status: 'pending',
          provider: body.oneOf('provider', PAYMENT_PROVIDERS),
          amount: body.amount('amount'),
          currency: body.oneOf('currency', CURRENCIES),
          escrow: 'none',
          buyer: caller._id,
          seller,
          offer: body.optionalId('offer'),
          request: body.optionalId('request'),
          cartId: body.optionalText('cartId'),
          note: body.optionalText('note'),
          metadata: { transactionSafety: { checkedAt: at, checkedBy: caller._id, ok: true } },
          ...(context.oracleQuoting ? { quotes: [quote(at)] } : {}),
          createdAt: at,
          updatedAt: at,
        },
        at,
      ),
    );
    response.status(201).json({ _id: created._id });
  });

  /** Moves a payment from status `from` to `to`; 404 where it has another status. */
  const move = async (id: Types.ObjectId, from: Stored, set: Stored): Promise<Stored> => {
    const at = context.now();
    const update = outboxed({ $set: { ...set, updatedAt: at }, $inc: { __v: 1 } }, 'update', at);
    return found(await Payment.findOneAndUpdate({ _id: id, ...from }, update, { returnDocument: 'after' }).lean());
  };

  router.post('/api/payments/:id/pay', async (request, response) => {
    await callerOf(context, request);
    const at = context.now();
    const paid = await move(
      pathId(request),
      { status: 'pending' },
      { status: 'completed', escrow: 'held', paidAt: at, 'metadata.transactionSafety.confirmations': 12 },
    );
    const movement = movementOf(paid);
    await appendMovements(context, [
      movement('buyer', 'deposit', 'available', 1),
      movement('buyer', 'hold', 'available', -1),
      movement('buyer', 'hold', 'held', 1),
    ]);
    response.json({ _id: paid._id, status: paid.status });
  });

  router.post('/api/payments/:id/release', async (request, response) => {
    await callerOf(context, request);
    const released = await move(
      pathId(request),
      { status: 'completed', escrow: 'held' },
      { escrow: 'released', releasedAt: context.now() },
    );
    const movement = movementOf(released);
    await appendMovements(context, [
      movement('buyer', 'release', 'held', -1),
      movement('seller', 'release', 'available', 1),
    ]);
    response.json({ _id: released._id, escrow: released.escrow });
  });

  router.post('/api/payments/:id/refund', async (request, response) => {
    await callerOf(context, request);
    const refunded = await move(
      pathId(request),
      { status: 'completed', escrow: 'held' },
      { status: 'refunded', escrow: 'refunded' },
    );
    const movement = movementOf(refunded);
    await appendMovements(context, [
      movement('buyer', 'refund', 'held', -1),
      movement('buyer', 'refund', 'available', 1),
    ]);
    response.json({ _id: refunded._id, status: refunded.status });
  });
}

type Maker = (who: 'buyer' | 'seller', type: string, bucket: Movement['bucket'], sign: 1 | -1) => Movement;

/** The ledger is exact: a payment's double goes in as the decimal it prints, to its currency's scale. */
function movementOf(payment: Stored): Maker {
  const scale = payment.currency === 'USD' || payment.currency === 'EUR' ? 2 : 6;
  const amount = Number(payment.amount).toFixed(scale);
  return (who, type, bucket, sign) => {
    const account = payment[who];
    if (!(account instanceof Types.ObjectId) || !(payment._id instanceof Types.ObjectId)) {
      throw new TypeError(`payment ${String(payment._id)} has no ${who}`);
    }
    return {
      account,
      payment: payment._id,
      type,
      bucket,
      amount: sign < 0 ? `-${amount}` : amount,
      currency: String(payment.currency),
    };
  };
}

function quote(at: Date): Stored {
  return {
    _id: new Types.ObjectId(),
    provider: 'chainlink',
    base: 'ETH',
    quote: 'USD',
    rate: Types.Decimal128.fromString(`2841.${String(at.getTime() % 1_000_000).padStart(6, '0')}000000000001`),
    expiresAt: new Date(at.getTime() + 300_000),
    createdAt: at,
  };
}
