/** How many documents are taken at once: by their size, so that big ones fill no more memory than small ones. */
import { BSON, type Document } from 'mongodb';

/** BSON of one batch, bytes; as objects, rows and statements it takes some ten times as much. */
const BATCH_BYTES = 1 << 20;
/** For a collection whose documents are not known yet. */
const FIRST = 100;
/** Documents that are weighed of each batch. */
const WEIGHED = 8;

export const firstSize = (most: number): number => Math.min(most, FIRST);

/** The size of the next batch: the number with which this one would have been full, at most `most`. */
export function nextSize(docs: readonly Document[], most: number): number {
  const step = Math.max(1, Math.floor(docs.length / WEIGHED));
  const weighed = docs.filter((_, i) => i % step === 0);
  if (weighed.length === 0) return firstSize(most);
  const bytes = weighed.reduce((sum, doc) => sum + BSON.calculateObjectSize(doc), 0) / weighed.length;
  return Math.max(1, Math.min(most, Math.floor(BATCH_BYTES / bytes)));
}
