/** How many documents are taken at once: by their size, so that big ones fill no more memory than small ones. */
import { BSON, type Document } from 'mongodb';

/** BSON of one batch, bytes; as objects, rows and statements it takes some ten times as much. */
const BATCH_BYTES = 1 << 20;
/** A batch whose documents turned out bigger than those before is cut here, bytes. */
const MOST_BYTES = 4 << 20;
/** For a collection whose documents are not known yet. */
const FIRST = 100;
/** Documents that are weighed of each batch. */
const WEIGHED = 8;

export const firstSize = (most: number): number => Math.min(most, FIRST);

/** The size of the next batch: the number with which this one would have been full, at most `most`. */
export function nextSize(docs: readonly Document[], most: number): number {
  const bytes = meanBytes(docs);
  return bytes === 0 ? firstSize(most) : Math.max(1, Math.min(most, Math.floor(BATCH_BYTES / bytes)));
}

/** Of the documents that were read at once those that are taken at once: at least one, and far more than a batch never. */
export function withinBytes<T extends Document>(docs: readonly T[]): T[] {
  if (meanBytes(docs) * docs.length <= MOST_BYTES) return [...docs];
  let bytes = 0;
  const end = docs.findIndex((doc, i) => {
    bytes += BSON.calculateObjectSize(doc);
    return bytes > MOST_BYTES && i > 0;
  });
  return end < 0 ? [...docs] : docs.slice(0, end);
}

/** Of some of them; 0 where there are none. */
function meanBytes(docs: readonly Document[]): number {
  const step = Math.max(1, Math.floor(docs.length / WEIGHED));
  const weighed = docs.filter((_, i) => i % step === 0);
  return weighed.reduce((sum, doc) => sum + BSON.calculateObjectSize(doc), 0) / Math.max(1, weighed.length);
}
