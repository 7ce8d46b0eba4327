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
 * One document each, without a transaction: between two of them, or between them and the payment's own update, a reader
 * of either store may see one without the other, and does not for long.
 */
export async function appendMovements(context: ReferenceContext, movements: readonly Movement[]): Promise<void> {
  for (const movement of movements) {
    const at = context.now();
    await context.models.FundsLedgerEntry.create(
      inserted({ ...movement, amount: Types.Decimal128.fromString(movement.amount), createdAt: at }, at),
    );
  }
}
