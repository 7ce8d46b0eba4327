import type { Catalog } from './catalog.ts';
import type { Record } from './record.ts';

/** Bytes that may be held beyond twice the documents: the pieces that are being filled. */
const SLACK = 8 << 20;

/**
 * Moves the documents closer together where the memory that they lie in is mostly empty. Small documents share pieces of
 * memory with each other and with replies; a piece stays as long as one document in it does, so that a store which is
 * updated for long would take a piece for each document. Returns the bytes that were held and are not any more.
 */
export function repack(catalog: Catalog): number {
  const { documents, held } = memoryOf(catalog);
  if (held <= 2 * documents + SLACK) return 0;
  for (const record of recordsOf(catalog)) record.move();
  return held - memoryOf(catalog).held;
}

/** Bytes of all documents, and of the pieces of memory that they lie in. */
export function memoryOf(catalog: Catalog): { readonly documents: number; readonly held: number } {
  const pieces = new Set<ArrayBufferLike>();
  let documents = 0;
  let held = 0;
  for (const { bytes } of recordsOf(catalog)) {
    documents += bytes.length;
    if (pieces.has(bytes.buffer)) continue;
    pieces.add(bytes.buffer);
    held += bytes.buffer.byteLength;
  }
  return { documents, held };
}

function* recordsOf(catalog: Catalog): Generator<Record> {
  for (const collections of catalog.databases.values())
    for (const collection of collections.values()) yield* collection.records.values();
}
