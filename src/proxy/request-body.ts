/** For a POST read that the twin serves: its body is read first, so that the primary can still be asked the same. */

import { step } from './crash.ts';
import { forwardInterim } from './interim.ts';
import { keepFromTwin } from './no-read.ts';
import type { Passage } from './passage.ts';
import { offer } from './reading.ts';
import { forwardWithCredentials } from './twin-credentials.ts';

/**
 * Asks the twin once the body is whole, the primary where that shows that it is no read, or the primary with the whole
 * stream where the body is too large to keep or its client too slow.
 */
export function collectBody(passage: Passage): void {
  const { request, front } = passage;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stop = (): void => {
    passage.stopCollecting = null;
    request.off('data', onData);
    request.off('end', onEnd);
  };
  const onData = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    bytes += chunk.length;
    passage.quietSince = performance.now();
    if (bytes > front.options.limits.heldTwinBytes) step(passage, 'body', streamOn);
  };
  const streamOn = (): void => {
    stop();
    request.pause();
    if (bytes > 0) request.unshift(Buffer.concat(chunks));
    passage.side = 'primary';
    offer(passage, 'primary');
    front.forward(passage);
  };
  const onEnd = (): void => {
    stop();
    if (passage.closed) return;
    passage.bodyChunks = chunks;
    step(passage, 'body', () => {
      keepFromTwin(passage, Buffer.concat(chunks));
      forwardWithCredentials(passage);
    });
  };
  passage.quietSince = performance.now();
  passage.stopCollecting = streamOn;
  request.on('data', onData);
  request.on('end', onEnd);
  // Its client may send nothing before it is told to, and nobody else is asked yet.
  if (/(?:^|\W)100-continue(?:$|\W)/i.test(request.headers.expect ?? '')) forwardInterim(passage, 100, []);
}
