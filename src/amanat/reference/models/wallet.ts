import { Schema } from 'mongoose';
import { CHAINS, DESTINATION_STATUSES } from '../../words.ts';

const DerivedDestination = new Schema({
  user: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  chain: { type: String, enum: CHAINS, required: true },
  /** Taken from the counter `derived_destination_index`. */
  index: { type: Number, required: true },
  path: { type: String, required: true },
  address: { type: String, required: true },
  status: { type: String, enum: DESTINATION_STATUSES, required: true },
  payment: { type: Schema.Types.ObjectId, ref: 'Payment' },
  /** Wei, sun or satoshi. */
  balanceBaseUnits: { type: String, required: true },
  lastSweptAt: Date,
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
});
DerivedDestination.index({ user: 1, createdAt: -1, _id: -1 });
DerivedDestination.index({ createdAt: -1, _id: -1 });

const TrezorAccount = new Schema({
  user: { type: Schema.Types.ObjectId, ref: 'User', required: true },
  label: { type: String, required: true },
  coin: { type: String, required: true },
  /** It reveals every address of the account, so answers have it masked. */
  xpub: { type: String, required: true },
  fingerprint: { type: String, required: true },
  accountIndex: { type: Number, required: true },
  verifiedAt: Date,
  createdAt: { type: Date, required: true },
});
TrezorAccount.index({ user: 1 });

/** `{ _id: 'derived_destination_index', seq }`: moved by an atomic upsert `$inc`. */
const Counter = new Schema({ _id: { type: String, required: true }, seq: { type: Number, required: true } });

export const walletSchemas = { DerivedDestination, TrezorAccount, Counter };
