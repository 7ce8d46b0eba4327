/** Rows that are of another document than the one at hand: of a deleted one, or of one whose id is written alike. */
import type { Db, Document } from 'mongodb';
import type { TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping } from '../api/mapping.ts';
import { areObjectIds } from '../api/rows/bson-type.ts';
import { revisionOf, type Stored } from '../api/rows/convert.ts';
import { idText, keyOf } from '../api/rows/document-id.ts';
import { ofDocuments } from '../api/rows/row-name.ts';
import type { Refusal } from './apply.ts';
import { readDocuments } from './documents.ts';

/** Why a row is not made from a document whose revision is lower than the one that the row was made from. */
export const setBackReason = (made: number, present: number): string =>
  `the row was made from revision ${made} and the document is at revision ${present}: an older document never replaces ` +
  'a newer row. Find out who set one of them back; setting mongo_rev of the row to 0 lets it be repaired';

/**
 * Documents whose rows are of a later revision than the documents are by now: deleted and made again, or restored. Where the
 * document was only read too early, whoever wrote the row has read it since.
 */
export async function setBack(
  tx: TransactionSql,
  mongo: Db,
  mapping: ModelMapping,
  good: readonly { readonly id: string }[],
): Promise<Refusal[]> {
  const ids = good.map(({ id }) => id);
  const key = tx(keyColumn(mapping));
  const rows = await tx<{ id: string; made: number }[]>`
    select ${key}::text as id, mongo_rev as made from ${tx(mapping.table)} where ${ofDocuments(tx, mapping, ids)}`;
  const revisions = new Map(rows.map(({ id, made }) => [id, made]));
  const docs = await readDocuments(mongo, mapping, [...revisions.keys()]);
  return docs.flatMap((doc): Refusal[] => {
    const [id, present] = [idText(doc, mapping), revisionOf(doc)];
    const made = revisions.get(id) ?? 0;
    if (made <= present) return [];
    const rejects = [{ path: '_rev', reason: setBackReason(made, present) }];
    return [{ id, rejects, waits: false, mayPass: false }];
  });
}

/**
 * Ids that are texts of 24 hex digits where another document has the ObjectId of the same digits. One row cannot be both:
 * it is the ObjectId's.
 */
export async function textsOfObjectIds(
  mongo: Db,
  mapping: ModelMapping,
  docs: readonly Stored[],
): Promise<Set<unknown>> {
  if (mapping.identity === 'objectId') return new Set();
  const texts = areObjectIds(docs.flatMap(({ _id }) => (typeof _id === 'string' ? [_id] : [])));
  if (texts.length === 0) return new Set();
  const filter: Document = { _id: { $in: texts.map(keyOf) } };
  const found = await mongo.collection(mapping.collection).find(filter).project({ _id: 1 }).toArray();
  return new Set(found.map(({ _id }) => String(_id)));
}
