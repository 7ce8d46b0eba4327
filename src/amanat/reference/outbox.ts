/**
 * The outbox inside the document: a write and the note that Postgres has not seen it are one atomic update of one
 * document, so neither can exist without the other. `_rev` counts the writes of a document; a row keeps the one it was
 * made from as `mongo_rev`.
 */
import { type Schema, Types } from 'mongoose';

export type OutboxOperation = 'insert' | 'update';

export interface OutboxEntry {
  readonly id: Types.ObjectId;
  readonly op: OutboxOperation;
  readonly at: Date;
  /** Always true while the entry exists: a value that an index can find. */
  readonly pending: true;
}

export interface UpdateOperators {
  readonly $set?: Record<string, unknown>;
  readonly $unset?: Record<string, unknown>;
  readonly $inc?: Record<string, number>;
  readonly $push?: Record<string, unknown>;
  readonly $addToSet?: Record<string, unknown>;
  readonly $pull?: Record<string, unknown>;
  readonly $setOnInsert?: Record<string, unknown>;
  readonly $max?: Record<string, unknown>;
  readonly $min?: Record<string, unknown>;
}

const entry = (op: OutboxOperation, at: Date): OutboxEntry => ({ id: new Types.ObjectId(), op, at, pending: true });

/** The same update, which also counts the revision and leaves an outbox entry. */
export function outboxed(update: UpdateOperators, op: OutboxOperation = 'update', at = new Date()): UpdateOperators {
  return {
    ...update,
    $inc: { ...update.$inc, _rev: 1 },
    $push: { ...update.$push, _outbox: entry(op, at) },
  };
}

/** A document to insert, at its first revision and with its outbox entry. */
export function inserted<T extends object>(doc: T, at = new Date()): T & { _rev: 1; _outbox: OutboxEntry[] } {
  return { ...doc, _rev: 1, _outbox: [entry('insert', at)] };
}

/** Mongoose plugin: the two fields exist in every model, are never read unless asked for, and pending ones are found. */
export function outboxFields(schema: Schema): void {
  schema.add({
    _rev: { type: Number, select: false },
    _outbox: {
      type: [{ _id: false, id: 'ObjectId', op: String, at: Date, pending: Boolean }],
      select: false,
      default: undefined,
    },
  });
  schema.index({ '_outbox.pending': 1 });
}
