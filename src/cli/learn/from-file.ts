/** Recorded traffic as a source: each read of the file is asked of both sides, as fast as they answer. */

import { createRouteMatcher } from '../../proxy/route-matcher.ts';
import { openRecording } from '../../traffic/open.ts';
import type { BothSides } from './both-sides.ts';

export interface FromFile {
  readonly reads: number;
  /** Requests that are no reads, and pieces that are no requests. */
  readonly others: number;
  readonly unusable: number;
}

export async function learnFromFile(
  file: string,
  options: { readonly posts: readonly string[]; readonly most: number },
  both: BothSides,
): Promise<FromFile> {
  const matcher = createRouteMatcher(
    options.posts.map((pattern) => Object.freeze({ key: `POST ${pattern}`, method: 'POST', pattern, domain: 'all' })),
  );
  const recording = await openRecording(file, { logFormat: null, variables: {} });
  let [reads, others, unusable] = [0, 0, 0];
  for await (const one of recording.told) {
    if (one.kind === 'unusable') unusable += 1;
    else {
      const { method, target, rawHeaders, body } = one.request;
      const isPost = method === 'POST' && matcher.match(method, target) !== null;
      if (method !== 'GET' && !isPost) others += 1;
      else {
        reads += 1;
        await both.put({ method: isPost ? 'POST' : 'GET', target, rawHeaders, body: isPost ? body : null });
      }
    }
    if (reads >= options.most) break;
  }
  return { reads, others, unusable };
}
