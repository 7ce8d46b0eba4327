/** Requests of known routes that turn out to be no reads. */
import { readsOf, whyNoRead } from '../api/reads.ts';
import { reportWrite } from './closing.ts';
import { step } from './crash.ts';
import { originForm, type Passage } from './passage.ts';
import { offer } from './reading.ts';

/**
 * Of a request that the primary answers anyhow: whether it is no read, so that its caller has written. Its body passes
 * by meanwhile; one that is larger than may be kept counts as a write.
 */
export function noteWrite(passage: Passage): void {
  const { route, front, fields, request } = passage;
  if (route === null || passage.wrote || readsOf(route) === null || !front.options.mindsWrites()) return;
  if (!fields.hasBody) {
    judgeWrite(passage, null);
    return;
  }
  // By asking, which is when it begins to flow.
  if (passage.sideRequest === null) return;
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  request.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes <= front.options.limits.heldTwinBytes) chunks.push(chunk);
    else chunks = [];
  });
  request.on('end', () =>
    step(passage, 'body', () => {
      if (bytes <= front.options.limits.heldTwinBytes) judgeWrite(passage, Buffer.concat(chunks));
      else writes(passage);
    }),
  );
}

function judgeWrite(passage: Passage, body: Uint8Array | null): void {
  const { route, method, target, rawHeaders } = passage;
  if (route === null) return;
  if (whyNoRead(route, { method, target: originForm(target), rawHeaders, body }) !== null) writes(passage);
}

function writes(passage: Passage): void {
  passage.wrote = true;
  reportWrite(passage);
}

/** A request that is not a read, by its target or its whole body, goes to the primary alone. */
export function keepFromTwin(passage: Passage, body: Uint8Array | null): void {
  const { route, method, target, rawHeaders } = passage;
  if (route === null) return;
  if (whyNoRead(route, { method, target: originForm(target), rawHeaders, body }) === null) return;
  passage.side = 'primary';
  offer(passage, 'primary');
  passage.tap?.skip('not_a_read');
  writes(passage);
}
