import { Schema } from 'mongoose';
import { ESCROW_STATES, PAYMENT_PROVIDERS, PAYMENT_STATUSES } from '../../words.ts';

const Quote = new Schema({
  provider: { type: String, required: true },
  base: { type: String, required: true },
  quote: { type: String, required: true },
  /** One of the two: a rate of at most 18 decimals, or the price of one unit in the quote's base units. */
  rate: Schema.Types.Decimal128,
  rateBaseUnits: String,
  expiresAt: { type: Date, required: true },
  createdAt: { type: Date, required: true },
});

const Payment = new Schema(
  {
    reference: { type: String, required: true },
    status: { type: String, enum: PAYMENT_STATUSES, required: true },
    /** Tells the flows apart: whoever deletes or updates many payments without it destroys another flow's records. */
    provider: { type: String, enum: PAYMENT_PROVIDERS, required: true },
    /** A double with its rounding errors: 0.1 + 0.2 is stored as 0.30000000000000004. */
    amount: { type: Number, required: true },
    currency: { type: String, required: true },
    fee: Number,
    /** The amount in wei or sun, for payments on a chain: past 2^53, hence text. */
    amountBaseUnits: String,
    chain: String,
    txHash: String,
    escrow: { type: String, enum: ESCROW_STATES, required: true },
    buyer: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    seller: { type: Schema.Types.ObjectId, ref: 'User', required: true },
    offer: { type: Schema.Types.ObjectId, ref: 'SellerOffer' },
    request: { type: Schema.Types.ObjectId, ref: 'PurchaseRequest' },
    /** Payments of one cart share it, one per seller. */
    cartId: String,
    note: String,
    metadata: Schema.Types.Mixed,
    quotes: { type: [Quote], default: undefined },
    paidAt: Date,
    releasedAt: Date,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { minimize: false },
);
Payment.index({ createdAt: 1, _id: 1 });
Payment.index({ status: 1, createdAt: 1 });
Payment.index({ buyer: 1 });
Payment.index({ seller: 1 });
Payment.index({ cartId: 1 });

export const paymentsSchemas = { Payment };
