import { Schema } from 'mongoose';
import { DISPUTE_REASONS, DISPUTE_STATUSES, EVIDENCE_KINDS } from '../../words.ts';

const Evidence = new Schema({
  kind: { type: String, enum: EVIDENCE_KINDS, required: true },
  url: { type: String, required: true },
  note: String,
  submittedBy: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  at: { type: Date, required: true },
});

const Step = new Schema({
  event: { type: String, required: true },
  by: { type: Schema.Types.ObjectId, ref: 'User' },
  note: String,
  at: { type: Date, required: true },
});

const Dispute = new Schema(
  {
    payment: { type: Schema.Types.ObjectId, ref: 'Payment' },
    openedBy: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    respondent: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    status: { type: String, enum: DISPUTE_STATUSES, required: true },
    reason: { type: String, enum: DISPUTE_REASONS, required: true },
    description: { type: String, required: true },
    claimAmount: { type: Number, required: true },
    currency: { type: String, required: true },
    /** In the order in which it was handed in, which is not always that of `at`. */
    evidence: [Evidence],
    timeline: [Step],
    resolution: Schema.Types.Mixed,
    resolvedAt: Date,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { minimize: false },
);
Dispute.index({ status: 1, createdAt: -1, _id: -1 });
Dispute.index({ openedBy: 1 });
Dispute.index({ createdAt: -1, _id: -1 });

export const disputesSchemas = { Dispute };
