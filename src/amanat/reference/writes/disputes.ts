/** Disputes: open, hand in evidence, resolve. Each is one atomic update of the dispute. */
import type { Router } from 'express';
import { Types } from 'mongoose';
import { DISPUTE_REASONS, EVIDENCE_KINDS } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { adminOf, callerOf, found, pathId } from '../http.ts';
import { inserted, outboxed } from '../outbox.ts';
import { Body } from './body.ts';

export function mountDisputesWrites(router: Router, context: ReferenceContext): void {
  const { Dispute, Payment } = context.models;

  router.post('/api/disputes', async (request, response) => {
    const caller = await callerOf(context, request);
    const body = new Body(request);
    const payment = found(await Payment.findById(body.id('payment')).lean());
    const at = context.now();
    const created = await Dispute.create(
      inserted(
        {
          payment: payment._id,
          openedBy: caller._id,
          respondent: payment.seller,
          status: 'open',
          reason: body.oneOf('reason', DISPUTE_REASONS),
          description: body.text('description'),
          claimAmount: payment.amount,
          currency: payment.currency,
          evidence: [],
          timeline: [{ _id: new Types.ObjectId(), event: 'opened', by: caller._id, at }],
          createdAt: at,
          updatedAt: at,
        },
        at,
      ),
    );
    response.status(201).json({ _id: created._id });
  });

  router.post('/api/disputes/:id/evidence', async (request, response) => {
    const caller = await callerOf(context, request);
    const id = pathId(request);
    const body = new Body(request);
    const at = context.now();
    const evidence = {
      _id: new Types.ObjectId(),
      kind: body.oneOf('kind', EVIDENCE_KINDS),
      url: body.text('url'),
      ...(body.optionalText('note') === undefined ? {} : { note: body.optionalText('note') }),
      submittedBy: caller._id,
      at,
    };
    const step = { _id: new Types.ObjectId(), event: 'evidence_submitted', by: caller._id, at };
    const update = outboxed(
      { $push: { evidence, timeline: step }, $set: { updatedAt: at }, $inc: { __v: 1 } },
      'update',
      at,
    );
    found(await Dispute.findOneAndUpdate({ _id: id }, update, { returnDocument: 'after' }).lean());
    response.status(201).json({ _id: evidence._id });
  });

  router.post('/api/disputes/:id/resolve', async (request, response) => {
    const admin = await adminOf(context, request);
    const id = pathId(request);
    const outcome = new Body(request).oneOf('outcome', ['refund', 'release', 'split']);
    const at = context.now();
    const update = outboxed(
      {
        $set: {
          status: 'resolved',
          resolution: { outcome, decidedBy: admin._id, decidedAt: at, note: null },
          resolvedAt: at,
          updatedAt: at,
        },
        $push: { timeline: { _id: new Types.ObjectId(), event: 'closed', by: admin._id, at } },
        $inc: { __v: 1 },
      },
      'update',
      at,
    );
    const open = { _id: id, status: { $in: ['open', 'under_review'] } };
    const resolved = found(await Dispute.findOneAndUpdate(open, update, { returnDocument: 'after' }).lean());
    response.json({ _id: resolved._id, status: resolved.status });
  });
}
