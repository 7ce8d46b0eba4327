/** Wallet: derive a destination from the counter, sweep one. */

import { createHash } from 'node:crypto';
import type { Router } from 'express';
import { CHAINS } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { DESTINATION_COUNTER } from '../handlers/wallet.ts';
import { callerOf, found, pathId } from '../http.ts';
import { inserted, outboxed } from '../outbox.ts';
import { Body } from './body.ts';

export function mountWalletWrites(router: Router, context: ReferenceContext): void {
  const { Counter, DerivedDestination } = context.models;

  /** Two documents: if the second write fails, the index stays unused for ever, which does no harm. */
  router.post('/api/wallet/destinations', async (request, response) => {
    const caller = await callerOf(context, request);
    const chain = new Body(request).oneOf('chain', CHAINS);
    const at = context.now();
    const counter = await Counter.findOneAndUpdate(
      { _id: DESTINATION_COUNTER },
      outboxed({ $inc: { seq: 1 } }, 'update', at),
      { upsert: true, returnDocument: 'after' },
    ).lean();
    const index = Number(counter?.seq);
    const created = await DerivedDestination.create(
      inserted(
        {
          user: caller._id,
          chain,
          index,
          path: `m/44'/60'/0'/0/${index}`,
          address: `0x${createHash('sha256').update(`${chain}/${index}`).digest('hex').slice(0, 40)}`,
          status: 'fresh',
          balanceBaseUnits: '0',
          createdAt: at,
          updatedAt: at,
        },
        at,
      ),
    );
    response.status(201).json({ _id: created._id, index });
  });

  router.post('/api/wallet/destinations/:id/sweep', async (request, response) => {
    await callerOf(context, request);
    const at = context.now();
    const update = outboxed(
      { $set: { status: 'swept', balanceBaseUnits: '0', lastSweptAt: at, updatedAt: at }, $inc: { __v: 1 } },
      'update',
      at,
    );
    const swept = found(
      await DerivedDestination.findOneAndUpdate({ _id: pathId(request) }, update, { returnDocument: 'after' }).lean(),
    );
    response.json({ _id: swept._id, status: swept.status });
  });
}
