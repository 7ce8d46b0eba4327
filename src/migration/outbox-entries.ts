/** The outbox of a document as it was read: when its writes were made, and how its entries are taken out. */
import type { AnyBulkWriteOperation, Db, Document } from 'mongodb';

/** When the oldest of the writes was made that wait; now where no entry tells. */
export function madeAt(doc: Document): Date {
  const times = entriesOf(doc).flatMap(({ at }) =>
    at instanceof Date && !Number.isNaN(at.getTime()) ? [at.getTime()] : [],
  );
  return times.length === 0 ? new Date() : new Date(Math.min(...times));
}

/** Only the entries that were seen: one that was added meanwhile is for the next pass. */
export async function takeEntries(mongo: Db, collection: string, docs: readonly Document[]): Promise<void> {
  const taken = docs.flatMap((doc) => takingOf(doc));
  if (taken.length > 0) await mongo.collection(collection).bulkWrite(taken, { ordered: false });
}

function takingOf(doc: Document): AnyBulkWriteOperation[] {
  const { _id, _rev, _outbox } = doc;
  if (_outbox === undefined || _outbox === null) return [];
  const ids = entriesOf(doc).map(({ id }) => id);
  if (Array.isArray(_outbox) && ids.length === _outbox.length) {
    if (ids.length === 0) return [];
    const update: Document = { $pull: { _outbox: { id: { $in: ids } } } };
    return [{ updateOne: { filter: { _id }, update } }];
  }
  // Entries without an id cannot be told from those that are added meanwhile: the document must be the one that was read.
  const seen = { _id, _outbox, ...(_rev === undefined ? {} : { _rev }) };
  return [{ updateOne: { filter: seen, update: { $set: { _outbox: [] } } } }];
}

function entriesOf({ _outbox }: Document): { readonly id: unknown; readonly at: unknown }[] {
  const entries: unknown = _outbox;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && entry.id !== undefined && entry.id !== null
      ? [{ id: entry.id, at: 'at' in entry ? entry.at : null }]
      : [],
  );
}
