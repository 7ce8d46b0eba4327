/** Documents by what they refer to. */
import { type Db, type Document, ObjectId } from 'mongodb';
import type { FieldMapping, ModelMapping } from '../api/mapping.ts';
import { areObjectIds } from '../api/rows/bson-type.ts';
import { idText } from '../api/rows/document-id.ts';

/** Dotted paths at which documents of a model refer to the collection; none where they do not. */
function pathsTo(mapping: ModelMapping, collection: string): string[] {
  const to = ({ type }: FieldMapping): boolean =>
    (type.kind === 'ref' || type.kind === 'refSet') && type.collection === collection;
  const inElements = mapping.children.flatMap(({ path, fields }) =>
    fields.filter(to).map((field) => `${path}.${field.path}`),
  );
  return [...mapping.fields.filter(to).map(({ path }) => path), ...inElements];
}

/** Ids of a model's documents that refer to any of these. */
export async function referrersTo(
  mongo: Db,
  mapping: ModelMapping,
  collection: string,
  ids: readonly string[],
): Promise<string[]> {
  const paths = pathsTo(mapping, collection);
  const wanted = areObjectIds(ids).map((id) => new ObjectId(id));
  if (paths.length === 0 || wanted.length === 0) return [];
  const filter: Document = { $or: paths.map((path) => ({ [path]: { $in: wanted } })) };
  const docs = await mongo.collection(mapping.collection).find(filter).project({ _id: 1 }).toArray();
  return docs.map((doc) => idText(doc, mapping));
}
