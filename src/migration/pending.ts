/** Whether any outbox holds an entry: one query instead of one per collection. */
import type { Db, Document } from 'mongodb';
import type { ModelMapping } from '../api/mapping.ts';

const ONE: readonly Document[] = [{ $match: { '_outbox.pending': true } }, { $limit: 1 }];

/** Run four times a second, so it is built once per API. */
const made = new WeakMap<readonly ModelMapping[], { readonly first: string; readonly pipeline: Document[] }>();

function questionOf(
  mappings: readonly ModelMapping[],
): { readonly first: string; readonly pipeline: Document[] } | null {
  const held = made.get(mappings);
  if (held !== undefined) return held;
  const [first, ...others] = mappings.map(({ collection }) => collection);
  if (first === undefined) return null;
  const unions = others.map((coll) => ({ $unionWith: { coll, pipeline: [...ONE] } }));
  const question = { first, pipeline: [...ONE, ...unions, { $limit: 1 }, { $project: { _id: 1 } }] };
  made.set(mappings, question);
  return question;
}

/** Rejects where MongoDB cannot be asked. */
export async function anyPending(mongo: Db, mappings: readonly ModelMapping[]): Promise<boolean> {
  const question = questionOf(mappings);
  if (question === null) return false;
  const found = await mongo.collection(question.first).aggregate(question.pipeline, { batchSize: 1 }).toArray();
  return found.length > 0;
}
