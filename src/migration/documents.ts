/** Documents of MongoDB, by their ids and page by page. */
import type { Db, Document } from 'mongodb';
import type { ModelMapping } from '../api/mapping.ts';
import { filtersAfter, keysOf } from '../api/rows/document-id.ts';
import { withinBytes } from './batch-size.ts';

/** The documents as stored, longs promoted, in no particular order, by the texts of `idText`. */
export async function readDocuments(
  mongo: Db,
  mapping: Pick<ModelMapping, 'collection' | 'identity'>,
  ids: readonly string[],
): Promise<Document[]> {
  if (ids.length === 0) return [];
  const filter: Document = { _id: { $in: ids.flatMap((id) => keysOf(id, mapping)) } };
  return mongo.collection(mapping.collection).find(filter).toArray();
}

export interface Page {
  /** Exact text of the last id of the page before; null for the first page. */
  readonly after: string | null;
  /** Documents at most; fewer where they are big. */
  readonly size: number;
  /** Only their ids. */
  readonly idsOnly: boolean;
}

/** The next documents in the order of their ids, whatever types these are of; none where there are no more. */
export async function readPage(
  mongo: Db,
  { collection }: Pick<ModelMapping, 'collection'>,
  { after, size, idsOnly }: Page,
): Promise<Document[]> {
  for (const filter of filtersAfter(after)) {
    // One answer of the server holds 16 MB at most: more of big documents would not fit into memory.
    const docs = await mongo
      .collection(collection)
      .find(filter, { ...(idsOnly ? { projection: { _id: 1 } } : {}), singleBatch: true })
      .sort({ _id: 1 })
      .limit(size)
      .batchSize(size)
      .toArray();
    if (docs.length > 0) return withinBytes(docs);
  }
  return [];
}
