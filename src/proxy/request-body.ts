/** For a POST read that the twin serves: its body is read first, so that the primary can still be asked the same. */

import { step } from './crash.ts';
import { keepFromTwin } from './no-read.ts';
import type { Passage } from './passage.ts';
import { offer } from './reading.ts';
import { forwardWithCredentials } from './twin-credentials.ts';

/** Asks the twin once the body is whole, the primary where that shows that it is no read, or the primary with the whole stream where the body is too large to keep. */
export function collectBody(passage: Passage): void {
  const { request, front } = passage;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const onData = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= front.options.limits.heldTwinBytes) return;
    request.off('data', onData);
    request.off('end', onEnd);
    request.pause();
    request.unshift(Buffer.concat(chunks));
    step(passage, 'body', () => {
      passage.side = 'primary';
      offer(passage, 'primary');
      front.forward(passage);
    });
  };
  const onEnd = (): void => {
    if (passage.closed) return;
    passage.bodyChunks = chunks;
    step(passage, 'body', () => {
      keepFromTwin(passage, Buffer.concat(chunks));
      forwardWithCredentials(passage);
    });
  };
  request.on('data', onData);
  request.on('end', onEnd);
}
