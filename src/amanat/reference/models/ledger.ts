import { Schema } from 'mongoose';
import { LEDGER_BUCKETS, LEDGER_TYPES } from '../../words.ts';

/**
 * Append-only: an entry is a signed movement of one account in one bucket, and a correction is another entry. A hold is
 * two of them, out of `available` and into `held`.
 */
const FundsLedgerEntry = new Schema({
  account: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  payment: { type: Schema.Types.ObjectId, ref: 'Payment' },
  type: { type: String, enum: LEDGER_TYPES, required: true },
  bucket: { type: String, enum: LEDGER_BUCKETS, required: true },
  amount: { type: Schema.Types.Decimal128, required: true },
  currency: { type: String, required: true },
  memo: String,
  createdAt: { type: Date, required: true },
});
FundsLedgerEntry.index({ createdAt: 1, _id: 1 });
FundsLedgerEntry.index({ account: 1, createdAt: 1, _id: 1 });
FundsLedgerEntry.index({ payment: 1, createdAt: 1, _id: 1 });

export const ledgerSchemas = { FundsLedgerEntry };
