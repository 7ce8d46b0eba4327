/** Credentials of a flipped read: a module of the user's own gives them, and may take its time. */
import { step } from './crash.ts';
import { fallBack } from './ending.ts';
import type { Passage } from './passage.ts';
import { originForm } from './passage.ts';

/** Sends the request on to the passage's side; the twin with its own credentials, and the primary where they fail or are not there in time. */
export function forwardWithCredentials(passage: Passage): void {
  const { front } = passage;
  const { twinCredentials, timeouts } = front.options;
  if (passage.side !== 'twin' || twinCredentials === null) {
    front.forward(passage);
    return;
  }
  const body = passage.bodyChunks === null ? null : Buffer.concat(passage.bodyChunks);
  const { method, target, rawHeaders } = passage;
  const late = setTimeout(() => end(new Error(`not there within ${timeouts.twinMs} ms`)), timeouts.twinMs);
  let ended = false;
  const end = (failure: unknown, fields?: Readonly<Record<string, string>>): void => {
    if (ended) return;
    ended = true;
    clearTimeout(late);
    if (passage.closed) return;
    if (fields === undefined) front.fault('twinCredentials', failure);
    step(passage, 'credentials', () => {
      if (fields === undefined) {
        fallBack(passage, 'its credentials could not be made');
        return;
      }
      passage.credentials = fields;
      front.forward(passage);
    });
  };
  twinCredentials({ method, target: originForm(target), rawHeaders, body }).then((fields) => end(null, fields), end);
}
