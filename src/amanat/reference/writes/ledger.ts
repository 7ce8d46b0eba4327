/** The one way into the ledger. Entries are only ever added. */
import { Types } from 'mongoose';
import type { ReferenceContext } from '../context.ts';
import { inserted } from '../outbox.ts';

export interface Movement {
  readonly account: Types.ObjectId;
  readonly payment: Types.ObjectId;
  readonly type: string;
  readonly bucket: 'available' | 'held';
  /** Signed decimal text. */
  readonly amount: string;
  readonly currency: string;
}

/**
 * Each entry is one document, without a transaction. For a short time a reader of either store may see one entry
 * without the other, or without the update of the payment.
 */
export async function appendMovements(context: ReferenceContext, movements: readonly Movement[]): Promise<void> {
  for (const movement of movements) {
    const at = context.now();
    await context.models.FundsLedgerEntry.create(
      inserted({ ...movement, amount: Types.Decimal128.fromString(movement.amount), createdAt: at }, at),
    );
  }
}
