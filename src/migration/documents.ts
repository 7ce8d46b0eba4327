/** Documents of MongoDB by the texts of their ids. */
import { type Db, type Document, ObjectId } from 'mongodb';

interface AnyDocument extends Document {
  _id: ObjectId | string;
}

/** The documents as stored, longs promoted, in no particular order. Ids of 24 hex digits are ObjectIds. */
export async function readDocuments(mongo: Db, collection: string, ids: readonly string[]): Promise<Document[]> {
  return mongo
    .collection<AnyDocument>(collection)
    .find({ _id: { $in: ids.map(keyOf) } })
    .toArray();
}

/** The `_id` that a kept text stands for. */
export const keyOf = (id: string): ObjectId | string => (/^[0-9a-f]{24}$/.test(id) ? new ObjectId(id) : id);
